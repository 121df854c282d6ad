import Foundation
import Hummingbird
import Logging
import Synchronization

/// A server that workflows call and that means no good: it notes what it is sent, gives it back in many forms, sends the
/// caller on to where it likes, and answers without an end.
final class HostileServer: Sendable {
    private struct State {
        var requests: [String] = []
        var dripping = 0
        var mostDripping = 0
        var everDripped = 0
    }

    private let state = Mutex(State())
    let address: String

    private init(address: String) { self.address = address }

    /// Each request as text: the first line, the headers, the body.
    var requests: [String] { state.withLock { $0.requests } }
    /// Answers without an end that somebody still reads.
    var dripping: Int { state.withLock { $0.dripping } }
    /// How many of these there were at a time at most, and in all.
    var drips: (most: Int, all: Int) { state.withLock { ($0.mostDripping, $0.everDripped) } }

    /// Serves on a free port while the body runs.
    /// - Parameter host: an address of this machine.
    static func with(host: String, _ body: @escaping @Sendable (HostileServer) async throws -> Void) async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let box = Mutex<HostileServer?>(nil)
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                guard let server = box.withLock({ $0 }) else { return Response(status: .serviceUnavailable) }
                return try await server.answer(request)
            },
            configuration: .init(address: .hostname(host, port: 0)),
            onServerRunning: { channel in
                found.yield(channel.localAddress?.port ?? 0)
                found.finish()
            }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                let server = HostileServer(address: "http://\(host):\(port)")
                box.withLock { $0 = server }
                try await body(server)
            }
            group.cancelAll()
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        let body = String(buffer: try await request.body.collect(upTo: 1 << 16))
        let headers = request.headers.map { "\($0.name): \($0.value)\n" }.joined()
        let text = "\(request.method.rawValue) \(request.uri.string)\n\(headers)\n\(body)"
        state.withLock { $0.requests.append(text) }
        switch request.uri.path {
        case "/drip": return drip()
        case "/to":
            let target = request.uri.queryParameters["url"].map(String.init) ?? ""
            return Response(status: .temporaryRedirect, headers: [.location: target])
        case "/echo":
            // What the caller says of itself, in a form that the caller may not know again.
            let secret = request.headers[values: .init("X-Api-Key") ?? .accept].first ?? ""
            let echoed = Self.echo(secret, as: request.uri.queryParameters["as"].map(String.init) ?? "")
            return Response(
                status: .internalServerError, body: .init(byteBuffer: .init(string: "echo of 10.9.8.7: \(echoed)")))
        default: return Response(status: .ok, body: .init(byteBuffer: .init(string: "{}")))
        }
    }

    /// A byte now and again, until nobody reads it any more.
    private func drip() -> Response {
        state.withLock { state in
            state.dripping += 1
            state.everDripped += 1
            state.mostDripping = max(state.mostDripping, state.dripping)
        }
        return Response(
            status: .ok,
            body: .init { writer in
                defer { self.state.withLock { $0.dripping -= 1 } }
                while !Task.isCancelled {
                    try await writer.write(.init(string: "x"))
                    try await Task.sleep(for: .milliseconds(50))
                }
                try await writer.finish(nil)
            })
    }

    static let echoes = ["plain", "base64", "pair", "percent", "mixed", "json", "html", "split", "broken"]

    private static func echo(_ secret: String, as form: String) -> String {
        let base64 = Data(secret.utf8).base64EncodedString()
        func broken(_ text: String, every length: Int) -> String {
            text.enumerated().map { $0 > 0 && $0 % length == 0 ? "\r\n\($1)" : "\($1)" }.joined()
        }
        return switch form {
        case "base64": base64
        case "pair": Data("user:\(secret)".utf8).base64EncodedString()
        case "percent": secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        // As a browser writes an address: some letters are escaped and others are not.
        case "mixed": secret.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed) ?? ""
        case "json":
            "\"" + secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("/", with: "\\/") + "\""
        case "html":
            secret.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
                .replacing("\"", with: "&quot;")
        case "split": broken(secret, every: 3)
        case "broken": broken(base64, every: 7)
        default: secret
        }
    }
}
