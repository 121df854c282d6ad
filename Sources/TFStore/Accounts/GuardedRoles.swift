import TFDefinition
import TFEngine

/// Company roles that decide who sees what: tickets, where `view_roles` of a ticket type names them, and hidden answers,
/// where an `audience` of a form does. Whoever could give themselves such a role would see what was kept from them.
extension CompanyReadSession {
    /// Refuses to give or take roles that decide who sees what, unless the caller is an admin or holds the role.
    ///
    /// Asked inside the transaction that changes the roles, about what the caller is then. The programs themselves and
    /// the commands, which nobody but the operator can start, have no account and may.
    /// - Parameter roles: those that somebody is to get or to lose.
    /// - Throws: `StoreError.forbidden`.
    func demandMayGive(_ roles: Set<String>) throws {
        guard !roles.isEmpty, let account = caller?.account, try !isAdmin(account) else { return }
        let others = roles.subtracting(try heldRoles(account))
        guard !others.isEmpty else { return }
        let definitions = try definitionsWithForms()
        let ofTickets = try narrowing(others, definitions)
        let ofAnswers = others.intersection(definitions.flatMap(\.audienceRoles))
        guard let role = ofTickets.union(ofAnswers).min() else { return }
        let shown = [
            ofTickets.contains(role) ? "sees tickets" : nil, ofAnswers.contains(role) ? "reads hidden answers" : nil,
        ]
        throw StoreError.forbidden(
            "The role \"\(role)\" decides who \(shown.compactMap(\.self).joined(separator: " and ")): "
                + "only an admin, or somebody who holds it, gives or takes it.")
    }

    fileprivate func isAdmin(_ account: AccountID) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT 1 FROM account_role r JOIN account a ON a.id = r.account_id
            WHERE r.account_id = ? AND r.role = 'admin' AND a.disabled_at_ms IS NULL
            """, [account]) ?? false
    }

    fileprivate func heldRoles(_ account: AccountID) throws -> Set<String> {
        try Set(
            all(
                String.self,
                """
                SELECT m.role FROM member_role m JOIN account a ON a.id = m.account_id
                WHERE m.company_id = ? AND m.account_id = ? AND a.disabled_at_ms IS NULL
                """, [company, account]))
    }

    /// Those of some roles that narrow a ticket that there is, or a type that is in force.
    fileprivate func narrowing(_ roles: Set<String>, _ definitions: [Definition]) throws -> Set<String> {
        let named = roles.intersection(definitions.flatMap(\.viewRoles))
        let isAsked = SQLCondition.isOneOf("role", roles.sorted())
        let ofTickets = try all(
            String.self, "SELECT DISTINCT role FROM ticket_view_role WHERE company_id = ? AND \(isAsked.sql)",
            [company] + isAsked.arguments)
        return named.union(ofTickets)
    }

    /// The ticket types and tasks that are in force.
    fileprivate func definitionsWithForms() throws -> [Definition] {
        let revisions = try all(
            RevisionID.self,
            """
            SELECT r.id FROM definition d JOIN revision r ON r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind IN ('ticket', 'task') AND d.state <> 'retired'
            """, [company])
        return try revisions.compactMap { revision in
            do { return try self.revisions.definition(revision, self) } catch {
                // Of one that cannot be read any more nothing new is made; the tickets that there are name the roles
                // that see them themselves.
                if StoreError.isTemporary(error) { throw error }
                return nil
            }
        }
    }
}

extension Definition {
    /// The company roles that see its tickets.
    fileprivate var viewRoles: [String] {
        switch self {
        case .ticket(let ticket): ticket.viewRoles
        case .task, .workflow: []
        }
    }

    /// The company roles that its form shows hidden answers to. `ticket_admin` is a system role, which admins give.
    fileprivate var audienceRoles: [String] {
        let names = form?.elements.flatMap(\.audience) ?? []
        return names.filter { $0 != SystemRole.ticketAdmin.rawValue }
    }

    private var form: Form? {
        switch self {
        case .ticket(let ticket): return ticket.form
        case .task(let task):
            switch task.form {
            case .body(let form): return form
            // The ticket's own form is its type's.
            case .none, .ticket: return nil
            }
        case .workflow: return nil
        }
    }
}
