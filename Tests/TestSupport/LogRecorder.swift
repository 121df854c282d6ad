import Logging
import Synchronization

/// Keeps the lines of a logger, each with its level and its facts in their order, such as
/// `error: a request failed error=broken method=GET`.
package final class LogRecorder: Sendable {
    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var logLevel: Logger.Level = .notice
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            recorder.add("\(event.level.rawValue): \(event.message) \(facts.joined(separator: " "))")
        }
    }

    private let kept = Mutex<[String]>([])

    package init() {}

    package var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

    package var lines: [String] { kept.withLock { $0 } }

    private func add(_ line: String) { kept.withLock { $0.append(line) } }
}
