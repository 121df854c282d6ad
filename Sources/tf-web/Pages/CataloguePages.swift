import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// The catalogue of ticket types and their forms.
struct CataloguePages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout Routes) {
        routes.get("/c/{company}/tickets/new", catalogue)
        routes.get("/c/{company}/tickets/new/{type}", show)
        routes.post("/c/{company}/tickets/new/{type}", submit)
    }

    @Sendable private func catalogue(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(
            context.parameters.get("company"), try context.requireSignedIn(), .submitTicket)
        let types = try await desk.site.store.ticketTypes(found.company.id).filter { type in
            Policy.decide(found.actor, .submitTicket, .ticketType(submitRoles: type.submitRoles)) == .allowed
        }
        let entries = types.map { type -> HTML in
            """
            <li class="card"><a href="/c/\(found.company.slug)/tickets/new/\(type.name)">\(type.title)</a>\
            <p>\(type.description)</p></li>
            """
        }
        let frame = desk.frame(context, request, title: "New ticket", company: found.company)
        return desk.respond(
            frame,
            """
            <h1>What do you need?</h1>\
            \(types.isEmpty
                ? Elements.empty("There is nothing to submit yet. A workflow creator adds ticket types as files.")
                : "<ul class=\"catalogue\">\(entries)</ul>")
            """)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let (found, type) = try await type(context)
        return page(
            request, context, found, type,
            title: type.ticketTitle?.isComputed == false ? type.ticketTitle?.source : nil,
            answers: type.form.initialAnswers, errors: [])
    }

    @Sendable private func submit(_ request: Request, _ context: WebContext) async throws -> Response {
        let (found, type) = try await type(context)
        let site = desk.site
        let answers = type.form.answers(posted: context.form.answers)
        do {
            let number = try await site.store.submitTicket(
                TicketSubmission(
                    company: found.company, type: type.name, requester: found.signedIn.account,
                    title: type.asksTitle ? context.form["title"] : nil, answers: answers,
                    submission: context.form["_submission"]), now: site.now)
            return site.seeOther(
                "/c/\(found.company.slug)/tickets/\(number)",
                saying: "Ticket #\(number) is submitted. This page shows where it is.")
        } catch StoreError.invalid(let errors) {
            return page(
                request, context, found, type, title: context.form["title"], answers: answers, errors: errors)
        } catch StoreError.conflict(let sentence) {
            return desk.conflict(context, request, sentence, company: found.company, back: request.uri.path)
        }
    }

    private func type(_ context: WebContext) async throws -> (Access.InCompany, TicketDefinition) {
        let found = try await desk.access.company(
            context.parameters.get("company"), try context.requireSignedIn(), .submitTicket)
        guard let name = context.parameters.get("type"),
            let type = try await desk.site.store.ticketType(found.company.id, name)?.definition,
            Policy.decide(found.actor, .submitTicket, .ticketType(submitRoles: type.submitRoles)) == .allowed
        else { throw Failure.notFound }
        return (found, type)
    }

    private func page(
        _ request: Request, _ context: WebContext, _ found: Access.InCompany, _ type: TicketDefinition, title: String?,
        answers: JSONObject, errors: [FieldError]
    ) -> Response {
        let frame = desk.frame(context, request, title: type.title, company: found.company, isError: !errors.isEmpty)
        let titleField =
            type.asksTitle
            ? Elements.field("title", label: "Title", errors: errors) { attributes in
                #"<input type="text" name="title" value="\#(title)" autocomplete="off"\#(attributes)>"#
            } : .empty
        let submission = errors.isEmpty ? nil : context.form["_submission"]
        return desk.respond(
            frame,
            """
            \(Elements.errorSummary(errors))<h1>\(type.title)</h1><p>\(type.description)</p>\
            <form method="post" action="\(request.uri.path)" novalidate>\
            \(Elements.hidden(csrf: frame.csrf, submission: submission))\
            \(titleField)\(FormFields(form: type.form, answers: answers, errors: errors).html)\
            <button>Submit ticket</button></form>
            """)
    }
}
