import Hummingbird
import TFStore

/// Lists, creates and changes accounts of the site.
struct UserRoutes: Sendable {
    private static let one = "/users/{login}"

    let site: Site

    func add(to routes: inout RouteTable) {
        routes.page("/admin/users", .administer, on: .site, navigation: .at(.admin, "Admin"), UsersPage.make)
        routes.read(
            "/users", .administer, on: .site, query: UserQuery.self,
            Operation("listUsers", "All accounts, by login", answer: .page(of: UserAnswer.answer)), list)
        routes.own(
            .post, "/users", .administer, on: .site, body: NewUser.self,
            Operation(
                "addUser", "Make an account; a person without a password gets a link to choose one", status: 201,
                answer: .object(UserAnswer.answer), failures: [409, 503]), addUser)
        routes.read(
            Self.one, .administer, on: .user,
            Operation("readUser", "One account", answer: .object(UserAnswer.answer))
        ) { request, _ in .json(UserAnswer(identity: request.user)) }
        routes.change(
            nil, .administer, on: .user, body: UserChange.self,
            api: .patch(
                Self.one,
                Operation(
                    "changeUser", "Change an account; sessions and open tasks follow",
                    answer: .object(UserAnswer.answer), failures: [409]))
        ) { request, body, session in
            let login = request.user.account.login
            try session.changeAccount(login, try body.change(), version: body.version, now: request.now)
            return .answered { .json(try Self.answer(login, session)) }
        }
        routes.own(
            .post, "\(Self.one)/password-link", .administer, on: .user, body: NoFields.self,
            Operation(
                "addPasswordLink", "Make a link by which the person chooses a new password, within an hour",
                status: 201, answer: .object(LinkAnswer.answer), failures: [409]), addLink)
    }

    @Sendable private func list(
        _ request: ProvedRequest<OnSite>, _ query: UserQuery, _ session: ReadSession
    ) throws -> Reply {
        let (rows, hasMore) = try session.identities(
            after: query.paging.after ?? "", text: query.text, limit: query.paging.limit)
        return .page(
            rows.map { UserAnswer(identity: $0) }, next: hasMore ? rows.last?.account.login : nil)
    }

    @Sendable private func addUser(
        _ request: ProvedRequest<OnSite>, _ new: NewUser, _ own: OwnRequest
    ) async throws -> Response {
        try new.check()
        var hash: String?
        if let password = new.password { hash = try await site.passwords.hash(password) }
        let link = new.isInvited ? PasswordLink(.invite, baseURL: site.settings.baseURL) : nil
        if link != nil { own.noteSecretInAnswer() }
        let answer = try await own.write { [hash] session in
            let account = try session.addAccount(new.account(password: hash), now: site.now)
            if let link { try session.add(link, for: account, now: site.now) }
            return try Self.answer(new.login, session, invite: link?.text)
        }
        if let link { await site.mailer.send(link, to: answer.identity.account) }
        return Reply.created(answer, at: "/api/v1/users/\(new.login)").response
    }

    @Sendable private func addLink(
        _ request: ProvedRequest<OnUser>, _ body: NoFields, _ own: OwnRequest
    ) async throws -> Response {
        let account = request.user.account
        let link = PasswordLink(.reset, baseURL: site.settings.baseURL)
        // A repeated request makes a new link, which replaces the first: the first answer was not stored.
        own.noteSecretInAnswer()
        try await own.write { try $0.add(link, for: account, now: request.now) }
        await site.mailer.send(link, to: account)
        let expiry = request.now + PasswordLinkKind.reset.lifetime
        return .json(LinkAnswer(link: link.text, expiresAt: expiry).json, status: 201)
    }

    /// An account as the API answers it, read from the session.
    private static func answer(
        _ login: String, _ session: ReadSession, invite: String? = nil
    ) throws -> UserAnswer {
        guard let identity = try session.identity(login) else { throw Failure.notFound }
        return UserAnswer(identity: identity, invite: invite)
    }
}
