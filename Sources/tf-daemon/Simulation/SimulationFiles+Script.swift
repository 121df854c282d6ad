import TFDefinition
import TFEngine
import TFExpression

/// Checks that a script answers only what the workflow asks.
extension SimulationFiles {
    /// Problems of answers to tasks that nothing calls, and of outcomes that a task does not have.
    func scriptProblems() -> [Diagnostic] {
        var diagnostics = Diagnostics(file: script.file)
        let called = calledTasks
        for (name, answers) in script.tasks.sorted(by: { $0.key < $1.key }) {
            guard called.contains(name) else {
                diagnostics.error(
                    "nothing calls a task \"\(name)\", so it is never answered"
                        + (called.isEmpty ? "" : "; called are \(called.sorted().joined(separator: ", "))"),
                    at: script.taskPositions[name] ?? .start, suggestion: nearestName(to: name, among: called.sorted()))
                continue
            }
            let outcomes = (library?.tasks[name] ?? []).flatMap(\.outcomes).map(\.value)
            // Any outcome is allowed without definitions, or for a program's task that names none.
            guard !outcomes.isEmpty else { continue }
            for answer in answers {
                guard case .output(let output) = answer.result, let outcome = output["outcome"],
                    !outcomes.contains(where: { outcome == .string($0) })
                else { continue }
                diagnostics.error(
                    "\"\(name)\" has no outcome \"\(outcome.displayText)\"; it has \(outcomes.joined(separator: ", "))",
                    at: answer.memberPositions["outcome"] ?? answer.position,
                    suggestion: nearestName(to: outcome.displayText, among: outcomes))
            }
        }
        return diagnostics.sorted
    }

    /// The names of the tasks that the workflow calls, and of those that the workflows that it runs call.
    private var calledTasks: Set<String> {
        var names: Set<String> = []
        var seen: Set<String> = []
        let known = workflows
        var waiting = workflow.map { [$0] } ?? []
        while let workflow = waiting.popLast() {
            guard seen.insert("\(workflow.name) \(workflow.version)").inserted else { continue }
            names.formUnion(workflow.calledTasks.map(\.name))
            for step in workflow.allSteps {
                if case .run(let run) = step.kind { waiting += known.filter { $0.name == run.workflow.name } }
            }
        }
        return names
    }
}
