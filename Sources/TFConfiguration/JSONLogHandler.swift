import Foundation
import Logging
import TFExpression

/// Writes one JSON object a line to standard error; control characters are escaped by the JSON writer.
struct JSONLogHandler: LogHandler {
    private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt)

    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    let label: String

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: JSONObject = [
            "time": .string(Self.format.format(Date.now)),
            "level": .string(event.level.rawValue), "source": .string(label),
            "message": .string(event.message.description),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) {
            line[key] = .string("\(value)")
        }
        var bytes = JSON.object(line).bytes
        bytes.append(0x0A)
        FileHandle.standardError.write(Data(bytes))
    }
}

extension Settings {
    /// The program's logger.
    package func logger(_ label: String) -> Logger {
        let format = logFormat
        var logger = Logger(label: label) { label in
            switch format {
            case .json: JSONLogHandler(label: label)
            case .text: StreamLogHandler.standardError(label: label)
            }
        }
        logger.logLevel = logLevel
        return logger
    }
}
