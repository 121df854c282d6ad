import Hummingbird
import Logging
import NIOCore
import Synchronization
import TFConfiguration

@testable import TFEngine
@testable import TFStore
@testable import tf_daemon

/// A server that notes what it is sent.
final class SpyServer: Sendable {
    struct Seen: Sendable {
        let line: String
        let headers: [String: String]
        let body: String
    }

    private let log = Mutex<[Seen]>([])
    private let drips = Mutex(0)
    private let port: Int

    private init(port: Int) { self.port = port }

    var seen: [Seen] { log.withLock { $0 } }
    /// How many bytes `/drip` gave.
    var dripped: Int { drips.withLock { $0 } }

    var sender: HTTPSender {
        HTTPSender(
            policy: AddressPolicy(allowed: ["127.0.0.1/32", "::1/128"].compactMap { AddressRange($0) }),
            idempotencyKey: { "key-of-\($0)" })
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    func job(
        _ path: String, method: String = "GET", body: String? = nil, follows: Bool = false,
        authentication: Credentials? = nil, headers: [(String, String)] = []
    ) -> HTTPCallJob {
        HTTPCallJob(
            company: 1, step: StepPass(instance: 7, reference: "/do/0/ask", visit: 1),
            attempt: HTTPAttempt(call: 1, stage: 1, number: 1, isRepeatable: true, deadlineAt: nil),
            request: TFEngine.HTTPRequest(
                head: .init(
                    method: method, url: url(path), headers: headers.map { .init(name: $0.0, value: $0.1) }),
                body: body.map { Array($0.utf8) }, followsRedirects: follows, authentication: authentication),
            secrets: [], identity: "a7")
    }

    func send(
        _ path: String, method: String = "GET", body: String? = nil, follows: Bool = false,
        authentication: Credentials? = nil, headers: [(String, String)] = [], within: Int64 = 600_000,
        with sender: HTTPSender? = nil
    ) async throws -> HTTPOutcome.Response {
        try await (sender ?? self.sender).send(
            job(path, method: method, body: body, follows: follows, authentication: authentication, headers: headers),
            within: within)
    }

    /// Serves on a free port while the body runs.
    static func with(_ body: @escaping @Sendable (SpyServer) async throws -> Void) async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let box = Mutex<SpyServer?>(nil)
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                guard let server = box.withLock({ $0 }) else { return Response(status: .serviceUnavailable) }
                return try await server.answer(request)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                found.yield(channel.localAddress?.port ?? 0)
                found.finish()
            }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                let server = SpyServer(port: port)
                box.withLock { $0 = server }
                try await body(server)
            }
            group.cancelAll()
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        let body = String(buffer: try await request.body.collect(upTo: 1 << 16))
        let line = "\(request.method.rawValue) \(request.uri.string)"
        let headers = request.headers.reduce(into: [:]) { $0[$1.name.canonicalName] = $1.value }
        log.withLock { $0.append(Seen(line: line, headers: headers, body: body)) }
        switch request.uri.path {
        case "/moved": return Self.redirect("/target")
        case "/elsewhere": return Self.redirect("http://localhost:\(port)/target")
        case "/there-and-back": return Self.redirect("http://localhost:\(port)/back")
        case "/back": return Self.redirect("http://127.0.0.1:\(port)/target")
        case "/drip":
            // A head at once, and then a byte now and again until the server is stopped.
            return Response(
                status: .ok,
                body: .init { writer in
                    while !Task.isCancelled {
                        try await writer.write(ByteBuffer(string: "x"))
                        self.drips.withLock { $0 += 1 }
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    try await writer.finish(nil)
                })
        case "/round": return Self.redirect("/round")
        case "/inside": return Self.redirect("http://10.255.255.1/")
        case "/token": return Self.text(#"{"access_token":"granted","expires_in":3600}"#)
        case "/digest" where headers["authorization"] == nil:
            return Response(
                status: .unauthorized, headers: [.wwwAuthenticate: "Digest realm=\"r\", nonce=\"n\", qop=\"auth\""])
        case "/hang":
            // Ends when the server is stopped.
            for await _ in AsyncStream<Never>.makeStream().stream {}
            return Self.text("late")
        case "/huge": return Self.text(String(repeating: "x", count: (1 << 20) + 1))
        default: return Self.text("you sent \(body)")
        }
    }

    private static func redirect(_ to: String) -> Response { Response(status: .found, headers: [.location: to]) }

    private static func text(_ text: String) -> Response {
        Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
