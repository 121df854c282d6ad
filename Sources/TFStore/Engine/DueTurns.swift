import TFEngine

/// What is left for the engine to do.
extension ReadSession {
    /// Whether anything is to be applied now, and when the next timer or schedule is due, in milliseconds since 1970.
    /// - Parameters:
    ///   - leader: whose companies are meant; nil: all.
    ///   - resting: companies whose events and timers wait.
    package func nextTurn(
        of leader: Leadership? = nil, now: Int64, except resting: Set<CompanyID> = []
    ) throws -> (isDue: Bool, next: Int64?) {
        let led = CompanyChoice(of: leader, except: resting)
        let waiting = try companies(with: .event) + companies(with: .cloudEvent)
        let hasEvents = waiting.contains(where: led.contains)
        let others = led.condition()
        let wake = try first(
            Int64.self, "SELECT MIN(wake_at_ms) FROM instance WHERE wake_at_ms IS NOT NULL AND \(others.sql)",
            others.arguments)
        let scheduled = try first(
            Int64.self, "SELECT MIN(next_at_ms) FROM schedule WHERE next_at_ms IS NOT NULL AND \(others.sql)",
            others.arguments)
        let next = [wake, scheduled].compactMap { $0 }.min()
        return (hasEvents || (next ?? .max) <= now, next)
    }

    /// Whether something has happened for a ticket's workflow that the workflow was not told yet.
    package func isToMove(_ ticket: TicketID) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT 1 FROM ticket t JOIN instance i ON i.company_id = t.company_id AND i.ticket_id = t.id
            WHERE t.id = ? AND EXISTS (
                SELECT 1 FROM event e
                WHERE e.company_id = i.company_id AND e.instance_id = i.id AND e.set_aside IS NULL)
            LIMIT 1
            """, [ticket]) ?? false
    }
}
