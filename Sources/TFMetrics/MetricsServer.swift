import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import TFConfiguration

/// `/metrics` and `/healthz` of a program, on an address of their own.
///
/// Whoever asks must send the site's token as a bearer token. Only without one is no token asked for,
/// and the address may be one of this machine alone.
package struct MetricsServer: Service {
    package typealias Gauge = (family: MetricRegistry.Family, labels: MetricRegistry.Labels, value: Double)

    private let setting: String
    private let address: (host: String, port: Int)
    private let token: MetricsToken?
    private let registry: MetricRegistry
    private let gauges: @Sendable () async throws -> [Gauge]
    private let logger: Logger

    /// - Parameters:
    ///   - key: the setting that the address comes from.
    ///   - token: what everybody has to show; nil: none is asked for.
    ///   - gauges: the present values of what is not counted in the registry.
    /// - Throws: `SettingsError` if other machines reach the address and there is no token for them.
    package init(
        _ key: SettingKey, of settings: Settings, token: MetricsToken?, registry: MetricRegistry, logger: Logger,
        gauges: @escaping @Sendable () async throws -> [Gauge]
    ) throws {
        setting = settings.place(of: key)
        address = settings.metricsAddress(key) ?? ("127.0.0.1", 0)
        self.token = token
        guard token != nil || ["127.0.0.1", "localhost", "::1"].contains(address.host) else {
            throw SettingsError(
                description:
                    "\(key.rawValue) \(address.host) can be reached from other machines; set a token, such as by: "
                    + "openssl rand -hex 32 | tf-daemon metrics-token set")
        }
        self.registry = registry
        self.gauges = gauges
        self.logger = logger
    }

    /// Serves until the service group stops, or the task is cancelled.
    package func run() async throws {
        let application = Application(
            router: router,
            server: .http1(configuration: .init(additionalChannelHandlers: [ShortConnection()])),
            configuration: .init(
                address: .hostname(address.host, port: address.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(min(32, Descriptors.connections() / 4))),
            logger: logger)
        do { try await application.run() } catch { throw BindError(error, setting: setting, address) ?? error }
    }

    var router: Router<BasicRequestContext> {
        let router = Router()
        router.get("/healthz") { _, _ in
            Response(status: .ok, headers: [.connection: "close"], body: .init(byteBuffer: ByteBuffer(string: "ok\n")))
        }
        router.get("/metrics") { request, _ in await answer(request) }
        return router
    }

    private func answer(_ request: Request) async -> Response {
        if let token, !token.isSame(as: Self.bearer(request)) {
            return Response(status: .unauthorized, headers: [.wwwAuthenticate: "Bearer", .connection: "close"])
        }
        let present: [Gauge]
        do { present = try await gauges() } catch {
            // Whoever asked has gone, or the program ends.
            let level: Logger.Level = error is CancellationError ? .debug : .error
            logger.log(level: level, "the figures cannot be read", metadata: ["error": "\(error)"])
            return Response(status: .internalServerError, headers: [.connection: "close"])
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .connection: "close"],
            body: .init(byteBuffer: ByteBuffer(string: registry.text(gauges: present))))
    }

    private static func bearer(_ request: Request) -> String? {
        guard let header = request.headers[.authorization], header.hasPrefix("Bearer ") else { return nil }
        return String(header.dropFirst("Bearer ".count))
    }
}
