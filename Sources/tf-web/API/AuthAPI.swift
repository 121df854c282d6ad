import HTTPTypes
import Hummingbird
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Tokens for programs, and who one is.
struct AuthAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.api(
            .post, "/auth/token", .signIn, on: .none,
            Operation(
                "signIn", "Sign in and get tokens",
                body: .json(
                    .object([
                        .required("login", .text(1, .typedLogin)), .required("password", .text(1, .password)),
                        .optional("otp", .text(0, 32), "A code, where the account has a second factor."),
                        .optional("audience", .text(1, 500), "Another server that the access token is to be for."),
                    ])), answer: .object(TokenPair.answer), failures: [401, 429]), token)
        routes.api(
            .post, "/auth/refresh", .signIn, on: .none,
            Operation(
                "refresh", "Get new tokens for a refresh token, which ends with that",
                body: .json(.object([.required("refresh_token", .text(1, 500))])), answer: .object(TokenPair.answer),
                failures: [401]), refresh)
        routes.api(
            .post, "/auth/logout", .useSite, on: .account,
            Operation(
                "signOut", "End the session", body: .optional(.object([])), status: 204, answer: .none,
                failures: [409]), logout)
        routes.api(
            .post, "/auth/introspect", .useSite, on: .account,
            Operation(
                "introspect", "Whether a token holds (RFC 7662): one's own, and for service accounts and admins any",
                body: .form(
                    .object([.required("token", .text(1, JWS.longest)), .optional("token_type_hint", .text(0, 100))])),
                answer: .object(IntrospectionAnswer.answer)), introspect)
        routes.api(
            .get, "/me", .useSite, on: .account, Operation("readMe", "Who you are", answer: .object(Identity.answer)),
            me)
    }

    @Sendable private func token(_ request: Request, _ context: WebContext) async throws -> Response {
        let body = try await desk.body(request, context)
        let audience = body["audience"].stringValue.flatMap { $0 == desk.site.settings.baseURL ? nil : $0 }
        if let audience, !desk.site.settings.audiences.contains(audience) {
            throw Failure.invalid([
                FieldError(field: "audience", message: "There is no audience \"\(audience)\" in the configuration")
            ])
        }
        let sessions = SessionDesk(site: desk.site)
        let outcome = try await sessions.signIn(
            Credentials(
                login: body["login"].stringValue ?? "", password: body["password"].stringValue ?? "",
                code: body["otp"].stringValue, address: context.address))
        // That only the code is missing is not told to somebody who guesses passwords.
        guard case .accepted(let identity) = outcome else { throw Failure.wrongCredentials }
        let tokens = try await sessions.start(
            for: identity, use: .api, agent: request.headers[.userAgent] ?? "unknown", audience: audience,
            address: context.address
        ).tokens
        return .json(tokens.json)
    }

    @Sendable private func refresh(_ request: Request, _ context: WebContext) async throws -> Response {
        let token = try await desk.body(request, context)["refresh_token"].stringValue ?? ""
        let refreshed = try await SessionDesk(site: desk.site).refresh(token, use: .api, address: context.address)
        guard let (tokens, _) = refreshed else { throw Failure.unauthorized }
        return .json(tokens.json)
    }

    @Sendable private func logout(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        _ = try await desk.body(request, context)
        guard !signedIn.session.isEmpty else {
            throw Failure.conflict("an API key has no session to end; revoke it with `tf-web key revoke`")
        }
        try await desk.access.store(context).write {
            try $0.endSession(
                signedIn.session, of: signedIn.account, because: .signedOut, now: desk.site.now)
        }
        return Response(status: .noContent)
    }

    @Sendable private func introspect(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let body = try await desk.body(request, context)
        let mayAskForAny =
            signedIn.account.kind == .service || signedIn.identity.systemRoles.contains(.admin)
        let token = try await SessionDesk(site: desk.site).introspected(body["token"].stringValue ?? "")
        let isTold = token.map { mayAskForAny || $0.accountID == signedIn.account.id } ?? false
        return .json(IntrospectionAnswer(token: isTold ? token : nil).json)
    }

    @Sendable private func me(_ request: Request, _ context: WebContext) async throws -> Response {
        let identity = try context.requireSignedIn().identity
        _ = try desk.query(request, context)
        return .json(identity.json)
    }
}
