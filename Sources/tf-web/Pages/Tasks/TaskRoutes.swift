import TFDefinition
import TFEngine
import TFStore

/// One task: working on it, and moving it to other workers.
enum TaskRoutes {
    private static let page = "/c/{company}/tasks/{id}"
    private static let object = "/companies/{company}/tasks/{id}"

    static func add(to routes: inout RouteTable) {
        routes.page(page, .readTask, on: .task, TaskPage.make)
        routes.read(
            object, .readTask, on: .task, Operation("readTask", "One task", answer: .object(TaskAnswer.answer))
        ) { request, session in .json(try TaskAnswer(asItIsNow: request.subject, session)) }
        routes.read(
            "/companies/{company}/tasks", .readTasks, on: .company, query: TaskQuery.self,
            Operation("listTasks", "Tasks that you may see, by id", answer: .table(of: TaskAnswer.answer)), list)
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
            api: operation("draft", "saveDraft", "Save the form as a draft"), files: files,
            checking: { request, body, session in
                .saveDraft(
                    request.task.id, body.form.answers(of: try session.taskForm(request.task).form.form),
                    by: request.account, version: body.version, now: request.now)
            },
            { request, _, session in
                done(
                    request, session, at: request.subject.path,
                    saying: "The draft is saved; the task is not finished yet.")
            })
        routes.change(
            "\(page)/completion", .workTask, on: .task, body: TaskCompletion.self,
            api: operation("completion", "completeTask", "Complete the task with an outcome"), files: files,
            checking: complete,
            { request, _, session in
                try done(
                    request, session, at: next(after: request, session),
                    saying: "Completed #\(request.task.ticketNumber) \(request.task.title)"
                ).moving(request.task.ticketID)
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

    @Sendable private static func complete(
        _ request: ProvedRequest<OnTask>, _ body: TaskCompletion, _ session: CompanyReadSession
    ) throws -> CompanyChange<Void> {
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
            throw ShownInstead(page: TaskPage.question(asking, request))
        }
        return change
    }

    /// The address after completing a task: the worker's next task.
    private static func next(after request: ProvedRequest<OnTask>, _ session: CompanyReadSession) throws -> String {
        let base = "/c/\(request.company.slug)"
        guard request.isPage, request.actor.has(.taskWorker) else {
            return "\(base)/tickets/\(request.task.ticketNumber)"
        }
        let next = try session.queue(of: request.account.id, now: request.now).first
        return next.map { "\(base)/tasks/\($0.id)" } ?? "\(base)/my/tasks"
    }

    // MARK: Assignment

    private static func addMoves(to routes: inout RouteTable) {
        routes.change(
            "\(page)/release", .releaseTask, on: .task, body: TaskRelease.self,
            api: operation("release", "releaseTask", "Give the task back")
        ) { request, body, session in
            try session.releaseTask(
                request.task.id, request.move(body.reason, version: body.version), now: request.now)
            return done(
                request, session, at: "/c/\(request.company.slug)/my/tasks", saying: "The task goes to somebody else.")
        }
        routes.change(
            "\(page)/hold", .holdTask, on: .task, body: TaskHold.self,
            api: operation("hold", "holdTask", "Put the task on hold until a time")
        ) { request, body, session in
            try session.holdTask(
                request.task.id, until: body.until.milliseconds(in: request.company),
                request.move(body.reason, version: body.version), now: request.now)
            let isOwn = request.task.assigneeID == request.account.id
            return done(
                request, session, at: isOwn ? "/c/\(request.company.slug)/my/tasks" : request.subject.path,
                saying: "The task is put off.")
        }
        routes.change(
            "\(page)/claim", .claimTask, on: .task, body: VersionOnly.self, formOn: "/c/{company}/pool",
            api: operation("claim", "claimTask", "Claim a task that nobody has")
        ) { request, body, session in
            try session.claimTask(request.task.id, by: request.account, version: body.version, now: request.now)
            return done(request, session, at: request.subject.path, saying: "The task is yours.")
        }
        routes.change(
            "\(page)/assignment", .handOverTask, on: .task, body: TaskAssignment.self,
            api: operation("assignment", "assignTask", "Assign the task to a worker, or let its rule choose one"),
            assign)
    }

    @Sendable private static func assign(
        _ request: ProvedRequest<OnTask>, _ body: TaskAssignment, _ session: CompanyWriteSession
    ) throws -> Done {
        let isHandover = !request.subject.may(.assignTask)
        let errors = Reassignment.errors(body.target, reason: body.reason, isHandover: isHandover)
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        try session.reassignTask(
            request.task.id, body.target, request.move(body.reason, version: body.version), now: request.now)
        let own = isHandover ? "/c/\(request.company.slug)/my/tasks" : request.subject.path
        var sentence = "The task is reassigned."
        // The new worker is away: the task is assigned all the same, and the page says so.
        if request.isPage, case .to(let login) = body.target, try session.worker(login)?.isAvailable == false {
            sentence += " \(login) is away."
        }
        return done(request, session, at: body.next.map { LocalPath.checked($0) } ?? own, saying: sentence)
    }

    // MARK: Administration

    private static func addAdministration(to routes: inout RouteTable) {
        routes.change(
            nil, .prioritizeTask, on: .task, body: TaskPriority.self,
            api: operation("priority", "prioritizeTask", "Set the task's priority")
        ) { request, body, session in
            try session.setTaskPriority(
                request.task.id, body.priority, by: request.account, version: body.version, now: request.now)
            return done(request, session, at: request.subject.path)
        }
        routes.change(
            nil, .decideFault, on: .task, body: NoFields.self,
            api: operation("retry", "retryTask", "Try the failed step of this task again"),
            checking: { request, _, _ in decide(.retry, request) },
            { request, _, session in
                done(request, session, at: request.subject.path).moving(request.task.ticketID)
            })
        routes.change(
            nil, .decideFault, on: .task, body: SkippedTask.self,
            api: operation("skip", "skipTask", "Go on as if the failed step had given this output"),
            checking: { request, body, _ in decide(.skip(output: body.output ?? .null), request) },
            { request, _, session in
                done(request, session, at: request.subject.path).moving(request.task.ticketID)
            })
    }

    /// Decides about the task's step, at which its workflow has failed.
    private static func decide(_ decision: FaultDecision, _ request: ProvedRequest<OnTask>) -> CompanyChange<Void> {
        .decide(
            decision,
            at: FaultedStep(ticket: request.task.ticketID, reference: request.task.reference, version: nil),
            by: request.account, now: request.now)
    }

    // MARK: Shared

    private static func operation(_ name: String, _ id: String, _ summary: String) -> SameOperation {
        .post("\(object)/\(name)", Operation(id, summary, answer: .object(TaskAnswer.answer), failures: [409]))
    }

    /// The outcome: a person continues at `location`; a program gets the task as it is now.
    private static func done(
        _ request: ProvedRequest<OnTask>, _ session: CompanyReadSession, at location: String,
        saying sentence: String? = nil
    ) -> Done {
        .seen(location, saying: sentence).answering {
            .json(try TaskAnswer(asItIsNow: request.subject, session))
        }
    }

    @Sendable private static func list(
        _ request: ProvedRequest<InCompany>, _ query: TaskQuery, _ session: CompanyReadSession
    ) throws -> Reply {
        let (rows, hasMore) = try session.tasks(
            scope: request.actor.tasks, filter: try query.filter(me: request.account.login, now: request.now))
        let next = hasMore ? rows.last.map { $0.id.description } : nil
        if query.paging.isTable { return CSV.tasks(rows, next: next) }
        return .page(rows.map { TaskAnswer(inList: $0) }, next: next)
    }
}

extension ProvedRequest where Kind == OnTask {
    /// Who moves the task, and why.
    fileprivate func move(_ reason: String?, version: Int?) -> TaskMove {
        TaskMove(by: subject.account, onlyOwn: !subject.may(.assignTask), reason: reason, version: version)
    }
}

extension TaskAnswer {
    /// What the reader may see of the task, read again from the session.
    init(asItIsNow subject: OnTask, _ session: CompanyReadSession) throws {
        guard let task = try session.task(id: subject.task.id) else { throw Failure.notFound }
        let (definition, form) = try session.taskForm(task)
        let reader = AnswerReader(actor: subject.actor, giver: task.assigneeID)
        self.init(
            task, kind: definition.kind, form: form.form,
            unseen: subject.unseen(in: form.form, giver: task.assigneeID),
            output: task.output.map { reader.visible($0, task.fields) })
    }
}
