import Hummingbird
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Tasks.
struct TaskAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        let tasks = "/companies/{company}/tasks"
        let onlyVersion = Operation.Body.optional(.object([Shape.version]))
        let reason = Shape.Member.optional("reason", .text(0, .reason))
        let form = Shape.Member.optional("form", .map(.any), "The answers by the fields' ids.")
        func action(
            _ name: String, _ action: Action, _ id: String, _ summary: String, _ body: Operation.Body?,
            _ handler: @escaping Route.Handler
        ) {
            routes.api(
                .post, "\(tasks)/{id}/\(name)", action, on: .task,
                Operation(id, summary, body: body, answer: .object(TaskAnswer.answer), failures: [409]), handler)
        }
        routes.api(
            .get, tasks, .readTasks, on: .company,
            Operation(
                "listTasks", "Tasks that you may see, by id", query: Self.filters, answer: .table(of: TaskAnswer.answer)
            ), list)
        routes.api(
            .get, "\(tasks)/{id}", .readTask, on: .task,
            Operation("readTask", "One task", answer: .object(TaskAnswer.answer)), read)
        action("start", .workTask, "startTask", "Say that you work on it", onlyVersion, start)
        action(
            "draft", .workTask, "saveDraft", "Keep a form that is half filled in",
            .json(.object([form, Shape.version])), saveDraft)
        action(
            "completion", .workTask, "completeTask", "Finish it with an outcome",
            .json(.object([.required("outcome", .text(1, .outcome)), form, Shape.version])), complete)
        action(
            "release", .releaseTask, "releaseTask", "Give it back", .optional(.object([reason, Shape.version])), release
        )
        action(
            "hold", .holdTask, "holdTask", "Put it off until a time",
            .json(.object([.required("until", .time), reason, Shape.version])), hold)
        action("claim", .claimTask, "claimTask", "Take one that nobody has", onlyVersion, claim)
        action(
            "assignment", .handOverTask, "assignTask", "Give it to somebody, or to whom the rule chooses",
            .optional(
                .object([
                    .optional("assignee", .login, "Nobody: the rule chooses."), reason, Shape.version,
                ])), assign)
        action(
            "priority", .prioritizeTask, "prioritizeTask", "Say how urgent it is",
            .json(.object([.required("priority", .priority), Shape.version])), prioritize)
        action(
            "retry", .decideFault, "retryTask", "Try the failed step of this task again", .optional(.object([])), retry)
        action(
            "skip", .decideFault, "skipTask", "Go on as if the failed step had given this output",
            .json(.object([.optional("output", .any)])), skip)
    }

    private static let filters: [Operation.Parameter] =
        [
            .init(name: "assignee", shape: .login, help: "A login, or `me`."),
            .init(name: "state", shape: .taskState, help: "Only tasks in this state."),
            .init(name: "ticket", shape: .id, help: "Only tasks of the ticket with this number."),
            .init(name: "name", shape: .slug, help: "Only tasks of the definition with this name."),
            .init(name: "open", shape: .flag, help: "true: only those that have not ended."),
            .init(name: "unassigned", shape: .flag, help: "true: only those that nobody has."),
            .init(name: "overdue", shape: .flag, help: "true: only open ones that were due."),
        ] + Operation.table

    // MARK: Tasks

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let query = try desk.query(request, context)
        var filter = TaskFilter()
        filter.state = query.text("state").flatMap(TaskState.init)
        filter.isOpen = query.isTrue("open")
        filter.isUnassigned = query.isTrue("unassigned")
        filter.overdueAt = query.isTrue("overdue") ? desk.site.now : nil
        filter.ticket = query.number("ticket")
        filter.name = query.text("name")
        filter.after = try query.after()
        filter.limit = query.limit
        let assignee = query.text("assignee")
        filter.assignee = assignee == "me" ? found.signedIn.account.login : assignee
        let (rows, hasMore) = try await found.store.read { [filter] in
            try $0.tasks(
                scope: Policy.tasks(found.actor), filter: filter)
        }
        let next = hasMore ? rows.last.map { $0.id.description } : nil
        if query.isTable { return CSV.tasks(rows, next: next) }
        return desk.page(rows.map { TaskAnswer(inList: $0) }, next: next)
    }

    @Sendable private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        return try await found.store.read { session in try answer(found, session) }.response
    }

    @Sendable private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        let body = try await desk.body(request, context)
        return try await found.changes.answer { session in
            try session.startTask(
                found.task.id, by: found.signedIn.account, version: body["version"].intValue, now: desk.site.now)
            return try answer(found, session)
        }
    }

    @Sendable private func complete(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        let body = try await desk.body(request, context)
        let completion = Completion(
            task: found.task.id, by: found.signedIn.account, outcome: body["outcome"].stringValue ?? "",
            answers: body["form"].objectValue ?? [:], version: body["version"].intValue
        ).keeping(unseen: try await desk.access.unseenFields(found))
        return try await change(.complete(completion, now: desk.site.now), found)
    }

    @Sendable private func saveDraft(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        let body = try await desk.body(request, context)
        let change = CompanyChange.saveDraft(
            found.task.id, body["form"].objectValue ?? [:], by: found.signedIn.account,
            version: body["version"].intValue, now: desk.site.now)
        return try await self.change(change, found)
    }

    @Sendable private func claim(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        let body = try await desk.body(request, context)
        return try await found.changes.answer { session in
            try session.claimTask(
                found.task.id, by: found.signedIn.account, version: body["version"].intValue, now: desk.site.now)
            return try answer(found, session)
        }
    }

    @Sendable private func release(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        let body = try await desk.body(request, context)
        return try await found.changes.answer { session in
            try session.releaseTask(
                found.task.id,
                TaskMove(
                    by: found.signedIn.account, onlyOwn: !found.may(.assignTask),
                    reason: body["reason"].stringValue, version: body["version"].intValue), now: desk.site.now)
            return try answer(found, session)
        }
    }

    @Sendable private func hold(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        let body = try await desk.body(request, context)
        guard let until = desk.moment(body, "until", in: found.company) else { throw Failure.notFound }
        return try await found.changes.answer { session in
            try session.holdTask(
                found.task.id, until: until,
                TaskMove(
                    by: found.signedIn.account, onlyOwn: !found.may(.assignTask),
                    reason: body["reason"].stringValue, version: body["version"].intValue), now: desk.site.now)
            return try answer(found, session)
        }
    }

    @Sendable private func assign(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        let body = try await desk.body(request, context)
        let target = body["assignee"].stringValue.map(Reassignment.to) ?? .byRule
        let reason = body["reason"].stringValue
        let errors = Reassignment.errors(target, reason: reason, isHandover: !found.may(.assignTask))
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        return try await found.changes.answer { session in
            try session.reassignTask(
                found.task.id, target,
                TaskMove(
                    by: found.signedIn.account, onlyOwn: !found.may(.assignTask), reason: reason,
                    version: body["version"].intValue), now: desk.site.now)
            return try answer(found, session)
        }
    }

    @Sendable private func prioritize(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        let body = try await desk.body(request, context)
        guard let priority = body["priority"].stringValue.flatMap(Priority.init) else { throw Failure.notFound }
        return try await found.changes.answer { session in
            try session.setTaskPriority(
                found.task.id, priority, by: found.signedIn.account, version: body["version"].intValue,
                now: desk.site.now)
            return try answer(found, session)
        }
    }

    @Sendable private func retry(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        _ = try await desk.body(request, context)
        return try await decide(.retry, found)
    }

    @Sendable private func skip(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.task(context)
        let body = try await desk.body(request, context)
        return try await decide(.skip(output: body["output"]), found)
    }

    /// About the step of this task, at which its workflow has failed.
    private func decide(_ decision: FaultDecision, _ found: Access.OfTask) async throws -> Response {
        let change = CompanyChange.decide(
            decision, at: FaultedStep(ticket: found.task.ticketID, reference: found.task.reference, version: nil),
            by: found.signedIn.account, now: desk.site.now)
        return try await self.change(change, found)
    }

    private func change(_ change: CompanyChange<Void>, _ found: Access.OfTask) async throws -> Response {
        try await found.changes.answer(change) { session, _ in try answer(found, session) }
    }

    /// The task as it is now.
    private func answer(_ found: Access.OfTask, _ session: CompanyReadSession) throws -> KeptAnswer {
        guard let task = try session.task(id: found.task.id) else { throw Failure.notFound }
        let (definition, form) = try session.taskForm(task)
        let reader = AnswerReader(actor: found.actor, giver: task.assigneeID)
        let output = task.output.map { reader.visible($0, task.fields) }
        let unseen = (form.form?.fields ?? []).filter { field in
            !Policy.maySeeAnswer(found.actor, audience: field.element.audience, giver: task.assigneeID)
        }.map(\.id)
        let answer = TaskAnswer(
            task, kind: definition.kind, form: form.form, unseen: Set(unseen), output: output)
        return .json(answer.json)
    }
}
