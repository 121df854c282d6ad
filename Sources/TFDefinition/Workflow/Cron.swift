import TFExpression

/// When something happens again: `minute hour day month weekday`, in the company's time zone.
///
/// Each field is `*`, a number, a range `a-b`, a list `a,b`, with `/n` for every n-th; months and weekdays also by
/// their English names; Sunday is 0 and 7. Where day and weekday are both given, either will do.
/// Source: POSIX crontab, and Vixie cron's steps and names.
package struct Cron: Sendable, Hashable, Codable {
    package let source: String

    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let needsBoth: Bool

    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    package init?(_ source: String) {
        let fields = source.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 5, let minutes = Self.read(fields[0], 0...59), let hours = Self.read(fields[1], 0...23),
            let days = Self.read(fields[2], 1...31),
            let months = Self.read(fields[3], 1...12, names: Self.monthNames, first: 1),
            let weekdays = Self.read(fields[4], 0...7, names: Self.dayNames, first: 0)
        else { return nil }
        self.source = source
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.weekdays = Set(weekdays.map { $0 % 7 })
        needsBoth = fields[2].hasPrefix("*") || fields[4].hasPrefix("*")
    }

    private static func read(
        _ text: String, _ range: ClosedRange<Int>, names: [String] = [], first: Int = 0
    ) -> Set<Int>? {
        func number(_ text: Substring) -> Int? {
            if let place = names.firstIndex(of: String(text)) { return place + first }
            guard let number = Int(text), range.contains(number) else { return nil }
            return number
        }
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = halves.count == 2 ? Int(halves[1]) ?? 0 : 1
            guard step >= 1, !halves[0].isEmpty else { return nil }
            var bounds = range
            if halves[0] != "*" {
                let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                guard let lower = number(ends[0]) else { return nil }
                var upper = halves.count == 2 ? range.upperBound : lower
                if ends.count == 2 {
                    guard let end = number(ends[1]) else { return nil }
                    upper = end
                }
                guard lower <= upper else { return nil }
                bounds = lower...upper
            }
            values.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
        }
        return values
    }

    /// The next moment behind `seconds` since 1970, at most eight years ahead; nil where there is none (31 February).
    /// - Parameter offset: seconds that the zone is east of UTC at a moment.
    package func next(after seconds: Int64, offset: (Int64) -> Int) -> Int64? {
        var local = seconds + Int64(offset(seconds))
        local = local - local.modulo(60) + 60
        let end = local + 8 * 366 * 86_400
        while local < end {
            let day = CivilDay(daysSince1970: (local - local.modulo(86_400)) / 86_400)
            guard months.contains(day.month), matches(day) else {
                local += 86_400 - local.modulo(86_400)
                continue
            }
            let hour = Int(local.modulo(86_400) / 3_600)
            guard hours.contains(hour) else {
                local += 3_600 - local.modulo(3_600)
                continue
            }
            guard minutes.contains(Int(local.modulo(3_600) / 60)) else {
                local += 60
                continue
            }
            let moment = local - Int64(offset(local - Int64(offset(local))))
            // A time of day that the clock leaves out in spring comes an hour later by the clock; one that has just been,
            // as the clock is put back in autumn, does not come again.
            if moment > seconds { return moment }
            local += 60
        }
        return nil
    }

    private func matches(_ day: CivilDay) -> Bool {
        let (byDay, byWeekday) = (days.contains(day.day), weekdays.contains(day.weekday))
        return needsBoth ? byDay && byWeekday : byDay || byWeekday
    }
}

extension Int64 {
    fileprivate func modulo(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}

/// A day of the Gregorian calendar. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
private struct CivilDay {
    let month: Int
    let day: Int
    /// 0 is Sunday.
    let weekday: Int

    init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        weekday = Int((days + 4).modulo(7))
    }
}
