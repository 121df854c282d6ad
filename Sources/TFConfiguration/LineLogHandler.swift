import Foundation
import Logging
import TFExpression

/// Writes one line for each event to standard error, as a JSON object or as text.
///
/// Messages and metadata may hold text from outside. In both formats such a text can neither begin a line of its own
/// nor send control codes to the terminal that shows it.
struct LineLogHandler: LogHandler {
    private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt)

    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    let label: String
    let isJSON: Bool

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        StandardError.write(line(event, at: Date.now) + "\n")
    }

    func line(_ event: LogEvent, at moment: Date) -> String {
        let facts = metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted { $0.key < $1.key }
        let time = Self.format.format(moment)
        guard isJSON else {
            let texts = facts.map { " \($0.key.onOneLine)=\("\($0.value)".onOneLine)" }.joined()
            return "\(time) \(event.level.rawValue) \(label):\(texts) \(event.message.description.onOneLine)"
        }
        var line: JSONObject = [
            "time": .string(time), "level": .string(event.level.rawValue), "source": .string(label),
            "message": .string(event.message.description),
        ]
        for (key, value) in facts { line[key] = .string("\(value)") }
        return JSON.object(line).text.jsonForTerminals
    }
}

extension Logger {
    /// The logger of a program.
    init(_ label: String, _ format: Settings.LogFormat) {
        self.init(label: label) { LineLogHandler(label: $0, isJSON: format == .json) }
    }
}

extension Settings {
    /// The program's logger.
    package func logger(_ label: String) -> Logger {
        var logger = Logger(label, logFormat)
        logger.logLevel = logLevel
        return logger
    }
}
