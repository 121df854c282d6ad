import Hummingbird
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A workflow's dry run: the ticket's form first, then outcome by outcome.
struct DryRunPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        let path = "/c/{company}/definitions/{kind}/{name}/dry-run"
        routes.page(.get, path, .editDefinitions, on: .company, start)
        routes.page(.post, path, .editDefinitions, on: .company, proceed)
    }

    private struct Found {
        let company: Company
        let account: Account
        let row: DefinitionRow
        let workflow: WorkflowDefinition
        /// The types of tickets that start it.
        let types: [(row: DefinitionRow, definition: TicketDefinition)]

        var path: String { "/c/\(company.slug)/definitions/workflow/\(row.name)/dry-run" }
    }

    // MARK: The form

    @Sendable private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let wanted = request.uri.queryParameters["type"].map(String.init) ?? context.form["type"]
        let type = found.types.first { $0.row.name == wanted } ?? found.types.first
        let typed = context.isParked ? type?.definition.form.answers(posted: context.form.answers) : nil
        return try await form(request, context, found, type?.definition, answers: typed, errors: [])
    }

    private func form(
        _ request: Request, _ context: WebContext, _ found: Found, _ type: TicketDefinition?, answers: JSONObject?,
        errors: [FieldError]
    ) async throws -> Response {
        let frame = desk.frame(
            context, request, title: "Dry run of \(found.row.name)", company: found.company, isError: !errors.isEmpty)
        var fields: HTML = "<p>No ticket type names this workflow: it starts with an empty input.</p>"
        if let type {
            let form = type.form
            let me = found.account.login
            let initial =
                answers
                ?? form.initialAnswers(found.company.formContext(now: desk.site.now, me: me, requester: me))
            let surroundings = try await desk.surroundings(form, initial, found.company, giver: found.account)
            let shown = FormFields(form: form, answers: initial, errors: errors, surroundings: surroundings)
            fields = "<h2>\(type.title)</h2>\(shown.html)<input type=\"hidden\" name=\"type\" value=\"\(type.name)\">"
        }
        let content = FormPage(fields: nil, action: found.path, validation: nil).html(
            """
            \(Elements.hidden(csrf: frame.csrf))\(fields)\(scriptField(context.form["source"] ?? ""))<button>Run it</button>
            """)
        return desk.respond(
            frame,
            """
            \(Elements.errorSummary(errors))<h1>Dry run of \(found.row.name)</h1>\
            <p>The workflow runs to its end in virtual time. Nothing is stored, nobody is asked, and nothing is sent.</p>\
            \(otherTypes(found, type))\(content)
            """)
    }

    private func otherTypes(_ found: Found, _ type: TicketDefinition?) -> HTML {
        let others = found.types.filter { $0.definition.name != type?.name }
        guard !others.isEmpty else { return .empty }
        let links = others.map { other -> HTML in
            #"<li><a href="\#(found.path)?type=\#(other.definition.name)">\#(other.definition.title)</a></li>"#
        }
        return "<p>Another type of ticket starts it too:</p><ul>\(links)</ul>"
    }

    private func scriptField(_ script: String) -> HTML {
        Elements.field("source", label: "What servers and events answer (optional, YAML)", errors: []) { attributes in
            "<textarea name=\"source\" rows=\"4\" placeholder=\"http: [ { respond: { status: 200, body: { id: 1 } } } ]\"\(attributes)>\n\(script)</textarea>"
        }
    }

    // MARK: The run

    @Sendable private func proceed(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let type = found.types.first { $0.row.name == context.form["type"] }
        var answers = JSON.object([:])
        if let type {
            if let kept = context.form["input"] {
                answers = (try? JSON(parsing: kept)) ?? [:]
            } else {  // our own field
                let posted = type.definition.form.answers(posted: context.form.answers)
                let checked = try await desk.site.store.read(in: found.company.id) {
                    try $0.check(type.definition.form, posted, FormFiller(giver: found.account.id), now: desk.site.now)
                }
                guard checked.errors.isEmpty else {
                    return try await form(
                        request, context, found, type.definition, answers: posted, errors: checked.errors)
                }
                answers = .object(checked.answers)
            }
        }
        var given = ((try? JSON(parsing: context.form["given"] ?? "[]")) ?? []).arrayValue ?? []  // our own field
        if let outcome = context.form["outcome"], let task = context.form["task"] {
            given.append(["task": .string(task), "outcome": .string(outcome)])
        }
        var scenario = DryRun.Scenario(
            workflow: found.row, others: try await others(found), ticket: nil,
            script: script(context.form["source"] ?? "", given))
        if let type { scenario.ticket = (type.row.source, answers) }
        let result: JSON
        let run = DryRun(site: desk.site, company: found.company, person: found.account.id)
        do {
            result = try await context.whileClientStays { [scenario] in try await run.run(scenario) }
        } catch DryRun.Failure.noPlace(let isOwn) {
            return noPlace(request, context, found, answers: answers, given: given, isOwn: isOwn)
        } catch DryRun.Failure.refused(let reason) {
            return try await form(
                request, context, found, type?.definition, answers: answers.objectValue,
                errors: [FieldError(field: "source", message: "The dry run was refused: \(reason)")])
        }
        let frame = desk.frame(context, request, title: "Dry run of \(found.row.name)", company: found.company)
        let hidden = hidden(frame, context, answers: answers, given: given)
        let tasks = try await waitingTasks(result, found)
        let view = DryRunView(result: result, tasks: tasks, path: found.path, hidden: hidden)
        return desk.respond(frame, "<h1>Dry run of \(found.row.name)</h1>\(view.html)")
    }

    /// The fields that carry a run on.
    private func hidden(_ frame: Frame, _ context: WebContext, answers: JSON, given: [JSON]) -> HTML {
        """
        \(Elements.hidden(csrf: frame.csrf))<input type="hidden" name="type" value="\(context.form["type"] ?? "")">\
        <input type="hidden" name="input" value="\(answers.text)">\
        <input type="hidden" name="given" value="\(JSON.array(given).text)">\
        <input type="hidden" name="source" value="\(context.form["source"] ?? "")">
        """
    }

    /// All that was typed and chosen is kept in the page, to be sent again.
    private func noPlace(
        _ request: Request, _ context: WebContext, _ found: Found, answers: JSON, given: [JSON], isOwn: Bool
    ) -> Response {
        let frame = desk.frame(context, request, title: "Try again in a moment", company: found.company)
        let reason: HTML =
            isOwn
            ? "Another dry run of yours is not finished yet. Wait for it, or leave its page, which stops it."
            : "\(DryRunPlaces.limit) dry runs of other people are going on, and the site takes no more at a time."
        var response = Response.page(
            frame.page(
                """
                <h1>\(frame.title)</h1><p>\(reason) What you typed is kept here.</p>\
                <form method="post" action="\(found.path)">\
                \(hidden(frame, context, answers: answers, given: given))<button>Run it</button></form>
                """), status: isOwn ? 429 : 503)
        response.headers[.retryAfter] = "10"
        return response
    }

    /// What was typed, with the outcomes chosen so far as answers of the tasks.
    private func script(_ typed: String, _ given: [JSON]) -> JSON {
        var script = YAMLNode.json(of: Array(typed.utf8))?.objectValue ?? [:]
        var tasks = script["tasks"]?.objectValue ?? [:]
        for answer in given {
            let name = answer["task"].displayText
            let outcome: JSON = ["validate": false, "output": ["outcome": answer["outcome"]]]
            tasks[name] = .array((tasks[name]?.arrayValue ?? []) + [outcome])
        }
        if !tasks.isEmpty { script["tasks"] = .object(tasks) }
        return .object(script)
    }

    private func others(_ found: Found) async throws -> [DefinitionRow] {
        let names = Set(found.workflow.calledTasks.map(\.name))
        return try await desk.site.store.read(in: found.company.id) { try $0.definitions() }.filter { row in
            guard row.state == .active else { return false }
            return row.kind == .workflow ? row.id != found.row.id : row.kind == .task && names.contains(row.name)
        }
    }

    /// The tasks that the run waits for, with their outcomes.
    private func waitingTasks(_ result: JSON, _ found: Found) async throws -> [DryRunView.Waiting] {
        guard result["status"] == .string(SimulationResult.Status.waiting.rawValue) else { return [] }
        var open: [String] = []
        for entry in result["trace"].arrayValue ?? [] {
            let reference = entry["task"].displayText
            if entry["event"] == "waiting" { open.append(reference) } else { open.removeAll { $0 == reference } }
        }
        let lists = found.workflow.lists
        var waiting: [DryRunView.Waiting] = []
        for reference in open {
            let parts = reference.split(separator: "/")
            guard parts.count >= 2, let index = Int(parts[parts.count - 2]),
                let list = lists["/" + parts.dropLast(2).joined(separator: "/")], list.indices.contains(index),
                case .call(let call) = list[index].kind,
                let row = try await desk.site.store.read(
                    in: found.company.id, { try $0.definition(.task, call.task.name) }
                ),
                case .task(let task) = try await desk.site.store.read(
                    in: found.company.id, { try $0.revision(row.revisionID) })
            else { continue }
            waiting.append(.init(task: call.task.name, step: list[index].name, outcomes: task.outcomes))
        }
        return waiting
    }

    private func find(_ context: WebContext) async throws -> Found {
        let signedIn = try context.requireSignedIn()
        let place = try await desk.access.company(context)
        let store = place.store
        // Tickets and tasks have no run of their own.
        guard context.part("kind") == DefinitionKind.workflow.rawValue, let name = context.part("name"),
            let row = try await store.read({ try $0.definition(.workflow, name) }),
            case .workflow(let workflow) = try await store.read({ try $0.revision(row.revisionID) })
        else { throw Failure.notFound }
        var types: [(row: DefinitionRow, definition: TicketDefinition)] = []
        for type in try await store.read({ try $0.ticketTypes() }) where type.workflow?.name == name {
            guard let row = try await store.read({ try $0.definition(.ticket, type.name) }) else {
                continue
            }
            types.append((row, type))
        }
        return Found(
            company: place.company, account: signedIn.account, row: row, workflow: workflow, types: types)
    }
}
