import HTTPTypes
import Hummingbird
import TFDefinition
import TFStore

extension RouteServer {
    /// A page in the layout that all pages share.
    /// - Parameter viewer: nil before sign-in.
    func framed(_ page: Page, for viewer: Viewer?, _ request: Request, _ context: WebContext) -> Response {
        if let location = page.location { return .seeOther(context.table?.page(after: location) ?? location) }
        let errors = context.typed.errors + page.errors
        let byForm =
            switch context.typed.reason {
            case .nothing, .parked: 200
            case .errors: 422
            case .formChanged: 409
            }
        let status = page.status ?? byForm
        let frame = frame(page, viewer, isError: status == 422, request, context)
        let live = page.live.map { live -> HTML in
            // In answer to a form the page has another address, and its live part is not asked for from there.
            guard context.shownPath == nil else { return "<div class=stack>\(live)</div>" }
            // A page about several companies says in its footer that all are of one zone, or of which ones.
            let company = viewer?.company ?? (page.zones == nil ? nil : viewer?.signedIn.identity.companyOfTime)
            return LivePart(of: page, at: request.uri.path, for: viewer).block(
                of: request, everySeconds: page.liveSeconds,
                now: Times(company, now: site.now).clock(site.now))
        }
        let passed = context.passedOver + page.passedOver
        let notice = passed.isEmpty ? HTML.empty : passedOver(passed)
        var response = Response.page(
            frame.page("\(Elements.errorSummary(errors))\(notice)\(page.content)\(live)\(page.after)"), status: status)
        if let seconds = page.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        if context.route?.access == .open, let preLogin = context.preLogin {
            response.headers.append(
                HTTPField(name: .setCookie, value: site.cookies.header(.preLogin, preLogin, maxAge: 3_600)))
        }
        return response
    }

    /// Says which conditions of the address the page does not follow.
    private func passedOver(_ errors: [FieldError]) -> HTML {
        Elements.banner(.wait, "Part of the address was passed over", "\(Failure.invalid(errors).detail)")
    }

    private func frame(
        _ page: Page, _ viewer: Viewer?, isError: Bool, _ request: Request, _ context: WebContext
    ) -> Frame {
        // Forms of an open page are bound to the browser; its sign-out form is bound to the session.
        Frame(
            title: page.title, viewer: viewer, csrf: viewer.map { site.csrf($0.signedIn, context) } ?? "",
            flash: context.flash, isError: isError, hasSearch: context.table?.hasSearch == true,
            path: context.shownPath ?? request.uri.path, isAtPath: context.shownPath == nil,
            section: page.section, zones: page.zones,
            links: viewer.flatMap { context.table?.navigation($0.signedIn, in: $0.company) } ?? [],
            look: site.look(of: request))
    }

    /// An error's page, in the layout of the visitor if they can be told.
    func shown(_ error: ErrorPage, _ request: Request, _ context: WebContext, of table: RouteTable) async -> Response {
        var viewer: Viewer?
        // Addresses without a route are answered before the session is looked at. Without the store, the page is shown as to
        // a stranger.
        if context.notes.credential == nil {
            try? await PageSession(site: site, table: table).noteCredential(request, context)
        }
        if let credential = context.notes.credential {
            // Without the store the page is shown all the same.
            viewer = try? await site.store.read { session in
                guard let signedIn = try credential.find(in: session, site: site)?.signedIn else { return nil }
                // What does not exist and what the visitor may not see give the same bytes, whatever the address names.
                let company = error.status == 404 ? nil : try company(of: request, for: signedIn, session)
                return try self.viewer(signedIn, in: company, session)
            }
        }
        var shown = error
        // Where a session has ended, another person may have signed in on the same page.
        if error.status == 404 { shown.visitor = viewer?.signedIn.account.name }
        let frame = Frame(
            // Whatever the visitor may not see and what does not exist give the same bytes.
            title: error.name, viewer: viewer, csrf: viewer.map { site.csrf($0.signedIn, context) } ?? "",
            isKeyed: false,
            hasSearch: table.hasSearch, links: viewer.map { table.navigation($0.signedIn, in: $0.company) } ?? [],
            look: site.look(of: request))
        return .page(frame.page(shown.content), status: error.status)
    }

    /// The company whose name stands in the address, if the visitor may know of it.
    private func company(of request: Request, for signedIn: SignedIn, _ session: ReadSession) throws -> Company? {
        let parts = request.uri.path.split(separator: "/")
        guard parts.count > 1, parts[0] == "c" else { return nil }
        let slug = String(parts[1])
        return try signedIn.identity.memberships[slug]?.company
            ?? (signedIn.identity.systemRoles.contains(.admin) ? session.company(slug) : nil)
    }

    /// Answers a page's form. If the change fails, shows the form's page again with what was typed and the errors, or
    /// tells who changed the resource first. Where no page can be shown again, what was typed goes with the error.
    func showingAgain(
        _ request: Request, _ context: WebContext, _ work: (WebContext) async throws -> Response
    ) async throws -> Response {
        // A page that is shown again takes no form, so nothing is shown a third time.
        guard context.route?.isOfAPI == false, context.shownPath == nil else { return try await work(context) }
        do { return try await answer(request, context, work) } catch {
            let typed = context.form.typed
            guard !typed.isEmpty, RefusedForm.isEnd(error) else { throw error }
            throw RefusedForm(cause: error, typed: typed)
        }
    }

    /// The answer to a form with files that the visitor may not send.
    func shown(_ unproved: UnprovedForm, _ request: Request, _ context: WebContext) async throws -> Response {
        var context = context
        context.form = unproved.form
        return try await showingAgain(request, context) { _ in throw unproved.cause }
    }

    private func answer(
        _ request: Request, _ context: WebContext, _ work: (WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            guard context.form.nulErrors.isEmpty else {
                return try await again(.errors(await unseenCharacters(request, context)), request, context)
            }
            guard context.form.hasUsableKey else { return try await again(.errors([.strangeKey]), request, context) }
            return try await work(context)
        } catch is SessionIsOver where context.unreadBody != nil {
            // The body of a form with files can be read only once, and it was read here.
            throw FormOfOtherSession(session: context.credential?.session ?? .absent, form: context.form)
        } catch let instead as ShownInstead {
            return try await shown(instead.page, request, context)
        } catch StoreError.invalid(let errors), Failure.invalid(let errors) {
            return try await again(.errors(errors.map(\.forPeople)), request, context)
        } catch StoreError.otherRequest {
            return try await again(.errors([.sentBefore]), request, context)
        } catch StoreError.formChanged {
            return try await again(.formChanged, request, context)
        } catch StoreError.conflict(let sentence), Failure.conflict(let sentence) {
            return try await conflict(sentence, request, context)
        }
    }

    /// The errors of the texts in which U+0000 was. What their fields are called, only the page knows.
    private func unseenCharacters(_ request: Request, _ context: WebContext) async -> [FieldError] {
        let typed = TypedForm(action: request.uri.path, fields: context.form.typed)
        let (present, known) = await forms(of: typed, request, context)
        return context.form.nulErrors.map { error in
            error.ofUnseenCharacter(in: (present ?? known)?.fields[PostedForm.field(ofPath: error.field)]?.label)
        }
    }

    private func again(
        _ reason: TypedInput.Reason, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        guard let page = context.table?.page(of: context.form, sentTo: request.uri.path), let table = context.table
        else { throw Failure.notFound }
        var again = context.on(page.route, of: table)
        again.shownPath = page.path
        // With the key of a form that was carried out, nothing else could be sent.
        let isNew = reason.errors.contains { $0.field == PostedForm.key }
        again.typed = TypedInput(form: isNew ? context.form.withoutKey : context.form, reason: reason)
        // The page is no repetition of what was sent from it.
        again.sentKey = nil
        again.flash = nil
        let response = try await page.route.handler(page.request(request), again)
        // Fills what was typed into the page's form, whichever form it was. The page itself says which version it shows, and
        // has a box, ticked, for each file that was kept.
        let ofPage: Set = ["version", "file"]
        let typed = context.form.presentable.filter { !ofPage.contains($0.name) }
        return try await TypedForm(action: request.uri.path, fields: typed, untouched: ofPage).filled(in: response)
    }

    /// A page in answer to a form, in the visitor's layout.
    func shown(_ page: Page, _ request: Request, _ context: WebContext) async throws -> Response {
        let viewer = try await site.store.read { session -> Viewer? in
            guard let signedIn = try credential(context, session)?.signedIn else { return nil }
            return try self.viewer(signedIn, in: try company(of: request, for: signedIn, session), session)
        }
        return framed(page, for: viewer, request, context)
    }
}

extension FieldError {
    /// The error of a form that was changed after it had been sent and carried out.
    fileprivate static let sentBefore = FieldError(
        field: PostedForm.key,
        message:
            "You sent this form before with something else in it, and that was done. Check it, then send it again to do this too"
    )

    /// The error of a form whose idempotency key is none that a page makes.
    fileprivate static let strangeKey = FieldError(
        field: PostedForm.key,
        message: "Nothing was changed: the form did not come as its page made it. Check it, then send it again")

    /// For people, of a text in which U+0000 was; the form shows where.
    /// - Parameter label: of the field's control; nil: it is made of the field's name.
    func ofUnseenCharacter(in label: String? = nil) -> FieldError {
        FieldError(
            field: field,
            message:
                "\(Self.subject(label ?? Self.label(of: field))) has an unseen character that cannot be kept; it is marked \u{FFFD}: take it out"
        )
    }
}

extension Identity {
    /// The company of somebody who belongs to one alone; else nil.
    var onlyCompany: Company? { memberships.count == 1 ? memberships.values.first?.company : nil }
}

extension Site {
    /// How the browser's person wants to see the pages.
    func look(of request: Request) -> Frame.Look {
        let theme = cookies.value(.theme, request)
        return Frame.Look(
            theme: theme == "light" || theme == "dark" ? theme : nil, hasKeys: cookies.value(.keys, request) == "1")
    }
}
