import TFDefinition
import TFEngine
import TFStore

/// What the address of a ticket's page says beside the ticket.
struct TicketPageQuery: RequestFields {
    /// The parameter that asks for more than the newest entries of the history.
    static let history = "history"

    let showsWholeHistory: Bool

    init(_ fields: inout FieldReader) {
        showsWholeHistory = fields.optional(Self.history, .choice(["all"])) != nil
    }
}

/// The page of one ticket.
enum TicketPage {
    /// Longer histories leave the list of who waited for what to the page of the whole history.
    private static let limitWithTimes = 16

    @Sendable static func make(
        _ request: ProvedRequest<OnTicket>, _ query: TicketPageQuery, _ session: CompanyReadSession
    ) throws -> Page {
        let (subject, ticket, times) = (request.subject, request.ticket, request.times)
        let all = try session.tasks(ticket: ticket.id)
        let tasks = subject.told(all)
        let allHistory = try session.history(ticket: ticket.id)
        let history = subject.told(allHistory, of: tasks)
        let type = try session.ticketType(ticket: ticket)
        let comments = try session.comments(ticket: ticket.id, withInternal: subject.may(.readInternalNotes))
        let attachments = try session.attachments(ticket: ticket.id)
        let people = try NamedPeople(Timeline.logins(history, comments, tasks), session)
        let reader = try subject.reader(session, tasks: all)
        let reasons = Reasons(
            people: people, tellsLoads: subject.readsAllTasks, roles: try session.roleLabels())
        let progress = try TicketProgress(subject, history: history, tasks: tasks, request, session)
        let endings = progress.steps?.endings
        let instances = subject.may(.decideFault) ? try session.instances(ticket: ticket.id) : []
        let view = TicketView(
            on: subject, tasks: tasks,
            fault: FaultView(
                on: subject, instances: instances, tasks: all, retried: allHistory.retried, reader: reader,
                typed: request.typed, tags: request.tags),
            progress: ProgressCard(
                on: subject, tasks: tasks,
                progress: progress,
                reasons: reasons, times: times),
            timeline: Timeline(
                on: subject, history: history, comments: comments, tasks: tasks,
                corrections: try subject.corrections(allHistory, type, session, now: request.now), reader: reader,
                words: HistoryWords(
                    people: people, times: times, path: subject.path, title: ticket.title,
                    files: Dictionary(attachments.map { ($0.id, $0.name) }, uniquingKeysWith: { $1 }),
                    endings: endings),
                reasons: reasons, beforeGap: HistoryEntry.beforeGap(in: allHistory), isWhole: query.showsWholeHistory),
            reply: ReplyForm(
                on: subject, typed: request.typed, kept: try kept(request, session), tags: request.tags),
            aside: TicketAside(
                on: subject, type: type, endings: endings, tasks: tasks, attachments: attachments,
                uploaders: uploaders(history, people), reader: reader,
                readsOriginal: try subject.readsOriginal(session), tags: request.tags, times: times),
            cancellation: history.cancellation,
            follow: try FollowCard(subject, session, tags: request.tags),
            time: subject.readsAllTasks
                ? WorkTimeCard(
                    time: WorkTime(ticket, history: history, tasks: all, now: request.now), people: people,
                    times: times, title: ticket.title, isOver: ticket.closedAtMs != nil,
                    whole: query.showsWholeHistory || history.count <= limitWithTimes
                        ? nil : "\(subject.path)?\(TicketPageQuery.history)=all#time") : nil,
            tags: request.tags, now: request.now)
        return Page("#\(ticket.number) \(ticket.title)", view.html).under(subject.position)
            .reading(try session.unreadNotices(of: subject.account.id, ticket: ticket.id))
    }

    /// The data of the ticket's workflow, for those who decide how it goes on after an error.
    @Sendable static func workflow(_ request: ProvedRequest<OnTicket>, _ session: CompanyReadSession) throws -> Page {
        let (subject, ticket) = (request.subject, request.ticket)
        let table = InstanceTable(
            instances: try session.instances(ticket: ticket.id), times: request.times,
            reader: try subject.reader(session, tasks: try session.tasks(ticket: ticket.id)))
        let head = Elements.head(
            "Inside the workflow", back: [subject.list, Link(subject.path, "#\(ticket.number) \(ticket.title)")])
        return Page("Inside the workflow of #\(ticket.number)", "\(head)\(table.html)").under(subject.position)
    }

    /// The files of a reply that is shown again, to be kept.
    private static func kept(
        _ request: ProvedRequest<OnTicket>, _ session: CompanyReadSession
    ) throws -> [FormUpload] {
        let ids = request.typed.form.files.map { AttachmentID($0) }
        let found = ids.isEmpty ? [:] : try session.uploads(Set(ids), giver: request.account.id, ticket: nil)
        return ids.compactMap { found[$0] }
    }

    private static func uploaders(_ history: [HistoryEntry], _ people: NamedPeople) -> [AttachmentID: String] {
        history.filter { $0.kind == .attached }.reduce(into: [:]) { names, entry in
            names[AttachmentID(entry.data["file"].displayText)] = people.name(entry.actor)
        }
    }
}

extension OnTicket {
    /// The place in the navigation of the list in which the visitor finds the ticket.
    var position: NavigationEntry.Position {
        if actor.managedTickets != nil { return .tickets }
        return Policy.isOwn(actor, facts) || !actor.has(.taskWorker) ? .myTickets : .myTasks
    }

    /// Whether the visitor may open the ticket of which this one is a duplicate.
    func readsOriginal(_ session: CompanyReadSession) throws -> Bool {
        guard let id = ticket.duplicateOfID, let original = try session.ticket(id: id) else { return false }
        return try session.holds(actor.tickets, original)
    }
}

extension [HistoryEntry] {
    /// The reference of the step about which the last decision was to try it again.
    fileprivate var retried: String? {
        last { $0.kind == .stepRetry || $0.kind == .stepSkip }
            .flatMap { $0.kind == .stepRetry ? $0.data["reference"].stringValue : nil }
    }

    /// How somebody cancelled a ticket that was not opened again since; nil: nobody did.
    var cancellation: HistoryEntry? {
        last { $0.kind == .cancellation || $0.kind == .reopened }.flatMap { $0.kind == .cancellation ? $0 : nil }
    }
}

extension PostedForm {
    /// The ids of the files that were sent with a reply.
    var files: [String] { fields.filter { $0.name == "file" && !$0.value.isEmpty }.map(\.value) }
}

/// The progress of a ticket's workflow, for its page.
struct TicketProgress {
    /// The workflow with the path taken through it; nil if the ticket has none.
    let diagram: HTML?
    let steps: TicketSteps?

    /// - Parameters:
    ///   - history: the entries that the reader may see.
    ///   - tasks: the tasks that the reader may see.
    init(
        _ on: OnTicket, history: [HistoryEntry], tasks: [TaskRecord], _ request: ProvedRequest<some RouteSubject>,
        _ session: CompanyReadSession
    ) throws {
        guard let course = try session.course(of: on.ticket) else {
            (diagram, steps) = (nil, nil)
            return
        }
        var reached = TicketSteps(course, on.ticket, history: history, tasks: tasks, request.times)
        if reached.mayPause, let instance = history.ownSteps.last?.instance {
            reached = reached.pausing(at: try Self.waiting(instance, of: on.ticket, session))
        }
        let path = TicketPath(
            course.graph, history: history, tasks: tasks, ticket: on.ticket, pauses: reached.pausesInWords
        ) { task in
            on.mayRead(task) ? "/c/\(on.company.slug)/tasks/\(task.id)" : nil
        }
        diagram = try WorkflowDiagram(course.graph, revision: course.revision, session).html(
            states: path.states, walked: path.walked)
        steps = reached
    }

    /// The steps at which one of the ticket's workflows waits. Its state may be large, and is read only if a page needs it.
    private static func waiting(
        _ instance: InstanceID, of ticket: Ticket, _ session: CompanyReadSession
    ) throws -> [WaitingStep] {
        let before = InstanceID(instance.rawValue - 1)
        let view = try session.instances(ticket: ticket.id, after: before, limit: 1).instances.first
        return view.map { $0.id == instance ? $0.waiting : [] } ?? []
    }
}
