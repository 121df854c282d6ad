/// A variable of the language, without its `$`. Loops, `listen` and `catch` name more of them.
package enum WorkflowVariable: String, Sendable, Hashable, CaseIterable {
    case context, input, output, task, workflow, runtime, ticket, tasks
    /// Known in `input.from` and in calls of http and openapi.
    case secrets
    /// Known in what a task does, and in its `output.as` and `export.as`.
    case authorization

    /// Where alone it is known, in words; nil: in every expression of workflows and tasks.
    package var onlyPlace: String? {
        switch self {
        case .secrets: "input.from and in calls of http and openapi"
        case .authorization: "what a task does and in its output.as and export.as"
        case .context, .input, .output, .task, .workflow, .runtime, .ticket, .tasks: nil
        }
    }
}
