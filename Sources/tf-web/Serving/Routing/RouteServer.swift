import Hummingbird
import TFEngine
import TFStore

/// Serves one request in one store session: authentication, finding the resource, authorisation and the handler share a
/// snapshot, or a transaction if something is changed. So no right can be taken away between check and change.
struct RouteServer: Sendable {
    /// How long the requests of an open page's script belong to the look that opened it, in milliseconds: longer than
    /// site.js asks for a ticket that goes on by itself.
    private static let lookLasts: Int64 = 120_000
    /// How long an admin looks through a company's lists, in milliseconds, until that is noted again.
    private static let listLasts: Int64 = 3_600_000

    let site: Site

    /// What was established before a handler is called.
    struct Proof<Kind: RouteSubject>: Sendable {
        let request: ProvedRequest<Kind>
        let credential: Credential.Found?

        var signedIn: SignedIn? { credential?.signedIn }
    }

    // MARK: Reading

    /// Answers from one snapshot.
    func read<Kind: RouteSubject, Value: Sendable>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> Value
    ) async throws -> (value: Value, proof: Proof<Kind>) {
        let (value, proof) = try await site.store.read { session in
            let proof = try prove(kind, try credential(context, session), request, context, session)
            return (try handler(proof.request, proof.request.subject.reading(session)), proof)
        }
        try await note(proof, request, context)
        return (value, proof)
    }

    /// Shows a page, read from one snapshot with what its header tells.
    func show<Kind: RouteSubject>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> Page
    ) async throws -> Response {
        let (page, viewer) = try await made(request, context, on: kind, handler)
        return framed(page, for: viewer, request, context)
    }

    /// Shows the part of a page alone that the script keeps up to date.
    func showPart<Kind: RouteSubject>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> Page
    ) async throws -> Response {
        let (page, viewer) = try await made(request, context, on: kind, handler)
        let path = String(request.uri.path.dropLast(LivePart.suffix.count))
        return LivePart(of: page, at: path, for: viewer).response(to: request)
    }

    private func made<Kind: RouteSubject>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> Page
    ) async throws -> (Page, Viewer?) {
        let (page, viewer, proof) = try await site.store.read { session -> (Page, Viewer?, Proof<Kind>) in
            let proof = try prove(kind, try credential(context, session), request, context, session)
            let page = try handler(proof.request, proof.request.subject.reading(session))
            let viewer = try self.viewer(proof.signedIn, in: proof.request.subject.companyOfFrame, session)
            return (page, viewer, proof)
        }
        try await note(proof, request, context)
        guard !page.notices.isEmpty, let signedIn = proof.signedIn else { return (page, viewer) }
        return (page, try await reading(page, proof.request.subject.companyOfFrame, signedIn))
    }

    /// Marks the notifications as read that lead to a page, which its header then counts no more.
    private func reading(_ page: Page, _ company: Company?, _ signedIn: SignedIn) async throws -> Viewer? {
        let account = signedIn.account.id
        _ = try await site.store.writeAside {
            try $0.markNotifications(page.notices, isRead: true, of: account, now: site.now)
        }
        return try await site.store.read { try viewer(signedIn, in: company, $0) }
    }

    /// - Parameter company: the company of the page. Pages that belong to none are shown in the visitor's only company.
    func viewer(_ signedIn: SignedIn?, in company: Company?, _ session: ReadSession) throws -> Viewer? {
        try signedIn.map { signedIn in
            let company = company ?? signedIn.identity.onlyCompany
            let account = signedIn.account.id
            let others = signedIn.identity.memberships.values.filter { $0.company.id != company?.id }
            return Viewer(
                signedIn: signedIn, company: company,
                figures: try session.headerFigures(
                    of: account, in: company?.id, notices: signedIn.identity.noticeScopes),
                tasksElsewhere: try others.reduce(into: [:]) { counts, other in
                    guard other.systemRoles.contains(.taskWorker) else { return }
                    counts[other.company.id] = try session.inside(other.company.id).openTaskCount(of: account)
                }, foreignCompanies: try foreignCompanies(signedIn.identity, session))
        }
    }

    /// Who runs the site goes into each company without being a member.
    private func foreignCompanies(_ identity: Identity, _ session: ReadSession) throws -> [Company] {
        guard identity.systemRoles.contains(.admin) else { return [] }
        let limit = Frame.limitForeign + 1 + identity.memberships.count
        return try session.companies(upTo: limit).filter { identity.memberships[$0.slug] == nil }
    }

    /// Records what a snapshot cannot write: the use of an API key, and that an admin has looked.
    ///
    /// The script of an open page asks for it again and again. That is no new look, but only for `lookLasts` after one
    /// that is noted: whoever asks as the script does cannot look without a note. Of a company's lists, whose pages and
    /// filters are many, one look is noted in `listLasts`, and each table that is taken out of them.
    private func note(_ proof: Proof<some RouteSubject>, _ request: Request, _ context: WebContext) async throws {
        let (key, adminNote) = (proof.credential?.usedKey, proof.request.subject.adminNote)
        guard key != nil || adminNote != nil else { return }
        let isOfScript = context.route?.isOfAPI == false && LivePart.isAsked(for: request)
        let export = isTable(request, context) ? adminNote?.export : nil
        // A page that asks before a change needs the right to the change, and changes nothing.
        let isLook = context.route.map { $0.method == .get || $0.isQuestion } ?? true
        let action = isLook ? export ?? adminNote?.look : adminNote?.action
        guard key != nil || action != nil else { return }
        let isOfList = adminNote?.export != nil
        let lasts =
            !isLook ? 0 : isOfList ? (export == nil ? Self.listLasts : 0) : isOfScript ? Self.lookLasts : 0
        let isThere: @Sendable (ReadSession) throws -> Bool = { session in
            guard lasts > 0, let adminNote, let action else { return false }
            return try session.inside(adminNote.company)
                .isNoted(action, adminNote.subject, since: site.now - lasts)
        }
        let store = site.store.acting(for: caller(proof.signedIn, context))
        // Most looks are noted already, and need not wait for a writer to find that out.
        if key == nil, lasts > 0, try await store.read(isThere) { return }
        try await store.writeAside { session in
            // Another request may have noted it meanwhile.
            try note(key, adminNote, try isThere(session) ? nil : action, session)
        }
    }

    /// Whether a list is asked for as a table: that of a page at its own address, that of an operation by `format`.
    private func isTable(_ request: Request, _ context: WebContext) -> Bool {
        guard let route = context.route else { return false }
        guard route.isOfAPI else { return route.isFile }
        return request.uri.queryParameters.contains { name, value in name == "format" && value == "csv" }
    }

    private func note(
        _ key: APIKeyID?, _ adminNote: AdminNote?, _ action: AuditAction?, _ session: WriteSession
    ) throws {
        if let key { try session.noteUse(ofKey: key, now: site.now) }
        if let adminNote, let action {
            try session.inside(adminNote.company).note(action, adminNote.subject, now: site.now)
        }
    }

    // MARK: Changing

    /// Makes a change and stores the answer under the request's idempotency key, in one transaction. A request that was
    /// answered before gets the same answer.
    func change<Kind: RouteSubject>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Kind.Writing) throws -> Done
    ) async throws -> Reply {
        let company = PathParts(context.route?.path ?? "", context.shownPath ?? request.uri.path)["company"]
        let (answer, kept) = try await site.store.write(inCompanyNamed: company) {
            session -> (Made, IdempotencyKey?) in
            let credential = try credential(context, session)
            let key = key(credential, context)
            if let key, let earlier = try Reply(earlier: key, session) {
                try Kind.demandReader(visitor(credential?.signedIn, request, context), in: session)
                return (.reply(earlier), nil)
            }
            let proof = try prove(kind, credential, request, context, session)
            try demandMatch(request, context, credential, session)
            let acting = session.acting(for: caller(proof.signedIn, context))
            let adminNote = proof.request.subject.adminNote
            try note(credential?.usedKey, adminNote, adminNote?.action, acting)
            let done = try handler(proof.request, proof.request.subject.writing(acting))
            let made = try made(done, context)
            guard let key else { return (made, nil) }
            let written = try made.reply(session).written
            try session.keep(written.stored, for: key)
            if case .shown(_, let shown) = made, shown.isOfNextStep { return (made, key) }
            return (.reply(written), key)
        }
        #if DEBUG
            if let kept { TestCrash.dieIfAsked(behind: kept) }
        #endif
        switch answer {
        case .reply(let reply): return reply
        case .shown(let moved, let shown):
            do {
                if let moved { await site.steps.wait(for: .workflow(moved)) }
                let reply = try await site.store.read { try shown.read($0) }.written
                // Whoever sends the request again gets this answer too.
                if let kept { try await site.store.writeAside { try $0.keep(reply.stored, for: kept) } }
                return reply
            } catch {
                site.logger.warning("a change is made, and cannot be shown", metadata: ["error": "\(error)"])
                return shown.otherwise
            }
        }
    }

    /// What a change comes to.
    private enum Made: Sendable {
        case reply(Reply)
        /// To be read, from a snapshot that has the change.
        case shown(moved: TicketID?, Done.Shown)

        func reply(_ session: ReadSession) throws -> Reply {
            switch self {
            case .reply(let reply): return reply
            case .shown(let moved, let shown):
                var reply = try shown.read(session)
                reply.moved = moved
                return reply
            }
        }
    }

    private func made(_ done: Done, _ context: WebContext) throws -> Made {
        guard context.route?.isOfAPI == true else {
            let location = done.asked.map { context.table?.page(after: $0) ?? $0 } ?? done.location
            var reply = Reply.seeOther(location)
            if let flash = done.flash { reply = site.seen(location, saying: flash) }
            reply.moved = done.moved
            return .reply(reply)
        }
        if let shown = done.shown { return .shown(moved: done.moved, shown) }
        var reply = try done.reply?() ?? .noContent
        reply.moved = done.moved
        return .reply(reply)
    }

    // MARK: Proving

    /// Finds who sends the request, as of this snapshot.
    /// - Throws: `SessionIsOver` if a page's token is valid but its session has ended; for programs
    ///   `Failure.unauthorized`.
    func credential(_ context: WebContext, _ session: ReadSession) throws -> Credential.Found? {
        guard let credential = context.credential else {
            if context.route?.access == .bearer { throw Failure.unauthorized }
            return nil
        }
        if let found = try credential.find(in: session, site: site) {
            context.notes.caller = caller(found.signedIn, context)
            if let route = context.route, route.access != .open, route.needsSecondFactor,
                site.lacksSecondFactor(found.signedIn)
            {
                throw SecondFactorIsMissing()
            }
            return found
        }
        switch context.route?.access {
        case .bearer: throw Failure.unauthorized
        case .cookie: throw SessionIsOver()
        case .open, .machine, nil: return nil
        }
    }

    func prove<Kind: RouteSubject>(
        _ kind: RouteSubjectKind<Kind>, _ credential: Credential.Found?, _ request: Request, _ context: WebContext,
        _ session: ReadSession
    ) throws -> Proof<Kind> {
        let signedIn = credential?.signedIn
        var path = context.shownPath ?? request.uri.path
        if context.route?.path.hasSuffix(LivePart.suffix) == true { path.removeLast(LivePart.suffix.count) }
        let visitor = visitor(signedIn, request, context)
        let proved = ProvedRequest(
            subject: try Kind.find(for: visitor, in: session), path: path, isPage: context.route?.isOfAPI == false,
            parts: visitor.parts,
            typed: context.typed, tags: site.tags(context), look: site.look(of: request), now: visitor.now)
        return Proof(request: proved, credential: credential)
    }

    func visitor(_ signedIn: SignedIn?, _ request: Request, _ context: WebContext) -> Visitor {
        let path = context.shownPath ?? request.uri.path
        return Visitor(
            signedIn: signedIn, action: context.action, parts: PathParts(context.route?.path ?? "", path),
            sendsForm: context.route.map { $0.method == .post && !$0.isOfAPI && !$0.isQuestion } ?? false,
            opensPage: context.shownPath == nil && context.route.map { $0.method == .get && !$0.isOfAPI } ?? false,
            now: site.now)
    }

    func caller(_ signedIn: SignedIn?, _ context: WebContext) -> Caller {
        Caller(
            name: signedIn?.account.login ?? "nobody", account: signedIn?.account.id, address: context.address)
    }

    /// The request's idempotency key, bound to its account; nil if none was sent.
    func key(_ credential: Credential.Found?, _ context: WebContext) -> IdempotencyKey? {
        guard let sent = context.sentKey, let account = credential?.signedIn.account else { return nil }
        return IdempotencyKey(
            account: account.id, name: sent.name, request: site.keys.mac(sent.request, for: "repeated request"),
            at: site.now)
    }
}

/// An idempotency key as it was sent.
struct SentKey: Sendable {
    let name: String
    /// Method, path and what else identifies the request. Only its HMAC is stored: a path may hold a valid link, and a
    /// short secret in a body could be guessed from a plain digest.
    let request: String
}

extension Site {
    /// The hidden fields for the forms of an answer.
    func tags(_ context: WebContext) -> FormTags {
        guard let credential = context.credential, context.route?.access != .open, context.route?.isOfAPI != true
        else {
            return FormTags(token: csrf(preLogin: context.preLogin) ?? "", submission: nil, isKeyed: false)
        }
        return FormTags(
            token: context.notes.formToken(of: credential.session, keys: keys).text,
            submission: context.typed.form[PostedForm.key], isKeyed: true)
    }
}
