import HTTPTypes
import Hummingbird
import TFDefinition
import TFStore

extension RouteServer {
    /// A page in the layout that all pages share.
    func framed(
        _ page: Page, _ signedIn: SignedIn?, in company: Company?, _ request: Request, _ context: WebContext
    ) -> Response {
        if let location = page.location { return .seeOther(location) }
        let errors = context.typed.errors + page.errors
        let byForm =
            switch context.typed.reason {
            case .nothing, .parked: 200
            case .errors: 422
            case .formChanged: 409
            }
        let status = page.status ?? byForm
        // Forms of an open page are bound to the browser; its sign-out form is bound to the session.
        let frame = Frame(
            title: page.title, signedIn: signedIn, company: company, csrf: site.csrf(signedIn, preLogin: nil) ?? "",
            flash: context.flash, isError: status == 422, current: context.shownPath ?? request.uri.path,
            links: signedIn.flatMap { context.table?.navigation($0, in: company) } ?? [])
        var response = Response.page(
            frame.page("\(Elements.errorSummary(errors))\(page.content)"), status: status)
        if let seconds = page.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        if context.route?.access == .open, let preLogin = context.preLogin {
            response.headers.append(
                HTTPField(name: .setCookie, value: site.cookies.header(.preLogin, preLogin, maxAge: 3_600)))
        }
        return response
    }

    /// Answers a page's form. If the change fails, shows the form's page again with what was typed and the errors, or
    /// tells who changed the resource first.
    func showingAgain(
        _ request: Request, _ context: WebContext, _ work: (WebContext) async throws -> Response
    ) async throws -> Response {
        guard context.route?.isOfAPI == false else { return try await work(context) }
        do {
            return try await work(context)
        } catch is SessionIsOver where context.unreadBody != nil {
            // The body of a form with files can be read only once, and it was read here.
            throw FormOfOtherSession(session: context.credential?.session ?? "", form: context.form)
        } catch let instead as ShownInstead {
            return try await shown(instead.page, request, context)
        } catch StoreError.invalid(let errors), Failure.invalid(let errors) {
            return try await again(.errors(errors), request, context)
        } catch StoreError.formChanged {
            return try await again(.formChanged, request, context)
        } catch StoreError.conflict(let sentence), Failure.conflict(let sentence) {
            return try await conflict(sentence, request, context)
        }
    }

    private func again(
        _ reason: TypedInput.Reason, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        guard let (route, path) = context.table?.pageRoute(ofForm: request.uri.path), let table = context.table else {
            throw Failure.notFound
        }
        var again = context.on(route, of: table)
        again.shownPath = path
        again.typed = TypedInput(form: context.form, reason: reason)
        again.flash = nil
        let response = try await route.handler(request, again)
        // Fills what was typed into the page's form, whichever form it was.
        let typed = context.form.presentable.filter { $0.name != "version" && $0.name != "file" }
        return try await TypedForm(action: request.uri.path, fields: typed).filled(in: response)
    }

    /// A page in answer to a form, in the visitor's layout.
    private func shown(_ page: Page, _ request: Request, _ context: WebContext) async throws -> Response {
        let (signedIn, company) = try await site.store.read { session -> (SignedIn?, Company?) in
            let signedIn = try credential(context, session)?.signedIn
            let parts = PathParts(context.route?.path ?? "", request.uri.path)
            let company = try parts["company"].flatMap { slug in
                try signedIn?.identity.memberships[slug]?.company
                    ?? (signedIn?.identity.systemRoles.contains(.admin) == true ? session.company(slug) : nil)
            }
            return (signedIn, company)
        }
        return framed(page, signedIn, in: company, request, context)
    }

    /// The page for an edit conflict: who did what, with the typed text to copy.
    private func conflict(_ sentence: String, _ request: Request, _ context: WebContext) async throws -> Response {
        let typed = context.form.presentable.filter { $0.name != "version" && !$0.value.isEmpty }
        let rows = typed.map { field -> HTML in "<dt>\(field.name)</dt><dd>\(field.value)</dd>" }
        let back = context.table?.page(ofForm: request.uri.path) ?? "/"
        var response = try await shown(
            Page(
                "Somebody was faster",
                """
                <h1>Somebody was faster</h1><p>Nothing was changed: \(sentence).</p>\
                \(when(!typed.isEmpty, "<h2>What you typed</h2><dl>\(rows)</dl>"))\
                <p><a class="button" href="\(back)">Load the page again</a></p>
                """), request, context)
        response.status = .conflict
        return response
    }
}
