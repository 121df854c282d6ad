import TFExpression

/// A ticket type: a GitHub issue form, and a little more.
package struct TicketDefinition: Sendable, Hashable, Codable {
    /// The file's `state`: no tickets can be opened of a retired type, though its file is still there.
    package enum State: String, Sendable, CaseIterable {
        case active
        case retired
    }

    package let name: String
    /// The name that people see in the catalogue.
    package let title: String
    package let description: String
    /// The workflow; nil: the built-in workflow `handle`.
    package let workflow: DefinitionName?
    /// The task of the built-in workflow; nil if the ticket type names a workflow.
    package let handle: TaskDefinition?
    /// Company roles, one of which a submitter must hold; empty: every user of the company may submit.
    package let submitRoles: [String]
    /// Company roles, one of which a ticket admin must hold to see these tickets; empty: all ticket admins see them.
    package let viewRoles: [String]
    /// The title: computed if it has `${ }`, else prefilled; nil: the person types it.
    package let ticketTitle: Template?
    package let priority: PriorityRule
    package let due: TimeSpan?
    package let labels: [String]
    package let isRetired: Bool
    package let form: Form

    /// Cleans a typed title, and says what is wrong with it.
    package func checkedTitle(_ typed: String?) -> (title: String, error: FieldError?) {
        guard asksTitle else { return ("", nil) }
        let words = (typed ?? "").split(whereSeparator: \.isNewline).joined(separator: " ").trimmingSpace()
        let title = words.isEmpty ? ticketTitle?.source ?? "" : words
        if title.isEmpty { return (title, FieldError(field: "title", message: "Enter a title")) }
        return (title, .unfit(title, .title, field: "title", label: "Title"))
    }

    /// Whether the person types the title.
    package var asksTitle: Bool { ticketTitle?.isComputed != true }

    /// The variables of `title` and `priority`; `.form` holds the answers.
    package static let variables: Set<String> = ["ticket"]

    static let keys = KeyTable(
        "a ticket",
        [
            Key("ticket", .text, "The type's name in addresses; without it, the file's name."),
            Key("name", .text, "What people see in the catalogue.", isRequired: true),
            Key("description", .text, "One sentence: what it is for.", examples: ["Ask for access to a system."]),
            Key("about", .text, "The description, as Gitea writes it."),
            Key("workflow", .text, "The workflow that it starts: name or name:1.2.0; without it, one manual task."),
            Key("assign", .mapping(AssignmentRule.keys), "Without a workflow: who gets the task."),
            Key("outcomes", Outcome.shape, "Without a workflow: how the task ends; the outcome is the resolution."),
            Key("submit_roles", .texts, "Company roles that may submit; without it, every user of the company."),
            Key("view_roles", .texts, "Company roles of which a ticket admin must hold one to see these tickets."),
            Key("title", .template, "With \"${ }\" the ticket's title is computed; without, it is offered."),
            Key(
                "priority", PriorityRule.shape, "low, normal, high or urgent, or an expression over .form.",
                standard: "normal"),
            Key("due", .duration, "When the ticket as a whole should be done: 4h, 5d.", examples: ["5d"]),
            Key("labels", .texts, "Words that tickets are found by."),
            Key("type", .text, "Kept as a label, as on GitHub."),
            Key("state", State.shape, "retired: nothing new; running ones finish.", standard: "active"),
            Key(ignored: "assignees", of: "GitHub"), Key(ignored: "projects", of: "GitHub"),
            Key(ignored: "ref", of: "Gitea"), Key(ignored: "visible", of: "Gitea"),
            Key("body", .list(.element), "The form.", isRequired: true),
        ])

    static func read(_ root: YAMLNode, _ reader: inout DefinitionReader) -> TicketDefinition? {
        guard let fields = Fields(root, keys, &reader.diagnostics) else { return nil }
        let name = fields.text("ticket", &reader.diagnostics) ?? Definition.name(ofFile: reader.file)
        if fields.has("ticket") { reader.namePosition = fields.position("ticket") }
        if let problem = Definition.problem(ofName: name, .ticket, isWritten: fields.has("ticket")) {
            reader.diagnostics.error(problem, at: fields.position("ticket"))
        }
        let title = fields.requiredText("name", of: "a ticket", &reader.diagnostics)
        let descriptionKey = fields.has("description") || !fields.has("about") ? "description" : "about"
        let description = fields.requiredText(descriptionKey, of: "a ticket", &reader.diagnostics)
        fields.warnOfShownExpressions(["name", descriptionKey], &reader.diagnostics)
        let form = form(fields, &reader)
        let workflow = workflow(fields, &reader)
        let template = fields.template("title", variables: variables, &reader.diagnostics)
        for expression in template?.expressions ?? [] { check(expression, form, at: fields.position("title"), &reader) }
        let priority = PriorityRule.read(fields, variables: variables, &reader)
        if case .computed(let expression)? = priority {
            check(expression, form, at: fields.position("priority"), &reader)
        }
        let outcomes = Outcome.read(fields, &reader)
        let assign = AssignmentRule.read(fields, outcomes: outcomes, &reader)
        let due = DueRule.span(fields, &reader.diagnostics)
        if workflow != nil {
            AssignmentRule.warnOfIgnored(["assign", "outcomes"], beside: "workflow", fields, &reader.diagnostics)
        }
        guard let title, let description else { return nil }
        return TicketDefinition(
            name: name, title: title, description: description, workflow: workflow,
            handle: workflow == nil ? handle(title, assign, outcomes, due) : nil,
            submitRoles: roles("submit_roles", fields, &reader), viewRoles: roles("view_roles", fields, &reader),
            ticketTitle: template, priority: priority ?? .fixed(.normal), due: due, labels: labels(fields, &reader),
            isRetired: fields.choice("state", State.self, &reader.diagnostics) == .retired, form: form)
    }

    private static func form(_ fields: Fields, _ reader: inout DefinitionReader) -> Form {
        guard let nodes = fields.list("body", &reader.diagnostics) else {
            if fields.value("body") == nil { fields.need("body", of: "a ticket", &reader.diagnostics) }
            return Form(elements: [])
        }
        return Form.read(nodes, at: fields.position("body"), inTask: false, &reader)
    }

    private static func workflow(_ fields: Fields, _ reader: inout DefinitionReader) -> DefinitionName? {
        guard let text = fields.text("workflow", &reader.diagnostics) else { return nil }
        guard let name = DefinitionName(text) else {
            reader.diagnostics.error(
                "\"workflow\" must be a name such as access-request or access-request:1.2.0, not \"\(text)\"",
                at: fields.position("workflow"))
            return nil
        }
        // The built-in one may be named too; no company has another of its name.
        let builtIn = WorkflowDefinition.handle
        if name.name == builtIn.name, name.version == nil || name.version == builtIn.version { return nil }
        reader.refer(to: .workflow(name), at: fields.position("workflow"))
        return name
    }

    /// The ticket's own expressions read its own form: the names are checked here, where the form is at hand.
    private static func check(
        _ expression: Expression, _ form: Form, at position: Position, _ reader: inout DefinitionReader
    ) {
        let known = form.fields.map(\.id)
        for name in expression.references.compactMap(formField) {
            if reader.refusedFields.contains(name) { continue }
            guard let element = form.field(name) else {
                let hyphenated = known.first { $0.hasPrefix("\(name)-") }
                let hint = hyphenated.map { "; a name with \"-\" is written .form[\"\($0)\"]" } ?? ""
                reader.diagnostics.error(
                    "this form has no field \"\(name)\"\(hint)", at: position,
                    suggestion: hyphenated == nil ? nearestName(to: name, among: known) : nil)
                continue
            }
            if !element.audience.isEmpty {
                reader.diagnostics.warning(
                    "everybody who reads the ticket will see \"\(name)\" here; its \"audience\" is narrower",
                    at: position)
            }
        }
        for name in expression.numberComparisons.compactMap(formField) where form.field(name)?.isText == true {
            reader.diagnostics.warning(
                "\"\(name)\" is a text; compared with a number it is never equal, and always more", at: position)
        }
    }

    private static func formField(_ reference: FieldReference) -> String? {
        guard reference.path.count >= 2, reference.path[0].name == "form" else { return nil }
        return reference.path[1].name
    }

    private static func roles(_ key: String, _ fields: Fields, _ reader: inout DefinitionReader) -> [String] {
        let roles = fields.texts(key, &reader.diagnostics)
        for role in roles { AssignmentRule.refer(toRole: role.text, at: role.position, &reader) }
        return roles.map(\.text)
    }

    private static func labels(_ fields: Fields, _ reader: inout DefinitionReader) -> [String] {
        let type = fields.text("type", &reader.diagnostics).map { [$0] } ?? []
        let labels = fields.texts("labels", &reader.diagnostics)
        for label in labels {
            Fields.warnOfShownExpression(in: "labels", label.text, at: label.position, &reader.diagnostics)
        }
        return labels.map(\.text) + type
    }

    /// The one task of the built-in workflow, named like its ticket: in a list of tasks the type's name would say nothing.
    private static func handle(
        _ title: String, _ assign: AssignmentRule, _ outcomes: [Outcome], _ due: TimeSpan?
    ) -> TaskDefinition {
        // The template is ours and compiles.
        let name = (try? Template("${ $ticket.title }", variables: ["ticket"])) ?? Template(literal: title)
        return TaskDefinition(
            name: "handle", version: "1.0.0", title: name, kind: .manual, description: nil,
            assign: assign, priority: nil, due: due.map(DueRule.after), outcomes: outcomes, form: .none)
    }
}
