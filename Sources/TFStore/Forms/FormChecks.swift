import TFDefinition
import TFEngine
import TFExpression

/// Who fills a form in, and where.
package struct FormFiller: Sendable {
    package let giver: AccountID
    /// The task whose form it is; nil: a new ticket's.
    package let task: TaskRecord?
    /// The outcome that the task would have; nil: none is chosen yet.
    package let outcome: String?

    package init(giver: AccountID, task: TaskRecord? = nil, outcome: String? = nil) {
        self.giver = giver
        self.task = task
        self.outcome = outcome
    }
}

/// What forms ask of the store: people and files.
extension CompanyReadSession {
    /// The members of the company, for a picker; nil where there are more than `most`.
    /// - Parameter role: only holders of this company role.
    package func people(role: String?, most: Int) throws -> [FormPerson]? {
        let rows = try all(
            Row.self,
            Store.memberSelect + """
                 AND (CAST(? AS TEXT) IS NULL OR EXISTS (
                    SELECT 1 FROM member_role r
                    WHERE r.company_id = m.company_id AND r.account_id = m.account_id AND r.role = ?))
                ORDER BY a.name, a.login LIMIT ?
                """, [company, role, role, most + 1])
        guard rows.count <= most else { return nil }
        return try rows.map { try person($0) }
    }

    /// Answers checked as a submission would be, with nothing stored: for live validation.
    package func check(
        _ form: Form, _ answers: JSONObject, _ filler: FormFiller, now: Int64
    ) throws -> CheckedAnswers {
        let names = FormNames(of: answers, in: form, giver: filler.giver, ticket: filler.task?.ticketID)
        var context = FormContext(try companyRecord(), try lookUp(names), now: now)
        context.outcome = filler.outcome
        context.input = filler.task?.input ?? .null
        return form.check(answers, context)
    }

    /// The people and files that the answers of a form name, as the store knows them now.
    func lookUp(_ names: FormNames) throws -> NamedByForm {
        var found = NamedByForm()
        for text in names.people {
            let rows = try all(
                Row.self, Store.memberSelect + " AND (a.login = ? OR a.folded_name = ?) ORDER BY a.login LIMIT 20",
                [company, text.folded, text.folded])
            found.people[text] = try rows.map { try person($0) }
        }
        found.uploads = try uploads(names.uploads, giver: names.giver, ticket: names.ticket)
        return found
    }

    /// - Throws: `CheckIsStale` where a form's answers name others by now than when they were checked.
    func confirm(_ names: FormNames, _ found: NamedByForm) throws {
        guard try lookUp(names) == found else { throw CheckIsStale() }
    }

    fileprivate func person(_ row: Row) throws -> FormPerson {
        let roles = try Set(
            all(
                String.self, "SELECT role FROM member_role WHERE company_id = ? AND account_id = ?",
                [company, row["id"] as AccountID]))
        return FormPerson(login: row["login"], name: row["name"], roles: roles)
    }
}

extension Store {
    fileprivate static let memberSelect = """
        SELECT a.id, a.login, a.name FROM membership m
        JOIN account a ON a.id = m.account_id AND a.kind = 'person' AND a.disabled_at_ms IS NULL
        WHERE m.company_id = ?
        """
}

/// What the answers of a form name.
struct FormNames: Sendable {
    /// Texts of `user` fields.
    let people: Set<String>
    /// Ids of `upload` fields.
    let uploads: Set<String>
    /// The account whose files may be among them.
    let giver: AccountID
    /// The ticket whose files may be among them.
    let ticket: TicketID?

    init(of answers: JSONObject, in form: Form, giver: AccountID, ticket: TicketID?) {
        people = form.people(in: answers)
        uploads = form.uploads(in: answers)
        self.giver = giver
        self.ticket = ticket
    }
}

/// What the store knows of that.
struct NamedByForm: Sendable, Equatable {
    var people: [String: [FormPerson]] = [:]
    var uploads: [String: FormUpload] = [:]
}

extension FormContext {
    init(_ company: Company, _ found: NamedByForm, now: Int64) {
        self = company.formContext(now: now)
        people = found.people
        uploads = found.uploads
    }
}
