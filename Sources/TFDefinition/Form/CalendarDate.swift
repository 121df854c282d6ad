/// A day of the proleptic Gregorian calendar, read and written as ISO 8601's `2026-11-22`.
///
/// Days are counted from 1970-01-01, by the algorithms of Howard Hinnant's "chrono-Compatible Low-Level Date
/// Algorithms".
package struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let days: Int

    /// The years that four digits can write: 0000-01-01 to 9999-12-31.
    private static let range = -719_528...2_932_896

    /// Makes a date; a day outside the years 0 to 9999 becomes the first or last day in them.
    package init(days: Int) { self.days = min(max(days, Self.range.lowerBound), Self.range.upperBound) }

    /// The date of a moment, `offset` seconds east of UTC.
    package init(secondsSince1970 seconds: Int64, offset: Int) {
        let local = seconds.addingReportingOverflow(Int64(offset))
        let days = (local.overflow ? seconds : local.partialValue).quotientAndRemainder(dividingBy: 86_400)
        self.init(days: Int(days.remainder < 0 ? days.quotient - 1 : days.quotient))
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
        let (year, month, day) = civil
        return Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(day, 2)
    }

    /// 0 is Sunday.
    package var weekday: Int { ((days + 4) % 7 + 7) % 7 }

    package var civil: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, day)
    }

    package static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.days < right.days }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// A bound of a date field: a date, `today`, or `today+3d`.
package struct DateBound: Sendable, Hashable, Codable {
    /// How many days from today it may be: a hundred years.
    static let limitDays = 36_500

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
            (-Self.limitDays...Self.limitDays).contains(days)
        else { return nil }
        daysFromToday = days
    }

    package func resolved(today: CalendarDate) -> CalendarDate {
        if let date = date.flatMap({ CalendarDate($0) }) { return date }
        let sum = today.days.addingReportingOverflow(daysFromToday)
        return CalendarDate(days: sum.overflow ? (daysFromToday < 0 ? .min : .max) : sum.partialValue)
    }

    /// Whether the bound does not depend on today.
    package var isFixed: Bool { date != nil }
}
