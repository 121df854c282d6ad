import Hummingbird
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The catalogue of ticket types and their forms.
struct CataloguePages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(
            .get, "/c/{company}/tickets/new", .submitTicket, on: .company, navigation: .at(.newTicket, "New ticket"),
            catalogue)
        routes.page(.get, "/c/{company}/tickets/new/{type}", .submitTicket, on: .company, show)
        routes.page(
            .post, "/c/{company}/tickets/new/{type}", .submitTicket, on: .company, takesFiles: true, submit)
        routes.page(.post, "/c/{company}/tickets/new/{type}/validation", .submitTicket, on: .company, validate)
    }

    @Sendable private func catalogue(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(context)
        let types = try await found.store.read { try $0.ticketTypes() }.filter { type in
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

    /// A type that this person may submit, with the company and the person.
    private struct Found {
        let place: Access.InCompany
        let type: TicketDefinition
        let revision: RevisionID

        var path: String { "/c/\(place.company.slug)/tickets/new/\(type.name)" }
    }

    private func find(_ context: WebContext) async throws -> Found {
        let place = try await desk.access.company(context)
        guard let name = context.part("type"),
            let (type, revision) = try await desk.site.store.read(in: place.company.id, { try $0.ticketType(name) }),
            Policy.decide(place.actor, .submitTicket, .ticketType(submitRoles: type.submitRoles)) == .allowed
        else { throw Failure.notFound }
        return Found(place: place, type: type, revision: revision)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let template = found.type.ticketTitle
        if context.isParked {
            return try await page(
                request, context, found, title: context.form["title"],
                answers: found.type.form.answers(posted: context.form.answers))
        }
        let me = found.place.signedIn.account.login
        return try await page(
            request, context, found, title: template?.isComputed == false ? template?.source : nil,
            answers: found.type.form.initialAnswers(
                found.place.company.formContext(now: desk.site.now, me: me, requester: me)))
    }

    @Sendable private func submit(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let site = desk.site
        var context = context
        context.form = try await FormIntake.read(context, site, found.place.company, found.type.form)
        let form = context.form
        let answers = found.type.form.answers(posted: form.answers)
        do {
            if !form.fileErrors.isEmpty { throw StoreError.invalid(try await errors(found, form, answers)) }
            let submission = TicketSubmission(
                type: found.type.name, requester: found.place.signedIn.account,
                title: found.type.asksTitle ? form["title"] : nil, answers: answers,
                revision: form["version"].flatMap { RevisionID($0) })
            let changes = found.place.changes.under(site.requestKey(context))
            return try await changes.answer(.submit(submission, now: site.now)) { _, number in
                site.seen(
                    "/c/\(found.place.company.slug)/tickets/\(number)",
                    saying: "Ticket #\(number) is submitted. This page shows where it is.")
            }
        } catch StoreError.invalid(let errors) {
            return try await page(request, context, found, title: form["title"], answers: answers, errors: errors)
        } catch StoreError.formChanged {
            return try await page(
                request, context, found, title: form["title"], answers: answers, isChanged: true)
        } catch StoreError.conflict(let sentence) {
            return desk.conflict(context, request, sentence, company: found.place.company, back: request.uri.path)
        }
    }

    @Sendable private func validate(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await find(context)
        let answers = found.type.form.answers(posted: context.form.answers)
        let checked = try await check(found, answers)
        return desk.validation(checked, titleErrors(found.type, context.form))
    }

    private func check(_ found: Found, _ answers: JSONObject) async throws -> CheckedAnswers {
        try await desk.site.store.read(in: found.place.company.id) {
            try $0.check(
                found.type.form, answers, FormFiller(giver: found.place.signedIn.account.id), now: desk.site.now)
        }
    }

    private func titleErrors(_ type: TicketDefinition, _ form: PostedForm) -> [FieldError] {
        type.checkedTitle(form["title"]).error.map { [$0] } ?? []
    }

    /// Everything that is wrong, where files were refused already while they came in.
    private func errors(_ found: Found, _ form: PostedForm, _ answers: JSONObject) async throws -> [FieldError] {
        let checked = try await check(found, answers)
        let refused = Set(form.fileErrors.map(\.field))
        return titleErrors(found.type, form) + form.fileErrors + checked.errors.filter { !refused.contains($0.field) }
    }

    /// - Parameter isChanged: the form was changed since the page was loaded: what was typed goes into the new one.
    private func page(
        _ request: Request, _ context: WebContext, _ found: Found, title: String?, answers: JSONObject,
        errors: [FieldError] = [], isChanged: Bool = false
    ) async throws -> Response {
        let type = found.type
        let surroundings = try await desk.surroundings(
            type.form, answers, found.place.company, giver: found.place.signedIn.account)
        let frame = desk.frame(
            context, request, title: type.title, company: found.place.company, isError: !errors.isEmpty)
        let fields = FormFields(form: type.form, answers: answers, errors: errors, surroundings: surroundings)
        let titleField =
            type.asksTitle
            ? Elements.field("title", label: "Title", errors: errors) { attributes in
                #"<input type="text" name="title" value="\#(title)" autocomplete="off"\#(attributes)>"#
            } : .empty
        let submission = errors.isEmpty && !isChanged ? nil : context.form["_submission"]
        let content = FormPage(fields: fields, action: found.path, validation: "\(found.path)/validation").html(
            """
            \(Elements.hidden(csrf: frame.csrf, submission: submission, version: Int(found.revision.rawValue)))\
            \(titleField)\(fields.html)<button>Submit ticket</button>
            """)
        let html: HTML = """
            \(Elements.errorSummary(errors))\(when(isChanged, changed(type.form, context.form)))\
            <h1>\(type.title)</h1><p>\(type.description)</p>\(content)
            """
        return .page(frame.page(html), status: isChanged ? 409 : errors.isEmpty ? 200 : 422)
    }

    /// Says that the form is another now, and shows what has no place in it any more.
    private func changed(_ form: Form, _ posted: PostedForm) -> HTML {
        let homeless = posted.answers.filter { id, values in
            form.field(id) == nil && !id.hasSuffix(".other") && values.contains { !$0.isEmpty }
        }
        let rows = homeless.sorted { $0.key < $1.key }.map { id, values -> HTML in
            "<dt>\(id)</dt><dd>\(values.joined(separator: ", "))</dd>"
        }
        return """
            <div class="errors" tabindex="-1" autofocus><div role="alert"><h2>This form was changed while you filled it in</h2>\
            <p>Nothing was sent. Your answers are below; check them, then submit again.</p>\
            \(when(!homeless.isEmpty, "<p>These have no place in it any more:</p><dl>\(rows)</dl>"))</div></div>
            """
    }
}
