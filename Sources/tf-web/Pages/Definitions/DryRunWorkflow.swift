import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A workflow that can be run dry.
struct DryRunWorkflow: Sendable {
    let row: DefinitionRow
    let definition: WorkflowDefinition
    /// The ticket types that start it.
    let types: [TicketDefinition]
    let path: String

    var title: String { "Dry run of \(row.name)" }

    /// - Throws: `Failure.notFound` for ticket types and task definitions, which cannot be run by themselves.
    init(_ subject: OnDefinition, _ session: CompanyReadSession) throws {
        row = subject.definition
        path = "\(subject.path)/dry-run"
        guard case .workflow(let workflow) = try session.revision(row.revisionID) else { throw Failure.notFound }
        definition = workflow
        let name = row.name
        types = try session.ticketTypes().filter { $0.workflow?.name == name }
    }

    func type(named name: String?) -> TicketDefinition? { types.first { $0.name == name } }
}

/// One step of a dry run, with all data that it needs from the store.
struct DryRunPlan: Sendable {
    let workflow: DryRunWorkflow
    let scenario: DryRun.Scenario
    /// The validated answers of the ticket's form.
    let input: JSON
    /// The outcomes of the task definitions that the workflow calls, by their names.
    private let outcomes: [String: [Outcome]]

    /// - Throws: `Failure.invalid` for answers of the ticket's form that are wrong.
    init(
        _ step: DryRunStep, _ workflow: DryRunWorkflow, _ request: ProvedRequest<OnDefinition>,
        _ session: CompanyReadSession
    ) throws {
        self.workflow = workflow
        let type = workflow.type(named: step.type)
        let input = try type.map { try Self.input(step, $0, request, session) } ?? [:]
        self.input = input
        let called = Set(workflow.definition.calledTasks.map(\.name))
        let others = try session.definitions().filter { row in
            guard row.state == .active else { return false }
            return row.kind == .workflow
                ? row.id != workflow.row.id : row.kind == .task && called.contains(row.name)
        }
        let source = try type.flatMap { try session.definition(.ticket, $0.name)?.source }
        scenario = DryRun.Scenario(
            workflow: workflow.row, others: others, ticket: source.map { ($0, input) },
            script: step.script)
        outcomes = try called.reduce(into: [:]) { outcomes, name in
            guard let row = try session.definition(.task, name),
                case .task(let task) = try session.revision(row.revisionID)
            else { return }
            outcomes[name] = task.outcomes
        }
    }

    private static func input(
        _ step: DryRunStep, _ type: TicketDefinition, _ request: ProvedRequest<OnDefinition>,
        _ session: CompanyReadSession
    ) throws -> JSON {
        if let input = step.input { return input }
        let checked = try session.check(
            type.form, type.form.answers(posted: step.typed), FormFiller(giver: request.account.id), now: request.now)
        guard checked.errors.isEmpty else { throw Failure.invalid(checked.errors) }
        return .object(checked.answers)
    }

    /// The tasks that the run waits for, with their outcomes.
    func waitingTasks(_ result: JSON) -> [DryRunView.Waiting] {
        guard result["status"] == .string(SimulationResult.Status.waiting.rawValue) else { return [] }
        var open: [String] = []
        for entry in result["trace"].arrayValue ?? [] {
            let reference = entry["task"].displayText
            if entry["event"] == "waiting" { open.append(reference) } else { open.removeAll { $0 == reference } }
        }
        let lists = workflow.definition.lists
        return open.compactMap { reference in
            let parts = reference.split(separator: "/")
            guard parts.count >= 2, let index = Int(parts[parts.count - 2]),
                let list = lists["/" + parts.dropLast(2).joined(separator: "/")], list.indices.contains(index),
                case .call(let call) = list[index].kind, let outcomes = outcomes[call.task.name]
            else { return nil }
            return DryRunView.Waiting(task: call.task.name, step: list[index].name, outcomes: outcomes)
        }
    }
}
