import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TFExpression

/// Somebody at a browser without JavaScript: follows no redirect by itself, keeps cookies, sends forms.
final class Visitor {
    private let address: String
    /// Sent with each request beside the browser's own.
    private let headers: [(name: String, value: String)]
    private(set) var cookies: [String: String] = [:]

    /// - Parameter cookies: of somebody who has signed in.
    init(_ address: String, headers: [(name: String, value: String)] = [], cookies: [String: String] = [:]) {
        self.address = address
        self.headers = headers
        self.cookies = cookies
    }

    func get(_ path: String) async throws -> (status: UInt, text: String) {
        let response = try await send(path, .GET, body: nil)
        return (response.status, response.text)
    }

    /// Loads a page and sends one of its forms. Returns where the answer leads, and what it shows.
    func submit(_ page: String, to path: String, _ fields: [String: String]) async throws -> (
        status: UInt, location: String, text: String
    ) {
        let html = try await get(page).text
        var all = fields
        for name in ["_csrf", "_submission", "version"] { all[name] = all[name] ?? Self.hidden(name, in: html) }
        let body = all.map { "\(Self.encode($0.key))=\(Self.encode($0.value))" }.joined(separator: "&")
        let response = try await send(path, .POST, body: body)
        return (response.status, response.location, response.text)
    }

    /// Sends a page's form back to the page itself, and gives what is shown then.
    func show(_ page: String, posting fields: [String: String]) async throws -> String {
        var all = fields
        all["_csrf"] = Self.hidden("_csrf", in: try await get(page).text)
        let body = all.map { "\(Self.encode($0.key))=\(Self.encode($0.value))" }.joined(separator: "&")
        return try await send(page, .POST, body: body).text
    }

    func login(_ login: String) async throws {
        _ = try await submit("/login", to: "/login", ["login": login, "password": "try-ticketflower"])
    }

    private func send(
        _ path: String, _ method: HTTPMethod, body: String?
    ) async throws -> (status: UInt, text: String, location: String) {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.headers.add(name: "Cookie", value: cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))
        if let body {
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.headers.add(name: "Origin", value: address)
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await Client.shared.execute(request, timeout: Client.patience)
        for header in response.headers["Set-Cookie"] {
            let pair = header.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = pair[1].isEmpty ? nil : String(pair[1])
        }
        let text = String(buffer: try await response.body.collect(upTo: 4 << 20))
        return (response.status.code, text, response.headers.first(name: "Location") ?? "")
    }

    static func hidden(_ name: String, in html: String) -> String? {
        // The page's own form stands behind the one that signs out.
        guard let start = html.range(of: "name=\"\(name)\" value=\"", options: .backwards) else { return nil }
        return String(html[start.upperBound...].prefix { $0 != "\"" }).replacing("&quot;", with: "\"")
    }

    private static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// A program at the REST API.
struct Program: Sendable {
    /// Its access token, which it takes anew long before it ends.
    private actor Pass {
        private static let use = Duration.seconds(300)

        private let take: @Sendable () async throws -> String
        private var taken: (token: String, at: ContinuousClock.Instant)?

        init(_ take: @escaping @Sendable () async throws -> String) { self.take = take }

        var token: String {
            get async throws {
                if let taken, taken.at + Self.use > .now { return taken.token }
                let token = try await take()
                taken = (token, .now)
                return token
            }
        }
    }

    private let address: String
    private let pass: Pass

    init(_ address: String, login: String) async throws {
        self.address = address
        pass = Pass {
            try await Self.send(
                "\(address)/api/v1/auth/token", .POST, token: nil,
                ["login": .string(login), "password": "try-ticketflower"]
            ).body["access_token"].displayText
        }
        _ = try await pass.token
    }

    func get(_ path: String) async throws -> JSON {
        try await Self.send(address + path, .GET, token: pass.token, nil).body
    }

    /// What another address answers.
    func text(_ url: String) async throws -> String {
        let response = try await Client.shared.execute(HTTPClientRequest(url: url), timeout: Client.patience)
        return String(buffer: try await response.body.collect(upTo: 4 << 20))
    }

    /// - Parameter key: of a request that may be sent again and has one effect.
    func post(_ path: String, _ body: JSON, key: String? = nil) async throws -> (status: UInt, body: JSON) {
        try await Self.send(address + path, .POST, token: pass.token, body, key: key)
    }

    /// The text of a definition.
    func source(_ path: String) async throws -> String {
        var request = HTTPClientRequest(url: address + path)
        request.headers.add(name: "Authorization", value: "Bearer \(try await pass.token)")
        let response = try await Client.shared.execute(request, timeout: Client.patience)
        return String(buffer: try await response.body.collect(upTo: 1 << 20))
    }

    /// Publishes a definition.
    /// - Returns: the answer's status.
    func put(_ path: String, yaml: String) async throws -> UInt {
        var request = HTTPClientRequest(url: address + path)
        request.method = .PUT
        request.headers.add(name: "Authorization", value: "Bearer \(try await pass.token)")
        request.headers.add(name: "Content-Type", value: "application/yaml")
        request.body = .bytes(ByteBuffer(string: yaml))
        return try await Client.shared.execute(request, timeout: Client.patience).status.code
    }

    /// Sends a file for a form's field.
    /// - Returns: its id; nil: it was not taken.
    func upload(_ path: String, _ content: String) async throws -> String? {
        var request = HTTPClientRequest(url: address + path)
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(try await pass.token)")
        request.headers.add(name: "Content-Type", value: "multipart/form-data; boundary=b")
        let head =
            "Content-Disposition: form-data; name=\"file\"; filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\n"
        request.body = .bytes(ByteBuffer(string: "--b\r\n\(head)\(content)\r\n--b--\r\n"))
        let response = try await Client.shared.execute(request, timeout: Client.patience)
        let bytes = Array((try await response.body.collect(upTo: 1 << 20)).readableBytesView)
        return response.status == .created ? try JSON(parsing: bytes)["id"].stringValue : nil
    }

    private static func send(
        _ url: String, _ method: HTTPMethod, token: String?, _ body: JSON?, key: String? = nil
    ) async throws -> (status: UInt, body: JSON) {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        let response = try await Client.shared.execute(request, timeout: Client.patience)
        let bytes = Array((try await response.body.collect(upTo: 4 << 20)).readableBytesView)
        return (response.status.code, try JSON(parsing: bytes))
    }
}

/// What all visitors send with.
enum Client {
    /// Far more than an answer takes: what a busy machine delays is no failure.
    static let patience = TimeAmount.minutes(10)

    static let shared: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        // tf-web closes what idles for 30 s; a request that is sent at that moment would fail.
        configuration.connectionPool.idleTimeout = .seconds(15)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
