import TFEngine

extension CompanyWriteSession {
    /// Sets when a ticket or one of its open tasks is due next, after one of their due dates came, went or changed.
    /// - Parameter due: the date of a task that was opened or has ended; nothing changes if something else is due before.
    ///   nil: the ticket's own date changed.
    func keepNextDue(of ticket: TicketID, since due: Int64? = nil) throws {
        try run(
            """
            UPDATE ticket SET next_due_at_ms = COALESCE(
                (SELECT MIN(k.due_at_ms) FROM task k
                    WHERE k.company_id = ticket.company_id AND k.ticket_id = ticket.id AND \(TaskSQL.isOpen())
                        AND k.due_at_ms < COALESCE(ticket.due_at_ms, \(Keyset.never))),
                due_at_ms, \(Keyset.never))
            WHERE company_id = ? AND id = ? AND next_due_at_ms >= ?
            """, [company, ticket, due ?? .min])
    }
}
