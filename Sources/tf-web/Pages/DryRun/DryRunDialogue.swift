import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Takes the answers of a dry run's pages, runs the workflow with all of them from its start, and asks for the next.
struct DryRunDialogue<Kind: InsideCompany> {
    private let request: ProvedRequest<Kind>
    private let own: OwnRequest
    private let site: Site
    private var company: Company { request.company }
    private var account: Account { request.account }

    init(_ request: ProvedRequest<Kind>, _ own: OwnRequest, _ site: Site) {
        self.request = request
        self.own = own
        self.site = site
    }

    /// The first page for a text that is not published: the ticket's form.
    func first(_ step: DryRunStep) async throws -> OwnAnswer {
        let workflow = try await own.read(in: company) { [company] in
            try DryRunWorkflow(draft: step, in: company, $0)
        }
        return try await form(workflow, step, [])
    }

    func answer(_ sent: DryRunStep, _ workflow: DryRunWorkflow) async throws -> OwnAnswer {
        var step = sent
        // With the first answers the run's clock begins to go, at the time and in the zone of the company.
        step.start(at: SimulationClock(start: request.now, offset: company.offset(request.now / 1000)))
        var errors = step.problems
        let type = workflow.type(named: step.type)
        var input = step.input ?? [:]
        if step.input == nil, let type {
            let given = type.form.answers(posted: step.typed)
            let context = type.form.contextTakingAsGiven(given, at: step.clock.start, on: step.clock)
            let checked = type.form.check(given, context)
            input = .object(checked.answers)
            errors += checked.errors
        }
        guard errors.isEmpty else { return try await form(workflow, step, errors) }
        return try await run(step, workflow, type, input)
    }

    private func form(
        _ workflow: DryRunWorkflow, _ step: DryRunStep, _ errors: [FieldError]
    ) async throws -> OwnAnswer {
        let page = DryRunFormPage(
            workflow: workflow, type: step.type, step: step, errors: errors, company: company, account: account,
            tags: request.tags, now: request.now)
        let shown = try await own.read(in: company) { try page.page($0) }
        return .page(errors.isEmpty ? shown : shown.refusing(422, errors))
    }

    private func run(
        _ step: DryRunStep, _ workflow: DryRunWorkflow, _ type: TicketDefinition?, _ input: JSON
    ) async throws -> OwnAnswer {
        var step = step
        let wrong = addChoice(to: &step, workflow, type)
        let text = try await own.read(in: company) { session in
            try type.flatMap { try workflow.text(of: $0, session) }
        }
        let scenario = DryRun.Scenario(
            name: workflow.name, source: workflow.source, others: workflow.others, ticket: text.map { ($0, input) },
            script: step.script)
        do {
            let run = DryRun(site: site, person: account.id)
            let result = try await own.context.whileClientStays { try await run.run(scenario) }
            let page = DryRunPage(
                workflow: workflow, type: type, step: step, input: input, result: result, errors: wrong,
                company: company, tags: request.tags, now: request.now)
            let diagram = try await diagram(workflow)
            let shown = try await own.read(in: company) { [account] session in
                try page.page(diagram, session, account)
            }
            return .page(wrong.isEmpty ? shown : shown.refusing(422, wrong))
        } catch DryRun.Failure.noSlot(let isOwn) {
            return .page(noSlot(workflow, step, input, isOwn: isOwn))
        } catch DryRun.Failure.refused(let reason) {
            let error = FieldError(field: "source", message: "The dry run stopped: \(reason)")
            return try await form(workflow, step, [error])
        }
    }

    /// Adds the answer that was chosen, if it is right.
    /// - Returns: what is wrong with it.
    private func addChoice(
        to step: inout DryRunStep, _ workflow: DryRunWorkflow, _ type: TicketDefinition?
    ) -> [FieldError] {
        guard let choice = step.choice, let task = workflow.tasks[choice.task] else { return [] }
        let outcome = task.outcomes.first { $0.value == choice.outcome } ?? .done
        guard let form = task.dryForm(type) else {
            step.add(choice.task, choice.outcome, [:])
            return []
        }
        let given = form.answers(posted: step.typed)
        var context = form.contextTakingAsGiven(given, at: step.moment(of: choice.task), on: step.clock)
        context.outcome = outcome.value
        let checked = form.check(given, context)
        let errors = outcome.validates ? checked.errors : []
        if errors.isEmpty { step.add(choice.task, choice.outcome, checked.answers) }
        return errors
    }

    private func diagram(_ workflow: DryRunWorkflow) async throws -> WorkflowDiagram {
        guard let revision = workflow.revision else { return await site.drafts.diagram(of: workflow.graph) }
        return try await own.read(in: company) { try WorkflowDiagram(workflow.graph, revision: revision, $0) }
    }

    /// The page if all slots for dry runs are taken: it keeps everything that was typed and chosen, to be sent again.
    private func noSlot(_ workflow: DryRunWorkflow, _ step: DryRunStep, _ input: JSON, isOwn: Bool) -> Page {
        let title = "Try again in a moment"
        let reason: HTML =
            isOwn
            ? "Another dry run of yours is not finished yet. Wait for it, or leave its page, which stops it."
            : "\(DryRunSlots.limit) dry runs of other people are going on, and the site takes no more at a time."
        return Page(
            title,
            """
            \(Elements.definitionHead(title, place: "Dry run", back: [Elements.definitions(of: company)]))\
            <p>\(reason) What you typed is kept here.</p><form method="post" action="\(workflow.path)">\
            \(step.hidden(input: input, tags: request.tags))<button class="primary">Run it</button></form>
            """
        ).under(.definitions).refusing(isOwn ? 429 : 503, retryAfter: 10)
    }
}

extension TaskDefinition {
    /// The form that the task asks for; nil: it has none.
    /// - Parameter type: the ticket's type, whose form it may be.
    func dryForm(_ type: TicketDefinition?) -> Form? {
        switch form {
        case .none: nil
        case .body(let body): kind == .service ? nil : body
        case .ticket: type?.form
        }
    }
}
