import TFStore

/// What happens at the demo's companies besides tickets.
enum DemoSiteEvent: Sendable {
    /// The daemon looks which tasks are due within a day.
    case dueSoon
    /// Everybody has read their notifications.
    case notificationsRead
    /// Somebody is away until a moment.
    case away(String, company: String, until: Int64)

    /// A workflow creator publishes another text of a definition.
    case published(Publication, company: String)

    /// All of them but publications, with their moments.
    static func all(_ calendar: DemoCalendar) -> [(at: Int64, event: DemoSiteEvent)] {
        let mornings = (1..<DemoCalendar.workdays).map { calendar.moment(.workday($0, "07:30")) }
        return mornings.map { ($0, .dueSoon) } + [
            (calendar.moment(.workday(1, "08:00")), .notificationsRead),
            (calendar.moment(.ago(hours(20))), .away("erin", company: "acme", until: calendar.nextMorning)),
            (calendar.moment(.ago(5)), .dueSoon),
        ]
    }
}
