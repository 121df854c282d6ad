import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A workflow's dry run: first the ticket's form, then one outcome after another. It stores nothing.
enum DryRunRoutes {
    private static let path = "/c/{company}/definitions/{kind}/{name}/dry-run"

    static func add(to routes: inout RouteTable) {
        let site = routes.server.site
        routes.page(
            path, .editDefinitions, on: .definition, query: DryRunQuery.self
        ) { request, query, session in
            let workflow = try DryRunWorkflow(request.subject, session)
            return try DryRunFormPage(workflow: workflow, request: request, type: query.type).page(session)
        }
        routes.own(.post, path, .editDefinitions, on: .definition) { request, own in
            let step = DryRunStep(own.form)
            let plan = try await own.read(in: request.company) { session in
                try DryRunPlan(step, try DryRunWorkflow(request.subject, session), request, session)
            }
            let run = DryRun(site: site, person: request.account.id)
            do {
                let result = try await own.context.whileClientStays { try await run.run(plan.scenario) }
                let view = DryRunView(
                    result: result, tasks: plan.waitingTasks(result), path: plan.workflow.path,
                    hidden: step.hidden(input: plan.input, tags: request.tags))
                let title = plan.workflow.title
                return .page(Page(title, "<h1>\(title)</h1>\(view.html)"))
            } catch DryRun.Failure.noSlot(let isOwn) {
                return .page(noSlot(plan, step, request, isOwn: isOwn))
            } catch DryRun.Failure.refused(let reason) {
                throw Failure.invalid([
                    FieldError(field: "source", message: "The dry run was refused: \(reason)")
                ])
            }
        }
    }

    /// The page if all slots for dry runs are taken: it keeps everything that was typed and chosen, to be sent again.
    private static func noSlot(
        _ plan: DryRunPlan, _ step: DryRunStep, _ request: ProvedRequest<OnDefinition>, isOwn: Bool
    ) -> Page {
        let title = "Try again in a moment"
        let reason: HTML =
            isOwn
            ? "Another dry run of yours is not finished yet. Wait for it, or leave its page, which stops it."
            : "\(DryRunSlots.limit) dry runs of other people are going on, and the site takes no more at a time."
        return Page(
            title,
            """
            <h1>\(title)</h1><p>\(reason) What you typed is kept here.</p>\
            <form method="post" action="\(plan.workflow.path)">\
            \(step.hidden(input: plan.input, tags: request.tags))<button>Run it</button></form>
            """
        ).refusing(isOwn ? 429 : 503, retryAfter: 10)
    }
}

/// The ticket type with which the run begins.
private struct DryRunQuery: RequestFields {
    let type: String?

    init(_ fields: inout FieldReader) { type = fields.optional("type", .slug) }
}
