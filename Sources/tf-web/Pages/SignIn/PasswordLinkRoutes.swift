import Hummingbird
import TFDefinition
import TFStore

/// Choosing a first or a new password by a link.
struct PasswordLinkRoutes: Sendable {
    let site: Site

    func add(to routes: inout RouteTable) {
        for kind in PasswordLinkKind.allCases {
            let path = "/\(kind.rawValue)/\(Route.secretParameter)"
            routes.page(path, .signIn, on: .anybody) { request, session in
                try Self.page(kind, request, session)
            }
            routes.own(.post, path, .signIn, on: .anybody, body: ChosenPassword.self) { request, chosen, own in
                try await choose(chosen.new, kind, request, own)
            }
        }
    }

    private static func page(
        _ kind: PasswordLinkKind, _ request: ProvedRequest<Anybody>, _ session: ReadSession
    ) throws -> Page {
        guard
            let account = try session.account(passwordLink: request.linkHash, kind, now: request.now)
        else { throw Failure.notFound }
        let title = kind == .invite ? "Welcome, \(account.name)" : "Choose a new password"
        return Page(
            title,
            """
            <h1>\(title)</h1><form method="post" action="\(request.path)" novalidate>\(request.tags.hidden())\
            <p>Your user name is <strong>\(account.login)</strong>.</p>\
            \(Elements.userName(account.login))\(Elements.newPassword(errors: request.typed.errors))\
            <button>Set the password</button></form>
            """)
    }

    private func choose(
        _ new: String, _ kind: PasswordLinkKind, _ request: ProvedRequest<Anybody>, _ own: OwnRequest
    ) async throws -> OwnAnswer {
        let hash = request.linkHash
        let (account, owner) = try await own.read { session in
            guard let account = try session.account(passwordLink: hash, kind, now: request.now),
                let identity = try session.identity(account.login)
            else { throw Failure.notFound }
            return (account, PasswordOwner(identity))
        }
        if let problem = Passwords.problem(new, owner: owner) {
            throw Failure.invalid([FieldError(field: "new", message: problem)])
        }
        let password = try await site.passwords.hash(new)
        let store = site.store.acting(for: Caller(name: account.login, account: account.id, address: own.address))
        _ = try await store.write { try $0.usePasswordLink(hash, kind, password: password, now: site.now) }
        return .response(site.seeOther("/login", saying: "The password is set. Sign in with it."))
    }
}

extension ProvedRequest where Kind == Anybody {
    /// The hash under which the store knows the link in the address.
    fileprivate var linkHash: String { PasswordLink.hash(parts["token"] ?? "") }
}
