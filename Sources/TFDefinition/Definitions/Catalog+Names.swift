import TFExpression

/// Checks the names of tasks' inputs and outputs, in the tasks' definitions and in the workflows that call them.
extension Catalog {
    /// What a call gives: the names of its output's members, and its possible outcomes; nil if only the program knows.
    private struct Gives {
        var members: [String]?
        var outcomes: [String]?
    }

    /// The members that every output has besides the form's fields.
    private static let added = ["outcome", "by", "at", "visit"]

    private func definition(of name: DefinitionName) -> TaskDefinition? {
        tasks[name.name]?.filter { name.version == nil || name.version == $0.version }
            .max { SemanticVersion.isLower($0.version, $1.version) }
    }

    private func gives(_ site: CallSite, in workflow: WorkflowDefinition?) -> Gives {
        guard let task = definition(of: site.task) else { return Gives() }
        if site.strategy ?? task.assign.strategy == .each {
            return Gives(
                members: ["outcome", "answers", "visit"], outcomes: task.outcomes.map(\.value) + [Enough.undecided])
        }
        let outcomes = task.kind == .service && task.outcomes.isEmpty ? nil : task.outcomes.map(\.value)
        switch task.form {
        case _ where task.kind == .service: return Gives(members: nil, outcomes: outcomes)
        case .none: return Gives(members: Self.added, outcomes: outcomes)
        case .body(let form): return Gives(members: form.fields.map(\.id) + Self.added, outcomes: outcomes)
        case .ticket:
            guard let workflow else { return Gives(members: nil, outcomes: outcomes) }
            let fields = tickets(for: .workflow(workflow)).flatMap { $0.form.fields.map(\.id) }
            return Gives(members: fields.isEmpty ? nil : fields + Self.added, outcomes: outcomes)
        }
    }

    /// The names of several tasks for a message.
    private func named(_ sites: [CallSite]) -> String {
        var names: [String] = []
        for site in sites where !names.contains(site.task.name) { names.append(site.task.name) }
        return names.count == 1 ? "the task \"\(names[0])\"" : "none of the tasks \(listed(names))"
    }

    func checkOutput(
        _ member: String, of sites: [CallSite], in workflow: WorkflowDefinition, _ isOptional: Bool, _ whose: String?,
        _ reference: Reference, _ diagnostics: inout Diagnostics
    ) {
        var known: [String] = []
        for site in sites {
            guard let members = gives(site, in: workflow).members else { return }
            known += members.filter { !known.contains($0) }
        }
        if known.contains(member) { return }
        let nearest = nearestStart(to: member, among: known)
        if isOptional, nearest == nil { return }
        let subject = named(sites)
        let gives = subject.hasPrefix("none") ? "\(subject) gives \"\(member)\"" : "\(subject) gives no \"\(member)\""
        diagnostics.error(
            "\(gives)\(nearest == nil ? "; there is \(listed(known))" : "")", at: reference.position,
            suggestion: nearest)
    }

    func checkOutcome(
        _ outcome: String, of sites: [CallSite], _ isCertain: Bool, _ reference: Reference,
        _ diagnostics: inout Diagnostics
    ) {
        var known: [String] = []
        for site in sites {
            guard let outcomes = gives(site, in: nil).outcomes else { return }
            known += outcomes.filter { !known.contains($0) }
        }
        if known.contains(outcome) { return }
        let nearest = nearestStart(to: outcome, among: known)
        if !isCertain, nearest == nil { return }
        let subject = named(sites)
        let ends = subject.hasPrefix("none") ? "\(subject) ends" : "\(subject) never ends"
        diagnostics.error(
            "\(ends) with \"\(outcome)\"; the outcomes are \(listed(known))", at: reference.position,
            suggestion: nearest)
    }

    // MARK: Input

    /// The calls that reach a definition of a task.
    func callers(of task: TaskDefinition) -> [(workflow: WorkflowDefinition, call: TaskCall)] {
        (calls[task.name] ?? []).filter { $0.call.task.version == nil || $0.call.task.version == task.version }
    }

    /// Whether a workflow cannot be read: it might pass anything.
    private var isMissingWorkflow: Bool { broken.contains { $0.kind == .workflow } }

    func checkInput(
        _ name: String, of task: TaskDefinition, _ isOptional: Bool, _ reference: Reference,
        _ diagnostics: inout Diagnostics
    ) {
        guard let callers = self.passed[Definition.task(task).identity], !callers.names.contains(name),
            !isMissingWorkflow
        else { return }
        let passed = callers.names
        let nearest = nearestStart(to: name, among: passed.sorted())
        if isOptional, nearest == nil { return }
        let workflows = callers.workflows.sorted()
        let subject =
            workflows.count == 1
            ? "the workflow \"\(workflows[0])\" passes" : "none of the workflows \(listed(workflows)) passes"
        let what = workflows.count == 1 ? "no \"\(name)\" to this task" : "\"\(name)\" to this task"
        let hint = nearest == nil ? (passed.isEmpty ? "" : ", but \(listed(passed.sorted()))") : ""
        diagnostics.error("\(subject) \(what)\(hint)", at: reference.position, suggestion: nearest)
    }

    /// Reports an input that the task does not read, if its name is close to one that the task reads and the call
    /// lacks.
    func checkPassed(
        _ name: String, to task: DefinitionName, among all: [String], _ reference: Reference,
        _ diagnostics: inout Diagnostics
    ) {
        guard let definition = definition(of: task), definition.kind != .service else { return }
        let identity = Definition.task(definition).identity
        guard let read = inputs[identity], !read.contains(name) else { return }
        let passedElsewhere = passed[identity]?.names ?? []
        // An input that no call passes is reported where the task reads it.
        let open = read.filter { !all.contains($0) && passedElsewhere.contains($0) }
        guard let nearest = nearestStart(to: name, among: open.sorted()) else { return }
        diagnostics.error(
            "the task \"\(task.name)\" reads no input \"\(name)\"", at: reference.position, suggestion: nearest)
    }

    /// Checks `$tasks.first.by` in a task: the step must be in the workflows that call the task.
    func checkStepOutput(
        _ step: String, _ member: String?, of task: TaskDefinition, _ reference: Reference,
        _ diagnostics: inout Diagnostics
    ) {
        let workflows = callers(of: task).map(\.workflow)
        guard !workflows.isEmpty, !isMissingWorkflow else { return }
        var names: Set<String> = []
        var sites: [(site: CallSite, workflow: WorkflowDefinition)] = []
        for workflow in workflows {
            for other in workflow.allSteps {
                guard case .call(let call) = other.kind else { continue }
                names.insert(other.name)
                if other.name == step { sites.append((CallSite(other.name, call), workflow)) }
            }
        }
        guard let first = sites.first else {
            let list = listed(Set(workflows.map(\.name)).sorted())
            diagnostics.error(
                "no step \"\(step)\" calls a task in \(list), which calls this task; $tasks has \(listed(names.sorted()))",
                at: reference.position, suggestion: nearestStart(to: step, among: names.sorted()))
            return
        }
        guard let member else { return }
        let all = sites.map(\.site)
        for (site, workflow) in sites {
            guard let members = gives(site, in: workflow).members else { return }
            if members.contains(member) { return }
        }
        checkOutput(member, of: all, in: first.workflow, false, nil, reference, &diagnostics)
    }
}
