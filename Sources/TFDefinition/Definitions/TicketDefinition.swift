import TFExpression

/// A ticket type: a GitHub issue form, and a little more.
package struct TicketDefinition: Sendable, Hashable, Codable {
    package let name: String
    /// What people see in the catalogue.
    package let title: String
    package let description: String
    /// nil: the built-in workflow `handle`.
    package let workflow: DefinitionName?
    /// The built-in workflow's task; nil where the ticket names a workflow.
    package let handle: TaskDefinition?
    /// Company roles of which a submitter holds one; empty: every user of the company.
    package let submitRoles: [String]
    /// Company roles of which a ticket admin holds one to see these tickets; empty: all of them.
    package let viewRoles: [String]
    /// A title with `${ }` is computed; without, it is offered; nil: asked.
    package let ticketTitle: Template?
    package let priority: Priority
    package let due: TimeSpan?
    package let labels: [String]
    package let isRetired: Bool
    package let form: Form

    /// Whether the person types the title.
    package var asksTitle: Bool { ticketTitle?.isComputed != true }

    private static let keys = [
        "ticket", "name", "description", "about", "workflow", "assign", "outcomes", "submit_roles", "view_roles",
        "title",
        "priority", "due", "labels", "type", "assignees", "projects", "ref", "visible", "state", "body",
    ]
    private static let variables: Set<String> = ["ticket"]

    static func read(_ root: YAMLNode, _ reader: inout DefinitionReader) -> TicketDefinition? {
        guard let fields = Fields(root, "a ticket", known: keys, &reader.diagnostics) else { return nil }
        for key in ["assignees", "projects", "ref", "visible"] where fields.has(key) {
            reader.diagnostics.warning("\"\(key)\" has no effect here", at: fields.keyPosition(key))
        }
        let name = fields.text("ticket", &reader.diagnostics) ?? Definition.name(ofFile: reader.file)
        if !Slug.isValid(name) {
            reader.diagnostics.error(
                "\"\(name)\" cannot be a ticket's name: \(Slug.rule)", at: fields.position("ticket"))
        }
        let title = fields.requiredText("name", of: "a ticket", &reader.diagnostics)
        let descriptionKey = fields.has("description") || !fields.has("about") ? "description" : "about"
        let description = fields.requiredText(descriptionKey, of: "a ticket", &reader.diagnostics)
        let form = form(fields, &reader)
        let workflow = workflow(fields, &reader)
        let template = ticketTitle(fields, form, &reader)
        let assign = AssignmentRule.read(fields, &reader)
        let outcomes = Outcome.read(fields, &reader)
        let due = fields.duration("due", &reader.diagnostics)
        let priority = fields.choice("priority", Priority.self, &reader.diagnostics)
        if workflow != nil {
            for key in ["assign", "outcomes"] where fields.has(key) {
                reader.diagnostics.error(
                    "\"\(key)\" belongs to the tasks of a ticket without \"workflow\"", at: fields.keyPosition(key))
            }
        }
        guard let title, let description else { return nil }
        return TicketDefinition(
            name: name, title: title, description: description, workflow: workflow,
            handle: workflow == nil ? handle(title, assign, outcomes) : nil,
            submitRoles: roles("submit_roles", fields, &reader), viewRoles: roles("view_roles", fields, &reader),
            ticketTitle: template, priority: priority ?? .normal, due: due, labels: labels(fields, &reader),
            isRetired: isRetired(fields, &reader), form: form)
    }

    private static func form(_ fields: Fields, _ reader: inout DefinitionReader) -> Form {
        guard let nodes = fields.list("body", &reader.diagnostics) else {
            if fields.value("body") == nil {
                reader.diagnostics.error("a ticket needs \"body\"", at: fields.keyPosition("body"))
            }
            return Form(elements: [])
        }
        return Form.read(nodes, at: fields.position("body"), inTask: false, &reader.diagnostics)
    }

    private static func workflow(_ fields: Fields, _ reader: inout DefinitionReader) -> DefinitionName? {
        guard let text = fields.text("workflow", &reader.diagnostics) else { return nil }
        guard let name = DefinitionName(text) else {
            reader.diagnostics.error(
                "\"workflow\" must be a name such as access-request or access-request:1.2.0, not \"\(text)\"",
                at: fields.position("workflow"))
            return nil
        }
        reader.refer(to: .workflow(name), at: fields.position("workflow"))
        return name
    }

    /// The title may read its own form: the names are checked here, where the form is at hand.
    private static func ticketTitle(
        _ fields: Fields, _ form: Form, _ reader: inout DefinitionReader
    ) -> Template? {
        guard let template = fields.template("title", variables: variables, &reader.diagnostics) else { return nil }
        let known = form.fields.map(\.id)
        for reference in template.references where reference.path.count >= 2 && reference.path[0].name == "form" {
            let name = reference.path[1].name
            if !known.contains(name) {
                reader.diagnostics.error(
                    "this form has no field \"\(name)\"", at: fields.position("title"),
                    suggestion: nearestName(to: name, among: known))
            }
        }
        return template
    }

    private static func roles(_ key: String, _ fields: Fields, _ reader: inout DefinitionReader) -> [String] {
        let roles = fields.texts(key, &reader.diagnostics)
        for role in roles { AssignmentRule.refer(toRole: role.text, at: role.position, &reader) }
        return roles.map(\.text)
    }

    private static func labels(_ fields: Fields, _ reader: inout DefinitionReader) -> [String] {
        let type = fields.text("type", &reader.diagnostics).map { [$0] } ?? []
        return fields.texts("labels", &reader.diagnostics).map(\.text) + type
    }

    private static func isRetired(_ fields: Fields, _ reader: inout DefinitionReader) -> Bool {
        enum State: String, CaseIterable {
            case active
            case retired
        }
        return fields.choice("state", State.self, &reader.diagnostics) == .retired
    }

    /// The one task of the built-in workflow.
    private static func handle(_ title: String, _ assign: AssignmentRule, _ outcomes: [Outcome]) -> TaskDefinition? {
        guard let heading = try? Template(title) else { return nil }  // a catalogue title with "${" in it
        return TaskDefinition(
            name: "handle", version: "1.0.0", title: heading, kind: .manual, description: nil, assign: assign,
            priority: nil, due: nil, outcomes: outcomes, form: .none)
    }
}
