import TFDefinition
import TFExpression

/// Workflows and tickets that a workflow starts.
extension Simulation {
    /// How many instances a dry run may start in all: instances could start others without end.
    private static let limitInstances = 1_000

    mutating func start(_ request: RunRequest, _ index: Int) {
        do {
            let program = try program(for: request, index)
            let parent = request.isAwaited ? (index, request.reference, request.visit) : nil
            instances.append(Instance(program: program, state: nil, parent: parent, depth: instances[index].depth + 1))
            deliver(to: instances.count - 1, .start(input: request.input))
        } catch {
            guard request.isAwaited else { return }
            deliver(to: index, .runFinished(reference: request.reference, visit: request.visit, .failed(error)))
        }
    }

    private func program(for request: RunRequest, _ index: Int) throws(WorkflowError) -> Program {
        func refusal(_ detail: String) -> WorkflowError {
            WorkflowError(
                .configuration, status: 500, title: "The workflow cannot be run", detail: detail, at: request.reference)
        }
        guard instances[index].depth < Engine.Caps.deepestRun else {
            throw refusal("workflows run workflows more than \(Engine.Caps.deepestRun) deep")
        }
        guard let program = library.workflow(request.workflow) else {
            throw refusal("there is no workflow \"\(request.workflow)\"; name its file in the script's \"workflows\"")
        }
        if ticket == .null, let task = program.workflow.calledTasks.first {
            throw refusal("there is no ticket, so nobody can be given the task \"\(task)\"")
        }
        guard instances.count < Self.limitInstances else {
            throw refusal("more than \(Self.limitInstances) workflows were started")
        }
        return program
    }

    /// The outcome of opening a ticket. The workflow that it would start is not run.
    mutating func opened(_ request: TicketRequest) -> RunOutcome {
        if let reason = refusal(of: request) {
            return .failed(
                WorkflowError(
                    .validation, status: 400, title: "The ticket could not be opened", detail: reason,
                    at: request.reference))
        }
        openedTickets += 1
        let number = (ticket["number"].intValue ?? 0) + openedTickets
        return .completed([
            "number": .int(number), "type": .string(request.type),
            "url": .string("http://localhost:8080/tickets/\(number)"),
        ])
    }

    /// Why the ticket would not be opened; nil if it would.
    private func refusal(of request: TicketRequest) -> String? {
        guard let type = library.ticketType(request.type) else {
            return library.isComplete ? "there is no ticket type \"\(request.type)\" in force" : nil
        }
        if library.isComplete, let workflow = type.workflow, library.workflow(workflow) == nil {
            return "the workflow \"\(workflow)\" of this ticket type is not in force"
        }
        let answers = request.form.objectValue ?? [:]
        let errors = type.check(
            title: nil, answers, type.form.contextTakingAsGiven(answers, at: now, on: script.clock)
        ).errors
        return errors.isEmpty ? nil : errors.map { "\($0.field): \($0.message)" }.joined(separator: "; ")
    }
}
