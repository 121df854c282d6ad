import TFDefinition
import TFStore

/// Writes moments as people say them, with the exact one in the `datetime` attribute: shown on hover and on paper.
struct Times: Sendable {
    /// In which time zone: `UTC`, `Berlin time`.
    let zone: String
    private let now: Int64
    /// The seconds by which a time zone is east of UTC, at a moment in seconds since 1970.
    private let offset: @Sendable (Int64) -> Int

    /// - Parameters:
    ///   - company: in whose time zone; nil: in UTC.
    ///   - now: milliseconds since 1970.
    init(_ company: Company?, now: Int64) {
        self.now = now
        zone = company?.timeInWords ?? "UTC"
        offset = if let company { company.offset } else { { @Sendable (_: Int64) in 0 } }
    }

    /// In which zone a page's times are.
    static func zoneInWords(_ company: Company?) -> String { "Times are \(company?.timeInWords ?? "in UTC")." }

    // MARK: Moments, in milliseconds since 1970

    /// A moment near by: `in 5 h`, `10 min ago`, `tomorrow`, `Tue`, `4 Dec`.
    func near(_ moment: Int64?) -> HTML {
        guard let moment else { return "–" }
        return time(moment, text: moment <= now ? past(moment) : future(moment))
    }

    /// Since when something lasts, to end a sentence with: `for 10 min`, `since 10:43`, `since yesterday`.
    func since(_ moment: Int64) -> HTML {
        let distance = now - moment
        guard (60_000..<3_600_000).contains(distance) else { return "since \(near(moment))" }
        return "for \(time(moment, text: "\(distance / 60_000) min"))"
    }

    /// A due date: like `near`, but `3 h late` when it has passed.
    func due(_ moment: Int64?) -> HTML {
        guard let moment else { return "–" }
        guard let late = lateness(moment) else { return near(moment) }
        return time(moment, text: late, isLate: true)
    }

    /// How late something is that was due then: `3 h late`; nil: it is not.
    func lateness(_ due: Int64) -> String? { isPast(due) ? "\(Self.roughly(now - due)) late" : nil }

    /// A due date in a row of facts: `Due in 5 h`, but `3 h late` when it has passed.
    func dueInSentence(_ moment: Int64) -> HTML { isPast(moment) ? due(moment) : "Due \(due(moment))" }

    /// A moment of a story, in which several of one day follow each other: `10:43`, `yesterday 10:43`, `Mon 10:43`,
    /// `4 Dec, 10:43`; of what comes also `tomorrow 10:43`.
    func told(_ moment: Int64) -> HTML { time(moment, text: told(of: moment)) }

    private func told(of moment: Int64) -> String {
        let day =
            switch days(to: moment) {
            case 0: ""
            case -1: "yesterday "
            case 1: "tomorrow "
            case -6 ... -2, 2...6: "\(date(moment).shortDay) "
            default: "\(dayNearBy(moment)), "
            }
        return day + clock(moment)
    }

    /// A moment in a column of a long list: as `told`, which is exact and needs no attribute in each row.
    func inList(_ moment: Int64?) -> HTML { moment.map { "\(told(of: $0))" } ?? "–" }

    /// A due date in a column of a long list: as `inList`, but `3 h late` or `5 days late` when it has passed, since the
    /// name of a past day reads like that of a coming one; empty if there is none.
    func dueInList(_ moment: Int64?) -> RowTable.Cell {
        guard let moment else { return .text(.empty) }
        guard let late = lateness(moment) else { return .text(inList(moment)) }
        return .late(late)
    }

    /// Whether a moment has passed.
    func isPast(_ moment: Int64) -> Bool { moment < now }

    /// The moment at which something ends or begins again, after "until" or "from": as `told`, since its hour matters.
    func until(_ moment: Int64?) -> HTML { moment.map { told($0) } ?? "–" }

    /// The same as a plain text, for a column.
    func untilInList(_ moment: Int64) -> String { told(of: moment) }

    /// From one moment, or to another as well: `from tomorrow 09:00`, `tomorrow 09:00 – 4 Dec, 18:00`.
    func span(_ start: Int64?, _ end: Int64?) -> HTML {
        guard let start else { return .empty }
        let from = time(start, text: told(of: start))
        return end.map { "\(from) – \(time($0, text: told(of: $0)))" } ?? "from \(from)"
    }

    /// The exact moment: `26 Nov 2026, 18:43`.
    func moment(_ moment: Int64?) -> HTML {
        guard let moment else { return "–" }
        return time(moment, text: "\(date(moment).inWords), \(clock(moment))")
    }

    /// The time of the day: `10:43`.
    func clock(_ moment: Int64) -> String {
        TimeOfDay(secondsSince1970: moment / 1000, offset: offset(moment / 1000)).description
    }

    /// How long something that began then has lasted, after "for": rounded as `near` rounds its beginning. Who wrote the
    /// moment may have looked at the clock a little later than who asks.
    func lasting(since moment: Int64) -> String {
        now - moment < 60_000 ? Self.length(0) : Self.roughly(now - moment)
    }

    // MARK: Lengths of time, in milliseconds

    /// A length of time in its two largest units: `2 h 28 min`, `3 days 4 h`.
    static func length(_ milliseconds: Int64) -> String {
        let minutes = milliseconds / 60_000
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60)
        if days > 0 { return hours == 0 ? inDays(days) : "\(inDays(days)) \(hours) h" }
        if hours > 0 { return rest == 0 ? "\(hours) h" : "\(hours) h \(rest) min" }
        return minutes == 0 ? "less than 1 min" : "\(minutes) min"
    }

    /// As `length`, and below a minute in seconds: `2 s`.
    static func brief(_ milliseconds: Int64) -> String {
        milliseconds < 60_000 ? "\(max(milliseconds / 1_000, 1)) s" : length(milliseconds)
    }

    /// A length of time in its largest unit: `2 h`, `3 days`.
    static func roughly(_ milliseconds: Int64) -> String {
        let minutes = milliseconds / 60_000
        if minutes < 60 { return "\(max(minutes, 1)) min" }
        if minutes < 2880 { return "\(minutes / 60) h" }
        return inDays(minutes / 1440)
    }

    private static func inDays(_ number: Int64) -> String { "\(number) day\(number == 1 ? "" : "s")" }

    // MARK: Parts

    private func future(_ moment: Int64) -> String {
        let distance = moment - now
        if distance < 60_000 { return "now" }
        if distance < 86_400_000 { return "in \(Self.roughly(distance))" }
        return days(to: moment) == 1 ? "tomorrow" : dayNearBy(moment)
    }

    private func past(_ moment: Int64) -> String {
        let distance = now - moment
        if distance < 60_000 { return "just now" }
        if distance < 3_600_000 { return "\(distance / 60_000) min ago" }
        switch days(to: moment) {
        case 0: return clock(moment)
        case -1: return "yesterday"
        default: return dayNearBy(moment)
        }
    }

    private func dayNearBy(_ moment: Int64) -> String {
        let date = date(moment)
        if abs(days(to: moment)) < 7 { return date.shortDay }
        return date.civil.year == self.date(now).civil.year ? date.withoutYear : date.inWords
    }

    private func days(to moment: Int64) -> Int { date(moment).days - date(now).days }

    private func date(_ moment: Int64) -> CalendarDate {
        CalendarDate(secondsSince1970: moment / 1000, offset: offset(moment / 1000))
    }

    private func time(_ moment: Int64, text: String, isLate: Bool = false) -> HTML {
        """
        <time\(when(isLate, " class=late")) datetime="\(date(moment).description) \(clock(moment))">\(text)</time>
        """
    }
}

extension ProvedRequest {
    /// Writes moments in the time zone of the page's company.
    var times: Times { Times(subject.companyOfFrame, now: now) }
}
