import Foundation
import HTTPTypes
import Hummingbird
import TFDefinition
import TFStore

/// Sign in and out, the way to one's first page, and one's own profile.
struct AccountPages: Sendable {
    let desk: PageDesk

    func addPublicRoutes(to routes: inout Routes) {
        routes.get("/login", showLogin)
        routes.post("/login", login)
    }

    func addRoutes(to routes: inout Routes) {
        routes.get("/", home)
        routes.get("/c/{company}", companyHome)
        routes.post("/logout", logout)
        routes.get("/account", account)
        routes.post("/account/password", changePassword)
    }

    // MARK: Signing in

    @Sendable private func showLogin(_ request: Request, _ context: WebContext) async throws -> Response {
        let next = Self.localPath(request.uri.queryParameters["next"].map(String.init))
        if context.signedIn != nil { return .seeOther(next) }
        return loginPage(request, context, login: "", next: next, error: nil)
    }

    @Sendable private func login(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = context.form
        let login = form.text("login") ?? ""
        let next = Self.localPath(form["next"])
        let desk = SessionDesk(site: desk.site)
        let identity = try await desk.identity(
            login: login, password: form["password"] ?? "", address: context.address)
        guard let identity else {
            return loginPage(
                request, context, login: login, next: next, error: "The user name or password is not right")
        }
        let tokens = try await desk.start(
            for: identity, use: .web, agent: request.headers[.userAgent] ?? "unknown")
        var response = Response.seeOther(next)
        for cookie in self.desk.site.sessionCookies(tokens) + [self.desk.site.cookies.deletion(.preLogin)] {
            response.headers.append(HTTPField(name: .setCookie, value: cookie))
        }
        return response
    }

    private func loginPage(
        _ request: Request, _ context: WebContext, login: String, next: String, error: String?
    ) -> Response {
        let site = desk.site
        let preLogin = site.cookies.value(.preLogin, request) ?? Random.token()
        let errors = error.map { [FieldError(field: "login", message: $0)] } ?? []
        var frame = desk.frame(context, request, title: "Sign in", isError: error != nil)
        frame.flash = context.flash
        let content: HTML = """
            \(Elements.errorSummary(errors))<h1>Sign in</h1><form method="post" action="/login" novalidate>\
            <input type="hidden" name="_csrf" value="\(site.csrf(nil, preLogin: preLogin))">\
            <input type="hidden" name="next" value="\(next)">\
            \(Elements.field("login", label: "User name", errors: errors) { attributes in
                #"<input type="text" name="login" value="\#(login)" autocomplete="username" autocapitalize="none"\#(attributes)>"#
            })\
            \(Elements.field("password", label: "Password", errors: []) { attributes in
                #"<input type="password" name="password" autocomplete="current-password"\#(attributes)>"#
            })<button>Sign in</button></form>
            """
        var response = desk.respond(frame, content)
        let cookie = site.cookies.header(.preLogin, preLogin, maxAge: 3_600)
        response.headers.append(HTTPField(name: .setCookie, value: cookie))
        return response
    }

    /// A path of this site: one slash, no host, no control characters; anything else becomes `/`.
    static func localPath(_ next: String?) -> String {
        guard let next, next.hasPrefix("/"), !next.hasPrefix("//"), !next.hasPrefix("/\\"), next.utf8.count <= 2_000,
            next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return next
    }

    @Sendable private func logout(_ request: Request, _ context: WebContext) async throws -> Response {
        let site = desk.site
        try await site.store.endSession(
            try context.requireSignedIn().session, because: "signed out", now: site.now)
        var response = site.seeOther("/login", saying: "You are signed out.")
        for name in [Cookies.Name.access, .refresh] {
            response.headers.append(HTTPField(name: .setCookie, value: site.cookies.deletion(name)))
        }
        response.headers[SecurityHeaders.name("Clear-Site-Data")] = "\"cache\""
        return response
    }

    // MARK: First pages

    @Sendable private func home(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let first = signedIn.identity.memberships.keys.sorted().first
        guard let first else {
            if signedIn.identity.systemRoles.contains(.admin) { return .seeOther("/admin/users") }
            return desk.respond(
                desk.frame(context, request, title: "No company"),
                """
                <h1>You belong to no company yet</h1>\
                <p>An administrator has to make you a member of a company before you can do something here.</p>
                """)
        }
        return .seeOther("/c/\(first)")
    }

    @Sendable private func companyHome(_ request: Request, _ context: WebContext) async throws -> Response {
        let found = try await desk.access.company(
            context.parameters.get("company"), try context.requireSignedIn(), .listDefinitionNames)
        let base = "/c/\(found.company.slug)"
        if found.actor.has(.taskWorker) { return .seeOther("\(base)/my/tasks") }
        if found.actor.has(.ticketAdmin) { return .seeOther("\(base)/tickets") }
        if found.actor.has(.user) { return .seeOther("\(base)/my/tickets") }
        if found.actor.isAdmin { return .seeOther("\(base)/tickets") }
        return .seeOther("\(base)/definitions")
    }

    // MARK: The profile

    @Sendable private func account(_ request: Request, _ context: WebContext) async throws -> Response {
        try accountPage(request, context, errors: [])
    }

    private func accountPage(_ request: Request, _ context: WebContext, errors: [FieldError]) throws -> Response {
        let identity = try context.requireSignedIn().identity
        let frame = desk.frame(context, request, title: "Your account", isError: !errors.isEmpty)
        let memberships = identity.memberships.values.sorted { $0.company.slug < $1.company.slug }.map {
            member -> HTML in
            """
            <dt>\(member.company.name)</dt><dd>\(member.systemRoles.map(\.rawValue).sorted().joined(separator: ", "))\
            \(when(!member.companyRoles.isEmpty, " – \(member.companyRoles.sorted().joined(separator: ", "))"))</dd>
            """
        }
        return desk.respond(
            frame,
            """
            \(Elements.errorSummary(errors))<h1>\(identity.account.name)</h1>\
            <dl><dt>User name</dt><dd>\(identity.account.login)</dd>\(memberships)</dl>\
            <h2>Change the password</h2><form method="post" action="/account/password" novalidate>\
            \(Elements.hidden(csrf: frame.csrf))\
            <input type="text" value="\(identity.account.login)" autocomplete="username" aria-label="User name" hidden>\
            \(Elements.field("password", label: "Present password", errors: errors) { attributes in
                #"<input type="password" name="password" autocomplete="current-password"\#(attributes)>"#
            })\
            \(Elements.field("new", label: "New password", hint: "12 characters or more.", errors: errors) { attributes in
                #"<input type="password" name="new" autocomplete="new-password"\#(attributes)>"#
            })<button>Change the password</button></form>
            """)
    }

    @Sendable private func changePassword(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let site = desk.site
        let new = context.form["new"] ?? ""
        guard try await site.passwords.verify(context.form["password"] ?? "", signedIn.account.password) else {
            return try accountPage(
                request, context, errors: [FieldError(field: "password", message: "The present password is not right")])
        }
        if let problem = Passwords.problem(new, login: signedIn.account.login) {
            return try accountPage(request, context, errors: [FieldError(field: "new", message: problem)])
        }
        try await site.store.setPassword(
            try await site.passwords.hash(new), of: signedIn.account.id, keeping: signedIn.session, now: site.now)
        return site.seeOther("/account", saying: "The password is changed. Your other sessions have ended.")
    }
}
