import TFExpression

/// One kind of work that a person or a program does.
package struct TaskDefinition: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case form
        case manual
        /// A program does it.
        case service
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
    package let priority: PriorityRule?
    package let due: DueRule?
    /// Of a service task that names none: empty, and the program says what it likes.
    package let outcomes: [Outcome]
    package let form: FormSource
    /// For the kind `service`.
    package var service: ServiceRule?

    static let keys = KeyTable(
        "a task",
        [
            Key("task", .text, "The name that workflows call; without it, the file's name."),
            Key("version", .text, "Such as 1.2.0; without it, 1.0.0."),
            Key("title", .template, "What people read in their lists; \"${ }\" is computed."),
            Key("kind", Kind.shape, "form where there is a body, else manual; service is done by a program."),
            Key("description", .template, "Instructions for the worker: Markdown; \"${ }\" is computed."),
            Key("assign", .mapping(AssignmentRule.keys), "Who gets it."),
            Key("priority", PriorityRule.shape, "low, normal, high or urgent; without it, the ticket's."),
            Key("due", DueRule.shape, "When it should be done, from the moment it is ready: 30m, 4h, 2d."),
            Key("outcomes", Outcome.shape, "The ways to finish it, one button each; without it, done."),
            Key("form", .choice(["ticket"]), "ticket: the ticket's own form, filled in."),
            Key("body", .list(.element), "The form that the worker fills in."),
            Key("retry", .mapping(ServiceRule.retryKeys), "For a service: how often a failed job is tried again."),
            Key("lease", .duration, "For a service: how long a program has the job without a sign of life; 5m."),
        ])

    static func read(_ root: YAMLNode, _ reader: inout DefinitionReader) -> TaskDefinition? {
        guard let fields = Fields(root, keys, &reader.diagnostics) else { return nil }
        let name = fields.text("task", &reader.diagnostics) ?? Definition.name(ofFile: reader.file)
        if fields.has("task") { reader.namePosition = fields.position("task") }
        if !Slug.isValid(name) {
            reader.diagnostics.error("\"\(name)\" cannot be a task's name: \(Slug.rule)", at: fields.position("task"))
        }
        let version = fields.text("version", &reader.diagnostics) ?? "1.0.0"
        if fields.has("version") { reader.versionPosition = fields.position("version") }
        if SemanticVersion(version) == nil {
            reader.diagnostics.error(
                "\"version\" must be numbers such as 1.2.0, not \"\(version)\"", at: fields.position("version"))
        }
        let variables = WorkflowDefinition.variables
        let title = fields.template("title", variables: variables, &reader.diagnostics)
        let description = fields.template("description", variables: variables, &reader.diagnostics)
        if let title { reader.refer(to: title, at: fields.position("title")) }
        if let description { reader.refer(to: description, at: fields.position("description")) }
        let outcomes = Outcome.read(fields, &reader)
        let form = formSource(fields, outcomes, &reader)
        let kind =
            fields.choice("kind", Kind.self, &reader.diagnostics) ?? (form == .none ? .manual : .form)
        let assign = AssignmentRule.read(fields, outcomes: outcomes, &reader)
        check(kind, form, assign, fields, &reader.diagnostics)
        return TaskDefinition(
            name: name, version: version, title: title ?? fallbackTitle(name), kind: kind, description: description,
            assign: assign,
            priority: PriorityRule.read(fields, variables: variables, &reader),
            due: DueRule.read(fields, variables: variables, &reader),
            outcomes: kind == .service && !fields.has("outcomes") ? [] : outcomes, form: form,
            service: ServiceRule.read(fields, isService: kind == .service, &reader))
    }

    /// What goes together with a kind.
    private static func check(
        _ kind: Kind, _ form: FormSource, _ assign: AssignmentRule, _ fields: Fields, _ diagnostics: inout Diagnostics
    ) {
        switch kind {
        case .manual: break
        case .form:
            if form == .none {
                diagnostics.error("a task of the kind form needs \"body\" or \"form\"", at: fields.position("kind"))
            }
        case .service:
            for key in ["body", "form"] where fields.has(key) {
                diagnostics.error(
                    "a program fills in no form; a task of the kind service has no \"\(key)\"",
                    at: fields.keyPosition(key))
            }
            if [.pool, .requester, .each].contains(assign.strategy) {
                diagnostics.error(
                    "a program's task is assigned by shortest-queue, round-robin or person, not by "
                        + "\"\(assign.strategy.rawValue)\"", at: fields.position("assign"))
            }
        }
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
        let form = Form.read(nodes, at: fields.position("body"), inTask: true, &reader)
        let values = outcomes.map(\.value)
        for (outcome, label, position) in reader.outcomes where !values.contains(outcome) {
            reader.diagnostics.error(
                "\"required_for\" of \"\(label)\" names the outcome \"\(outcome)\", which this task does not have",
                at: position, suggestion: nearestName(to: outcome, among: values))
        }
        return .body(form)
    }

    private static func fallbackTitle(_ name: String) -> Template {
        let words = name.replacing("-", with: " ")
        return Template(literal: words.prefix(1).uppercased() + words.dropFirst())
    }
}
