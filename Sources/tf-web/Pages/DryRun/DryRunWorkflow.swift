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
    /// The ticket types that start it, those that are offered first.
    let types: [TicketDefinition]
    /// The names of those that are not offered, because of errors in their definitions or in what they need.
    let unoffered: Set<String>
    /// Where the forms of the run are sent.
    let path: String
    /// nil: the text is not published.
    let revision: RevisionID?
    /// The tasks that it calls, as they would be.
    let tasks: [String: TaskDefinition]
    /// The other definitions as they would be that a run needs, and against which it is checked.
    let others: [DryRun.Text]
    /// Its text and those that would be published with it; none if it is in force.
    private let drafts: [DraftDefinition]

    /// - Throws: `Failure.notFound` for ticket types and task definitions, which cannot be run by themselves.
    init(_ row: DefinitionRow, path: String, _ session: CompanyReadSession) throws {
        guard case .workflow(let workflow) = try session.revision(row.revisionID) else { throw Failure.notFound }
        try self.init(workflow, source: row.source, path: path, revision: row.revisionID, session)
    }

    /// The workflow of a text that is not published, or of its template.
    /// - Throws: `Failure.diagnostics` if there is none.
    init(draft step: DryRunStep, in company: Company, _ session: CompanyReadSession) throws {
        let source = step.draft ?? ""
        let drafts =
            [DraftDefinition(source, in: company)].compactMap(\.self) + (step.template?.others(in: company) ?? [])
        for draft in drafts {
            guard case .workflow(let workflow) = draft.definition else { continue }
            try self.init(
                workflow, source: draft.source, path: "/c/\(company.slug)/definitions/dry-run", revision: nil,
                drafts: drafts, session)
            return
        }
        let parsed = Definition.parse(Array(source.utf8), file: "draft.workflow.yaml", company: company.slug)
        throw Failure.diagnostics(parsed.diagnostics)
    }

    /// - Parameter drafts: texts that would be published with it; they come before what is in force.
    private init(
        _ workflow: WorkflowDefinition, source: String, path: String, revision: RevisionID?,
        drafts: [DraftDefinition] = [], _ session: CompanyReadSession
    ) throws {
        definition = workflow
        self.source = source
        self.path = path
        self.revision = revision
        self.drafts = drafts
        name = workflow.name
        title = Definition.workflow(workflow).shownTitle
        let called = Set(workflow.calledTasks.map(\.name))
        let draftTasks = drafts.compactMap(\.definition.task)
        tasks = try session.tasksInForce(named: called).merging(draftTasks.map { ($0.name, $0) }) { _, draft in draft }
        // What is not published stands for what is; the workflow's own text is given to the run by itself.
        let known = Set(drafts.map(\.definition.identity) + [Definition.workflow(workflow).identity])
        let rows = try session.definitions().filter { row in
            row.state != .retired && !known.contains(Definition.identity(row.kind, row.name, row.version))
        }
        var uses = try DefinitionUses(rows, session)
        for definition in drafts.map(\.definition) + [Definition.workflow(workflow)] { uses.add(definition) }
        let needed = uses.connected(with: DefinitionUses.Name(kind: .workflow, name: workflow.name))
        others =
            rows.filter { needed.contains(DefinitionUses.Name(kind: $0.kind, name: $0.name)) }.map {
                DryRun.Text(file: $0.file.fileName, source: $0.source)
            }
            + drafts.filter { $0.definition.identity != Definition.workflow(workflow).identity }.map(\.text)
        graph = WorkflowGraph(workflow, faces: tasks.mapValues(WorkflowGraph.TaskFace.init))
        let draftTypes = drafts.compactMap(\.definition.ticket)
        let incomplete = try rows.filter { $0.kind == .ticket && $0.state == .incomplete }.compactMap {
            try session.catalogEntry($0)?.definition.ticket
        }.filter { !$0.isRetired }
        let offered = draftTypes + (try session.ticketTypes())
        var names: Set<String> = []
        types = (offered + incomplete).filter { type in
            type.workflow?.name == workflow.name && names.insert(type.name).inserted
        }
        unoffered = Set(incomplete.map(\.name)).subtracting(offered.map(\.name))
    }

    func type(named name: String?) -> TicketDefinition? { types.first { $0.name == name } }

    /// The text of a ticket type.
    func text(of type: TicketDefinition, _ session: CompanyReadSession) throws -> DryRun.Text? {
        let name = DefinitionUses.Name(kind: .ticket, name: type.name)
        if let draft = drafts.first(where: { $0.name == name }) { return draft.text }
        return try session.definition(.ticket, type.name).flatMap { row in
            row.state == .retired ? nil : DryRun.Text(file: row.file.fileName, source: row.source)
        }
    }
}
