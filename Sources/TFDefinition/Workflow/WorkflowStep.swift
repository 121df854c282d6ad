import TFExpression

/// A named task of a `do` list. "Step" here, since a task is what a person does.
package struct WorkflowStep: Sendable, Hashable, Codable {
    package let name: String
    package let kind: Kind
    package var condition: Expression?
    package var input: DataTransformation?
    package var output: DataTransformation?
    package var export: DataTransformation?
    package var timeout: DurationRule?
    package var then: FlowDirective?
    /// `metadata.ticketStatus`: the ticket's visible status while it runs.
    package var ticketStatus: String?
    /// `metadata.background`: a branch that a fork does not wait for.
    package var isBackground = false
    /// `metadata.idempotent`: an HTTP call that may be sent twice.
    package var isIdempotent = false

    /// The step and every one in its lists, at any depth, in source order.
    var allSteps: [WorkflowStep] {
        var all: [WorkflowStep] = []
        func visit(_ step: WorkflowStep) {
            all.append(step)
            for (_, inner) in step.kind.lists { inner.forEach(visit) }
        }
        visit(self)
        return all
    }

    /// What the step does, by the key in its text.
    package indirect enum Kind: Sendable, Hashable, Codable {
        case `do`([WorkflowStep])
        case set(ValueExpression)
        case `switch`([SwitchCase])
        case `for`(ForLoop)
        case fork(Fork)
        case `try`(TryCatch)
        case raise(RaisedError)
        case wait(DurationRule)
        case emit([ValueExpression.Member])
        case listen(Listen)
        case run(RunWorkflow)
        case call(TaskCall)
        case http(HTTPCall)
        case openAPI(OpenAPICall)
        case function(FunctionCall)
        case ticket(TicketFunction)

        /// The lists in the step, by the key that holds each.
        package var lists: [(part: String, steps: [WorkflowStep])] {
            switch self {
            case .do(let steps): [("do", steps)]
            case .for(let loop): [("do", loop.steps)]
            case .fork(let fork): [("fork/branches", fork.branches)]
            case .try(let attempt):
                [("try", attempt.steps)] + (attempt.handler.steps.map { [("catch/do", $0)] } ?? [])
            case .listen(let listen): listen.forEach.map { [("foreach/do", $0.steps)] } ?? []
            case .set, .switch, .raise, .wait, .emit, .run, .call, .http, .openAPI, .function, .ticket: []
            }
        }
    }
}

/// One case of a `switch`.
package struct SwitchCase: Sendable, Hashable, Codable {
    package let name: String
    /// The condition; nil: the case is taken if no other is.
    package let when: Expression?
    package let then: FlowDirective
}

/// Where control goes after a step.
package enum FlowDirective: Sendable, Hashable, Codable {
    /// The next step of the list.
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
