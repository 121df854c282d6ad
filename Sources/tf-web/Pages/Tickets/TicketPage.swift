import TFDefinition
import TFStore

/// The page of one ticket.
enum TicketPage {
    @Sendable static func make(_ request: ProvedRequest<OnTicket>, _ session: CompanyReadSession) throws -> Page {
        let (subject, ticket) = (request.subject, request.ticket)
        let all = try session.tasks(ticket: ticket.id)
        let tasks = subject.told(all)
        let history = subject.told(try session.history(ticket: ticket.id), of: tasks)
        let view = TicketView(
            on: subject, type: try session.ticketType(ticket: ticket), tasks: tasks, history: history,
            comments: try session.comments(ticket: ticket.id, withInternal: subject.may(.readInternalNotes)),
            instances: subject.may(.decideFault) ? try session.instances(ticket: ticket.id) : [],
            progress: try TicketProgress(ticket, history: history, tasks: tasks, session),
            reader: try subject.reader(session, tasks: all), typed: request.typed, tags: request.tags, now: request.now)
        return Page("#\(ticket.number) \(ticket.title)", view.html)
    }
}

/// The progress of a ticket's workflow, for its page.
struct TicketProgress {
    /// The workflow with the path taken through it; nil if the ticket has none.
    let diagram: HTML?
    /// The names of the steps in progress.
    let stepsHere: [String]

    /// - Parameters:
    ///   - history: the entries that the reader may see.
    ///   - tasks: the tasks that the reader may see.
    init(
        _ ticket: Ticket, history: [HistoryEntry], tasks: [TaskRecord], _ session: CompanyReadSession
    ) throws {
        guard let (revision, workflow) = try session.workflow(ticket: ticket.id) else {
            diagram = nil
            stepsHere = []
            return
        }
        let graph = WorkflowGraph(workflow)
        let path = TicketPath(graph, history: history, tasks: tasks, ticket: ticket)
        diagram = try WorkflowDiagram(graph, revision: revision, session).html(
            states: path.states, walked: path.walked)
        stepsHere = path.stepsHere
    }
}
