import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A workflow that can be run dry: one in force, or a text that is not published.
struct DryRunWorkflow: Sendable {
    let name: String
    let title: String
    let source: String
    let definition: WorkflowDefinition
    let graph: WorkflowGraph
    /// The ticket types that start it.
    let types: [TicketDefinition]
    /// Where the forms of the run are sent.
    let path: String
    /// nil: the text is not published.
    let revision: RevisionID?
    /// The tasks that it calls, as they would be.
    let tasks: [String: TaskDefinition]
    /// Tasks and workflows that it may call, as texts.
    let others: [DryRun.Text]

    /// - Throws: `Failure.notFound` for ticket types and task definitions, which cannot be run by themselves.
    init(_ row: DefinitionRow, path: String, _ session: CompanyReadSession) throws {
        guard case .workflow(let workflow) = try session.revision(row.revisionID) else { throw Failure.notFound }
        try self.init(workflow, source: row.source, path: path, revision: row.revisionID, session)
    }

    /// - Throws: `Failure.diagnostics` for a text that is no workflow.
    init(draft source: String, in company: Company, _ session: CompanyReadSession) throws {
        let parsed = Definition.parse(Array(source.utf8), file: "draft.workflow.yaml", company: company.slug)
        guard case .workflow(let workflow)? = parsed.definition else { throw Failure.diagnostics(parsed.diagnostics) }
        try self.init(
            workflow, source: source, path: "/c/\(company.slug)/definitions/dry-run", revision: nil, session)
    }

    private init(
        _ workflow: WorkflowDefinition, source: String, path: String, revision: RevisionID?,
        _ session: CompanyReadSession
    ) throws {
        definition = workflow
        self.source = source
        self.path = path
        self.revision = revision
        name = workflow.name
        title = Definition.workflow(workflow).shownTitle
        let called = Set(workflow.calledTasks.map(\.name))
        var tasks = try session.tasksInForce(named: called)
        var others = try session.definitions().filter { row in
            guard row.state == .active else { return false }
            return row.kind == .workflow ? row.name != workflow.name : row.kind == .task && called.contains(row.name)
        }.map { DryRun.Text(kind: $0.kind, source: $0.source) }
        // The tasks of a template may not be published yet.
        for part in WorkbenchTemplate.parts {
            guard let task = part.task, called.contains(task.name), tasks[task.name] == nil else { continue }
            tasks[task.name] = task
            others.append(DryRun.Text(kind: .task, source: part.source(in: "default")))
        }
        self.tasks = tasks
        self.others = others
        graph = WorkflowGraph(workflow, faces: tasks.mapValues(WorkflowGraph.TaskFace.init))
        let inForce = try session.ticketTypes().filter { $0.workflow?.name == workflow.name }
        types =
            inForce.isEmpty
            ? WorkbenchTemplate.parts.compactMap(\.ticket).filter { $0.workflow?.name == workflow.name } : inForce
    }

    func type(named name: String?) -> TicketDefinition? { types.first { $0.name == name } }

    /// The text of a ticket type.
    func source(of type: TicketDefinition, _ session: CompanyReadSession) throws -> String? {
        if let row = try session.definition(.ticket, type.name), row.state != .retired { return row.source }
        return WorkbenchTemplate.parts.first { $0.ticket?.name == type.name }?.source(in: "default")
    }
}

extension WorkbenchTemplate {
    private var definition: Definition? {
        Definition.parse(Array(source(in: "default").utf8), file: "\(slug).yaml", company: nil).definition
    }

    fileprivate var task: TaskDefinition? { if case .task(let task)? = definition { task } else { nil } }
    fileprivate var ticket: TicketDefinition? { if case .ticket(let ticket)? = definition { ticket } else { nil } }
}
