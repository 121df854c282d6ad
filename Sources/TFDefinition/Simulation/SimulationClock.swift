import TFExpression

/// The clock of a dry run: when it begins, and how far its days and times are from UTC. A run takes hours or days in no
/// time, so one offset will do for all of it.
package struct SimulationClock: Sendable, Hashable {
    /// Milliseconds since 1970; whole seconds.
    package let start: Int64
    /// Seconds east of UTC; whole minutes.
    package let offset: Int

    package init(start: Int64, offset: Int) {
        self.start = start / 1000 * 1000
        self.offset = offset / 60 * 60
    }

    /// The clock of a script that names none: 2026-01-05T09:00:00Z, a Monday.
    package static let usual = SimulationClock(start: 1_767_603_600_000, offset: 0)

    /// Reads a script's `now`, such as `2026-01-05T09:00:00Z` or `2026-01-05T10:00:00+01:00`.
    package init?(_ text: String) {
        guard let seconds = ISODate.seconds(text, offset: { _ in 0 }) else { return nil }
        self.init(start: Int64(seconds * 1000), offset: Self.offset(of: text))
    }

    private static func offset(of text: String) -> Int {
        guard let middle = text.firstIndex(of: "T"),
            let sign = text[middle...].lastIndex(where: { $0 == "+" || $0 == "-" }),
            let shift = TimeOfDay(String(text[text.index(after: sign)...]))
        else { return 0 }
        return text[sign] == "-" ? -shift.seconds : shift.seconds
    }

    /// A script's `now` that gives this clock.
    package var text: String {
        guard offset != 0 else { return Moment.iso8601(start) }
        let local = Moment.iso8601(start + Int64(offset) * 1000).dropLast()  // without its Z
        let zone = TimeOfDay(secondsSince1970: Int64(abs(offset)), offset: 0)
        return "\(local)\(offset < 0 ? "-" : "+")\(zone)"
    }

    /// The day that it is at a moment in milliseconds since 1970.
    package func day(at moment: Int64) -> CalendarDate {
        CalendarDate(secondsSince1970: moment / 1000, offset: offset)
    }

    /// The offset as a company's context has it.
    package var zone: @Sendable (Int64) -> Int {
        let offset = offset
        return { _ in offset }
    }
}
