import Hummingbird
import TFEngine
import TFStore

/// Lists, creates and changes accounts of the site.
enum UserRoutes {
    private static let one = "/users/{login}"
    private static let page = "/admin/users/{login}"

    static func add(to routes: inout RouteTable) {
        routes.page(
            "/admin/users", .administer, on: .site, query: PeopleQuery.self, navigation: .at(.admin, "Admin"),
            UsersPage.make)
        routes.page(page, .administer, on: .user, UserPage.make)
        routes.page("\(page)/standing", .administer, on: .user, StandingPage.make)
        routes.read(
            "/users", .administer, on: .site, query: UserQuery.self,
            Operation("listUsers", "All accounts, by login", answer: .page(of: UserAnswer.answer)), list)
        routes.read(
            one, .administer, on: .user,
            Operation("readUser", "One account", answer: .object(UserAnswer.answer))
        ) { request, _ in .json(UserAnswer(identity: request.user)) }
        routes.change(
            page, .administer, on: .user, body: UserChange.self,
            api: .patch(
                one,
                Operation(
                    "changeUser", "Change an account; sessions and open tasks follow",
                    answer: .object(UserAnswer.answer), failures: [409])), change)
        addSessions(to: &routes)
    }

    private static func addSessions(to routes: inout RouteTable) {
        routes.change(
            "\(page)/sessions/{session}/revocation", .administer, on: .user, body: NoFields.self
        ) { request, _, session in
            let account = request.user.account
            try session.endSession(
                SessionID(request.parts["session"] ?? ""), of: account, because: .endedByAdmin, now: request.now)
            return .seen("/admin/users/\(account.login)", saying: "The session has ended.")
        }
        routes.change(
            "\(page)/other-sessions/revocation", .administer, on: .user, body: NoFields.self,
            api: .delete(
                "\(one)/sessions",
                Operation("endSessions", "End all sessions of somebody", status: 204, answer: .none))
        ) { request, _, session in
            let account = request.user.account
            // An admin who looks at their own account stays signed in where they are.
            let kept = request.signedIn.account.id == account.id ? request.signedIn.session : nil
            _ = try session.endSessions(of: account, keeping: kept, because: .endedByAdmin, now: request.now)
            return .seen(
                "/admin/users/\(account.login)",
                saying: "\(account.name) is signed out everywhere\(kept == nil ? "" : " but here").")
        }
    }

    @Sendable private static func list(
        _ request: ProvedRequest<OnSite>, _ query: UserQuery, _ session: ReadSession
    ) throws -> Reply {
        let (rows, hasMore) = try session.identities(
            after: query.paging.after ?? "", text: query.text, limit: query.paging.limit)
        return .page(
            rows.map { UserAnswer(identity: $0) }, next: hasMore ? rows.last?.account.login : nil)
    }

    @Sendable private static func change(
        _ request: ProvedRequest<OnUser>, _ body: UserChange, _ session: WriteSession
    ) throws -> Done {
        let login = request.user.account.login
        try session.changeAccount(login, body.change, version: body.version, now: request.now)
        guard let changed = try session.identity(login) else { throw Failure.notFound }
        let name = changed.account.name
        let sentence =
            switch body.isDisabled {
            case true?: "The account of \(name) is disabled."
            case false?: "\(name) can sign in again."
            case nil: "The account of \(name) is saved."
            }
        return .seen("/admin/users/\(login)", saying: sentence).answering { .json(UserAnswer(identity: changed)) }
    }
}
