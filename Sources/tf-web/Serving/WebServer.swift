import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization
import TFConfiguration

/// Serves a responder on the site's address, until it is stopped.
///
/// The framework's own server binds an address by itself, and closes idle connections the moment it is stopped, which
/// resets requests that are on their way. This one also serves a socket that it was given (`InheritedSocket`), and lets
/// each connection have one more answer (`ConnectionGuard`).
struct WebServer<Responder: HTTPResponder>: Service where Responder.Context == WebContext {
    let site: Site
    let responder: Responder
    /// A socket that is open already; nil: it binds the address of the settings.
    let socket: Int32?

    func run() async throws {
        let limits = site.limits
        // `ConnectionGuard` ends idle connections: it decides what counts as a request.
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: limits.handlers() + [DepartureHandler()], idleTimeout: nil,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        let http = CheckedChannel(HTTP1Channel(responder: respond, configuration: configuration))
        guard let (certificate, key) = site.settings.tls else { return try await serve(http) }
        let channel: TLSChannel<CheckedChannel>
        do {
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            tls.minimumTLSVersion = .tlsv12
            tls.applicationProtocols = ["http/1.1"]
            channel = try TLSChannel(http, tlsConfiguration: tls)
        } catch { throw Self.unusable(certificate, key) }
        try await serve(channel)
    }

    /// For files that hold no certificate with its key. What the library says names neither of them.
    private static func unusable(_ certificate: String, _ key: String) -> SettingsError {
        SettingsError(
            description: """
                \(certificate) (tls.cert) and \(key) (tls.key) are not a certificate with its chain and the private key of \
                that certificate, both in PEM and without a passphrase; tf-daemon doctor tells which of the two is wrong
                """)
    }

    // MARK: Connections

    private func serve<Child: ServerChildChannel>(_ child: Child) async throws where Child.Value == HTTP1Channel.Value {
        let listener = try await listen(child)
        site.logger.notice(
            "serving",
            metadata: [
                "address": "\(site.settings.baseURL)", "most connections": "\(site.limits.places.limit)",
                "most open files": "\(Descriptors.limit)",
            ])
        let connections = OpenConnections()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await connection in listener.connections {
                    group.addTask {
                        connections.add(connection.channel)
                        await child.handle(value: connection, logger: site.logger)
                    }
                }
            }
        } onGracefulShutdown: {
            listener.close()
            connections.leave()
        }
    }

    private func listen<Child: ServerChildChannel>(_ child: Child) async throws -> Listener<HTTP1Channel.Value>
    where Child.Value == HTTP1Channel.Value {
        let group = MultiThreadedEventLoopGroup.singleton
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AvailableConnectionsChannelHandler(maxConnections: Descriptors.connections()))
                }
            }
        return try await Listener(bootstrap, on: group) { bootstrap in
            if let socket { return bootstrap.withBoundSocket(socket) }
            return bootstrap.bind(host: site.settings.host, port: site.settings.port)
        } prepare: { [logger = site.logger] channel in
            child.setup(channel: channel, logger: logger)
        } refuse: { connection in
            Task { try? await connection.executeThenClose { _, _ in } }  // nothing was read, so that nothing is lost
        }
    }

    // MARK: Requests

    private func respond(
        _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        var logger = site.logger
        logger[metadataKey: "hb.request.id"] = "\(RequestID())"
        let context = WebContext(source: .init(channel: channel, logger: logger))
        var response: Response
        do {
            response = try await responder.respond(to: request, context: context)
        } catch let error as HTTPParserError { throw error } catch {
            // `ErrorAnswers` makes an answer of every error behind it. What fails before it has no page, and its path is
            // not told: it may hold a secret.
            logger.error(
                "a request failed",
                metadata: ["method": "\(request.method)", "error": "\(error)", "request": "\(context.requestID)"])
            response = Response(status: .internalServerError)
        }
        response.headers[.date] = HTTPDate.now()
        do { try await writer.write(response: response.head, body: response.body) } catch is HTTPParserError {
            // As itself it would be answered again, after this answer has begun.
            throw UnreadableRequest()
        }
    }

    /// The rest of a request cannot be parsed, and its answer has begun.
    private struct UnreadableRequest: Error {}
}

/// The connections that are open, to tell them that the server stops.
private final class OpenConnections: Sendable {
    private let state = Mutex((channels: [ObjectIdentifier: any Channel](), isLeaving: false))

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isLeaving = state.withLock { state in
            state.channels[id] = channel
            return state.isLeaving
        }
        channel.closeFuture.whenComplete { [self] _ in state.withLock { $0.channels[id] = nil } }
        if isLeaving { channel.pipeline.fireUserInboundEventTriggered(ServerLeaves()) }
    }

    func leave() {
        let channels = state.withLock { state in
            state.isLeaving = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ServerLeaves()) }
    }
}
