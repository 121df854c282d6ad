import Foundation
import HTTPTypes
import Hummingbird
import TFDefinition
import TFStore
import TFSystem

/// Signing in and out, and choosing a password by a link.
struct SignInPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(.get, "/login", .signIn, on: .none, showLogin)
        routes.page(.post, "/login", .signIn, on: .none, login)
        routes.page(.post, "/logout", .useSite, on: .account, logout)
        for kind in [PasswordLinkKind.invite, .reset] {
            routes.page(.get, "/\(kind.rawValue)/{token}", .signIn, on: .none) { request, context in
                try await showLink(request, context, kind, errors: [])
            }
            routes.page(.post, "/\(kind.rawValue)/{token}", .signIn, on: .none) { request, context in
                try await useLink(request, context, kind)
            }
        }
    }

    // MARK: Signing in

    @Sendable private func showLogin(_ request: Request, _ context: WebContext) async throws -> Response {
        let next = Self.localPath(request.uri.queryParameters["next"].map(String.init))
        if context.signedIn != nil { return .seeOther(next) }
        return loginPage(request, context, login: "", next: next, error: nil)
    }

    @Sendable private func login(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = context.form
        let next = Self.localPath(form["next"])
        let sessions = SessionDesk(site: desk.site)
        let outcome: SignIn
        if let challenge = form["challenge"] {
            guard let (identity, secondStep) = try await proved(challenge, request) else {
                return loginPage(request, context, login: "", next: next, error: "That took too long; sign in again")
            }
            outcome = try await sessions.signIn(identity, code: form["otp"] ?? "", address: context.address)
            if case .refused = outcome {
                return codePage(request, context, secondStep, next: next, error: "The code is not right")
            }
        } else {
            outcome = try await sessions.signIn(
                Credentials(
                    login: form.text("login") ?? "", password: form["password"] ?? "", code: form.text("otp"),
                    address: context.address))
        }
        switch outcome {
        case .accepted(let identity): return try await begin(request, context, identity, next: next)
        case .needsCode(let identity):
            let secondStep = SecondStep(
                identity.account, browser: browser(request), keys: desk.site.keys, now: desk.site.now)
            return codePage(request, context, secondStep, next: next, error: nil)
        case .refused:
            return loginPage(
                request, context, login: form.text("login") ?? "", next: next,
                error: "The user name or password is not right")
        }
    }

    private func begin(
        _ request: Request, _ context: WebContext, _ identity: Identity, next: String
    ) async throws -> Response {
        let site = desk.site
        let (tokens, hasNotice) = try await SessionDesk(site: site).start(
            for: identity, use: .web, agent: request.headers[.userAgent] ?? "unknown", address: context.address)
        var response =
            hasNotice
            ? site.seeOther(
                next,
                saying: "An earlier session of yours was ended, since an old token of it was used again: somebody may "
                    + "have a copy. Look at your sessions in your account, and change the password if in doubt.")
            : Response.seeOther(next)
        for cookie in site.sessionCookies(tokens) + [site.cookies.deletion(.preLogin)] {
            response.headers.append(HTTPField(name: .setCookie, value: cookie))
        }
        return response
    }

    private func loginPage(
        _ request: Request, _ context: WebContext, login: String, next: String, error: String?
    ) -> Response {
        let errors = error.map { [FieldError(field: "login", message: $0)] } ?? []
        return openPage(request, context, title: "Sign in", action: "/login", button: "Sign in", errors: errors) {
            """
            <input type="hidden" name="next" value="\(next)">\
            \(Elements.field("login", label: "User name", errors: errors) { attributes in
                #"<input type="text" name="login" value="\#(login)" autocomplete="username" autocapitalize="none"\#(attributes)>"#
            })\
            \(Elements.field("password", label: "Password", errors: []) { attributes in
                #"<input type="password" name="password" autocomplete="current-password"\#(attributes)>"#
            })
            """
        }
    }

    /// Asks for the code of somebody whose password was right.
    private func codePage(
        _ request: Request, _ context: WebContext, _ secondStep: SecondStep, next: String, error: String?
    ) -> Response {
        let errors = error.map { [FieldError(field: "otp", message: $0)] } ?? []
        return openPage(request, context, title: "Enter the code", action: "/login", button: "Sign in", errors: errors)
        {
            """
            <input type="hidden" name="next" value="\(next)">\
            <input type="hidden" name="challenge" value="\(secondStep.text)">\
            \(Elements.field("otp", label: "Code", hint: "Six digits of your authenticator, or a recovery code.", errors: errors) { attributes in
                #"<input type="text" name="otp" inputmode="numeric" autocomplete="one-time-code"\#(attributes)>"#
            })
            """
        }
    }

    /// Whose password was right, as the page before says; nil where that does not hold any more.
    private func proved(_ challenge: String, _ request: Request) async throws -> (Identity, SecondStep)? {
        let site = desk.site
        guard let identity = try await site.store.read({ try $0.identity(SecondStep.login(in: challenge)) }),
            let secondStep = SecondStep(
                challenge, identity.account, browser: browser(request), keys: site.keys, now: site.now)
        else { return nil }
        return (identity, secondStep)
    }

    /// The value of the cookie that tells browsers apart before anybody has signed in.
    private func browser(_ request: Request) -> String { desk.site.cookies.value(.preLogin, request) ?? "" }

    /// A page with one form for somebody who is not signed in.
    private func openPage(
        _ request: Request, _ context: WebContext, title: String, action: String, button: String,
        errors: [FieldError], _ fields: () -> HTML
    ) -> Response {
        let site = desk.site
        let preLogin = site.cookies.value(.preLogin, request) ?? Random.token()
        var frame = desk.frame(context, request, title: title, isError: !errors.isEmpty)
        frame.flash = context.flash
        let content: HTML = """
            \(Elements.errorSummary(errors))<h1>\(title)</h1><form method="post" action="\(action)" novalidate>\
            <input type="hidden" name="_csrf" value="\(site.csrf(nil, preLogin: preLogin))">\
            \(fields())<button>\(button)</button></form>
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

    /// The address that signs in, and leads to a page of this site afterwards.
    static func login(leadingTo page: String) -> String {
        "/login?next=\(page.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
    }

    @Sendable private func logout(_ request: Request, _ context: WebContext) async throws -> Response {
        let site = desk.site
        let signedIn = try context.requireSignedIn()
        try await desk.access.store(context).write {
            try $0.endSession(
                signedIn.session, of: signedIn.account, because: .signedOut, now: site.now)
        }
        let next = Self.localPath(context.form["next"])
        var response = site.seeOther(
            next == "/" ? "/login" : Self.login(leadingTo: next), saying: "You are signed out.")
        for name in [Cookies.Name.access, .refresh] {
            response.headers.append(HTTPField(name: .setCookie, value: site.cookies.deletion(name)))
        }
        response.headers[SecurityHeaders.name("Clear-Site-Data")] = "\"cache\""
        return response
    }

    // MARK: Links

    private func showLink(
        _ request: Request, _ context: WebContext, _ kind: PasswordLinkKind, errors: [FieldError]
    ) async throws -> Response {
        let token = context.part("token") ?? ""
        guard
            let account = try await desk.site.store.read({
                try $0.account(
                    passwordLink: PasswordLinks.hash(token), kind, now: desk.site.now)
            })
        else { throw Failure.notFound }
        let title = kind == .invite ? "Welcome, \(account.name)" : "Choose a new password"
        return openPage(
            request, context, title: title, action: "/\(kind.rawValue)/\(token)", button: "Set the password",
            errors: errors
        ) {
            """
            <p>Your user name is <strong>\(account.login)</strong>.</p>\
            <input type="text" value="\(account.login)" autocomplete="username" aria-label="User name" hidden>\
            \(Elements.field("new", label: "New password", hint: "12 characters or more.", errors: errors) { attributes in
                #"<input type="password" name="new" autocomplete="new-password"\#(attributes)>"#
            })
            """
        }
    }

    private func useLink(
        _ request: Request, _ context: WebContext, _ kind: PasswordLinkKind
    ) async throws -> Response {
        let site = desk.site
        let hash = PasswordLinks.hash(context.part("token") ?? "")
        guard let account = try await site.store.read({ try $0.account(passwordLink: hash, kind, now: site.now) })
        else {
            throw Failure.notFound
        }
        let new = context.form["new"] ?? ""
        let owner = try await site.store.read { try $0.identity(account.login) }.map { PasswordOwner($0) }
        if let problem = Passwords.problem(new, owner: owner ?? PasswordOwner(login: account.login)) {
            return try await showLink(
                request, context, kind, errors: [FieldError(field: "new", message: problem)])
        }
        let store = site.store.acting(for: Caller(name: account.login, account: account.id, address: context.address))
        let password = try await site.passwords.hash(new)
        _ = try await store.write { try $0.usePasswordLink(hash, kind, password: password, now: site.now) }
        return site.seeOther("/login", saying: "The password is set. Sign in with it.")
    }
}
