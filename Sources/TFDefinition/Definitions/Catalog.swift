import TFExpression

/// All definitions of one company, to check their references against each other.
package struct Catalog: Sendable {
    package struct Entry: Sendable {
        package let file: String
        package let definition: Definition
        package let references: [Reference]

        package init(file: String, definition: Definition, references: [Reference]) {
            self.file = file
            self.definition = definition
            self.references = references
        }
    }

    private let entries: [Entry]
    private let roles: Set<String>?
    private let tasks: [String: [TaskDefinition]]
    private let workflows: [String: [WorkflowDefinition]]
    /// The tickets that name each workflow.
    private let ticketsByWorkflow: [String: [TicketDefinition]]
    private let ticketNames: Set<String>
    /// The workflows that call each task.
    private let callers: [String: Set<String>]

    /// - Parameters:
    ///   - entries: the definitions that are to be active.
    ///   - roles: the company's roles; nil where they are not known and so not checked.
    package init(_ entries: [Entry], roles: Set<String>?) {
        self.entries = entries
        self.roles = roles
        var tasks: [String: [TaskDefinition]] = [:]
        var workflows: [String: [WorkflowDefinition]] = [:]
        var tickets: [String: [TicketDefinition]] = [:]
        var callers: [String: Set<String>] = [:]
        var ticketNames: Set<String> = []
        for entry in entries {
            switch entry.definition {
            case .task(let task): tasks[task.name, default: []].append(task)
            case .workflow(let workflow):
                workflows[workflow.name, default: []].append(workflow)
                for task in workflow.calledTasks { callers[task.name, default: []].insert(workflow.name) }
            case .ticket(let ticket):
                ticketNames.insert(ticket.name)
                if let workflow = ticket.workflow { tickets[workflow.name, default: []].append(ticket) }
            }
        }
        self.tasks = tasks
        self.workflows = workflows
        ticketsByWorkflow = tickets
        self.callers = callers
        self.ticketNames = ticketNames
    }

    /// The problems between files, by file. A definition with an error here is incomplete: kept and shown, not offered.
    package func problems() -> [String: [Diagnostic]] {
        var found: [String: [Diagnostic]] = [:]
        var incompleteWorkflows: Set<String> = []
        for kind in [DefinitionKind.task, .workflow, .ticket] {
            for entry in entries where entry.definition.kind == kind {
                var diagnostics = Diagnostics(file: entry.file)
                for reference in entry.references {
                    check(reference, of: entry.definition, incompleteWorkflows, &diagnostics)
                }
                if kind == .workflow, diagnostics.hasErrors { incompleteWorkflows.insert(entry.definition.name) }
                if !diagnostics.items.isEmpty { found[entry.file] = diagnostics.sorted }
            }
        }
        return found
    }

    private func check(
        _ reference: Reference, of definition: Definition, _ incomplete: Set<String>,
        _ diagnostics: inout Diagnostics
    ) {
        switch reference.target {
        case .task(let name):
            checkVersions(
                name, "task", tasks[name.name]?.map(\.version), known: tasks.keys.sorted(), reference, &diagnostics)
        case .workflow(let name):
            checkVersions(
                name, "workflow", workflows[name.name]?.map(\.version), known: workflows.keys.sorted(), reference,
                &diagnostics)
            if incomplete.contains(name.name) {
                diagnostics.error(
                    "the workflow \"\(name)\" is incomplete; see the problems of its file", at: reference.position)
            }
        case .ticket(let name):
            guard ticketNames.contains(name) else {
                diagnostics.error(
                    "there is no ticket \"\(name)\"", at: reference.position,
                    suggestion: nearestName(to: name, among: ticketNames.sorted()))
                return
            }
        case .role(let role):
            if let roles, !roles.contains(role) {
                diagnostics.warning(
                    "the company has no role \"\(role)\"", at: reference.position,
                    suggestion: nearestName(to: role, among: roles.sorted()))
            }
        case .formField(let field):
            for ticket in tickets(for: definition) where ticket.form.field(field) == nil {
                let names = ticket.form.fields.map(\.id)
                let hyphenated = names.first { $0.hasPrefix("\(field)-") }
                let hint = hyphenated.map { "; a name with \"-\" is written .form[\"\($0)\"]" } ?? ""
                diagnostics.error(
                    "the form of ticket \"\(ticket.name)\" has no field \"\(field)\"\(hint)", at: reference.position,
                    suggestion: hyphenated == nil ? nearestName(to: field, among: names) : nil)
            }
        case .numberComparison(let field):
            for ticket in tickets(for: definition) {
                guard let element = ticket.form.field(field), element.isText else { continue }
                diagnostics.warning(
                    "\"\(field)\" of ticket \"\(ticket.name)\" is \(element.type.phrase) and so a text; compared with a number it is never equal, and always more",
                    at: reference.position)
            }
        case .ticketForm: break
        }
    }

    private func checkVersions(
        _ name: DefinitionName, _ kind: String, _ versions: [String]?, known: @autoclosure () -> [String],
        _ reference: Reference,
        _ diagnostics: inout Diagnostics
    ) {
        guard let versions else {
            diagnostics.error(
                "there is no \(kind) \"\(name.name)\"", at: reference.position,
                suggestion: nearestName(to: name.name, among: known()))
            return
        }
        if let version = name.version, !versions.contains(version) {
            diagnostics.error(
                "the \(kind) \"\(name.name)\" has no version \(version); it has \(listed(versions.sorted()))",
                at: reference.position)
        }
    }

    /// The tickets whose forms a definition's expressions may read.
    private func tickets(for definition: Definition) -> [TicketDefinition] {
        let workflowNames: Set<String> =
            switch definition {
            case .workflow(let workflow): [workflow.name]
            case .task(let task): callers[task.name] ?? []
            case .ticket: []
            }
        return workflowNames.sorted().flatMap { ticketsByWorkflow[$0] ?? [] }
    }
}
