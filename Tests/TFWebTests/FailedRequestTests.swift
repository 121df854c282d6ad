import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOPosix
import TFConfiguration
import TestSupport
import Testing

@testable import TFMetrics
@testable import tf_web

/// Whoever is answered 500 finds a line in the log that says why.
@Suite struct FailedRequestTests {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private struct Broken: Error {}

    /// What a server answers to a request for a path.
    private static func answer(to path: String, on port: Int) async throws -> String {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        return try await connection.executeThenClose { received, sent in
            try await sent.write(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            var text = ""
            for try await bytes in received {
                text += String(buffer: bytes)
                if text.contains("\r\n\r\n") { break }
            }
            return text
        }
    }

    @Test func `a request that fails before an answer can be made of that is told, without its path`() async throws {
        let log = LogRecorder()
        let site = try await Site(settings: try await WebFixture().site.settings, logger: log.logger)
        let socket = try ListenerTests.socket()
        let server = WebServer(
            site: site, responder: CallbackResponder<WebContext> { _, _ in throw Broken() }, socket: socket.descriptor)
        let serving = Task { try await server.run() }
        defer { serving.cancel() }
        #expect(try await Self.answer(to: "/invite/secret", on: socket.port).hasPrefix("HTTP/1.1 500 "))
        let told = log.lines.filter { $0.hasPrefix("error: ") }
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("error: a request failed error=Broken() method=GET request=") == true, "\(told)")
        #expect(!log.lines.contains { $0.contains("secret") })
    }

    @Test func `figures that cannot be read are told`() async throws {
        let log = LogRecorder()
        let server = try MetricsServer(
            .webMetricsBind, of: try await WebFixture().site.settings, token: nil, registry: MetricRegistry(),
            logger: log.logger
        ) { throw Broken() }
        try await Application(router: server.router).test(.router) { client in
            let answer: TestResponse = try await client.execute(uri: "/metrics", method: .get)
            #expect(answer.status == .internalServerError)
        }
        #expect(log.lines == ["error: the figures cannot be read error=Broken()"])
    }
}
