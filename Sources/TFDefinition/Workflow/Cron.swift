import TFExpression

/// A repeating time: `minute hour day month weekday`, in the company's time zone.
///
/// Each field is `*`, a number, a range `a-b`, a list `a,b`, with `/n` for every n-th; months and weekdays also by
/// their English names; Sunday is 0 and 7. Where day and weekday are both given, either will do.
/// Source: POSIX crontab, and Vixie cron's steps and names.
package struct Cron: Sendable, Hashable, Codable {
    // In order.
    private let minutes: [Int]
    private let hours: [Int]
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let needsBoth: Bool
    /// Whether it has no fixed time of the day: minutes or hours begin with `*`, or all are listed.
    private let isRepeating: Bool

    static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    package init?(_ source: String) {
        let fields = source.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 5, let minutes = Self.read(fields[0], 0...59), let hours = Self.read(fields[1], 0...23),
            let days = Self.read(fields[2], 1...31),
            let months = Self.read(fields[3], 1...12, names: Self.monthNames, first: 1),
            let weekdays = Self.read(fields[4], 0...7, names: Self.dayNames, first: 0)
        else { return nil }
        self.minutes = minutes.sorted()
        self.hours = hours.sorted()
        self.days = days
        self.months = months
        self.weekdays = Set(weekdays.map { $0 % 7 })
        needsBoth = fields[2].hasPrefix("*") || fields[4].hasPrefix("*")
        isRepeating =
            fields[0].hasPrefix("*") || fields[1].hasPrefix("*") || minutes.count == 60 || hours.count == 24
    }

    static func read(
        _ text: String, _ range: ClosedRange<Int>, names: [String] = [], first: Int = 0
    ) -> Set<Int>? {
        func number(_ text: Substring) -> Int? {
            if let place = names.firstIndex(of: String(text)) { return place + first }
            guard let number = digits(text), range.contains(number) else { return nil }
            return number
        }
        func digits(_ text: Substring) -> Int? {
            text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
        }
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = halves.count == 2 ? digits(halves[1]) ?? 0 : 1
            // A step beyond the range leaves only its start; a step above 1,000 is a mistake.
            guard (1...1_000).contains(step), !halves[0].isEmpty else { return nil }
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

    /// The next moment after `seconds` since 1970, at most eight years later; nil if there is none (31 February).
    ///
    /// When the clock is put back, steps and hourly times go on without a pause, and a fixed time comes once, at the
    /// first of the two. When the clock is put forward, a fixed time in the gap comes once, at the end of the gap.
    /// Source: Vixie cron 4.1, "crontab(5)" and its jobs' `*` flags.
    /// - Parameter offset: seconds that the zone is east of UTC at a moment.
    package func next(after seconds: Int64, offset: (Int64) -> Int) -> Int64? {
        let today = CalendarDate(secondsSince1970: seconds, offset: offset(seconds)).days
        for days in today - 1...today + 8 * 366 {
            let day = CalendarDate(days: days)
            guard day.days == days, matches(day) else { continue }
            let (first, isChanging) = first(on: day, after: seconds, offset)
            guard let first else { continue }
            // If the clock is put back over midnight, the end of a day comes again after the start of the next.
            let tomorrow = CalendarDate(days: days + 1)
            guard isChanging, matches(tomorrow), let other = self.first(on: tomorrow, after: seconds, offset).moment
            else { return first }
            return min(first, other)
        }
        return nil
    }

    private func matches(_ day: CalendarDate) -> Bool {
        let civil = day.civil
        let (byDay, byWeekday) = (days.contains(civil.day), weekdays.contains(day.weekday))
        return months.contains(civil.month) && (needsBoth ? byDay && byWeekday : byDay || byWeekday)
    }

    /// The first moment of a day that is after `seconds`.
    /// - Returns: also whether the clock changes on that day or a neighbouring one.
    private func first(
        on day: CalendarDate, after seconds: Int64, _ offset: (Int64) -> Int
    ) -> (moment: Int64?, isChanging: Bool) {
        let midnight = Int64(day.days) * 86_400
        let (before, after) = (Int64(offset(midnight - 86_400)), Int64(offset(midnight + 2 * 86_400)))
        let isChanging = before != after
        var earliest: Int64?
        for hour in hours {
            for minute in minutes {
                let local = midnight + Int64(hour * 3_600 + minute * 60)
                // The offsets of the days before and after bound all moments of a local time.
                if local - min(before, after) <= seconds { continue }
                if let earliest, local - max(before, after) >= earliest { return (earliest, isChanging) }
                guard isChanging else { return (local - before, false) }
                if let moment = moments(of: local, offset).first(where: { $0 > seconds }) {
                    earliest = min(earliest ?? moment, moment)
                }
            }
        }
        return (earliest, isChanging)
    }

    /// The moments of a local time: none, one or two.
    private func moments(of local: Int64, _ offset: (Int64) -> Int) -> [Int64] {
        let moments = LocalTime.moments(local, offset: offset)
        if moments.isEmpty { return hours.count == 24 ? [] : [LocalTime.endOfGap(local, offset: offset)] }
        return isRepeating ? moments : Array(moments.prefix(1))
    }
}
