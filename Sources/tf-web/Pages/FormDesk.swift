import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// What the pages of tickets and of tasks do alike with a definition's form.
extension PageDesk {
    /// What a form's page shows beside the form.
    /// - Parameter unseen: fields that this person may not see.
    func surroundings(
        _ form: Form, _ answers: JSONObject, _ company: Company, giver: Account, task: TaskRecord? = nil,
        unseen: Set<String> = []
    ) async throws -> FormSurroundings {
        var people: [String: [FormPerson]] = [:]
        for (id, element) in form.fields {
            guard case .user(let field) = element.kind else { continue }
            people[id] = try await site.store.read(in: company.id) {
                try $0.people(
                    role: field.role, most: FormSurroundings.mostListedPeople)
            }
        }
        let ids = form.uploads(in: answers)
        let files =
            ids.isEmpty
            ? [:]
            : try await site.store.read(in: company.id) {
                try $0.uploads(ids, giver: giver.id, ticket: task?.ticketID)
            }
        var context = company.formContext(now: site.now)
        context.input = task?.input ?? .null
        return FormSurroundings(
            context: context, timezone: company.timezone, people: people, files: files, unseen: unseen)
    }
}

/// The tags around a definition's form.
struct FormPage {
    let fields: FormFields?
    /// Where it is sent.
    let action: String
    /// Where the script asks; nil: there is nothing to ask.
    let validation: String?

    func html(_ content: HTML) -> HTML {
        let encoding: HTML? = fields?.takesFiles == true ? #" enctype="multipart/form-data""# : nil
        let data: HTML? = validation.map { v -> HTML in #" data-validation="\#(v)""# }
        return """
            <form method="post" action="\(action)"\(encoding)\(data) novalidate>\(content)</form>
            """
    }
}
