import TFEngine

/// What is left for the engine to do.
struct DueTurns: Sendable, Hashable {
    /// The companies with events that wait.
    let companiesWithEvents: [CompanyID]
    let hasCloudEvents: Bool
    /// When the first timer is due, in milliseconds since 1970; nil: there is none.
    let firstTimer: Int64?
    /// When the first schedule is due; it may be `Store.notPlanned`.
    let firstSchedule: Int64?

    /// When the first timer or schedule is due.
    var next: Int64? { [firstTimer, firstSchedule].compactMap { $0 }.min() }

    /// Whether anything is to be applied.
    func areDue(now: Int64) -> Bool { !companiesWithEvents.isEmpty || hasCloudEvents || (next ?? .max) <= now }

    func hasTimers(now: Int64) -> Bool { (firstTimer ?? .max) <= now }

    func hasSchedules(now: Int64) -> Bool { (firstSchedule ?? .max) <= now }

    /// Whether there are CloudEvents to dispatch or workflows to start.
    func startsSomething(now: Int64) -> Bool { hasCloudEvents || hasSchedules(now: now) }
}

extension ReadSession {
    func dueTurns(of companies: CompanyChoice) throws -> DueTurns {
        let chosen = companies.condition()
        let moments = try first(
            Row.self,
            """
            SELECT (SELECT MIN(wake_at_ms) FROM instance WHERE wake_at_ms IS NOT NULL AND \(chosen.sql)) AS timer,
                (SELECT MIN(next_at_ms) FROM schedule WHERE next_at_ms IS NOT NULL AND \(chosen.sql)) AS schedule
            """, chosen.arguments + chosen.arguments)
        return DueTurns(
            companiesWithEvents: try self.companies(with: .instanceEvent).filter(companies.contains),
            hasCloudEvents: try self.companies(with: .cloudEvent).contains(where: companies.contains),
            firstTimer: moments?["timer"], firstSchedule: moments?["schedule"])
    }

    /// Whether anything is to be applied now, and when the next timer or schedule is due, in milliseconds since 1970.
    /// - Parameter leader: whose companies are meant; nil: all.
    package func nextTurn(of leader: Leadership? = nil, now: Int64) throws -> (isDue: Bool, next: Int64?) {
        let turns = try dueTurns(of: CompanyChoice(of: leader))
        return (turns.areDue(now: now), turns.next)
    }

    /// Whether something has happened for a ticket's workflow that the workflow was not told yet.
    package func isToMove(_ ticket: TicketID) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT 1 FROM ticket t JOIN instance i ON i.company_id = t.company_id AND i.ticket_id = t.id
            WHERE t.id = ? AND EXISTS (
                SELECT 1 FROM instance_event e
                WHERE e.company_id = i.company_id AND e.instance_id = i.id AND e.set_aside IS NULL)
            LIMIT 1
            """, [ticket]) ?? false
    }
}
