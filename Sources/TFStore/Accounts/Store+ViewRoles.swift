/// Company roles that decide who sees tickets: those that `view_roles` of a ticket type names. Whoever could give
/// themselves such a role would see what was kept from them.
extension ReadSession {
    /// Refuses to give or take roles that narrow who sees tickets, unless the caller is an admin or holds the role.
    ///
    /// Asked inside the transaction that changes the roles, about what the caller is then. The programs themselves and
    /// the commands, which nobody but the operator can start, have no account and may.
    /// - Parameter roles: those that somebody is to get or to lose.
    /// - Throws: `StoreError.forbidden`.
    func demandMayGive(_ roles: Set<String>, company: Int64) throws {
        guard !roles.isEmpty, let account = caller?.account, try !isAdmin(account) else { return }
        let others = roles.subtracting(try heldRoles(account, company: company))
        guard let role = try narrowing(others, company: company).min() else { return }
        throw StoreError.forbidden(
            "The role \"\(role)\" decides who sees tickets: only an admin, or somebody who holds it, gives or takes it."
        )
    }

    fileprivate func isAdmin(_ account: Int64) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT EXISTS (SELECT 1 FROM account_role r JOIN account a ON a.id = r.account_id
                WHERE r.account_id = ? AND r.role = 'admin' AND a.disabled_at_ms IS NULL)
            """, [account]) ?? false
    }

    fileprivate func heldRoles(_ account: Int64, company: Int64) throws -> Set<String> {
        try Set(
            all(
                String.self,
                """
                SELECT m.role FROM member_role m JOIN account a ON a.id = m.account_id
                WHERE m.company_id = ? AND m.account_id = ? AND a.disabled_at_ms IS NULL
                """, [company, account]))
    }

    /// Those of some roles that narrow a ticket that there is, or a type that is in force.
    fileprivate func narrowing(_ roles: Set<String>, company: Int64) throws -> Set<String> {
        guard !roles.isEmpty else { return [] }
        let named = try rolesOfTypes(company: company).intersection(roles)
        let ofTickets = try all(
            String.self,
            """
            SELECT DISTINCT role FROM ticket_view_role
            WHERE company_id = ? AND role IN (\(SQLCondition.marks(roles.count)))
            """, [company] + Arguments(roles.sorted()))
        return named.union(ofTickets)
    }

    fileprivate func rolesOfTypes(company: Int64) throws -> Set<String> {
        let revisions = try all(
            Int64.self,
            """
            SELECT r.id FROM definition d JOIN revision r ON r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind = 'ticket' AND d.state <> 'retired'
            """, [company])
        return try revisions.reduce(into: []) { roles, revision in
            do { roles.formUnion(try self.revisions.ticket(revision, self).viewRoles) } catch {
                // A type that cannot be read any more takes no ticket; those that it has name their roles themselves.
                if StoreError.isTemporary(error) { throw error }
            }
        }
    }
}
