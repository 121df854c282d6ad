import Hummingbird
import TFStore

/// What the router gives, beside the proof, to a handler that takes several transactions on purpose.
struct OwnRequest: Sendable {
    let request: Request
    let context: WebContext
    /// For reads. Writes through it are not authorised again: use `write`, or call `prove` in the transaction.
    let records: Store
    /// Holds the request to its `If-Match`, which the router has done already but for a file with an idempotency key: one
    /// that comes again gets its first answer, whatever the object's tag is by now, and only who has read it knows.
    let demandMatch: @Sendable (ReadSession) throws -> Void
    /// Checks the route's rights again inside a transaction: since the handler was called, a session may have ended, or
    /// a right may have been taken away.
    let prove: @Sendable (WriteSession) throws -> Void

    /// The page's form as it was sent.
    var form: PostedForm { context.form }
    /// The client's IP address.
    var address: String { context.address }
    /// The client's `User-Agent`.
    var agent: String { request.headers[.userAgent] ?? "unknown" }

    /// `records` of one company.
    func records(of company: Company) -> CompanyStore { records.inside(company.id) }

    /// Reads one snapshot.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (ReadSession) throws -> Value
    ) async throws -> Value {
        try await records.read(body)
    }

    /// The same inside a company.
    func read<Value: Sendable>(
        in company: Company, _ body: @escaping @Sendable (CompanyReadSession) throws -> Value
    ) async throws -> Value {
        try await records.read(in: company.id, body)
    }

    /// Runs one transaction, in which the route's rights are checked again.
    @discardableResult
    func write<Value: Sendable>(
        _ change: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        try await records.write { session in
            try prove(session)
            return try change(session)
        }
    }

    /// The same inside a company.
    @discardableResult
    func write<Value: Sendable>(
        in company: Company, _ change: @escaping @Sendable (CompanyWriteSession) throws -> Value
    ) async throws -> Value {
        try await records.write(inCompanyNamed: company.slug) { session in
            try prove(session)
            return try change(session.inside(company.id))
        }
    }

    /// The idempotency key of a request with a file; nil if it has none.
    /// - Parameter content: what tells the body, which the handler has read, from another one.
    func key(of account: Account, content: String, _ site: Site) -> IdempotencyKey? {
        context.keyOfFile.map { key in
            IdempotencyKey(
                account: account.id, name: "api \(key)",
                request: site.keys.mac(
                    "\(request.method) \(request.uri.path) \(content)", for: "repeated request"),
                at: site.now)
        }
    }

    /// Says that the answer shows a secret, which is stored nowhere in clear text; so the answer is not stored for
    /// replay.
    func noteSecretInAnswer() { context.notes.answerHoldsSecret = true }
}

/// The answer of a handler that takes several transactions.
enum OwnAnswer: Sendable {
    case page(Page)
    case response(Response)

    /// 303 after a POST.
    static func seeOther(_ location: String) -> OwnAnswer { .response(.seeOther(location)) }
}

extension RouteServer {
    /// Checks the route's rights in a snapshot, then calls the handler. A repeated request gets the first answer if it
    /// was stored.
    /// - Parameter isPart: whether to answer with the part of the page alone that the script keeps up to date.
    func own<Kind: RouteSubject>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>, isPart: Bool = false,
        _ handler: @Sendable (ProvedRequest<Kind>, OwnRequest) async throws -> OwnAnswer
    ) async throws -> Response {
        let (_, proof) = try await read(request, context, on: kind) { _, _ in () }
        let own = OwnRequest(
            request: request, context: context, records: site.store.acting(for: caller(proof.signedIn, context)),
            demandMatch: { session in
                guard request.headers[.ifMatch] != nil else { return }
                try demandMatch(request, context, try credential(context, session), session)
            },
            prove: { session in
                _ = try prove(kind, try credential(context, session), request, context, session)
            })
        let page =
            context.route?.isOfAPI == false ? context.table?.page(of: context.form, sentTo: request.uri.path) : nil
        return try await Repetition(site: site).answer(key(proof.credential, context), context, page: page?.address) {
            // What takes several transactions overwrites nothing, but for a definition, whose own transaction looks again.
            if request.headers[.ifMatch] != nil, context.keyOfFile == nil {
                try await site.store.read { try own.demandMatch($0) }
            }
            switch try await handler(proof.request, own) {
            case .response(var response):
                // What a PUT has made is where it was sent.
                if request.method == .put, response.status == .created, response.headers[.location] == nil {
                    response.headers[.location] = request.uri.path
                }
                return response
            case .page(let page):
                // A page reports no change: a visitor who goes back and sends other fields needs a new page.
                context.notes.isAnswerRepeated = false
                let viewer = try await site.store.read { session -> Viewer? in
                    try self.viewer(proof.signedIn, in: proof.request.subject.companyOfFrame, session)
                }
                if isPart {
                    let path = String(request.uri.path.dropLast(LivePart.suffix.count))
                    return LivePart(of: page, at: path, for: viewer).response(to: request)
                }
                return framed(page, for: viewer, request, context)
            }
        }
    }
}
