import TFExpression

/// A typed moment, stored as `2026-11-24T09:30:00Z`.
package struct TypedMoment: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let seconds: Int64

    /// The years 1 to 9999 in UTC; others could not be read again.
    private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Nil outside the years 1 to 9999.
    package init?(secondsSince1970 seconds: Int64) {
        guard Self.range.contains(seconds) else { return nil }
        self.seconds = seconds
    }

    /// Reads `2026-11-24T10:30`, with a space instead of `T`, with seconds, and with `Z` or `+01:00` behind it.
    /// - Parameter offset: seconds east of UTC at a moment, for a text without a zone.
    package init?(_ text: String, offset: (Int64) -> Int) {
        guard let separator = text.firstIndex(where: { $0 == "T" || $0 == " " || $0 == "t" }),
            let date = CalendarDate(String(text[..<separator]))
        else { return nil }
        var clock = text[text.index(after: separator)...]
        var zone: Int?
        if let last = clock.last, last == "Z" || last == "z" {
            clock = clock.dropLast()
            zone = 0
        } else if let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            guard let shift = TimeOfDay(String(clock[clock.index(after: sign)...])) else { return nil }
            zone = clock[sign] == "-" ? -shift.seconds : shift.seconds
            clock = clock[..<sign]
        }
        if let point = clock.firstIndex(of: ".") {
            guard clock[clock.index(after: point)...].allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
            clock = clock[..<point]
        }
        guard let time = TimeOfDay(String(clock)) else { return nil }
        let local = Int64(date.days) * 86_400 + Int64(time.seconds)
        self.init(secondsSince1970: zone.map { local - Int64($0) } ?? LocalTime.moment(local, offset: offset))
    }

    /// The moment in UTC, as it is stored.
    package var utc: String { Self.text(seconds) + "Z" }

    /// The local time, as it is typed and shown, in whole minutes: `2026-11-24T10:30`.
    package func local(offset: (Int64) -> Int) -> String {
        String(Self.text(seconds + Int64(offset(seconds))).dropLast(3))
    }

    private static func text(_ seconds: Int64) -> String {
        let clock = Int((seconds % 86_400 + 86_400) % 86_400)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(CalendarDate(secondsSince1970: seconds, offset: 0))T\(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60))"
    }
}
