import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import TFExpression

/// Somebody with a tool such as curl: sends what they like, and reads all that comes back, headers too.
struct Attacker: Sendable {
    struct Answer: Sendable {
        let status: UInt
        /// The header lines and the body.
        let text: String
        let body: String

        /// null where it is no JSON.
        var json: JSON { (try? JSON(parsing: body)) ?? .null }  // whoever reads a member of it sees that there is none
    }

    private let address: String
    /// Sent with each request, such as a bearer token or a cookie.
    private let headers: [(name: String, value: String)]

    /// Somebody without an account.
    init(_ address: String, headers: [(name: String, value: String)] = []) {
        self.address = address
        self.headers = headers
    }

    /// Somebody with an ordinary account, at the REST API.
    init(_ address: String, login: String, password: String = "try-ticketflower") async throws {
        let tokens = try await Attacker(address).signIn(login, password)
        self.init(address, token: tokens.json["access_token"].displayText)
    }

    init(_ address: String, token: String) {
        self.init(address, headers: [("Authorization", "Bearer \(token)")])
    }

    func signIn(_ login: String, _ password: String, code: String? = nil) async throws -> Answer {
        var body: JSONObject = ["login": .string(login), "password": .string(password)]
        if let code { body["otp"] = .string(code) }
        return try await send(.POST, "/api/v1/auth/token", .object(body))
    }

    func get(_ path: String) async throws -> Answer { try await send(.GET, path) }

    /// - Parameter body: as JSON; nil: none.
    func send(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> Answer {
        try await send(method, path, body.map { (type: "application/json", bytes: $0.bytes) })
    }

    /// Sends a definition.
    func send(_ method: HTTPMethod, _ path: String, yaml: String) async throws -> Answer {
        try await send(method, path, (type: "application/yaml", bytes: Array(yaml.utf8)))
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ body: (type: String, bytes: [UInt8])?
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: body.type)
            request.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        let response = try await Client.shared.execute(request, timeout: Client.patience)
        let received = String(buffer: try await response.body.collect(upTo: 8 << 20))
        let lines = response.headers.map { "\($0.name): \($0.value)\n" }.joined()
        return Answer(status: response.status.code, text: "\(lines)\n\(received)", body: received)
    }
}
