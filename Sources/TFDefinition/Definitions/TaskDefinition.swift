import TFExpression

/// One kind of work that a person or a program does.
package struct TaskDefinition: Sendable, Hashable, Codable {
    /// Who does the task, and how.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A person fills in a form.
        case form
        /// A person does something and says how it ended.
        case manual
        /// A program does the task.
        case service
    }

    /// Which form is filled in to complete the task.
    package enum FormSource: Sendable, Hashable, Codable {
        case none
        /// The ticket's own form: completing it replaces the ticket's answers.
        case ticket
        /// The task's own form.
        case body(Form)
    }

    package let name: String
    package let version: String
    package let title: Template
    package let kind: Kind
    package let description: Template?
    package let assign: AssignmentRule
    /// The priority; nil: the ticket's.
    package let priority: PriorityRule?
    package let due: DueRule?
    /// The outcomes; empty for a service task that names none, whose program may give any.
    package let outcomes: [Outcome]
    package let form: FormSource
    /// Tries and lease, for the kind `service`.
    package var service: ServiceRule?

    static let keys = KeyTable(
        "a task",
        [
            Key("task", .text, "The name that workflows call; without it, the file's name."),
            Key("version", SemanticVersion.shape, "Such as 1.2.0; without it, 1.0.0.", standard: "1.0.0"),
            Key(
                "title", .template, "What people read in their lists; \"${ }\" is computed.",
                examples: ["Approve access for ${ $ticket.requester }"]),
            Key("kind", Kind.shape, "form where there is a body, else manual; service is done by a program."),
            Key("description", .template, "Instructions for the worker: Markdown; \"${ }\" is computed."),
            Key("assign", .mapping(AssignmentRule.keys), "Who gets it."),
            Key("priority", PriorityRule.shape, "low, normal, high or urgent; without it, the ticket's."),
            Key(
                "due", DueRule.shape, "When it should be done, from the moment it is ready: 30m, 4h, 2d.",
                examples: ["8h", "2d"]),
            Key(
                "outcomes", Outcome.shape, "The ways to finish it, one button each; without it, done.",
                standard: ["done"], examples: [["approve", "reject"]]),
            Key("form", .choice(["ticket"]), "ticket: the ticket's own form, filled in."),
            Key("body", .list(.element), "The form that the worker fills in."),
            Key("retry", .mapping(ServiceRule.retryKeys), "For a service: how often a failed job is tried again."),
            Key(
                "lease", .duration, "For a service: how long a program has the job without a sign of life; 5m.",
                standard: "5m"),
        ])

    static func read(_ root: YAMLNode, _ reader: inout DefinitionReader) -> TaskDefinition? {
        guard let fields = Fields(root, keys, &reader.diagnostics) else { return nil }
        let name = fields.text("task", &reader.diagnostics) ?? Definition.name(ofFile: reader.file)
        if fields.has("task") { reader.namePosition = fields.position("task") }
        if let problem = Definition.problem(ofName: name, .task, isWritten: fields.has("task")) {
            reader.diagnostics.error(problem, at: fields.position("task"))
        }
        let version = fields.text("version", &reader.diagnostics) ?? "1.0.0"
        if fields.has("version") { reader.versionPosition = fields.position("version") }
        SemanticVersion.check(version, at: fields.position("version"), &reader.diagnostics)
        let variables = WorkflowDefinition.variables
        var title = fields.template("title", variables: variables, &reader.diagnostics)
        if title?.source.isBlank == true {
            reader.diagnostics.warning("\"title\" is empty and has no effect", at: fields.position("title"))
            title = nil
        }
        let description = fields.template("description", variables: variables, &reader.diagnostics)
        if let title { reader.refer(to: title, at: fields.position("title")) }
        if let description { reader.refer(to: description, at: fields.position("description")) }
        let outcomes = Outcome.read(fields, &reader)
        let form = formSource(fields, outcomes, &reader)
        let kind =
            fields.choice("kind", Kind.self, &reader.diagnostics) ?? (form == .none ? .manual : .form)
        let assign = AssignmentRule.read(fields, outcomes: outcomes, &reader)
        check(kind, form, assign, fields, &reader.diagnostics)
        let definition = TaskDefinition(
            name: name, version: version, title: title ?? fallbackTitle(name), kind: kind, description: description,
            assign: assign,
            priority: PriorityRule.read(fields, variables: variables, &reader),
            due: DueRule.read(fields, variables: variables, &reader),
            outcomes: kind == .service && !fields.has("outcomes") ? [] : outcomes, form: form,
            service: ServiceRule.read(fields, isService: kind == .service, &reader))
        referToCallers(fields, &reader)
        return definition
    }

    /// Notes what the task reads from its callers: its input, and the outputs of their other steps.
    private static func referToCallers(_ fields: Fields, _ reader: inout DefinitionReader) {
        for use in reader.uses {
            for reading in use.readings {
                let names = reading.reference.path.prefix { $0.name != FieldReference.element }.map(\.name)
                guard let first = names.first else { continue }
                switch reading.reference.variable {
                case nil, "input": reader.refer(to: .input(first, isOptional: reading.isGuarded), at: use.position)
                case "tasks":
                    let member = names.count > 1 ? names[1] : nil
                    reader.refer(to: .stepOutput(step: first, member: member), at: use.position)
                default: break
                }
            }
        }
        if let body = fields.value("body") { referToInputs(ofConditionsIn: body, &reader) }
    }

    /// Notes the inputs in conditions such as `visible_if: { input: level, … }`, at any depth.
    private static func referToInputs(ofConditionsIn node: YAMLNode, _ reader: inout DefinitionReader) {
        func conditions(_ node: YAMLNode) {
            switch node.content {
            case .scalar: break
            case .sequence(let nodes): nodes.forEach(conditions)
            case .mapping(let entries):
                for entry in entries {
                    if entry.key == "input", case .scalar(let name, _) = entry.value.content {
                        reader.refer(to: .input(name, isOptional: false), at: entry.value.position)
                    } else if ["all", "any", "not"].contains(entry.key) {
                        conditions(entry.value)
                    }
                }
            }
        }
        guard case .sequence(let elements) = node.content else { return }
        for element in elements {
            guard case .mapping(let entries) = element.content else { continue }
            for entry in entries where entry.key == "visible_if" { conditions(entry.value) }
        }
    }

    /// Checks which keys go together with a kind.
    private static func check(
        _ kind: Kind, _ form: FormSource, _ assign: AssignmentRule, _ fields: Fields, _ diagnostics: inout Diagnostics
    ) {
        switch kind {
        case .manual: break
        case .form:
            if form == .none, !fields.isMisspelt(["body", "form"]) {
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
        // An outcome that could not be read may be the one that is meant.
        guard !fields.isMisspelt(["outcomes"]), Outcome.areAllRead(outcomes, of: fields) else { return .body(form) }
        let values = outcomes.map(\.value)
        for (outcome, label, position) in reader.outcomes where !values.contains(outcome) {
            reader.diagnostics.error(
                "\"required_for\" of \"\(label)\" names the outcome \"\(outcome)\", which this task does not have",
                at: position, suggestion: nearestName(to: outcome, among: values))
        }
        return .body(form)
    }

    private static func fallbackTitle(_ name: String) -> Template { Template(literal: ReadableName.title(name)) }
}
