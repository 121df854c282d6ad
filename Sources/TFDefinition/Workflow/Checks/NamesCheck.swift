import TFExpression

/// Checks names in a workflow's expressions against its own steps. Names that only other files know become references.
struct NamesCheck {
    /// Calls of tasks by the step's name; several steps may have the same name.
    private let calls: [String: [CallSite]]
    /// The names of all other steps.
    private let otherSteps: Set<String>
    private let steps: [String: WorkflowStep]
    private let flow: WorkflowFlow
    /// The order of all calls in the text.
    private let order: [CallSite: Int]
    private let known: [String]

    init(_ workflow: WorkflowDefinition) {
        var calls: [String: [CallSite]] = [:]
        var otherSteps: Set<String> = []
        var order: [CallSite: Int] = [:]
        for step in workflow.allSteps {
            guard case .call(let call) = step.kind else {
                otherSteps.insert(step.name)
                continue
            }
            let site = CallSite(step.name, call)
            calls[step.name, default: []].append(site)
            if order[site] == nil { order[site] = order.count }
        }
        self.order = order
        known = calls.keys.sorted()
        self.calls = calls
        self.otherSteps = otherSteps
        var steps: [String: WorkflowStep] = [:]
        for (list, inner) in workflow.lists {
            let isFunction = list.hasPrefix("/use/functions/") && list.split(separator: "/").count == 3
            for (index, step) in inner.enumerated() {
                steps[isFunction ? list : "\(list)/\(index)/\(step.name)"] = step
            }
        }
        self.steps = steps
        flow = WorkflowFlow(workflow)
    }

    /// - Parameter flowIsKnown: false if a step has errors, so that it may lead elsewhere.
    func check(flowIsKnown: Bool, _ reader: inout DefinitionReader) {
        for use in reader.uses {
            for reading in use.readings where flowIsKnown || reading.reference.variable == "tasks" {
                check(reading, of: use, &reader)
            }
            for comparison in use.comparisons where flowIsKnown || comparison.reference.variable == "tasks" {
                check(comparison, of: use, &reader)
            }
        }
        guard flowIsKnown else { return }
        for reference in flow.unreached {
            guard let position = reader.stepPositions[reference] else { continue }
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            reader.diagnostics.warning("nothing leads to the task \"\(name)\"", at: position)
        }
    }

    private func check(_ reading: Reading, of use: ExpressionUse, _ reader: inout DefinitionReader) {
        let path = reading.reference.path
        if reading.reference.variable == "tasks" {
            guard let name = path.first?.name, name != FieldReference.element else { return }
            guard let sites = calls[name] else { return refuse(name, at: use.position, &reader) }
            guard path.count >= 2, path[1].name != FieldReference.element else { return }
            reader.refer(
                to: .output(sites, member: path[1].name, isOptional: reading.isGuarded, whose: "$tasks.\(name)"),
                at: use.position)
            return
        }
        guard let value = value(of: reading.reference, use), !value.isOpen, !value.calls.isEmpty,
            let member = path.first?.name, member != FieldReference.element
        else { return }
        reader.refer(
            to: .output(
                inOrder(value.calls), member: member, isOptional: reading.isGuarded || value.hasInput,
                whose: nil),
            at: use.position)
    }

    private func check(_ comparison: TextComparison, of use: ExpressionUse, _ reader: inout DefinitionReader) {
        var path = comparison.reference.path.map(\.name)
        var sites: [CallSite]
        var isCertain = true
        if comparison.reference.variable == "tasks" {
            guard let name = path.first else { return }
            path.removeFirst()
            sites = calls[name] ?? []
        } else {
            guard let value = value(of: comparison.reference, use), !value.isOpen else { return }
            sites = inOrder(value.calls)
            isCertain = !value.hasInput
        }
        guard !sites.isEmpty else { return }
        if path.isEmpty {
            guard isCertain else { return }
            reader.diagnostics.error(
                "the output of a task is an object and never equal to a text; compare \".outcome\" or another member of it",
                at: use.position)
        } else if path == ["outcome"] {
            reader.refer(to: .outcome(sites, comparison.text, isCertain: isCertain), at: use.position)
        }
    }

    private func inOrder(_ sites: [CallSite]) -> [CallSite] {
        sites.sorted { (order[$0] ?? 0) < (order[$1] ?? 0) }
    }

    /// What the start of a path can be; nil if the flow of data does not tell.
    private func value(of reference: FieldReference, _ use: ExpressionUse) -> FlowValue? {
        guard let step = steps[use.site.step] else { return nil }
        switch (reference.variable, use.site.part) {
        case (nil, .raw): return flow.given[use.site.step]
        case (nil, .body): return flow.body(step, use.site.step)
        case (nil, .output): return flow.work(step, use.site.step)
        case (nil, .export), ("output", .export):
            return step.output?.value == nil ? flow.work(step, use.site.step) : nil
        case ("input", .body), ("input", .output), ("input", .export): return flow.body(step, use.site.step)
        default: return nil
        }
    }

    private func refuse(_ name: String, at position: Position, _ reader: inout DefinitionReader) {
        if otherSteps.contains(name) {
            let has = known.isEmpty ? "" : "; it has \(listed(known))"
            reader.diagnostics.error("\"\(name)\" calls no task, so that $tasks has nothing of it\(has)", at: position)
            return
        }
        let has = known.isEmpty ? "this workflow calls no task" : "$tasks has \(listed(known))"
        reader.diagnostics.error(
            "no step \"\(name)\" calls a task; \(has)", at: position, suggestion: nearestStart(to: name, among: known))
    }
}
