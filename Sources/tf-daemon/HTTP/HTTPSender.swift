import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import TFEngine
import TFExpression
import TFStore

/// Sends one request of a workflow: the host's addresses checked and the checked one connected to, redirects followed
/// only where asked and each hop checked, at most 30 s and 1 MiB.
struct HTTPSender: Sendable {
    private static let longest = TimeAmount.seconds(30)
    private static let largest = 1 << 20
    private static let mostRedirects = 5

    let policy: AddressPolicy
    let tokens = TokenCache()

    /// - Throws: `CallFailure`.
    func send(_ job: HTTPCallJob, within milliseconds: Int64) async throws -> HTTPOutcome.Response {
        let deadline = NIODeadline.now() + min(Self.longest, .milliseconds(max(1, milliseconds)))
        var request = job.request
        request.headers.append(.init(name: "Idempotency-Key", value: job.idempotencyKey))
        if !request.headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
            request.headers.append(.init(name: "User-Agent", value: "TicketFlower"))
        }
        var url = request.url
        var method = request.method
        var body = request.body
        let authorization = try await authorization(request, deadline)
        let origin = Self.origin(url)
        for _ in 0...Self.mostRedirects {
            // What signs in stays with the host that it was meant for.
            let signed = Self.origin(url) == origin ? authorization : nil
            var reply = try await exchange(method, url, request.headers, signed, body, deadline)
            if reply.status == 401, case .digest(let username, let password)? = request.authentication,
                Self.origin(url) == origin,
                let answer = DigestAnswer(
                    challenge: reply.header("www-authenticate"), username: username, password: password,
                    method: method, url: url)
            {
                reply = try await exchange(method, url, request.headers, answer.text, body, deadline)
            }
            guard request.followsRedirects, (300..<400).contains(reply.status), reply.status != 304,
                let location = reply.header("location"), let next = URL(string: location, relativeTo: URL(string: url))
            else {
                return HTTPOutcome.Response(
                    status: reply.status, headers: reply.headers, body: reply.body, method: method, url: url,
                    requestHeaders: request.headers)
            }
            url = next.absoluteString
            if reply.status == 303 || ((301...302).contains(reply.status) && method == "POST") {
                method = "GET"
                body = nil
            }
        }
        throw CallFailure.refused("\(request.url) redirects more than \(Self.mostRedirects) times")
    }

    // MARK: One exchange

    struct Reply {
        let status: Int
        let headers: [HTTPRequest.Header]
        let body: [UInt8]

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    private func exchange(
        _ method: String, _ url: String, _ headers: [HTTPRequest.Header], _ authorization: String?, _ body: [UInt8]?,
        _ deadline: NIODeadline
    ) async throws -> Reply {
        guard let parsed = URL(string: url), let host = parsed.host(),
            parsed.scheme == "http" || parsed.scheme == "https"
        else { throw CallFailure.refused("\"\(url)\" is no http or https URL") }
        let address = try await policy.resolve(host)
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.dnsOverride = [host: address]
        configuration.timeout = .init(connect: .seconds(10), read: Self.longest)
        configuration.httpVersion = .http1Only
        configuration.maximumUsesPerConnection = 1
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        if let authorization { request.headers.replaceOrAdd(name: "Authorization", value: authorization) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let result: Result<Reply, any Error>
        do { result = .success(try await read(client, request, deadline)) } catch { result = .failure(error) }
        try await client.shutdown()
        return try result.mapError { Self.failure($0, url) }.get()
    }

    private func read(
        _ client: HTTPClient, _ request: HTTPClientRequest, _ deadline: NIODeadline
    ) async throws -> Reply {
        let response = try await client.execute(request, deadline: deadline)
        let headers = response.headers.map { HTTPRequest.Header(name: $0.name, value: $0.value) }
        do {
            let body = try await response.body.collect(upTo: Self.largest)
            return Reply(status: Int(response.status.code), headers: headers, body: Array(body.readableBytesView))
        } catch is NIOTooManyBytesError {
            throw CallFailure.refused("the answer of \(request.url) is longer than \(Self.largest >> 20) MiB")
        }
    }

    private static func failure(_ error: any Error, _ url: String) -> CallFailure {
        if let known = error as? CallFailure { return known }
        switch error as? HTTPClientError {
        case .connectTimeout?: return .unreachable("\(url) does not answer")
        case .tlsHandshakeTimeout?: return .unreachable("\(url) does not finish its TLS handshake")
        default: break
        }
        if error is NIOConnectionError || error is IOError && "\(error)".contains("refused") {
            return .unreachable("\(url) cannot be reached: \(error)")
        }
        return .unclear("\(url) did not answer: \(error)")
    }

    private static func origin(_ url: String) -> String {
        url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
            .lowercased()
    }

    // MARK: Signing in

    private func authorization(_ request: HTTPRequest, _ deadline: NIODeadline) async throws -> String? {
        switch request.authentication {
        case nil, .digest?: return nil
        case .basic(let username, let password)?:
            return "Basic " + Data("\(username):\(password)".utf8).base64EncodedString()
        case .bearer(let token)?: return "Bearer \(token)"
        case .clientCredentials(let client)?: return "Bearer \(try await token(client, deadline))"
        }
    }

    /// A token of the client credentials grant (RFC 6749, 4.4), kept until it expires.
    private func token(_ client: Credentials.ClientCredentials, _ deadline: NIODeadline) async throws -> String {
        let now = Int64(Date().timeIntervalSince1970)
        if let known = tokens.token(for: client, now: now) { return known }
        var form = [("grant_type", "client_credentials")]
        if !client.scopes.isEmpty { form.append(("scope", client.scopes.joined(separator: " "))) }
        form += client.audiences.map { ("audience", $0) }
        var authorization: String?
        if client.usesBasic {
            let pair = "\(percentEncoded(client.id)):\(percentEncoded(client.secret))"
            authorization = "Basic " + Data(pair.utf8).base64EncodedString()
        } else {
            form += [("client_id", client.id), ("client_secret", client.secret)]
        }
        let body: [UInt8]
        let type: String
        if client.sendsJSON {
            body = JSON.object(JSONObject(form.map { ($0.0, .string($0.1)) }, uniquingKeysWith: { $1 })).bytes
            type = "application/json"
        } else {
            body = Array(form.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&").utf8)
            type = "application/x-www-form-urlencoded"
        }
        let headers = [
            HTTPRequest.Header(name: "Content-Type", value: type), .init(name: "Accept", value: "application/json"),
        ]
        let reply: Reply
        do {
            reply = try await exchange("POST", client.tokenURL, headers, authorization, body, deadline)
        } catch CallFailure.unclear(let reason) {
            // Another token may be asked for; the workflow's own request was not sent yet.
            throw CallFailure.unreachable(reason)
        }
        let answer = (try? JSON(parsing: reply.body)) ?? .null  // whatever it is, it is no token
        guard (200..<300).contains(reply.status), let token = answer["access_token"].stringValue else {
            throw CallFailure.unauthenticated(
                "\(client.tokenURL) gave no token: status \(reply.status), \(answer["error"].displayText)")
        }
        let life = min(max(answer["expires_in"].doubleValue ?? 60, 0), 86_400)
        tokens.keep(token, for: client, until: now + Int64(life))
        return token
    }
}
