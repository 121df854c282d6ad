import TFDefinition
import TFExpression
import TFStore

/// What a form's page needs besides the form and its answers.
struct FormSurroundings: Sendable {
    /// If there are more people than this, the page asks to type a name instead of listing them.
    static let limitListedPeople = 100

    let context: FormContext
    /// The company's time zone, by its IANA name.
    let timezone: String
    /// The people whom each `user` field offers; no entry if there are too many to list.
    let people: [String: [FormPerson]]
    /// Files that were already uploaded, by id.
    let files: [AttachmentID: FormUpload]
    /// Fields whose answers this person may not see.
    let unseen: Set<String>
}

extension FormSurroundings {
    /// - Parameters:
    ///   - account: the person who fills in the form.
    ///   - unseen: fields whose answers this person may not see.
    init(
        of form: Form, _ answers: JSONObject, in company: Company, for account: Account, task: TaskRecord? = nil,
        unseen: Set<String> = [], _ session: CompanyReadSession, now: Int64
    ) throws {
        var people: [String: [FormPerson]] = [:]
        for (id, element) in form.fields {
            guard case .user(let field) = element.kind else { continue }
            people[id] = try session.people(role: field.role, most: Self.limitListedPeople)
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
