import TFDefinition
import TFEngine
import TFStore

/// A task that the visitor may see and on which they may take the route's action.
struct OnTask: RouteSubject {
    static let kind = ResourceKind.task

    let company: Company
    let actor: Actor
    let signedIn: SignedIn
    let task: TaskRecord
    /// The ticket that the task belongs to.
    let ticket: Ticket
    let facts: TaskFacts
    private(set) var adminNote: AdminNote?

    var companyOfFrame: Company? { company }
    var account: Account { signedIn.account }
    /// The address of its page.
    var path: String { "/c/\(company.slug)/tasks/\(task.id)" }

    /// The name of the ticket, as sentences and links have it.
    var ticketName: String { "#\(ticket.number) \(ticket.title)" }
    /// A link to the ticket; nil: the visitor may not open it.
    var ticketLink: Link? { mayReadTicket ? Link("/c/\(company.slug)/tickets/\(ticket.number)", ticketName) : nil }
    /// The task in a sentence. That of a form without a workflow has the ticket's own title.
    var nameInSentence: String {
        task.title == ticket.title ? ticketName : "\(Words.quoted(task.title)) for \(ticketName)"
    }

    static func find(for visitor: Visitor, in session: ReadSession) throws -> OnTask {
        let access = try InCompany.around(visitor, session)
        let inside = access.reading(session)
        guard let id = visitor.parts.number("id").map({ TaskID($0) }), let task = try inside.task(id: id),
            let ticket = try inside.ticket(id: task.ticketID)
        else { throw Failure.notFound }
        let facts = TaskFacts(task, try TicketFacts(of: ticket, for: access.account, inside), access.actor)
        let decision = Policy.decide(access.actor, visitor.action, .task(facts))
        if decision == .invisible, visitor.action == .claimTask, task.decision?.because == .claimed,
            let holder = task.assigneeName, Policy.couldClaim(access.actor, facts)
        {
            throw Failure.conflict("\(holder) has taken \(Words.quoted(task.title))")
        }
        if decision != .allowed, visitor.action.isOfHolder, let loss = loss(task, facts, access.actor, decision) {
            throw Failure.conflict(loss)
        }
        try decision.demand()
        return OnTask(
            company: access.company, actor: access.actor, signedIn: access.signedIn, task: task, ticket: ticket,
            facts: facts,
            adminNote: AdminNote(visitor.action, access, of: .task(facts), .task(id), reading: .readTask))
    }

    /// What became of a task that was the visitor's when they began to type; nil: it never was.
    private static func loss(
        _ task: TaskRecord, _ facts: TaskFacts, _ actor: Actor, _ decision: Decision
    ) -> String? {
        guard actor.membership != nil, facts.ticket.hadTasks.contains(task.id) else { return nil }
        // Who may not read it any more is not told more.
        guard decision != .invisible else { return "this task is not yours any more" }
        return task.standing
    }

    static func demandReader(_ visitor: Visitor, in session: ReadSession) throws {
        _ = try find(for: visitor.wanting(.readTask), in: session)
    }

    func reading(_ session: ReadSession) -> CompanyReadSession { session.inside(company.id) }
    func writing(_ session: WriteSession) -> CompanyWriteSession { session.inside(company.id) }

    /// Another task of the same ticket for the same visitor; nil: they may not read it.
    func other(_ task: TaskRecord) -> OnTask? {
        let facts = TaskFacts(task, facts.ticket, actor)
        guard Policy.decide(actor, .readTask, .task(facts)) == .allowed else { return nil }
        return OnTask(
            company: company, actor: actor, signedIn: signedIn, task: task, ticket: ticket, facts: facts,
            adminNote: adminNote)
    }

    // MARK: Rights

    func may(_ action: Action) -> Bool { Policy.decide(actor, action, .task(facts)) == .allowed }

    /// Whether the visitor may open the ticket: that they may do or claim one of its tasks is not always enough.
    var mayReadTicket: Bool { Policy.decide(actor, .readTicket, .ticket(facts.ticket)) == .allowed }

    /// The ticket's tasks whose answers the visitor may read beside this one.
    func told(_ tasks: [TaskRecord]) -> [TaskRecord] {
        if Policy.readsOtherTasks(actor, facts) { return tasks }
        return tasks.filter { task in
            Policy.decide(actor, .readTask, .task(TaskFacts(task, facts.ticket, actor))) == .allowed
        }
    }

    /// The fields of a form whose answers, given by `giver`, the visitor may not see.
    func unseen(in form: Form?, giver: AccountID?) -> Set<String> {
        let fields = form?.fields ?? []
        return Set(
            fields.filter { !Policy.maySeeAnswer(actor, audience: $0.element.audience, giver: giver) }.map(\.id))
    }

    /// The fields of the ticket's own form, if the task shows that form, whose answers the visitor may not see.
    func unseenFields(_ session: CompanyReadSession) throws -> Set<String> {
        let form = try session.taskForm(task).form
        return form.replacesTicketAnswers ? unseen(in: form.form, giver: facts.ticket.requester) : []
    }
}

extension Action {
    /// Whether somebody does it with a task that they have; who has just lost it is told so, instead of being refused.
    fileprivate var isOfHolder: Bool {
        self == .workTask || self == .releaseTask || self == .holdTask || self == .handOverTask
    }
}
