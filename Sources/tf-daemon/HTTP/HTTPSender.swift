import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import TFEngine
import TFExpression
import TFStore
import TFSystem

/// Sends one request of a workflow, in at most 30 s and with an answer of at most 1 MiB. The host's addresses are
/// checked, and the checked one is connected to. Redirects are followed only if the step asks for it, and each is
/// checked.
struct HTTPSender: Sendable {
    private static let longestMilliseconds: Int64 = 30_000
    private static let longest = TimeAmount.milliseconds(longestMilliseconds)
    private static let largest = 1 << 20
    private static let limitRedirects = 5

    let policy: AddressPolicy
    /// The `Idempotency-Key` for the identity of a request. A key of the site is in it, so that no other site sends it.
    let idempotencyKey: @Sendable (_ identity: String) -> String
    /// Throws if nothing may be sent any more; asked directly before each request.
    var mayBegin: @Sendable () async throws -> Void = {}
    let tokens = TokenCache()

    /// Sends a request and reads its answer to the end.
    /// - Parameter milliseconds: the time for everything: signing in, redirects, and reading the answers; at most 30 s.
    /// - Throws: `CallFailure`.
    func send(_ job: HTTPCallJob, within milliseconds: Int64) async throws -> HTTPOutcome.Response {
        let time = TimeAmount.milliseconds(min(Self.longestMilliseconds, max(1, milliseconds)))
        let progress = Progress()
        return try await withThrowingTaskGroup(of: HTTPOutcome.Response.self) { group in
            // The client's own deadline covers only the head of an answer; it is set a little later than ours.
            group.addTask { try await follow(job, NIODeadline.now() + time + .seconds(1), progress) }
            group.addTask {
                try await Task.sleep(for: .nanoseconds(time.nanoseconds))
                let seconds = Double(time.nanoseconds / 1_000_000) / 1_000
                throw progress.hasBegun
                    ? CallFailure.unclear("\(job.request.head.url) did not finish its answer within \(seconds) s")
                    : CallFailure.unreachable("\(job.request.head.url) could not be asked within \(seconds) s")
            }
            defer { group.cancelAll() }
            guard let response = try await group.next() else { throw CancellationError() }
            return response
        }
    }

    /// Sends the request, and follows redirects if the step asks for it.
    private func follow(
        _ job: HTTPCallJob, _ deadline: NIODeadline, _ progress: Progress
    ) async throws -> HTTPOutcome.Response {
        let request = job.request
        var message = Message(
            method: request.head.method, target: try Self.target(request.head.url), headers: request.head.headers,
            body: request.body)
        // What the workflow writes itself stays: its server may know an order by a name of its own.
        for (name, value) in [("Idempotency-Key", idempotencyKey(job.identity)), ("User-Agent", "TicketFlower")]
        where !request.head.headers.contains(where: { $0.name.lowercased() == name.lowercased() }) {
            message.headers.append(.init(name: name, value: value))
        }
        try Self.checkHeaders(message.headers)
        message.authorization = try await authorization(request, deadline)
        for _ in 0...Self.limitRedirects {
            var reply = try await exchange(message, deadline, progress)
            if reply.status == 401, message.isForOrigin,
                case .digest(let username, let password)? = request.authentication,
                let answer = DigestAnswer(
                    challenge: reply.header("www-authenticate"), username: username, password: password,
                    method: message.method, url: message.target.text)
            {
                var signed = message
                signed.authorization = answer.text
                reply = try await exchange(signed, deadline)
            }
            guard request.followsRedirects, (300..<400).contains(reply.status), reply.status != 304,
                let location = reply.header("location")
            else {
                return HTTPOutcome.Response(
                    status: reply.status, headers: reply.headers, body: reply.body,
                    to: .init(method: message.method, url: message.target.text, headers: request.head.headers))
            }
            guard let next = RequestTarget(location, relativeTo: message.target) else {
                throw CallFailure.refused("\(message.target.text) redirects to what is no http or https URL")
            }
            message.redirect(to: next, reply.status)
        }
        throw CallFailure.refused("\(request.head.url) redirects more than \(Self.limitRedirects) times")
    }

    /// Whether the workflow's own request may have been sent. Before that, while its host is looked up or a token is
    /// asked for, it may be tried again whatever its method.
    private final class Progress: Sendable {
        private let state = Mutex(false)

        var hasBegun: Bool { state.withLock { $0 } }

        func begin() { state.withLock { $0 = true } }
    }

    /// A request on its way.
    private struct Message {
        /// Headers that carry neither identity nor credentials, so that they may be sent to any host.
        private static let harmless: Set<String> = [
            "accept", "accept-language", "content-type", "content-language", "user-agent", "idempotency-key",
        ]

        var method: String
        var target: RequestTarget
        var headers: [HTTPRequest.Header]
        var body: [UInt8]?
        var authorization: String?
        /// Whether the request still goes to the host that it was written for.
        var isForOrigin = true

        init(method: String, target: RequestTarget, headers: [HTTPRequest.Header], body: [UInt8]?) {
            self.method = method
            self.target = target
            self.headers = headers
            self.body = body
        }

        /// Goes on to another URL. Another origin gets none of the headers that were written for the first one, and
        /// they are not restored if it redirects back.
        mutating func redirect(to next: RequestTarget, _ status: Int) {
            if next.origin != target.origin {
                isForOrigin = false
                authorization = nil
                headers.removeAll { !Self.harmless.contains($0.name.lowercased()) }
            }
            target = next
            if status == 303 || ((301...302).contains(status) && method == "POST") {
                method = "GET"
                body = nil
            }
        }
    }

    private static func target(_ url: String) throws -> RequestTarget {
        guard let target = RequestTarget(url) else {
            throw CallFailure.refused("\"\(url)\" is no http or https URL")
        }
        return target
    }

    /// Refuses headers that no HTTP message can carry. The error does not show the value, which may be a secret.
    private static func checkHeaders(_ headers: [HTTPRequest.Header]) throws {
        for (index, header) in headers.enumerated() {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(isTokenByte) else {
                throw CallFailure.refused(
                    "the name of header \(index + 1) cannot be sent: a name has letters, digits and hyphens alone")
            }
            guard header.value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
                throw CallFailure.refused(
                    "the value of the header \(header.name) cannot be sent: it holds a line break or another control character"
                )
            }
        }
    }

    /// Whether a byte may stand in a header's name: a token, RFC 9110, 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    // MARK: One exchange

    struct Reply {
        let status: Int
        let headers: [HTTPRequest.Header]
        let body: [UInt8]

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    /// - Parameter progress: that of the workflow's own request; nil for a request for a token.
    private func exchange(
        _ message: Message, _ deadline: NIODeadline, _ progress: Progress? = nil
    ) async throws -> Reply {
        let target = message.target
        let address = try await policy.resolve(target.host, before: deadline)
        try await mayBegin()
        CrashPoint.reach(.request)
        progress?.begin()
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.dnsOverride = [target.host: address]
        configuration.timeout = .init(connect: .seconds(10), read: Self.longest)
        configuration.httpVersion = .http1Only
        configuration.maximumUsesPerConnection = 1
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var request = HTTPClientRequest(url: target.text)
        request.method = HTTPMethod(rawValue: message.method)
        for header in message.headers { request.headers.add(name: header.name, value: header.value) }
        if let authorization = message.authorization {
            request.headers.replaceOrAdd(name: "Authorization", value: authorization)
        }
        if let body = message.body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let result: Result<Reply, any Error>
        do { result = .success(try await read(client, request, deadline)) } catch { result = .failure(error) }
        try await client.shutdown()
        return try result.mapError { Self.failure($0, target.text) }.get()
    }

    private func read(
        _ client: HTTPClient, _ request: HTTPClientRequest, _ deadline: NIODeadline
    ) async throws -> Reply {
        let response = try await client.execute(request, deadline: deadline)
        let headers = response.headers.map { HTTPRequest.Header(name: $0.name, value: $0.value) }
        do {
            let body = try await response.body.collect(upTo: Self.largest)
            // If reading was cancelled, the body ends as if it were complete.
            try Task.checkCancellation()
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
    private func token(_ grant: Credentials.ClientCredentials, _ deadline: NIODeadline) async throws -> String {
        let now = Int64(Date().timeIntervalSince1970)
        if let known = tokens.token(for: grant, now: now) { return known }
        var form = [("grant_type", "client_credentials")]
        if !grant.scopes.isEmpty { form.append(("scope", grant.scopes.joined(separator: " "))) }
        form += grant.audiences.map { ("audience", $0) }
        var authorization: String?
        if grant.client.usesBasic {
            let pair = "\(percentEncoded(grant.client.id)):\(percentEncoded(grant.client.secret))"
            authorization = "Basic " + Data(pair.utf8).base64EncodedString()
        } else {
            form += [("client_id", grant.client.id), ("client_secret", grant.client.secret)]
        }
        let body: [UInt8]
        let type: String
        if grant.sendsJSON {
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
            var message = Message(
                method: "POST", target: try Self.target(grant.tokenURL), headers: headers, body: body)
            message.authorization = authorization
            reply = try await exchange(message, deadline)
        } catch CallFailure.unclear(let reason) {
            // The workflow's own request was not sent yet, so everything may be tried again.
            throw CallFailure.unreachable(reason)
        }
        let answer = (try? JSON(parsing: reply.body)) ?? .null  // an answer that is not JSON has no token
        guard (200..<300).contains(reply.status), let token = answer["access_token"].stringValue else {
            throw CallFailure.unauthenticated(
                "\(grant.tokenURL) gave no token: status \(reply.status), \(answer["error"].displayText)")
        }
        let life = min(max(answer["expires_in"].doubleValue ?? 60, 0), 86_400)
        tokens.keep(token, for: grant, until: now + Int64(life))
        return token
    }
}
