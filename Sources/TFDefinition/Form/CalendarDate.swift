/// A day of the proleptic Gregorian calendar, read and written as ISO 8601's `2026-11-22`.
///
/// Days are counted from 1970-01-01, by the algorithms of Howard Hinnant's "chrono-Compatible Low-Level Date
/// Algorithms".
package struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let days: Int

    package init(days: Int) { self.days = days }

    /// The day that holds a moment, `offset` seconds east of UTC.
    package init(secondsSince1970 seconds: Int64, offset: Int) {
        days = Int((Double(seconds + Int64(offset)) / 86_400).rounded(.down))
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            text.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        days = era * 146_097 + dayOfEra - 719_468
        guard description == text else { return nil }
    }

    package var description: String {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
        return Self.padded(year, 4) + "-" + Self.padded(civilMonth, 2) + "-" + Self.padded(day, 2)
    }

    package static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.days < right.days }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// A bound of a date field: a date, `today`, or `today+3d`.
package struct DateBound: Sendable, Hashable, Codable {
    package let text: String
    private let date: String?
    private let daysFromToday: Int

    package init?(_ text: String) {
        self.text = text
        if CalendarDate(text) != nil {
            date = text
            daysFromToday = 0
            return
        }
        date = nil
        guard text.hasPrefix("today") else { return nil }
        let offset = text.dropFirst("today".count)
        if offset.isEmpty {
            daysFromToday = 0
            return
        }
        guard offset.hasSuffix("d"), offset.hasPrefix("+") || offset.hasPrefix("-"), let days = Int(offset.dropLast()),
            abs(days) <= 36_500
        else { return nil }
        daysFromToday = days
    }

    package func resolved(today: CalendarDate) -> CalendarDate {
        date.flatMap { CalendarDate($0) } ?? CalendarDate(days: today.days + daysFromToday)
    }
}
