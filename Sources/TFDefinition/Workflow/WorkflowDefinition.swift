import TFExpression

/// A workflow of the Open Workflow DSL 1.0.3, as far as this version runs it.
package struct WorkflowDefinition: Sendable, Hashable, Codable {
    package let name: String
    package let version: String
    package let title: String?
    package let input: ValueExpression?
    package let output: ValueExpression?
    package let steps: [WorkflowStep]

    /// The variables that expressions of workflows and tasks may use.
    package static let variables: Set<String> = [
        "context", "input", "output", "task", "workflow", "runtime", "ticket", "tasks",
    ]

    /// What a ticket without a workflow runs: one task, `handle`, whose outcome is the resolution.
    package static let handle: WorkflowDefinition = {
        let status = try? Expression(".outcome", variables: variables)
        guard let status else { preconditionFailure("the built-in expression compiles") }
        let step = WorkflowStep(
            name: "handle", kind: .call(TaskCall(task: DefinitionName(name: "handle"), input: [])),
            output: .object([.init(name: "status", value: .expression(status))]))
        return WorkflowDefinition(
            name: "handle", version: "1.0.0", title: nil, input: nil, output: nil, steps: [step])
    }()

    /// Every task definition that a call names, once each.
    package var calledTasks: [DefinitionName] {
        var names: [DefinitionName] = []
        func visit(_ steps: [WorkflowStep]) {
            for step in steps {
                switch step.kind {
                case .call(let call): if !names.contains(call.task) { names.append(call.task) }
                case .do(let inner): visit(inner)
                case .set, .switch: break
                }
            }
        }
        visit(steps)
        return names
    }
}

/// A named task of a `do` list. "Step" here, since a task is what a person does.
package struct WorkflowStep: Sendable, Hashable, Codable {
    package let name: String
    package let kind: Kind
    package var condition: Expression?
    package var input: ValueExpression?
    package var output: ValueExpression?
    package var export: ValueExpression?
    package var then: FlowDirective?
    /// `metadata.ticketStatus`: the ticket's visible status while it runs.
    package var ticketStatus: String?

    package indirect enum Kind: Sendable, Hashable, Codable {
        case `do`([WorkflowStep])
        case set(ValueExpression)
        case `switch`([SwitchCase])
        case call(TaskCall)
    }
}

package struct SwitchCase: Sendable, Hashable, Codable {
    package let name: String
    /// nil: taken when no other is.
    package let when: Expression?
    package let then: FlowDirective
}

/// `call: <task>` with its `with`.
package struct TaskCall: Sendable, Hashable, Codable {
    package let task: DefinitionName
    /// The task's input: every key of `with` but `assign`.
    package let input: [ValueExpression.Member]
    /// What this call changes of the definition's assignment.
    package var assign: CallAssignment?
}

/// `with.assign` of a call.
package struct CallAssignment: Sendable, Hashable, Codable {
    package let role: String?
    package let person: ValueExpression?
    package let prefer: ValueExpression?
    /// Added to the definition's.
    package let exclude: ValueExpression?
    package let priority: PriorityRule?
    package let due: DueRule?
}

/// Where a list goes on after a step.
package enum FlowDirective: Sendable, Hashable, Codable {
    case `continue`
    /// Ends this list; the parent goes on.
    case exit
    /// Completes the whole workflow.
    case end
    /// A step of the same list.
    case step(String)

    init(_ text: String) {
        switch text {
        case "continue": self = .continue
        case "exit": self = .exit
        case "end": self = .end
        default: self = .step(text)
        }
    }
}
