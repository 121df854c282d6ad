import Hummingbird
import TFDefinition
import TFExpression
import TFStore

/// Accounts of the site.
struct UserAPI: Sendable {
    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        let kind = Shape.words(Account.Kind.self)
        let roles = Shape.list(.systemRole, most: SystemRole.allCases.count)
        routes.api(
            .get, "/users", .administer, on: .site,
            Operation(
                "listUsers", "All accounts, by login",
                query: [
                    .init(name: "text", shape: .text(1, .search), help: "Only those whose login or name contains it.")
                ]
                    + Operation.paging, answer: .page(of: UserAnswer.answer)), list)
        routes.api(
            .post, "/users", .administer, on: .site,
            Operation(
                "addUser", "Make an account; a person without a password gets a link to choose one",
                body: .json(
                    .object([
                        .required("login", .login), .required("name", .text(1, .name)), .optional("kind", kind),
                        .optional("email", .text(3, .email)), .optional("roles", roles),
                        .optional("password", .text(Passwords.minimumLength, .password)),
                    ])), status: 201, answer: .object(UserAnswer.answer), failures: [409, 503]), add)
        routes.api(
            .get, "/users/{login}", .administer, on: .site,
            Operation("readUser", "One account", answer: .object(UserAnswer.answer)),
            read)
        routes.api(
            .patch, "/users/{login}", .administer, on: .site,
            Operation(
                "changeUser", "Change an account; sessions and open tasks follow",
                body: .json(
                    .object([
                        .optional("name", .text(1, .name)), .optional("email", .orNull(.text(3, .email))),
                        .optional("roles", roles), .optional("disabled", .flag), Shape.version,
                    ])), answer: .object(UserAnswer.answer), failures: [409]), change)
        routes.api(
            .post, "/users/{login}/password-link", .administer, on: .site,
            Operation(
                "addPasswordLink", "Make a link by which the person chooses a new password, within an hour",
                body: .optional(.object([])), status: 201,
                answer: .object(LinkAnswer.answer), failures: [409]), link)
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let store = try desk.access.ofSite(context)
        let query = try desk.query(request, context)
        let (rows, hasMore) = try await store.read {
            try $0.identities(
                after: query.text("after") ?? "", text: query.text("text"), limit: query.limit)
        }
        return desk.page(
            rows.map { UserAnswer(identity: $0) }, next: hasMore ? rows.last?.account.login : nil)
    }

    @Sendable private func add(_ request: Request, _ context: WebContext) async throws -> Response {
        let store = try desk.access.ofSite(context)
        let body = try await desk.body(request, context)
        let login = body["login"].stringValue ?? ""
        let kind = body["kind"].stringValue.flatMap(Account.Kind.init) ?? .person
        let password = body["password"].stringValue
        let owner = PasswordOwner(
            login: login, name: body["name"].stringValue ?? "", email: body["email"].stringValue)
        if let password, let problem = Passwords.problem(password, owner: owner) {
            throw Failure.invalid([FieldError(field: "password", message: problem)])
        }
        try Self.checkEmail(body)
        var hash: String?
        if let password { hash = try await desk.site.passwords.hash(password) }
        let account = try await store.write { [hash] in
            try $0.addAccount(
                NewAccount(
                    login: login, name: body["name"].stringValue ?? "", kind: kind, password: hash,
                    roles: Self.roles(body) ?? []
                ).with(email: body["email"].stringValue), now: desk.site.now)
        }
        var user = UserAnswer(identity: try await identity(login, store))
        if kind == .person, password == nil {
            context.notes.answerHoldsSecret = true
            user.invite = try await PasswordLinks(site: desk.site).make(.invite, for: account, store)
        }
        return desk.created(user, at: "/api/v1/users/\(login)")
    }

    @Sendable private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let store = try desk.access.ofSite(context)
        _ = try desk.query(request, context)
        return .json(UserAnswer(identity: try await identity(context.part("login"), store)).json)
    }

    @Sendable private func change(_ request: Request, _ context: WebContext) async throws -> Response {
        let store = try desk.access.ofSite(context)
        let login = try await identity(context.part("login"), store).account.login
        let body = try await desk.body(request, context)
        var change = AccountChange()
        change.name = body["name"].stringValue
        try Self.checkEmail(body)
        if let email = body.objectValue?["email"] { change.email = email.stringValue ?? "" }
        change.roles = Self.roles(body)
        change.isDisabled = body["disabled"].boolValue
        try await store.write { [change] in
            try $0.changeAccount(login, change, version: body["version"].intValue, now: desk.site.now)
        }
        return .json(UserAnswer(identity: try await identity(login, store)).json)
    }

    @Sendable private func link(_ request: Request, _ context: WebContext) async throws -> Response {
        let store = try desk.access.ofSite(context)
        let account = try await identity(context.part("login"), store).account
        _ = try await desk.body(request, context)
        // Repeated, it makes a new link: the first answer was not kept, and the link in it ends.
        context.notes.answerHoldsSecret = true
        let link = try await PasswordLinks(site: desk.site).make(.reset, for: account, store)
        let expiry = desk.site.now + PasswordLinkKind.reset.lifetime
        return .json(LinkAnswer(link: link, expiresAt: expiry).json, status: 201)
    }

    private func identity(_ login: String?, _ store: Store) async throws -> Identity {
        guard let login, let identity = try await store.read({ try $0.identity(login) }) else { throw Failure.notFound }
        return identity
    }

    private static func checkEmail(_ body: JSON) throws {
        guard let email = body["email"].stringValue, !PasswordMail.isOneAddress(email) else { return }
        throw Failure.invalid([
            FieldError(field: "email", message: "\"email\" must be one address such as uma@example.org")
        ])
    }

    private static func roles(_ body: JSON) -> Set<SystemRole>? {
        body["roles"].arrayValue.map { Set($0.compactMap { $0.stringValue.flatMap(SystemRole.init) }) }
    }
}
