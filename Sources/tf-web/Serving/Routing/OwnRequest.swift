import Hummingbird
import TFStore

/// What a handler is given that takes several transactions on purpose, beside what was proved.
struct OwnRequest: Sendable {
    let request: Request
    let context: WebContext
    /// For reading. What is written through it is not proved again: use `write`, or ask `prove` in the transaction.
    let store: Store
    /// Proves in a transaction what the route's line says: since the handler was called, a session may have ended, or a
    /// right been taken away.
    let prove: @Sendable (WriteSession) throws -> Void

    /// The page's form, as it was sent.
    var form: PostedForm { context.form }
    /// Where it comes from.
    var address: String { context.address }
    /// What the browser or the program calls itself.
    var agent: String { request.headers[.userAgent] ?? "unknown" }

    /// One transaction, in which what the route's line says is proved once more.
    @discardableResult
    func write<Value: Sendable>(
        _ change: @escaping @Sendable (WriteSession) throws -> Value
    ) async throws -> Value {
        try await store.write { session in
            try prove(session)
            return try change(session)
        }
    }

    /// The same inside a company.
    @discardableResult
    func write<Value: Sendable>(
        in company: Company, _ change: @escaping @Sendable (CompanyWriteSession) throws -> Value
    ) async throws -> Value {
        try await write { session in try change(session.inside(company.id)) }
    }

    /// The answer shows a secret, which is kept nowhere in clear: it is not kept for a repeated request either.
    func noteSecretInAnswer() { context.notes.answerHoldsSecret = true }
}

/// What such a handler answers.
enum OwnAnswer: Sendable {
    case page(Page)
    case response(Response)

    /// After a POST: see the other page (303).
    static func seeOther(_ location: String) -> OwnAnswer { .response(.seeOther(location)) }
}

extension RouteServer {
    /// Proves what the route's line says in a snapshot, then leaves the rest to the handler. A repeated request gets the
    /// first one's answer, as far as that was kept.
    func own<Kind: Subject>(
        _ request: Request, _ context: WebContext, on kind: SubjectKind<Kind>,
        _ handler: @Sendable (ProvedRequest<Kind>, OwnRequest) async throws -> OwnAnswer
    ) async throws -> Response {
        let (_, proof) = try await read(request, context, on: kind) { _, _ in () }
        let own = OwnRequest(
            request: request, context: context, store: site.store.acting(for: caller(proof.signedIn, context))
        ) { session in
            _ = try prove(kind, try credential(context, session), request, context, session)
        }
        return try await Repetition(site: site).answer(key(proof.credential, context), context) {
            switch try await handler(proof.request, own) {
            case .response(let response): return response
            case .page(let page):
                // It tells of no change: who goes back and sends other fields gets another page.
                context.notes.isAnswerRepeated = false
                return framed(page, proof.signedIn, in: proof.request.subject.companyOfFrame, request, context)
            }
        }
    }
}
