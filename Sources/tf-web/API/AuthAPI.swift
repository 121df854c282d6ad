import Hummingbird
import TFExpression
import TFStore

/// Tokens for programs, and who one is.
struct AuthAPI: Sendable {
    let desk: APIDesk

    func addPublicRoutes(to routes: inout Routes) {
        routes.post("/api/v1/auth/token", token)
        routes.post("/api/v1/auth/refresh", refresh)
    }

    func addRoutes(to routes: inout Routes) {
        routes.post("/api/v1/auth/logout", logout)
        routes.get("/api/v1/me", me)
    }

    @Sendable private func token(_ request: Request, _ context: WebContext) async throws -> Response {
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["login", "password"])
        let sessions = SessionDesk(site: desk.site)
        let identity = try await sessions.identity(
            login: try desk.text(body, "login", isRequired: true) ?? "",
            password: try desk.text(body, "password", isRequired: true) ?? "", address: context.address)
        guard let identity else { throw Failure.unauthorized }
        let tokens = try await sessions.start(
            for: identity, use: .api, agent: request.headers[.userAgent] ?? "unknown")
        return answer(tokens)
    }

    @Sendable private func refresh(_ request: Request, _ context: WebContext) async throws -> Response {
        let body = try await desk.body(request)
        try desk.refuseUnknown(body, known: ["refresh_token"])
        let token = try desk.text(body, "refresh_token", isRequired: true) ?? ""
        guard let (tokens, _) = try await SessionDesk(site: desk.site).refresh(token, use: .api) else {
            throw Failure.unauthorized
        }
        return answer(tokens)
    }

    private func answer(_ tokens: TokenPair) -> Response {
        .json([
            "access_token": .string(tokens.access), "refresh_token": .string(tokens.refresh), "token_type": "Bearer",
            "expires_in": .int(AccessToken.lifetime),
        ])
    }

    @Sendable private func logout(_ request: Request, _ context: WebContext) async throws -> Response {
        try await desk.site.store.endSession(
            try context.requireSignedIn().session, because: "signed out", now: desk.site.now)
        return Response(status: .noContent)
    }

    @Sendable private func me(_ request: Request, _ context: WebContext) async throws -> Response {
        let identity = try context.requireSignedIn().identity
        let companies = identity.memberships.sorted { $0.key < $1.key }.map { slug, member -> JSON in
            [
                "company": .string(slug), "name": .string(member.company.name),
                "roles": .strings(member.systemRoles.map(\.rawValue).sorted()),
                "company_roles": .strings(member.companyRoles.sorted()), "available": .bool(member.isAvailable),
            ]
        }
        return .json([
            "id": .int(identity.account.id), "login": .string(identity.account.login),
            "name": .string(identity.account.name), "kind": .string(identity.account.kind.rawValue),
            "roles": .strings(identity.systemRoles.map(\.rawValue).sorted()), "companies": .array(companies),
        ])
    }
}
