import TFDefinition

extension WorkflowDefinition {
    /// The names of the tasks that its steps call, by the steps' JSON Pointers; a function's task is that of the step that
    /// calls the function.
    var tasksByStep: [String: String] {
        lists.reduce(into: [:]) { tasks, list in
            for (index, step) in list.value.enumerated() {
                if let call = taskCall(of: step) { tasks["\(list.key)/\(index)/\(step.name)"] = call.task.name }
            }
        }
    }
}
