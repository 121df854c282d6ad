import Hummingbird
import TFDefinition
import TFEngine
import TFStore

/// Tokens for programs, and the caller's own account.
struct TokenRoutes: Sendable {
    let site: Site

    func add(to routes: inout RouteTable) {
        routes.own(
            .post, "/auth/token", .signIn, on: .anybody, body: TokenRequest.self,
            Operation(
                "signIn", "Sign in and get tokens", answer: .object(TokenPair.answer), failures: [401, 429]), signIn)
        routes.own(
            .post, "/auth/refresh", .signIn, on: .anybody, body: RefreshRequest.self,
            Operation(
                "refresh", "Get new tokens for a refresh token, which ends with that",
                answer: .object(TokenPair.answer), failures: [401])
        ) { _, sent, own in
            let tokens = try await Sessions(site: site).refresh(sent.token, use: .api, address: own.address)
            guard let tokens else { throw Failure.wrongRefreshToken }
            return .json(tokens.json)
        }
        routes.change(
            nil, .useSite, on: .account, body: NoFields.self,
            api: .post(
                "/auth/logout", Operation("signOut", "End the session", status: 204, answer: .none, failures: [409])
            ).withoutSecondFactor
        ) { request, _, session in try signOut(request, session) }
        routes.ask(
            "/auth/introspect", .useSite, on: .account, form: IntrospectionForm.self,
            Operation(
                "introspect",
                "Whether a token or an API key holds (RFC 7662): one's own, and for service accounts and admins any",
                answer: .object(IntrospectionAnswer.answer))
        ) { request, form, session in
            func isTold(_ account: AccountID) -> Bool {
                request.subject.mayIntrospectAny || account == request.account.id
            }
            if let key = APIKeyText(form.token) {
                let found = try session.identity(key: key.id, hash: key.hash, now: request.now)?.identity.account
                guard let account = found, isTold(account.id) else { return .json(IntrospectionAnswer(token: nil)) }
                return .json(IntrospectionAnswer(keyOf: account, site: site.settings.baseURL))
            }
            let token = try Sessions(site: site).introspected(form.token, in: session)
            return .json(IntrospectionAnswer(token: token.flatMap { isTold($0.accountID) ? $0 : nil }))
        }
        routes.read(
            "/me", .useSite, on: .account, Operation("readMe", "Who you are", answer: .object(Identity.answer))
        ) { request, _ in .json(request.identity) }
    }

    private func signOut(_ request: ProvedRequest<OwnAccount>, _ session: WriteSession) throws -> Done {
        let signedIn = request.signedIn
        guard signedIn.session != .absent else {
            throw Failure.conflict("an API key has no session to end; revoke it with `tf-web key revoke`")
        }
        try session.endSession(signedIn.session, of: signedIn.account, because: .signedOut, now: request.now)
        return .answered { .noContent }
    }

    @Sendable private func signIn(
        _ request: ProvedRequest<Anybody>, _ sent: TokenRequest, _ own: OwnRequest
    ) async throws -> Response {
        let audience = sent.audience == site.settings.baseURL ? nil : sent.audience
        if let audience, !site.settings.audiences.contains(audience) {
            throw Failure.invalid([
                FieldError(field: "audience", message: "There is no audience \"\(audience)\" in the configuration")
            ])
        }
        let outcome = try await SignInCheck(site: site).outcome(
            of: SignInAttempt(login: sent.login, password: sent.password, code: sent.code, address: own.address))
        // Does not tell that only the code is missing: that would confirm a guessed password.
        guard case .accepted(let identity) = outcome else { throw Failure.wrongCredentials }
        let tokens = try await Sessions(site: site).start(
            for: identity, use: .api, agent: own.agent, audience: audience, address: own.address
        ).tokens
        return .json(tokens.json)
    }
}
