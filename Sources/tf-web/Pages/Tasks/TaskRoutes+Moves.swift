import HTTPTypes
import TFDefinition
import TFEngine
import TFStore

/// Moving a task to other workers and times, and what ticket admins change of it.
extension TaskRoutes {
    // MARK: Assignment

    static func addMoves(to routes: inout RouteTable) {
        routes.page("\(page)/release", .releaseTask, on: .task, TaskMovePages.release)
        routes.change(
            "\(page)/release", .releaseTask, on: .task, body: TaskRelease.self,
            api: operation("release", "releaseTask", "Give the task back")
        ) { request, body, session in
            try session.releaseTask(
                request.task.id, request.move(body.reason, version: body.version), now: request.now)
            return done(
                request, session, at: request.subject.placeAfterMove,
                saying: "\(request.subject.nameInSentence) is given back.")
        }
        routes.page("\(page)/hold", .holdTask, on: .task, TaskMovePages.hold)
        routes.change(
            "\(page)/hold", .holdTask, on: .task, body: TaskHold.self,
            api: operation("hold", "holdTask", "Put the task on hold until a time")
        ) { request, body, session in
            try session.holdTask(
                request.task.id, until: body.until.milliseconds(in: request.company),
                request.move(body.reason, version: body.version), now: request.now)
            return done(
                request, session, at: request.subject.placeAfterMove,
                saying: "\(request.subject.nameInSentence) is on hold.")
        }
        routes.change(
            "\(page)/claim", .claimTask, on: .task, body: TaskClaim.self, formOn: "/c/{company}/pool",
            api: operation("claim", "claimTask", "Claim a task that nobody has")
        ) { request, body, session in
            try session.claimTask(request.task.id, by: request.account, version: body.version, now: request.now)
            return done(request, session, at: request.subject.path, saying: "The task is yours.")
        }
        routes.page("\(page)/assignment", .handOverTask, on: .task, TaskMovePages.assignment)
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
        let own = isHandover ? request.subject.placeAfterMove : request.subject.path
        let name = request.subject.nameInSentence
        var sentence = "\(name) went to somebody else."
        // The new worker is away: the task is assigned all the same, and the page says so.
        if request.isPage, case .to(let login) = body.target {
            let worker = try session.worker(login)
            if login == request.account.login {
                sentence = "\(name) is yours."
            } else if let worker {
                sentence = "\(worker.name) has \(name) now."
            }
            if let worker, !worker.isAvailable { sentence += " \(worker.name) is away." }
        }
        return done(request, session, at: own, saying: sentence).goingOn(at: body.next)
    }

    // MARK: Administration

    static func addAdministration(to routes: inout RouteTable) {
        routes.change(
            "\(page)/priority", .prioritizeTask, on: .task, body: TaskPriority.self,
            api: operation("priority", "prioritizeTask", "Set the task's priority")
        ) { request, body, session in
            try session.setTaskPriority(
                request.task.id, body.priority, by: request.account, version: body.version, now: request.now)
            return done(request, session, at: request.subject.path, saying: "The priority is set.")
        }
        routes.change(
            "\(page)/retry", .decideFault, on: .task, body: TaskRetry.self,
            api: operation(
                "retry", "retryTask",
                "Try the failed step of this task again: the answer is the task that is now to be done",
                headers: [
                    "Content-Location":
                        "The address of that task, which another one has taken the place of; absent: it is not there yet."
                ]),
            checking: { request, body, _ in decide(.retry, request, body.version) },
            { request, _, session in
                // The step opens another task, after the change: the ticket's page shows both.
                let place = request.subject.ticketLink?.path ?? request.subject.path
                return try moved(
                    request, session, at: place, saying: "The step was tried once more; how it went stands here.",
                    answering: retried)
            })
        routes.change(
            "\(page)/skip", .decideFault, on: .task, body: SkippedTask.self,
            api: operation("skip", "skipTask", "Go on as if the failed step had given this output"),
            checking: { request, body, session in
                decide(.skip(output: try body.output(request, session)), request, body.version)
            },
            { request, _, session in
                try moved(
                    request, session, at: request.subject.path, saying: "The step is skipped.",
                    answering: { .json(try TaskAnswer(asItIsNow: $0, $1)) })
            })
    }

    /// The outcome of a decision, after which the workflow goes on.
    /// - Parameter reply: what a program is told once the engine's next step is taken.
    private static func moved(
        _ request: ProvedRequest<OnTask>, _ session: CompanyReadSession, at location: String, saying sentence: String,
        answering reply: @escaping @Sendable (OnTask, CompanyReadSession) throws -> Reply
    ) throws -> Done {
        let done = done(request, session, at: location, saying: sentence).moving(request.task.ticketID)
        guard !request.isPage else { return done }
        let subject = request.subject
        return try done.answering(afterStep: { try reply(subject, subject.reading($0)) })
    }

    /// The task that has taken the place of one whose step was tried again; that one itself while there is none.
    @Sendable private static func retried(_ subject: OnTask, _ session: CompanyReadSession) throws -> Reply {
        guard let next = try session.successor(of: subject.task).flatMap({ subject.other($0) }) else {
            return .json(try TaskAnswer(asItIsNow: subject, session))
        }
        var reply = Reply.json(try TaskAnswer(asItIsNow: next, session))
        reply.headers[.contentLocation] = "/api/v1/companies/\(next.company.slug)/tasks/\(next.task.id)"
        return reply
    }

    /// Decides about the task's step, at which its workflow has failed.
    private static func decide(
        _ decision: FaultDecision, _ request: ProvedRequest<OnTask>, _ version: Int?
    ) -> CompanyChange<Void> {
        let task = request.task.id
        return CompanyChange.decide(
            decision,
            at: FaultedStep(of: request.task),
            by: request.account, now: request.now
        ).demanding { try $0.demand(version: version, ofTask: task) }
    }
}

extension OnTask {
    /// Where the visitor goes on after they put the task away: whose it was, in their list, if they have one; whose
    /// ticket it asks about, at the ticket.
    fileprivate var placeAfterMove: String {
        if asksRequester { return ticketLink?.path ?? path }
        return task.assigneeID == account.id && isWorker ? "/c/\(company.slug)/my/tasks" : path
    }
}

extension ProvedRequest where Kind == OnTask {
    /// Who moves the task, and why.
    fileprivate func move(_ reason: String?, version: Int?) -> TaskMove {
        TaskMove(by: subject.account, onlyOwn: !subject.may(.assignTask), reason: reason, version: version)
    }
}
