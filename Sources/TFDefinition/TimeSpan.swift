import TFExpression

/// A length of time that goes on at night and on days off: `30m`, `4h`, `2d`, or ISO 8601's `P1Y2M3W4DT5H6M7.5S`.
package struct TimeSpan: Sendable, Hashable, Codable {
    /// The text as it was written.
    package let text: String
    /// A day counts 24 hours, a month 30 days and a year 365, whatever the calendar has.
    package let seconds: Double

    /// A hundred years, in seconds.
    private static let limit = 3_155_760_000.0

    package init?(_ text: String) {
        guard let seconds = Self.length(text), seconds < Self.limit else { return nil }
        self.text = text
        self.seconds = seconds
    }

    /// Nil for more than a hundred years.
    package init?(seconds: Double) {
        guard seconds >= 0, seconds < Self.limit else { return nil }
        self.seconds = seconds
        text = ISODate.duration(milliseconds: seconds * 1000)
    }

    package var milliseconds: Int64 { Int64(seconds * 1000) }

    /// In words, by its two largest units: `2 days`, `1 hour 30 minutes`.
    package var words: String {
        var rest = Int(seconds)
        var parts: [String] = []
        for (name, size) in [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)] where rest >= size {
            let count = rest / size
            parts.append("\(count) \(name)\(count == 1 ? "" : "s")")
            rest %= size
        }
        return parts.isEmpty ? "no time" : parts.prefix(2).joined(separator: " ")
    }

    /// Whether a text is a length of time, but one of more than a hundred years.
    static func isTooLong(_ text: String) -> Bool { length(text).map { $0 >= limit } ?? false }

    private static func length(_ text: String) -> Double? { short(text) ?? iso8601(text) }

    private static func short(_ text: String) -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let last = text.last, let unit = units[last], let count = number(text.dropLast()) else { return nil }
        return count * unit
    }

    private static func iso8601(_ text: String) -> Double? {
        guard text.first == "P", text.count > 1 else { return nil }
        let parts = text.dropFirst().split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        let dates: [(Character, Double)] = [("Y", 31_536_000), ("M", 2_592_000), ("W", 604_800), ("D", 86_400)]
        let times: [(Character, Double)] = [("H", 3600), ("M", 60), ("S", 1)]
        guard let date = sum(parts[0], dates) else { return nil }
        guard parts.count == 2 else { return date }
        guard !parts[1].isEmpty, let time = sum(parts[1], times) else { return nil }
        return date + time
    }

    /// Adds up `1Y2M`: each unit at most once, in the order given.
    private static func sum(_ text: Substring, _ units: [(unit: Character, seconds: Double)]) -> Double? {
        var rest = text
        var total = 0.0
        var units = units[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            guard let count = number(digits), let unit = rest.dropFirst(digits.count).first,
                let index = units.firstIndex(where: { $0.unit == unit })
            else { return nil }
            total += count * units[index].seconds
            units = units[(index + 1)...]
            rest = rest.dropFirst(digits.count + 1)
        }
        return total
    }

    private static func number(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.allSatisfy({ ($0.isASCII && $0.isNumber) || $0 == "." }) else { return nil }
        return Double(text)
    }
}
