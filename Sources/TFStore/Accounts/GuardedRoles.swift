import TFDefinition
import TFEngine

/// What a company role decides about beside tasks.
package struct RoleGuard: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let tickets = RoleGuard(rawValue: 1)
    package static let answers = RoleGuard(rawValue: 2)

    /// What somebody with the role does, to follow `who`: `sees tickets and reads hidden answers`.
    package var sentence: String {
        [contains(.tickets) ? "sees tickets" : nil, contains(.answers) ? "reads hidden answers" : nil]
            .compactMap(\.self).joined(separator: " and ")
    }
}

/// Company roles that decide who sees what: tickets, if `view_roles` of their type name the role, and hidden answers,
/// if an `audience` of a form does. A member who could give themselves such a role would see what is hidden from them.
extension CompanyReadSession {
    /// Refuses to give or take roles that decide who sees what, unless the caller is an admin or holds the role.
    ///
    /// It is checked inside the transaction that changes the roles, with the caller's rights at that moment. The
    /// programs themselves and the operator's commands have no account and are allowed.
    /// - Parameter roles: the roles that a member gets or loses.
    /// - Throws: `StoreError.forbidden`.
    func demandMayGive(_ roles: Set<String>) throws {
        guard !roles.isEmpty, let account = caller?.account, try !isAdmin(account) else { return }
        let guarded = try guards(of: roles.subtracting(try heldRoles(account)))
        guard let (role, guarding) = guarded.min(by: { $0.key < $1.key }) else { return }
        throw StoreError.forbidden(
            "The role \"\(role)\" decides who \(guarding.sentence): "
                + "only an admin, or somebody who holds it, gives or takes it.")
    }

    /// Those of these roles that decide who sees what; only an admin or somebody who holds them gives or takes them.
    package func guards(of roles: Set<String>) throws -> [String: RoleGuard] {
        guard !roles.isEmpty else { return [:] }
        let definitions = try definitionsWithForms()
        let ofAnswers = roles.intersection(definitions.flatMap(\.audienceRoles))
        var guards = try narrowing(roles, definitions).reduce(into: [String: RoleGuard]()) { $0[$1] = .tickets }
        for role in ofAnswers { guards[role, default: []].insert(.answers) }
        return guards
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

    /// Those roles that decide who sees an existing ticket, or tickets of a type in force.
    fileprivate func narrowing(_ roles: Set<String>, _ definitions: [Definition]) throws -> Set<String> {
        let named = roles.intersection(definitions.flatMap(\.viewRoles))
        let isAsked = SQLCondition.isOneOf("role", roles.sorted())
        let ofTickets = try all(
            String.self, "SELECT DISTINCT role FROM ticket_view_role WHERE company_id = ? AND \(isAsked.sql)",
            [company] + isAsked.arguments)
        return named.union(ofTickets)
    }

    /// The definitions with forms, that is ticket types and tasks, that are not retired.
    fileprivate func definitionsWithForms() throws -> [Definition] {
        let revisions = try all(
            RevisionID.self,
            """
            SELECT r.id FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind IN ('ticket', 'task') AND d.state <> 'retired'
            """, [company])
        return try revisions.compactMap { revision in
            do { return try self.revisions.definition(revision, self) } catch {
                // A definition that cannot be read is skipped: nothing new is opened with it, and existing tickets name
                // their roles themselves.
                if StoreError.isTemporary(error) { throw error }
                return nil
            }
        }
    }
}

extension Definition {
    /// The company roles that see its tickets; empty: no limit.
    fileprivate var viewRoles: [String] {
        switch self {
        case .ticket(let ticket): ticket.viewRoles
        case .task, .workflow: []
        }
    }

    /// The company roles that may read hidden answers of its form. `ticket_admin` is left out: it is a system role,
    /// which only admins give.
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
            // The ticket's own form belongs to the ticket type.
            case .none, .ticket: return nil
            }
        case .workflow: return nil
        }
    }
}
