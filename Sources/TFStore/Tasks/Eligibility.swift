import TFDefinition
import TFEngine
import TFExpression

/// Why somebody may not be given a task.
package enum Ineligibility: Sendable, Hashable {
    /// The workflow names them as one who may not have it.
    case excluded
    /// It is for the ticket's requester.
    case notRequester
    /// They do not belong to the company, or cannot sign in.
    case noMember
    /// It is for workers with a company role; nil: for any worker.
    case withoutRole(String?)
}

/// Eligibility: who may be given a task.
extension CompanyReadSession {
    /// Whether an account may be given a task.
    ///
    /// If the strategy names nobody: workers of the task's kind with its role, and ticket admins for tasks of people.
    /// If it names people: any member of the company, and for `requester` only the ticket's requester. An excluded
    /// account may never have it.
    package func isEligible(_ login: String, for task: TaskRecord) throws -> Bool {
        try ineligibility(of: login, for: task) == nil
    }

    /// Why an account may not be given a task; nil: it may.
    package func ineligibility(of login: String, for task: TaskRecord) throws -> Ineligibility? {
        if task.excluded.arrayValue?.contains(.string(login)) == true { return .excluded }
        switch task.strategy {
        case .requester: return try isRequester(login, of: task) ? nil : .notRequester
        case .person, .each: return try addressable(login, task.kind) == nil ? .noMember : nil
        case .shortestQueue, .roundRobin, .pool:
            if try eligibleAccount(login, for: task) != nil { return nil }
            if try task.kind == .person && isTicketAdmin(login, task) { return nil }
            return try addressable(login, task.kind) == nil ? .noMember : .withoutRole(task.role)
        }
    }

    /// The account that a task may be addressed to by login: any member for tasks of people, a service worker for those
    /// of programs; nil: there is none.
    func addressable(_ login: String, _ kind: WorkerKind) throws -> AccountID? {
        switch kind {
        case .person:
            return try first(
                AccountID.self,
                """
                SELECT a.id FROM account a JOIN membership m ON m.company_id = ? AND m.account_id = a.id
                WHERE a.login = ? AND a.kind = 'person' AND a.disabled_at_ms IS NULL
                """, [company, login])
        case .service:
            return try first(
                AccountID.self, "SELECT account_id FROM worker WHERE company_id = ? AND login = ? AND kind = 'service'",
                [company, login])
        }
    }

    /// Whether another worker that could do the task is available now.
    func isAnotherAvailable(than login: String, for task: TaskRecord) throws -> Bool {
        let holdsRole = SQLCondition.holdsRole(task.role, "w")
        return try first(
            Bool.self,
            """
            SELECT 1 FROM worker w
            WHERE w.company_id = ? AND w.login <> ? AND w.kind = ? AND w.is_available = 1 AND \(holdsRole.sql) LIMIT 1
            """, [company, login, task.kind.rawValue] + holdsRole.arguments) ?? false
    }

    /// The account if the rule may choose it; nil: it may not have the task.
    func eligibleAccount(_ login: String, for task: TaskRecord) throws -> AccountID? {
        if task.excluded.arrayValue?.contains(.string(login)) == true { return nil }
        let holdsRole = SQLCondition.holdsRole(task.role, "w")
        return try first(
            AccountID.self,
            """
            SELECT w.account_id FROM worker w
            WHERE w.company_id = ? AND w.login = ? AND w.kind = ? AND \(holdsRole.sql)
            """, [company, login, task.kind.rawValue] + holdsRole.arguments)
    }

    fileprivate func isRequester(_ login: String, of task: TaskRecord) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT 1 FROM ticket t JOIN account a ON a.id = t.requester_id
            JOIN membership m ON m.company_id = t.company_id AND m.account_id = a.id
            WHERE t.company_id = ? AND t.id = ? AND a.login = ? AND a.disabled_at_ms IS NULL
            """, [company, task.ticketID, login]) ?? false
    }

    fileprivate func isTicketAdmin(_ login: String, _ task: TaskRecord) throws -> Bool {
        guard try addressable(login, .person) != nil,
            let account = try Account.fetchOne(site, login: login)
        else {
            return false
        }
        let slug = try companyRecord().slug
        return try Identity.fetch(site, account).memberships[slug]?.systemRoles.contains(.ticketAdmin) ?? false
    }
}
