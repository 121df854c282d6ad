import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The page of one task.
enum TaskPage {
    @Sendable static func make(_ request: ProvedRequest<OnTask>, _ session: CompanyReadSession) throws -> Page {
        let (subject, task) = (request.subject, request.task)
        let (definition, form) = try session.taskForm(task)
        let answers = answers(request, form)
        let isStopped = try subject.isStopped(session)
        var fields: FormFields?
        if let shown = form.form, subject.may(.workTask) || isStopped {
            let surroundings = try FormSurroundings(
                of: shown, answers, in: request.company, for: request.account, task: task,
                unseen: try subject.unseenFields(session), session, now: request.now)
            fields = FormFields(
                form: shown, answers: answers, errors: request.typed.errors, surroundings: surroundings,
                outcomes: definition.outcomes)
        }
        let tasks = subject.told(try session.tasks(ticket: subject.ticket.id))
        let all = try session.history(ticket: subject.ticket.id)
        let history = all.filter { $0.taskID == task.id }
        let comments = try subject.comments(session)
        let people = try NamedPeople(
            Timeline.logins(history, comments, tasks).union(Reasons.logins(task)), session)
        let reasons = Reasons(people: people, me: subject.account.login, roles: try session.roleLabels())
        let work = TaskWork(
            on: subject, definition: definition, fields: subject.may(.workTask) ? fields : nil,
            errors: request.typed.errors, tags: request.tags, isSentAgain: !request.typed.isFirst)
        let view = TaskView(
            on: subject, work: work, history: history, reasons: reasons, tags: request.tags,
            stopped: isStopped
                ? StoppedTask(
                    on: subject, outcomes: definition.outcomes,
                    fields: StoppedTask.isWritten(task, form.form) ? nil : fields,
                    isWritten: StoppedTask.isWritten(task, form.form), typed: request.typed, tags: request.tags) : nil,
            aside: TaskAside(
                on: subject, comments: comments, earlier: tasks.filter { $0.id != task.id },
                outcomes: outcomes(all), isAskedInMiddle: work.showsTicket,
                course: try session.course(of: subject.ticket),
                picture: try picture(request, all, tasks, session),
                people: people, times: request.times, roles: reasons.roles),
            times: request.times)
        return Page(task.title, view.html).under(subject.position)
            .reading(try session.unreadNotices(of: subject.account.id, ticket: task.ticketID, task: task.id))
    }

    /// The workflow with the path that the ticket took; nil for who may not open the ticket.
    private static func picture(
        _ request: ProvedRequest<OnTask>, _ history: [HistoryEntry], _ tasks: [TaskRecord],
        _ session: CompanyReadSession
    ) throws -> HTML? {
        guard request.subject.mayReadTicket else { return nil }
        let ticket = try request.subject.ofTicket(session)
        let told = ticket.told(tasks)
        return try TicketProgress(
            ticket, history: ticket.told(history, of: told), tasks: told, request, session
        ).diagram
    }

    /// What stood on the buttons with which tasks were finished.
    private static func outcomes(_ history: [HistoryEntry]) -> [TaskID: String] {
        history.filter { $0.kind == .completed }.reduce(into: [:]) { outcomes, entry in
            guard let task = entry.taskID else { return }
            outcomes[task] = entry.data["label"].stringValue ?? entry.data["outcome"].stringValue
        }
    }

    /// A page that asks for confirmation, with the texts that go along; hidden fields carry what was typed, forward and
    /// back.
    static func question(_ outcome: Outcome, _ form: Form?, _ request: ProvedRequest<OnTask>) -> Page {
        let fields = request.typed.form.fields.map { field -> HTML in
            #"<input type="hidden" name="\#(field.name)" value="\#(field.value)">"#
        }
        let subject = request.subject
        let said = (form?.fields ?? []).compactMap { id, element -> (name: String, value: HTML)? in
            guard case .text = element.kind, let text = request.typed.form["f.\(id)"], !text.allSatisfy(\.isWhitespace)
            else { return nil }
            return (element.label, #"<span class="text">\#(text)</span>"#)
        }
        return Page(
            outcome.label,
            """
            \(Elements.head("\(outcome.confirm)", back: [subject.list, Link(subject.path, request.task.title)]))\
            <form class="card" method="post" action="\(subject.path)/completion">\(fields)\
            <p>“\(outcome.label)” finishes <b>\(request.task.title)</b> of ticket #\(request.ticket.number).</p>\
            \(when(!said.isEmpty, Elements.facts(said)))\
            <div class="dock row"><button class="primary danger" name="confirmed" value="true">\(outcome.label)</button>\
            <button class="quiet" name="back" value="true">No, go back</button></div></form>
            """
        ).under(subject.position)
    }

    /// The form's values: what was typed, else a draft, the ticket's own answers, or the definition's initial values.
    private static func answers(_ request: ProvedRequest<OnTask>, _ form: TaskForm) -> JSONObject {
        if !request.typed.form.answers.isEmpty {
            return form.form?.answers(posted: request.typed.form.answers) ?? [:]
        }
        return offered(request, form)
    }

    /// What the form holds before anything is typed.
    static func offered(_ request: ProvedRequest<OnTask>, _ form: TaskForm) -> JSONObject {
        if let draft = request.task.draft, var answers = draft["answers"].objectValue {
            // Another person's draft shows only answers that the finished task will show to this visitor too.
            let giver = draft["by"].intValue.map { AccountID($0) }
            for id in request.subject.unseen(in: form.form, giver: giver) { answers[id] = nil }
            return answers
        }
        if form.replacesTicketAnswers { return request.ticket.form.objectValue ?? [:] }
        let context = request.company.formContext(
            now: request.now, me: request.account.login, requester: request.ticket.requester)
        return form.form?.initialAnswers(context, prefilled: request.task.prefilled.objectValue ?? [:]) ?? [:]
    }
}

extension OnTask {
    /// The list in which the visitor finds the task.
    var list: Link {
        let company = "/c/\(company.slug)"
        if isOfWorker { return Link("\(company)/my/tasks", "My tasks") }
        if asksRequester { return Link("\(company)/my/tickets", "My tickets") }
        if actor.managedTasks != nil { return Link("\(company)/tasks", "Tasks") }
        return Link("\(company)/my/tickets", "My tickets")
    }

    var position: NavigationEntry.Position {
        isOfWorker ? .myTasks : asksRequester || actor.managedTasks == nil ? .myTickets : .tasks
    }

    /// Whether it asks the visitor something about their own ticket: they are told about that, and not about work.
    var asksRequester: Bool {
        task.strategy == .requester && task.assigneeID == account.id && ticket.requesterID == account.id
    }

    /// Whether the visitor works through a list of tasks, and does not only answer for their own ticket.
    var isWorker: Bool { actor.has(.taskWorker) && !asksRequester }

    /// Whether the visitor is here as a worker, and not to manage or as somebody who is asked.
    private var isOfWorker: Bool { isWorker && (task.assigneeID == account.id || actor.managedTasks == nil) }

    /// The ticket, for who may open it.
    func ofTicket(_ session: CompanyReadSession) throws -> OnTicket {
        try OnTicket(ticket, InCompany(company: company, actor: actor, signedIn: signedIn), session)
    }

    /// What was said about the ticket so far, as far as the visitor may read it.
    func comments(_ session: CompanyReadSession) throws -> [Comment] {
        guard mayReadTicket else { return [] }
        let isStaff = Policy.decide(actor, .readInternalNotes, .ticket(facts.ticket)) == .allowed
        return try session.comments(ticket: ticket.id, withInternal: isStaff)
    }

    /// Whether the workflow stopped at this task's step, and the visitor may decide how it goes on.
    func isStopped(_ session: CompanyReadSession) throws -> Bool {
        guard ticket.state == .failed, may(.decideFault) else { return false }
        return try session.instances(ticket: ticket.id).contains {
            $0.id == task.instanceID && $0.stopped?.reference == task.reference && $0.stopped?.visit == task.visit
        }
    }
}
