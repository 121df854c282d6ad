/// What statements about tickets say more than once.
enum TicketSQL {
    /// Whether the ticket `t` is late, by its own date or by that of one of its open tasks; the parameter is now.
    static let isLate = "t.state = 'open' AND t.next_due_at_ms < ?"
}
