import TFDefinition
import TFEngine
import TFExpression

/// The person who fills in a form, and what for.
package struct FormFiller: Sendable {
    /// The person who gives the answers.
    package let giver: AccountID
    /// The task whose form it is; nil: a new ticket's.
    package let task: TaskRecord?
    /// The outcome that was chosen for the task; nil: none yet.
    package let outcome: String?

    package init(giver: AccountID, task: TaskRecord? = nil, outcome: String? = nil) {
        self.giver = giver
        self.task = task
        self.outcome = outcome
    }
}

/// Checks of forms that need the store: people and files.
extension CompanyReadSession {
    /// The company's people by name, for a picker; nil if there are more than `most`.
    /// - Parameter role: only holders of this company role; nil: all members.
    package func people(role: String?, most: Int) throws -> [FormPerson]? {
        let holdsRole = SQLCondition.holdsRole(role, "m")
        let rows = try all(
            Row.self, Store.memberSelect + " AND \(holdsRole.sql) ORDER BY a.name, a.login LIMIT ?",
            [company] + holdsRole.arguments + [most + 1])
        guard rows.count <= most else { return nil }
        return try rows.map { try person($0) }
    }

    /// Checks answers as a submission does, without storing anything, for live validation.
    package func check(
        _ form: Form, _ answers: JSONObject, _ filler: FormFiller, now: Int64
    ) throws -> CheckedAnswers {
        let names = FormNames(of: answers, in: form, giver: filler.giver, ticket: filler.task?.ticketID)
        var context = FormContext(try companyRecord(), try lookUp(names), now: now)
        context.outcome = filler.outcome
        context.input = filler.task?.input ?? .null
        return form.check(answers, context)
    }

    /// The fields of answers that a ticket had earlier, with the names that the people and files in them have now.
    /// - Parameter form: the form of the ticket's type.
    package func fields(
        ofEarlier answers: JSONObject, in form: Form, of ticket: Ticket, now: Int64
    ) throws -> [AnsweredField] {
        let names = FormNames(of: answers, in: form, giver: ticket.requesterID, ticket: ticket.id)
        return form.answered(answers, FormContext(try companyRecord(), try lookUp(names), now: now))
    }

    /// The people and files that the answers of a form name, as they are now.
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

    /// Looks the names up again in the transaction of the change.
    /// - Throws: `CheckIsStale` if the result differs from that of the check.
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

/// The people and files that the answers of a form name.
struct FormNames: Sendable {
    /// The texts of `user` fields.
    let people: Set<String>
    /// The ids in `upload` fields.
    let uploads: Set<AttachmentID>
    /// The account whose unused files may be used.
    let giver: AccountID
    /// The ticket whose files may be used; nil: a new ticket.
    let ticket: TicketID?

    init(of answers: JSONObject, in form: Form, giver: AccountID, ticket: TicketID?) {
        people = form.people(in: answers)
        uploads = form.uploads(in: answers)
        self.giver = giver
        self.ticket = ticket
    }
}

/// The people and files of `FormNames` as they are in the store.
struct NamedByForm: Sendable, Equatable {
    /// By text: the members with this login or name, at most 20.
    var people: [String: [FormPerson]] = [:]
    /// By id.
    var uploads: [AttachmentID: FormUpload] = [:]
}

extension FormContext {
    init(_ company: Company, _ found: NamedByForm, now: Int64) {
        self = company.formContext(now: now)
        people = found.people
        uploads = found.uploads
    }
}
