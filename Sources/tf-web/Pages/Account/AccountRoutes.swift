import HTTPTypes
import Hummingbird
import TFDefinition
import TFEngine
import TFStore

/// The visitor's own profile, password and sessions.
struct AccountRoutes: Sendable {
    private static let page = "/account"

    let site: Site

    func add(to routes: inout RouteTable) {
        routes.page(Self.page, .useSite, on: .account) { request, session in
            AccountPage(
                signedIn: request.signedIn, sessions: try session.sessions(of: request.account.id, now: request.now),
                look: request.look, roleLabels: try request.identity.roleLabels(session),
                presences: try request.subject.presences(session), errors: request.typed.errors, tags: request.tags,
                times: request.times
            ).page
        }
        routes.change(
            Self.page, .useSite, on: .account, body: ProfileChange.self,
            api: .patch(
                "/me",
                Operation(
                    "changeMe", "Change your own name and e-mail address", answer: .object(Identity.answer),
                    failures: [409]))
        ) { request, body, session in
            let login = request.account.login
            try session.changeAccount(
                login, body.change, version: body.version, now: request.now)
            guard let changed = try session.identity(login) else { throw Failure.notFound }
            return .seen(Self.page, saying: "Your name and e-mail address are saved.").answering { .json(changed) }
        }
        routes.own(.post, "\(Self.page)/look", .useSite, on: .account, body: LookChange.self) { _, change, _ in
            var response = site.seeOther(Self.page, saying: "Saved for this browser.")
            for cookie in change.setCookies(site.cookies) {
                response.headers.append(HTTPField(name: .setCookie, value: cookie))
            }
            return .response(response)
        }
        routes.own(
            .post, "\(Self.page)/password", .useSite, on: .account, body: PasswordChange.self, changePassword)
        routes.change(
            "\(Self.page)/sessions/{session}/revocation", .useSite, on: .account, body: NoFields.self
        ) { request, _, session in
            try session.endSession(
                SessionID(request.parts["session"] ?? ""), of: request.account, because: .endedByPerson,
                now: request.now)
            return .seen(Self.page, saying: "The session has ended.")
        }
        routes.change(
            "\(Self.page)/other-sessions/revocation", .useSite, on: .account, body: NoFields.self
        ) { request, _, session in
            let signedIn = request.signedIn
            _ = try session.endSessions(
                of: signedIn.account, keeping: signedIn.session, because: .endedByPerson, now: request.now)
            return .seen(Self.page, saying: "All your other sessions have ended.")
        }
    }

    @Sendable private func changePassword(
        _ request: ProvedRequest<OwnAccount>, _ typed: PasswordChange, _ own: OwnRequest
    ) async throws -> OwnAnswer {
        let signedIn = request.signedIn
        let check = Reauthentication(site: site, of: signedIn.account, address: own.address)
        var errors: [FieldError] = []
        if try await check.mismatch(password: typed.present) != nil {
            errors.append(FieldError(field: "password", message: "The present password is not right"))
        }
        if let problem = Passwords.problem(typed.new, owner: PasswordOwner(signedIn.identity)) {
            errors.append(FieldError(field: "new", message: problem))
        }
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        let hash = try await site.passwords.hash(typed.new)
        try await own.write {
            try $0.setPassword(hash, of: signedIn.account, keeping: signedIn.session, now: site.now)
        }
        return .response(
            site.seeOther(Self.page, saying: "The password is changed. Your other sessions have ended."))
    }
}
