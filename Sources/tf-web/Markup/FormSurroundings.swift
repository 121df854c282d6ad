import TFDefinition
import TFExpression
import TFStore

/// What a form's page needs beside the form and its answers.
struct FormSurroundings: Sendable {
    /// More people than this are typed, not listed.
    static let mostListedPeople = 100

    let context: FormContext
    /// The company's, by its IANA name.
    let timezone: String
    /// By field: whom a `user` field offers; no entry: too many.
    let people: [String: [FormPerson]]
    /// Files that were sent already, by id.
    let files: [String: FormUpload]
    /// Fields that this person may not see.
    let unseen: Set<String>
}

extension FormSurroundings {
    /// - Parameters:
    ///   - account: who fills the form in.
    ///   - unseen: fields that this person may not see.
    init(
        of form: Form, _ answers: JSONObject, in company: Company, for account: Account, task: TaskRecord? = nil,
        unseen: Set<String> = [], _ session: CompanyReadSession, now: Int64
    ) throws {
        var people: [String: [FormPerson]] = [:]
        for (id, element) in form.fields {
            guard case .user(let field) = element.kind else { continue }
            people[id] = try session.people(role: field.role, most: Self.mostListedPeople)
        }
        let ids = form.uploads(in: answers)
        var context = company.formContext(now: now)
        context.input = task?.input ?? .null
        self.init(
            context: context, timezone: company.timezone, people: people,
            files: ids.isEmpty ? [:] : try session.uploads(ids, giver: account.id, ticket: task?.ticketID),
            unseen: unseen)
    }
}
