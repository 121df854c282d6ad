import TFDefinition

extension WorkflowDefinition {
    /// The names of the tasks that its steps call, by the steps' JSON Pointers.
    var tasksByStep: [String: String] {
        lists.reduce(into: [:]) { tasks, list in
            for (index, step) in list.value.enumerated() {
                if case .call(let call) = step.kind { tasks["\(list.key)/\(index)/\(step.name)"] = call.task.name }
            }
        }
    }
}
