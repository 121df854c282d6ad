import GRDB

extension TicketScope {
    /// The condition on `ticket t` that is this scope, with its arguments.
    var predicate: (sql: String, arguments: StatementArguments) {
        switch self {
        case .all: return ("1 = 1", [])
        case .requestedBy(let account): return ("t.requester_id = ?", [account])
        case .viewRoles(let roles):
            let marks = roles.map { _ in "?" }.joined(separator: ", ")
            return (
                """
                (NOT EXISTS (SELECT 1 FROM ticket_view_role v WHERE v.ticket_id = t.id)
                 OR EXISTS (SELECT 1 FROM ticket_view_role v WHERE v.ticket_id = t.id AND v.role IN (\(marks))))
                """, StatementArguments(roles.sorted())
            )
        }
    }
}
