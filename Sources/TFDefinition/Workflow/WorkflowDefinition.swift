import TFExpression

/// A workflow of the Open Workflow DSL 1.0.3, by the TicketFlower profile.
package struct WorkflowDefinition: Sendable, Hashable, Codable {
    package let name: String
    package let version: String
    package let title: String?
    /// `document` as it was written, for `$workflow.definition`.
    package let document: JSON
    package let input: DataTransformation?
    package let output: DataTransformation?
    package let steps: [WorkflowStep]
    /// `use.functions`: the steps that `call` runs, by name.
    package let functions: [String: WorkflowStep]
    /// The names of secrets that expressions may use.
    package let secrets: [String]
    /// How long an instance may take.
    package let timeout: DurationRule?
    package let schedule: Schedule?
    /// `document.metadata.ticket`: the type of ticket that a scheduled instance opens.
    package let ticketType: String?

    /// The variables that expressions of workflows and tasks may use.
    package static let variables = Set(WorkflowVariable.allCases.filter { $0.onlyPlace == nil }.map(\.rawValue))

    /// The workflow of tickets whose type names none: one task, `handle`, whose outcome is the resolution.
    package static let handle: WorkflowDefinition = {
        let status = try? Expression(".outcome", variables: variables)
        guard let status else { preconditionFailure("the built-in expression compiles") }
        let step = WorkflowStep(
            name: "handle", kind: .call(TaskCall(task: DefinitionName(name: "handle"), input: [])),
            output: DataTransformation(
                schema: nil, value: .object([.init(name: "status", value: .expression(status))])))
        return WorkflowDefinition(
            name: "handle", version: "1.0.0", title: nil,
            document: ["dsl": "1.0.3", "namespace": "default", "name": "handle", "version": "1.0.0"], input: nil,
            output: nil, steps: [step], functions: [:], secrets: [], timeout: nil, schedule: nil, ticketType: nil)
    }()

    /// Every list of steps by its JSON Pointer: `/do`, `/do/2/review/do`, `/use/functions/notify`.
    package var lists: [String: [WorkflowStep]] {
        var lists: [String: [WorkflowStep]] = [:]
        func add(_ pointer: String, _ steps: [WorkflowStep]) {
            lists[pointer] = steps
            for (index, step) in steps.enumerated() { addLists(of: step, "\(pointer)/\(index)/\(step.name)") }
        }
        func addLists(of step: WorkflowStep, _ reference: String) {
            for (part, inner) in step.kind.lists { add("\(reference)/\(part)", inner) }
        }
        add("/do", steps)
        for (name, step) in functions {
            lists["/use/functions/\(name)"] = [step]
            addLists(of: step, "/use/functions/\(name)")
        }
        return lists
    }

    /// Every step, wherever it stands.
    package var allSteps: [WorkflowStep] {
        (steps + functions.sorted { $0.key < $1.key }.map(\.value)).flatMap(\.allSteps)
    }

    /// Every task definition that a call names, once each.
    package var calledTasks: [DefinitionName] {
        allSteps.reduce(into: []) { names, step in
            if case .call(let call) = step.kind, !names.contains(call.task) { names.append(call.task) }
        }
    }

    /// Whether it asks servers, or waits for events, itself or in a workflow that it runs.
    package var asksOutside: Bool {
        allSteps.contains { step in
            switch step.kind {
            case .http, .openAPI, .function, .listen, .run: true
            case .do, .set, .switch, .for, .fork, .try, .raise, .wait, .emit, .call, .ticket: false
            }
        }
    }
}

/// When a workflow starts by itself.
package struct Schedule: Sendable, Hashable, Codable {
    package enum Kind: Sendable, Hashable, Codable {
        case every(TimeSpan)
        case cron(Cron)
        /// This long after the last instance has ended.
        case after(TimeSpan)
        case on(EventStrategy)
    }

    package let kind: Kind
    /// Which part of the events becomes the input.
    package let read: EventReading
}
