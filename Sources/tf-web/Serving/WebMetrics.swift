import Logging
import ServiceLifecycle
import TFMetrics

/// The process's figures on an address of their own. People are served whether their address is free or not: while it is
/// taken, as by the process that this one takes over from, it is tried again.
struct WebMetrics: Service {
    private static let pause = Duration.seconds(2)

    let server: MetricsServer
    let logger: Logger

    func run() async throws {
        var told: String?
        while true {
            do { return try await server.run() } catch let error as BindError {
                if told != error.description {
                    logger.error(
                        "the figures are not served; it is tried again every 2 s", metadata: ["error": "\(error)"])
                }
                told = error.description
            }
            // Only the stop ends this sleep early.
            do { try await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) } } catch { return }
        }
    }
}
