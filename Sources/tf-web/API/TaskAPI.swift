import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Tasks.
struct TaskAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout Routes) {
        let tasks = "/api/v1/companies/{company}/tasks"
        routes.get(tasks, list)
        routes.get("\(tasks)/{id}", read)
        routes.post("\(tasks)/{id}/start", start)
        routes.post("\(tasks)/{id}/completion", complete)
        routes.post("\(tasks)/{id}/draft", saveDraft)
        routes.post("\(tasks)/{id}/claim", claim)
        routes.post("\(tasks)/{id}/release", release)
        routes.post("\(tasks)/{id}/hold", hold)
        routes.post("\(tasks)/{id}/assignment", assign)
        routes.post("\(tasks)/{id}/retry", retry)
        routes.post("\(tasks)/{id}/skip", skip)
    }

    // MARK: Tasks

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let found = try await desk.access.company(context.parameters.get("company"), signedIn, .listDefinitionNames)
        let query = request.uri.queryParameters
        var filter = TaskFilter()
        filter.state = try query["state"].map { text in
            guard let state = TaskState(rawValue: String(text)) else {
                throw Failure.invalid([FieldError(field: "state", message: "There is no task state \"\(text)\"")])
            }
            return state
        }
        filter.ticket = query["ticket"].flatMap { Int($0) }
        filter.after = query["after"].flatMap { Int64($0) } ?? 0
        filter.limit = desk.limit(request)
        let assignee = query["assignee"].map(String.init)
        filter.assignee = assignee == "me" ? signedIn.account.login : assignee
        let scope: TicketScope
        if let admin = Policy.ticketScope(found.actor) {
            scope = admin
        } else if filter.state == .ready, found.actor.has(.taskWorker) {
            let pool = try await desk.site.store.pool(
                found.company.id, roles: found.actor.membership?.companyRoles ?? [], login: signedIn.account.login)
            return desk.page(pool.map { $0.json(kind: nil, form: nil) }, next: nil)
        } else {
            // Everybody else sees what is assigned to him.
            filter.assignee = signedIn.account.login
            scope = .all
        }
        let (rows, hasMore) = try await desk.site.store.tasks(found.company.id, scope: scope, filter: filter)
        let items = rows.map { $0.json(kind: nil, form: nil) }
        return desk.page(items, next: hasMore ? rows.last.map { .string(String($0.id)) } : nil)
    }

    @Sendable private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        try await answer(try await find(context, .readTask))
    }

    @Sendable private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .workTask)
        let body = try await desk.optionalBody(request)
        try await desk.site.store.startTask(
            found.task.id, by: found.signedIn.account, version: try desk.version(body), now: desk.site.now)
        return try await answer(found)
    }

    @Sendable private func complete(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .workTask)
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["outcome", "form", "version"])
        let key = request.headers[SecurityHeaders.name("Idempotency-Key")].map { "api \($0.prefix(200))" }
        try await desk.site.store.completeTask(
            Completion(
                task: found.task.id, by: found.signedIn.account,
                outcome: try desk.text(body, "outcome", isRequired: true) ?? "",
                answers: try desk.answers(body), version: try desk.version(body), submission: key,
                unseen: try await desk.access.unseenFields(found)),
            now: desk.site.now)
        return try await answer(found)
    }

    @Sendable private func saveDraft(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .workTask)
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["form", "version"])
        try await desk.site.store.saveDraft(
            found.task.id, try desk.answers(body), by: found.signedIn.account, version: try desk.version(body),
            now: desk.site.now)
        return try await answer(found)
    }

    @Sendable private func claim(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .claimTask)
        let body = try await desk.optionalBody(request)
        try await desk.site.store.claimTask(
            found.task.id, by: found.signedIn.account, version: try desk.version(body), now: desk.site.now)
        return try await answer(found)
    }

    @Sendable private func release(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .releaseTask)
        let body = try await desk.optionalBody(request)
        try await desk.site.store.releaseTask(
            found.task.id, by: found.signedIn.account, onlyOwn: !found.may(.assignTask),
            reason: try desk.text(body, "reason"), version: try desk.version(body), now: desk.site.now)
        return try await answer(found)
    }

    @Sendable private func hold(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .holdTask)
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["until", "reason", "version"])
        guard let until = try desk.moment(body, "until", in: found.company) else {
            throw Failure.invalid([FieldError(field: "until", message: "\"until\" is missing")])
        }
        try await desk.site.store.holdTask(
            found.task.id, until: until, by: found.signedIn.account, onlyOwn: !found.may(.assignTask),
            reason: try desk.text(body, "reason"), version: try desk.version(body), now: desk.site.now)
        return try await answer(found)
    }

    @Sendable private func assign(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .handOverTask)
        let body = try await desk.optionalBody(request)
        try desk.refuseUnknown(body, known: ["assignee", "reason", "version"])
        let target = try desk.text(body, "assignee").map(Reassignment.to) ?? .byRule
        let reason = try desk.text(body, "reason")
        let errors = Reassignment.errors(target, reason: reason, isHandover: !found.may(.assignTask))
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        try await desk.site.store.reassignTask(
            found.task.id, target, by: found.signedIn.account, onlyOwn: !found.may(.assignTask), reason: reason,
            version: try desk.version(body), now: desk.site.now)
        return try await answer(found)
    }

    @Sendable private func retry(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .decideFault)
        let body = try await desk.optionalBody(request)
        try desk.refuseUnknown(body, known: [])
        return try await decide(.retry, found)
    }

    @Sendable private func skip(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context, .decideFault)
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["output"])
        return try await decide(.skip(output: body["output"]), found)
    }

    /// About the step of this task, at which its workflow has failed.
    private func decide(_ decision: FaultDecision, _ found: Access.OfTask) async throws -> Response {
        try await desk.site.store.decide(
            decision, ticket: found.task.ticketID, reference: found.task.reference, version: nil,
            by: found.signedIn.account, now: desk.site.now)
        return try await answer(found)
    }

    /// The task as it is now.
    private func answer(_ found: Access.OfTask) async throws -> Response {
        let store = desk.site.store
        guard let task = try await store.task(found.company.id, id: found.task.id) else { throw Failure.notFound }
        let (definition, form) = try await store.taskForm(task)
        let reader = AnswerReader(actor: found.actor, giver: task.assigneeID)
        let output = task.output.map { reader.visible($0, task.fields) }
        return .json(task.json(kind: definition.kind, form: form.form, output: output))
    }

    private func find(_ context: WebContext, _ action: Action) async throws -> Access.OfTask {
        try await desk.access.task(
            context.parameters.get("company"), id: context.parameters.get("id"), try context.requireSignedIn(), action)
    }
}
