import TFDefinition
import TFExpression

/// What forms ask of the store: people and files.
extension Store {
    /// The members of a company, for a picker; nil where there are more than `most`.
    /// - Parameter role: only holders of this company role.
    package func people(_ company: Int64, role: String?, most: Int) async throws -> [FormPerson]? {
        try await read { db in
            let rows = try db.all(
                Row.self,
                Self.memberSelect + """
                     AND (? IS NULL OR EXISTS (
                        SELECT 1 FROM member_role r
                        WHERE r.company_id = m.company_id AND r.account_id = m.account_id AND r.role = ?))
                    ORDER BY a.name, a.login LIMIT ?
                    """, [company, role, role, most + 1])
            guard rows.count <= most else { return nil }
            return try rows.map { try person(db, $0, company: company) }
        }
    }

    /// Answers checked as a submission would be, with nothing stored: for live validation.
    package func check(
        _ form: Form, _ answers: JSONObject, company: Company, giver: Int64, task: TaskRecord?, outcome: String?,
        now: Int64
    ) async throws -> CheckedAnswers {
        try await read { db in
            var context = try formContext(
                db, form, answers, company: company, giver: giver, ticket: task?.ticketID, now: now)
            context.outcome = outcome
            context.input = task?.input ?? .null
            return form.check(answers, context)
        }
    }

    func formContext(
        _ db: ReadSession, _ form: Form, _ answers: JSONObject, company: Company, giver: Int64, ticket: Int64?,
        now: Int64
    ) throws -> FormContext {
        var context = company.formContext(now: now)
        for text in form.people(in: answers) {
            let rows = try db.all(
                Row.self, Self.memberSelect + " AND (a.login = ? OR a.folded_name = ?) LIMIT 20",
                [company.id, text.folded, text.folded])
            context.people[text] = try rows.map { try person(db, $0, company: company.id) }
        }
        context.uploads = try uploads(
            db, form.uploads(in: answers), company: company.id, giver: giver, ticket: ticket)
        return context
    }

    func company(_ db: ReadSession, _ id: Int64) throws -> Company {
        let company = try db.first(Company.self, "SELECT * FROM company WHERE id = ?", [id])
        guard let company else { throw StoreError.notFound }
        return company
    }

    private static let memberSelect = """
        SELECT a.id, a.login, a.name FROM membership m
        JOIN account a ON a.id = m.account_id AND a.kind = 'person' AND a.disabled_at_ms IS NULL
        WHERE m.company_id = ?
        """

    private func person(_ db: ReadSession, _ row: Row, company: Int64) throws -> FormPerson {
        let roles = try Set(
            db.all(
                String.self, "SELECT role FROM member_role WHERE company_id = ? AND account_id = ?",
                [company, row["id"] as Int64]))
        return FormPerson(login: row["login"], name: row["name"], roles: roles)
    }
}
