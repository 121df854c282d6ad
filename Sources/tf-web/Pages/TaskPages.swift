import Hummingbird
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// One task: doing it, and giving it to others.
struct TaskPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(.get, "/c/{company}/tasks/{id}", .readTask, on: .task, show)
        routes.page(.post, "/c/{company}/tasks/{id}/start", .workTask, on: .task, start)
        routes.page(.post, "/c/{company}/tasks/{id}/completion", .workTask, on: .task, complete)
        routes.page(.post, "/c/{company}/tasks/{id}/draft", .workTask, on: .task, saveDraft)
        routes.page(.post, "/c/{company}/tasks/{id}/validation", .workTask, on: .task, validate)
        routes.page(.post, "/c/{company}/tasks/{id}/release", .releaseTask, on: .task, release)
        routes.page(.post, "/c/{company}/tasks/{id}/hold", .holdTask, on: .task, hold)
        routes.page(.post, "/c/{company}/tasks/{id}/claim", .claimTask, on: .task, claim)
        routes.page(.post, "/c/{company}/tasks/{id}/assignment", .handOverTask, on: .task, assign)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let form = context.isParked ? try await found.store.read { try $0.taskForm(found.task) }.form.form : nil
        return try await page(
            request, context, found, answers: form?.answers(posted: context.form.answers), errors: [])
    }

    @Sendable private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        return try await change(request, context, found, back: path(found), saying: "The task is started.") {
            session, now in
            try session.startTask(
                found.task.id, by: found.signedIn.account, version: context.form["version"].flatMap { Int($0) },
                now: now)
        }
    }

    @Sendable private func complete(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let site = desk.site
        let (context, answers) = try await read(context, found)
        if !context.form.fileErrors.isEmpty {
            return try await page(request, context, found, answers: answers, errors: context.form.fileErrors)
        }
        if let question = try await question(found, context) { return confirm(request, context, found, question) }
        let completion = Completion(
            task: found.task.id, by: found.signedIn.account, outcome: context.form["outcome"] ?? "",
            answers: answers, version: context.form["version"].flatMap { Int($0) }
        ).keeping(unseen: try await desk.access.unseenFields(found))
        let now = site.now
        do {
            return try await found.changes.under(site.requestKey(context)).answer(.complete(completion, now: now)) {
                session, _ in
                try next(after: found, session, now: now)
            }
        } catch StoreError.invalid(let errors) {
            return try await page(request, context, found, answers: answers, errors: errors)
        } catch StoreError.conflict(let sentence) {
            return desk.conflict(context, request, sentence, company: found.company, back: path(found))
        }
    }

    /// Where somebody goes on who has completed a task: to their next one.
    private func next(after found: Access.OfTask, _ session: CompanyReadSession, now: Int64) throws -> KeptAnswer {
        let said = "Completed #\(found.task.ticketNumber) \(found.task.title)"
        let base = "/c/\(found.company.slug)"
        guard found.actor.has(.taskWorker) else {
            return desk.site.seen("\(base)/tickets/\(found.task.ticketNumber)", saying: said)
        }
        let next = try session.queue(of: found.signedIn.account.id, now: now).first
        return desk.site.seen(next.map { "\(base)/tasks/\($0.id)" } ?? "\(base)/my/tasks", saying: said)
    }

    @Sendable private func saveDraft(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let (context, answers) = try await read(context, found)
        guard context.form.fileErrors.isEmpty else {
            return try await page(request, context, found, answers: answers, errors: context.form.fileErrors)
        }
        return try await change(
            request, context, found, back: path(found), saying: "The draft is saved; the task is not finished yet.",
            .saveDraft(
                found.task.id, answers, by: found.signedIn.account,
                version: context.form["version"].flatMap { Int($0) }, now: desk.site.now))
    }

    @Sendable private func validate(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        guard let form = try await found.store.read({ try $0.taskForm(found.task) }).form.form else {
            throw Failure.notFound
        }
        return desk.validation(
            try await found.store.read {
                try $0.check(
                    form, form.answers(posted: context.form.answers),
                    FormFiller(giver: found.signedIn.account.id, task: found.task), now: desk.site.now)
            })
    }

    /// The posted form, its files on the disk, and what it answers.
    private func read(
        _ context: WebContext, _ found: Access.OfTask
    ) async throws -> (WebContext, JSONObject) {
        let form = try await found.store.read { try $0.taskForm(found.task) }.form.form
        var context = context
        context.form = try await FormIntake.read(context, desk.site, found.company, form)
        return (context, form?.answers(posted: context.form.answers) ?? [:])
    }

    /// The outcome that asks before it is done, where it has not been confirmed yet.
    private func question(_ found: Access.OfTask, _ context: WebContext) async throws -> Outcome? {
        guard context.form["confirmed"] != "true" else { return nil }
        let definition = try await found.store.read { try $0.taskForm(found.task) }.definition
        return definition.outcomes.first { $0.value == context.form["outcome"] && $0.confirm != nil }
    }

    /// A page of its own that asks, and sends what was typed along.
    private func confirm(
        _ request: Request, _ context: WebContext, _ found: Access.OfTask, _ outcome: Outcome
    ) -> Response {
        let frame = desk.frame(context, request, title: outcome.label, company: found.company)
        let fields = context.form.fields.map { field -> HTML in
            #"<input type="hidden" name="\#(field.name)" value="\#(field.value)">"#
        }
        return desk.respond(
            frame,
            """
            <h1>\(outcome.confirm)</h1><p>“\(outcome.label)” for \(found.task.title)</p>\
            <form method="post" action="\(path(found))/completion">\(fields)\
            <input type="hidden" name="confirmed" value="true"><div class="buttons">\
            <button class="danger">\(outcome.label)</button>\
            <a class="button second" href="\(path(found))">No, go back</a></div></form>
            """)
    }

    @Sendable private func release(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let back = "/c/\(found.company.slug)/my/tasks"
        return try await change(request, context, found, back: back, saying: "The task goes to somebody else.") {
            session, now in
            try session.releaseTask(
                found.task.id,
                TaskMove(
                    by: found.signedIn.account, onlyOwn: !found.may(.assignTask),
                    reason: context.form.text("reason"), version: context.form["version"].flatMap { Int($0) }), now: now
            )
        }
    }

    @Sendable private func hold(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let text = context.form.text("until") ?? ""
        guard let until = found.company.moment(text) else {
            let message = text.isEmpty ? "Say until when the task is put off" : "Not a date with a time: \(text)"
            return try await page(
                request, context, found, answers: nil, errors: [FieldError(field: "until", message: message)])
        }
        let back =
            found.task.assigneeID == found.signedIn.account.id ? "/c/\(found.company.slug)/my/tasks" : path(found)
        return try await change(request, context, found, back: back, saying: "The task is put off.") { session, now in
            try session.holdTask(
                found.task.id, until: until,
                TaskMove(
                    by: found.signedIn.account, onlyOwn: !found.may(.assignTask),
                    reason: context.form.text("reason"), version: context.form["version"].flatMap { Int($0) }), now: now
            )
        }
    }

    @Sendable private func claim(_ request: Request, _ context: WebContext) async throws -> Response {
        let found: Access.OfTask
        do { found = try await find(context) } catch Failure.conflict(let sentence) {
            let company = try await desk.access.company(context).company
            return desk.conflict(context, request, sentence, company: company, back: "/c/\(company.slug)/pool")
        }
        return try await change(request, context, found, back: path(found), saying: "The task is yours.") {
            session, now in
            try session.claimTask(
                found.task.id, by: found.signedIn.account, version: context.form["version"].flatMap { Int($0) },
                now: now)
        }
    }

    @Sendable private func assign(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let isHandover = !found.may(.assignTask)
        let target = context.form.text("assignee").map(Reassignment.to) ?? .byRule
        let reason = context.form.text("reason")
        let errors = Reassignment.errors(target, reason: reason, isHandover: isHandover)
        guard errors.isEmpty else { return try await page(request, context, found, answers: nil, errors: errors) }
        let own = isHandover ? "/c/\(found.company.slug)/my/tasks" : path(found)
        let back = context.form["next"].map { SignInPages.localPath($0) } ?? own
        let away = try await isAway(target, found) ? " \(context.form["assignee"] ?? "") is away." : ""
        return try await change(request, context, found, back: back, saying: "The task is given on.\(away)") {
            session, now in
            try session.reassignTask(
                found.task.id, target,
                TaskMove(
                    by: found.signedIn.account, onlyOwn: isHandover, reason: reason,
                    version: context.form["version"].flatMap { Int($0) }), now: now)
        }
    }

    /// Whether a task goes to somebody who is not there, which is done, and said.
    private func isAway(_ target: Reassignment, _ found: Access.OfTask) async throws -> Bool {
        guard case .to(let login) = target else { return false }
        return try await found.store.read { try $0.workers() }.contains {
            $0.login == login && !$0.isAvailable
        }
    }

    /// Makes a change and shows what came of it.
    private func change(
        _ request: Request, _ context: WebContext, _ found: Access.OfTask, back: String, saying: String,
        _ work: @escaping @Sendable (CompanyWriteSession, Int64) throws -> Void
    ) async throws -> Response {
        let now = desk.site.now
        return try await change(
            request, context, found, back: back, saying: saying, CompanyChange { session in try work(session, now) })
    }

    private func change(
        _ request: Request, _ context: WebContext, _ found: Access.OfTask, back: String, saying: String,
        _ change: CompanyChange<Void>
    ) async throws -> Response {
        let site = desk.site
        do {
            return try await found.changes.under(site.requestKey(context)).answer(change) { _, _ in
                site.seen(back, saying: saying)
            }
        } catch StoreError.conflict(let sentence) {
            return desk.conflict(context, request, sentence, company: found.company, back: path(found))
        } catch StoreError.invalid(let errors) {
            return try await page(request, context, found, answers: nil, errors: errors)
        }
    }

    private func find(_ context: WebContext) async throws -> Access.OfTask {
        try await desk.access.task(context)
    }

    private func path(_ found: Access.OfTask) -> String { "/c/\(found.company.slug)/tasks/\(found.task.id)" }

    private func page(
        _ request: Request, _ context: WebContext, _ found: Access.OfTask, answers: JSONObject?, errors: [FieldError]
    ) async throws -> Response {
        let store = found.store
        let (definition, form) = try await store.read { try $0.taskForm(found.task) }
        guard let ticket = try await store.read({ try $0.ticket(id: found.task.ticketID) }) else {
            throw Failure.notFound
        }
        let unseen = try await desk.access.unseenFields(found)
        let given = answers ?? initialAnswers(found, form, ticket)
        var fields: FormFields?
        if let shown = form.form, found.may(.workTask) {
            fields = FormFields(
                form: shown, answers: given, errors: errors,
                surroundings: try await desk.surroundings(
                    shown, given, found.company, giver: found.signedIn.account, task: found.task, unseen: unseen))
        }
        let view = TaskView(
            found: found, definition: definition, fields: fields, ticket: ticket,
            earlier: found.told(try await store.read { try $0.tasks(ticket: ticket.id) }),
            workers: found.may(.handOverTask) ? try await store.read { try $0.workers() } : [],
            errors: errors, now: desk.site.now)
        let frame = desk.frame(
            context, request, title: found.task.title, company: found.company, isError: !errors.isEmpty)
        return desk.respond(
            frame,
            "\(Elements.errorSummary(errors))\(view.html(csrf: frame.csrf, submission: errors.isEmpty ? nil : context.form["_submission"]))"
        )
    }

    /// What stands in the form at first: a draft, the ticket's own answers, or the definition's values.
    private func initialAnswers(_ found: Access.OfTask, _ form: TaskForm, _ ticket: Ticket) -> JSONObject {
        if let draft = found.task.draft, var answers = draft["answers"].objectValue {
            // Somebody else's draft shows no more of their answers than the finished task will.
            let giver = draft["by"].intValue.map { AccountID($0) }
            for (id, element) in form.form?.fields ?? []
            where !Policy.maySeeAnswer(found.actor, audience: element.audience, giver: giver) {
                answers[id] = nil
            }
            return answers
        }
        if form.replacesTicketAnswers { return ticket.form.objectValue ?? [:] }
        let surroundings = found.company.formContext(
            now: desk.site.now, me: found.signedIn.account.login, requester: ticket.requester)
        return form.form?.initialAnswers(surroundings, prefilled: found.task.prefilled.objectValue ?? [:]) ?? [:]
    }
}
