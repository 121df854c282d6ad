import Foundation
import HTTPTypes
import Hummingbird
import TFDefinition
import TFStore

/// The way to one's first page, and one's own profile, password and sessions.
struct AccountPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(.get, "/", .useSite, on: .account, home)
        routes.page(.get, "/c/{company}", .listDefinitionNames, on: .company, companyHome)
        routes.page(.get, "/account", .useSite, on: .account, account)
        routes.page(.post, "/account/password", .useSite, on: .account, changePassword)
        routes.page(.post, "/account/sessions/{session}/revocation", .useSite, on: .account, revoke)
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
        let found = try await desk.access.company(context)
        let base = "/c/\(found.company.slug)"
        if found.actor.has(.taskWorker) { return .seeOther("\(base)/my/tasks") }
        if found.actor.has(.ticketAdmin) { return .seeOther("\(base)/tickets") }
        if found.actor.has(.user) { return .seeOther("\(base)/my/tickets") }
        if found.actor.isAdmin { return .seeOther("\(base)/tickets") }
        return .seeOther("\(base)/definitions")
    }

    // MARK: The profile

    @Sendable private func account(_ request: Request, _ context: WebContext) async throws -> Response {
        try await accountPage(request, context, errors: [])
    }

    private func accountPage(
        _ request: Request, _ context: WebContext, errors: [FieldError]
    ) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let identity = signedIn.identity
        let sessions = try await desk.site.store.read { try $0.sessions(of: identity.account.id, now: desk.site.now) }
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
            })<button>Change the password</button></form>\
            <h2>Second factor</h2><p>\(identity.account.hasSecondFactor
                ? "Signing in takes a code of your authenticator besides the password."
                : "A code of an authenticator besides the password keeps out whoever learns the password.")\
             <a href="/account/second-factor">\(identity.account.hasSecondFactor ? "Manage it" : "Set it up")</a></p>\
            <h2>Sessions</h2>\(self.sessions(sessions, signedIn, csrf: frame.csrf))
            """)
    }

    private func sessions(_ sessions: [Session], _ signedIn: SignedIn, csrf: String) -> HTML {
        Elements.table(
            "Where you are signed in", ["Program", "Address", "Began", "Last used", ""],
            sessions.map { session -> [HTML] in
                let end: HTML =
                    session.id == signedIn.session
                    ? "this one"
                    : """
                    <form method="post" action="/account/sessions/\(session.id)/revocation">\(Elements.hidden(csrf: csrf))\
                    <button class="second">End<span class="hidden"> the session of \(session.agent)</span></button></form>
                    """
                return [
                    "\(session.purpose == .api ? "REST API: " : "")\(session.agent)", "\(session.address)",
                    Elements.time(session.createdAtMs, nil), Elements.time(session.rotatedAtMs, nil), end,
                ]
            })
    }

    @Sendable private func revoke(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        try await desk.access.store(context).write {
            try $0.endSession(
                context.part("session") ?? "", of: signedIn.account, because: .endedByPerson, now: desk.site.now)
        }
        return desk.site.seeOther("/account", saying: "The session has ended.")
    }

    @Sendable private func changePassword(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let site = desk.site
        let new = context.form["new"] ?? ""
        let mismatch = try await SessionDesk(site: site).confirm(
            signedIn.account, password: context.form["password"] ?? "", code: nil, address: context.address)
        guard mismatch == nil else {
            return try await accountPage(
                request, context, errors: [FieldError(field: "password", message: "The present password is not right")])
        }
        if let problem = Passwords.problem(new, owner: PasswordOwner(signedIn.identity)) {
            return try await accountPage(request, context, errors: [FieldError(field: "new", message: problem)])
        }
        let hash = try await site.passwords.hash(new)
        try await desk.access.store(context).write {
            try $0.setPassword(
                hash, of: signedIn.account, keeping: signedIn.session, now: site.now)
        }
        return site.seeOther("/account", saying: "The password is changed. Your other sessions have ended.")
    }
}
