import TFEngine

/// The tickets that an account may read. The access policy makes it; lists and single tickets are selected with it. The
/// properties are alternatives: a ticket that meets one of them is in the scope.
package struct TicketScope: Sendable, Hashable {
    package var isEverything = false
    /// The tickets that this account requested.
    package var requester: AccountID?
    /// The tickets with a task that this account has or had.
    package var worker: AccountID?
    /// The tickets with a task that this account has now.
    package var holder: AccountID?
    /// The tickets without `view_roles`, and those whose `view_roles` include one of these company roles; nil: this
    /// adds no ticket.
    package var viewRoles: Set<String>?

    package init() {}

    /// All tickets of the company.
    package static var everything: TicketScope {
        var scope = TicketScope()
        scope.isEverything = true
        return scope
    }

    /// Only the tickets that an account requested.
    package static func requested(by account: AccountID) -> TicketScope {
        var scope = TicketScope()
        scope.requester = account
        return scope
    }

    /// The SQL condition on `ticket t` of a company.
    func predicate(_ company: CompanyID) -> SQLCondition {
        if isEverything { return SQLCondition("1 = 1") }
        var parts: [SQLCondition] = []
        if let viewRoles {
            let isOfTicket = "v.company_id = t.company_id AND v.ticket_id = t.id"
            // Most companies have no such tickets; that is asked once a statement, not once a ticket.
            parts.append(
                SQLCondition("NOT EXISTS (SELECT 1 FROM ticket_view_role v WHERE v.company_id = ?)", [company]))
            parts.append(
                SQLCondition("NOT EXISTS (SELECT 1 FROM ticket_view_role v WHERE \(isOfTicket))"))
            if !viewRoles.isEmpty {
                let isHeld = SQLCondition.isOneOf("v.role", viewRoles.sorted())
                parts.append(
                    SQLCondition(
                        "EXISTS (SELECT 1 FROM ticket_view_role v WHERE \(isOfTicket) AND \(isHeld.sql))",
                        isHeld.arguments))
            }
        }
        if let requester, worker == nil, holder == nil {
            parts.append(SQLCondition("t.requester_id = ?", [requester]))
            return .any(of: parts)
        }
        var sets: [SQLCondition] = []
        if let requester {
            sets.append(
                SQLCondition(
                    "SELECT x.id FROM ticket x WHERE x.company_id = ? AND x.requester_id = ?", [company, requester]))
        }
        if let worker {
            sets.append(
                SQLCondition(
                    "SELECT s.ticket_id FROM assignment s WHERE s.account_id = ? AND s.company_id = ?",
                    [worker, company]))
        }
        if let holder { sets.append(Self.ticketsOfHolder(holder, company)) }
        parts += SQLCondition.isIn("t.id", anyOf: sets)
        return .any(of: parts)
    }

    /// The ids of the tickets of which an account has a task now.
    fileprivate static func ticketsOfHolder(_ account: AccountID, _ company: CompanyID) -> SQLCondition {
        SQLCondition(
            """
            SELECT h.ticket_id FROM task h WHERE h.company_id = ? AND h.assignee_id = ?
                AND \(TaskSQL.isWithSomebody("h"))
            """, [company, account])
    }
}

/// A person who may claim unassigned tasks that need one of these company roles or none, unless the task excludes them.
package struct Claimant: Sendable, Hashable {
    package let login: String
    package let roles: Set<String>

    package init(login: String, roles: Set<String>) {
        self.login = login
        self.roles = roles
    }

    /// The SQL condition that they may claim the task of this alias.
    func mayClaim(_ task: String) -> SQLCondition {
        let isAsked = SQLCondition.isOneOf("\(task).role", roles.sorted())
        let isOpen = SQLCondition.excludesNot(login, task: task)
        return SQLCondition(
            "\(TaskSQL.isWithNobody(task)) AND (\(task).role IS NULL OR \(isAsked.sql)) AND \(isOpen.sql)",
            isAsked.arguments + isOpen.arguments)
    }
}

/// The tasks that an account may read. The properties are alternatives: a task that meets one of them is in the scope.
package struct TaskScope: Sendable, Hashable {
    package var isEverything = false
    /// The tasks that this account has.
    package var assignee: AccountID?
    /// The tasks that this account has or had, and all tasks of the tickets of which it has a task now.
    package var worker: AccountID?
    /// The unassigned tasks that this person may claim; nil: this adds no task.
    package var claimant: Claimant?
    /// The tasks of tickets without `view_roles`, or whose `view_roles` include one of these company roles; nil: this
    /// adds no task.
    package var viewRoles: Set<String>?

    package init() {}

    /// All tasks of the company.
    package static var everything: TaskScope {
        var scope = TaskScope()
        scope.isEverything = true
        return scope
    }

    /// The SQL condition on `task k` and its `ticket t`.
    func predicate(_ company: CompanyID) -> SQLCondition {
        if isEverything { return SQLCondition("1 = 1") }
        var parts: [SQLCondition] = []
        if let viewRoles {
            var scope = TicketScope()
            scope.viewRoles = viewRoles
            parts.append(scope.predicate(company))
        }
        var sets: [SQLCondition] = []
        if let assignee {
            sets.append(
                SQLCondition(
                    "SELECT x.id FROM task x WHERE x.company_id = ? AND x.assignee_id = ?", [company, assignee]))
        }
        if let claimant {
            let mayClaim = claimant.mayClaim("x")
            sets.append(
                SQLCondition(
                    "SELECT x.id FROM task x WHERE x.company_id = ? AND \(mayClaim.sql)",
                    [company] + mayClaim.arguments))
        }
        if let worker {
            let tickets = TicketScope.ticketsOfHolder(worker, company)
            sets.append(
                SQLCondition(
                    "SELECT s.task_id FROM assignment s WHERE s.account_id = ? AND s.company_id = ?", [worker, company])
            )
            sets.append(
                SQLCondition(
                    "SELECT x.id FROM task x WHERE x.company_id = ? AND x.ticket_id IN (\(tickets.sql))",
                    [company] + tickets.arguments))
        }
        parts += SQLCondition.isIn("k.id", anyOf: sets)
        return .any(of: parts)
    }
}
