import TFExpression

/// One kind of work that a person does.
package struct TaskDefinition: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case form
        case manual
    }

    package enum FormSource: Sendable, Hashable, Codable {
        case none
        /// The ticket's own form: completing it replaces the ticket's answers.
        case ticket
        case body(Form)
    }

    package let name: String
    package let version: String
    package let title: Template
    package let kind: Kind
    package let description: Template?
    package let assign: AssignmentRule
    /// nil: the ticket's.
    package let priority: Priority?
    package let due: TimeSpan?
    package let outcomes: [Outcome]
    package let form: FormSource

    private static let keys = [
        "task", "version", "title", "kind", "description", "assign", "priority", "due", "outcomes", "form", "body",
    ]

    static func read(_ root: YAMLNode, _ reader: inout DefinitionReader) -> TaskDefinition? {
        guard let fields = Fields(root, "a task", known: keys, &reader.diagnostics) else { return nil }
        let name = fields.text("task", &reader.diagnostics) ?? Definition.name(ofFile: reader.file)
        if !Slug.isValid(name) {
            reader.diagnostics.error("\"\(name)\" cannot be a task's name: \(Slug.rule)", at: fields.position("task"))
        }
        let version = fields.text("version", &reader.diagnostics) ?? "1.0.0"
        if SemanticVersion(version) == nil {
            reader.diagnostics.error(
                "\"version\" must be numbers such as 1.2.0, not \"\(version)\"", at: fields.position("version"))
        }
        let variables = WorkflowDefinition.variables
        let title = fields.has("title") ? fields.template("title", variables: variables, &reader.diagnostics) : nil
        let description = fields.template("description", variables: variables, &reader.diagnostics)
        reader.refer(to: title?.references ?? [], at: fields.position("title"))
        reader.refer(to: description?.references ?? [], at: fields.position("description"))
        let outcomes = Outcome.read(fields, &reader)
        let form = formSource(fields, outcomes, &reader)
        let kind =
            fields.choice("kind", Kind.self, &reader.diagnostics) ?? (form == .none ? .manual : .form)
        return TaskDefinition(
            name: name, version: version, title: title ?? fallbackTitle(name), kind: kind, description: description,
            assign: AssignmentRule.read(fields, &reader),
            priority: fields.choice("priority", Priority.self, &reader.diagnostics),
            due: fields.duration("due", &reader.diagnostics), outcomes: outcomes, form: form)
    }

    private static func formSource(
        _ fields: Fields, _ outcomes: [Outcome], _ reader: inout DefinitionReader
    ) -> FormSource {
        if let text = fields.text("form", &reader.diagnostics) {
            if text != "ticket" {
                reader.diagnostics.error("\"form\" can only be \"ticket\"", at: fields.position("form"))
            } else if fields.has("body") {
                reader.diagnostics.error("a task has \"form\" or \"body\", not both", at: fields.keyPosition("body"))
            } else {
                reader.refer(to: .ticketForm, at: fields.position("form"))
            }
            return .ticket
        }
        guard let nodes = fields.list("body", &reader.diagnostics) else { return .none }
        let form = Form.read(nodes, at: fields.position("body"), inTask: true, &reader.diagnostics)
        let values = outcomes.map(\.value)
        for (_, element) in form.fields {
            for outcome in element.requiredFor where !values.contains(outcome) {
                reader.diagnostics.error(
                    "\"required_for\" of \"\(element.label)\" names the outcome \"\(outcome)\", which this task does not have",
                    at: fields.position("body"), suggestion: nearestName(to: outcome, among: values))
            }
        }
        return .body(form)
    }

    private static func fallbackTitle(_ name: String) -> Template {
        let words = name.replacing("-", with: " ")
        // A slug holds no "${", so this always compiles.
        guard let title = try? Template(words.prefix(1).uppercased() + words.dropFirst()) else {
            preconditionFailure("a slug compiles as a template")
        }
        return title
    }
}
