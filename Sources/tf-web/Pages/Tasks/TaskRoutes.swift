import TFDefinition
import TFEngine
import TFStore

/// One task: working on it, and moving it to other workers.
enum TaskRoutes {
    static let page = "/c/{company}/tasks/{id}"
    static let object = "/companies/{company}/tasks/{id}"

    static func add(to routes: inout RouteTable) {
        routes.page(page, .readTask, on: .task, TaskPage.make)
        routes.read(
            object, .readTask, on: .task, Operation("readTask", "One task", answer: .object(TaskAnswer.answer))
        ) { request, session in .json(try TaskAnswer(asItIsNow: request.subject, session)) }
        routes.read(
            "/companies/{company}/tasks", .readTasks, on: .company, query: TaskQuery.self,
            Operation("listTasks", "Tasks that you may see, the oldest first", answer: .table(of: TaskAnswer.answer)),
            list)
        addWork(to: &routes)
        addMoves(to: &routes)
        addAdministration(to: &routes)
    }

    // MARK: Work

    private static func addWork(to routes: inout RouteTable) {
        routes.change(
            "\(page)/start", .workTask, on: .task, body: VersionOnly.self,
            api: operation("start", "startTask", "Start to work on the task")
        ) { request, body, session in
            try session.startTask(request.task.id, by: request.account, version: body.version, now: request.now)
            return done(request, session, at: request.subject.path, saying: "The task is started.")
        }
        routes.change(
            "\(page)/draft", .workTask, on: .task, body: TaskDraft.self,
            api: operation("draft", "saveDraft", "Save the form as a draft"), files: files, checking: save,
            { request, _, session in
                let next = request.typed.form["next"].flatMap(TaskDraft.NextStep.init(rawValue:))
                return done(
                    request, session, at: request.subject.path + (next.map { "/\($0.rawValue)" } ?? ""),
                    saying: next != nil
                        ? "What you typed is saved."
                        : request.subject.asksRequester
                            ? "What you typed is saved; it is not sent yet."
                            : "The draft is saved; the task is not finished yet.")
            })
        routes.change(
            "\(page)/completion", .workTask, on: .task, body: TaskCompletion.self,
            api: operation("completion", "completeTask", "Complete the task with an outcome"), files: files,
            checking: complete,
            { request, _, session in
                let (account, task) = (request.account.id, request.task)
                let notices = try session.unreadNotices(of: account, ticket: task.ticketID, task: task.id)
                if !notices.isEmpty {
                    _ = try session.site.markNotifications(notices, isRead: true, of: account, now: request.now)
                }
                let next = try next(after: request, session)
                let sentence = try completed(request, session)
                return done(
                    request, session, at: next?.path ?? "/c/\(request.company.slug)/\(after(request))",
                    saying: next.map { "\(sentence) Your next task is \($0.label)." } ?? sentence,
                    linking: Link(request.subject.path, request.subject.nameInSentence)
                ).moving(task.ticketID)
            })
        routes.question("\(page)/validation", .workTask, on: .task, body: TypedAnswers.self) { request, body, session in
            guard let form = try session.taskForm(request.task).form.form else { throw Failure.notFound }
            return FormCheck.reply(
                try session.check(
                    form, body.form.answers(of: form), FormFiller(giver: request.account.id, task: request.task),
                    now: request.now))
        }
    }

    @Sendable private static func files(
        _ request: ProvedRequest<OnTask>, _ session: CompanyReadSession
    ) throws -> FilesOfForm {
        FilesOfForm(form: try session.taskForm(request.task).form.form)
    }

    @Sendable private static func save(
        _ request: ProvedRequest<OnTask>, _ body: TaskDraft, _ session: CompanyReadSession
    ) throws -> CompanyChange<Void> {
        let form = try session.taskForm(request.task).form
        let answers = body.form.answers(of: form.form)
        if !request.isPage, let errors = form.form?.draftErrors(answers), !errors.isEmpty {
            throw Failure.invalid(errors)
        }
        // On the way to a page of the menu, only what was typed is worth a draft, which starts the task.
        if let next = body.next, let shown = form.form,
            shown.draft(answers) == shown.draft(TaskPage.offered(request, form))
        {
            throw ShownInstead(page: .elsewhere("\(request.subject.path)/\(next.rawValue)"))
        }
        return .saveDraft(request.task.id, answers, by: request.account, version: body.version, now: request.now)
    }

    @Sendable private static func complete(
        _ request: ProvedRequest<OnTask>, _ body: TaskCompletion, _ session: CompanyReadSession
    ) throws -> CompanyChange<Void> {
        if body.isTakenBack { throw ShownInstead(page: try TaskPage.make(request, session)) }
        let (definition, form) = try session.taskForm(request.task)
        let change = CompanyChange.complete(
            Completion(
                task: request.task.id, by: request.account, outcome: body.outcome,
                answers: body.form.answers(of: form.form), version: body.version
            ).keeping(unseen: try request.subject.unseenFields(session)), now: request.now)
        // A program needs no confirmation; a person is asked before some outcomes, if there are no other errors.
        if request.isPage, !body.isConfirmed,
            let asking = definition.outcomes.first(where: { $0.value == body.outcome && $0.confirm != nil })
        {
            _ = try change.checked(in: session)
            throw ShownInstead(page: TaskPage.question(asking, form.form, request))
        }
        return change
    }

    /// The worker's next task, to which their page goes on; nil: there is none, or they are no worker.
    private static func next(after request: ProvedRequest<OnTask>, _ session: CompanyReadSession) throws -> Link? {
        guard request.isPage, request.subject.isWorker else { return nil }
        let next = try session.openTaskLines(of: request.account.id, limit: 1, now: request.now).rows.first
        return next.map { Link("/c/\(request.company.slug)/tasks/\($0.id)", Words.quoted($0.title)) }
    }

    /// The page inside the company to which somebody without another task goes on.
    private static func after(_ request: ProvedRequest<OnTask>) -> String {
        request.subject.isWorker ? "my/tasks" : "tickets/\(request.task.ticketNumber)"
    }

    // MARK: Shared

    static func operation(
        _ name: String, _ id: String, _ summary: String, headers: [String: String] = [:]
    ) -> SameOperation {
        .post(
            "\(object)/\(name)",
            Operation(id, summary, answer: .object(TaskAnswer.answer), headers: headers, failures: [409]))
    }

    /// What was done, with the answer that was given where there are several.
    private static func completed(_ request: ProvedRequest<OnTask>, _ session: CompanyReadSession) throws -> String {
        let task = request.subject.nameInSentence
        let outcomes = try session.taskForm(request.task).definition.outcomes
        let chosen = outcomes.first { $0.value == request.typed.form["outcome"] }
        guard outcomes.count > 1, let chosen else { return "\(task) is finished." }
        return "\(task) was answered \(Words.quoted(chosen.label))."
    }

    /// The outcome: a person continues at `location`; a program gets the task as it is now.
    /// - Parameters:
    ///   - sentence: told once.
    ///   - link: what in the sentence is a link; nil: the ticket's name.
    static func done(
        _ request: ProvedRequest<OnTask>, _ session: CompanyReadSession, at location: String,
        saying sentence: String? = nil, linking link: Link? = nil
    ) -> Done {
        .seen(location, saying: sentence, linking: link ?? request.subject.ticketLink).answering {
            .json(try TaskAnswer(asItIsNow: request.subject, session))
        }
    }

    @Sendable private static func list(
        _ request: ProvedRequest<InCompany>, _ query: TaskQuery, _ session: CompanyReadSession
    ) throws -> Reply {
        let filter = try query.filter(in: request.company, me: request.account.login, now: request.now)
        let (rows, hasMore) = try session.tasks(
            scope: request.actor.tasks, filter: filter)
        let next = hasMore ? rows.last.map { filter.next(after: $0) } : nil
        if query.paging.isTable { return CSV.tasks(rows, next: next) }
        return .page(rows.map { TaskAnswer(inList: $0) }, next: next)
    }
}

extension TaskAnswer {
    /// What the reader may see of the task, read again from the session.
    init(asItIsNow subject: OnTask, _ session: CompanyReadSession) throws {
        guard let task = try session.task(id: subject.task.id) else { throw Failure.notFound }
        let (definition, form) = try session.taskForm(task)
        let reader = AnswerReader(actor: subject.actor, giver: task.assigneeID)
        self.init(
            task, definition, form: form.form,
            unseen: subject.unseen(in: form.form, giver: task.assigneeID),
            output: task.output.map { reader.visible($0, task.fields) })
    }
}
