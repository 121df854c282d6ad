import TFDefinition
import TFStore

/// A workflow's dry run: first the ticket's form, then one answer after another. It stores nothing.
enum DryRunRoutes {
    private static let path = "/c/{company}/definitions/{kind}/{name}/dry-run"

    static func add(to routes: inout RouteTable) {
        let site = routes.server.site
        routes.page(
            path, .editDefinitions, on: .definition, query: DryRunQuery.self
        ) { request, query, session in
            let workflow = try DryRunWorkflow(
                request.definition, path: "\(request.subject.path)/dry-run", session)
            let step = request.typed.isFirst ? nil : DryRunStep(request.typed.form)
            return try DryRunFormPage(
                workflow: workflow, type: query.type, step: step, errors: request.typed.errors,
                company: request.company,
                account: request.account, tags: request.tags, now: request.now
            ).page(session)
        }
        routes.own(.post, path, .editDefinitions, on: .definition) { request, own in
            try own.form.demandOnce()
            let (row, path) = (request.definition, "\(request.subject.path)/dry-run")
            let workflow = try await own.read(in: request.company) { try DryRunWorkflow(row, path: path, $0) }
            return try await answer(DryRunStep(own.form), workflow, DryRunDialogue(request, own, site), own)
        }
        routes.own(
            .post, "/c/{company}/definitions/dry-run", .editDefinitions, on: .company,
            formOn: "/c/{company}/definitions/new"
        ) { request, own in
            try own.form.demandOnce()
            let (step, company) = (DryRunStep(own.form), request.company)
            if own.form["restart"] != nil {
                return try await DryRunDialogue(request, own, site).first(step.fromStart)
            }
            let workflow = try await own.read(in: company) {
                try DryRunWorkflow(draft: step, in: company, $0)
            }
            return try await answer(step, workflow, DryRunDialogue(request, own, site), own)
        }
    }

    private static func answer<Kind>(
        _ step: DryRunStep, _ workflow: DryRunWorkflow, _ dialogue: DryRunDialogue<Kind>, _ own: OwnRequest
    ) async throws -> OwnAnswer {
        if let file = own.form[DryRunFile.field].flatMap(DryRunFile.init) {
            // It reports no change: the same form gives the other file too.
            own.context.notes.isAnswerRepeated = false
            return .response(file.response(step, of: workflow.name))
        }
        return try await dialogue.answer(step, workflow)
    }
}

/// The ticket type with which the run begins.
private struct DryRunQuery: RequestFields {
    let type: String?

    init(_ fields: inout FieldReader) { type = fields.optional("type", .slug) }
}
