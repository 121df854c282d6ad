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
                let fate = try session.fate(ofPasswordLink: request.linkHash, kind, now: request.now)
                return PasswordLinkPage(kind: kind, fate: fate, path: request.path, errors: request.typed.errors)
                    .page(request.tags, request.times)
            }
            routes.own(.post, path, .signIn, on: .anybody, body: ChosenPassword.self) { request, chosen, own in
                try await choose(chosen.new, kind, request, own)
            }
        }
    }

    private func choose(
        _ new: String, _ kind: PasswordLinkKind, _ request: ProvedRequest<Anybody>, _ own: OwnRequest
    ) async throws -> OwnAnswer {
        let hash = request.linkHash
        let fate = try await own.read { try $0.fate(ofPasswordLink: hash, kind, now: request.now) }
        guard case .open(let account) = fate else {
            // The very form that used it was sent again, as by a double click: it gets the same answer.
            let user = try await own.read { try $0.user(ofPasswordLink: hash, kind) }
            if let sent = user.flatMap({ self.key(of: $0, own) }), let earlier = try await earlier(sent, own) {
                return .response(earlier.response)
            }
            // It was used or replaced since the page was loaded: the page says so.
            let page = PasswordLinkPage(kind: kind, fate: fate, path: request.path, errors: [])
            return .page(page.page(request.tags, request.times))
        }
        let identity = try await own.read { try $0.identity(account.login) }
        let owner = identity.map { PasswordOwner($0) } ?? PasswordOwner(login: account.login)
        if let problem = Passwords.problem(new, owner: owner) {
            throw Failure.invalid([FieldError(field: "password", message: problem)])
        }
        let password = try await site.passwords.hash(new)
        let store = site.store.acting(for: Caller(name: account.login, account: account.id, address: own.address))
        let reply = site.seen("/login", saying: Flash("The password is set. Sign in with it."))
        let key = self.key(of: account, own)
        try await store.write { session in
            _ = try session.usePasswordLink(hash, kind, password: password, now: site.now)
            if let key { try session.keep(reply.stored, for: key) }
        }
        return .response(reply.response)
    }

    /// The answer to the same form when it was sent first; nil: it was another one, or its answer cannot be read any more.
    private func earlier(_ key: IdempotencyKey, _ own: OwnRequest) async throws -> Reply? {
        try await own.read { session -> Reply? in
            do {
                return try Reply(earlier: key, session)
            } catch StoreError.otherRequest, StoreError.conflict {
                return nil
            }
        }
    }

    /// The idempotency key of the form, bound to the link's account: nobody is signed in.
    private func key(of account: Account, _ own: OwnRequest) -> IdempotencyKey? {
        own.context.sentKey.map { sent in
            IdempotencyKey(
                account: account.id, name: sent.name,
                request: site.keys.mac(sent.request, for: "repeated request"), at: site.now)
        }
    }
}

/// The page behind a link for choosing a password: the form, or what became of the link and what to do.
struct PasswordLinkPage {
    let kind: PasswordLinkKind
    let fate: PasswordLinkFate
    let path: String
    let errors: [FieldError]

    func page(_ tags: FormTags, _ times: Times) -> Page {
        switch fate {
        case .open(let account): form(account, tags)
        case .used(let moment):
            dead(
                "This link was used already",
                "A password was chosen with it on \(times.moment(moment)). If that was you, sign in with it."
            ).refusing(410)
        case .expired(let moment):
            dead(
                "This link is too old",
                "It could be used until \(times.moment(moment)). Ask the person who sent it for a new one."
            ).refusing(410)
        case .unknown:
            dead(
                "This link does not work",
                """
                A newer link may have replaced it: look for the latest message. Or a part of the address was lost: copy \
                all of it.
                """
            ).refusing(404)
        }
    }

    private func form(_ account: Account, _ tags: FormTags) -> Page {
        let title = kind == .invite ? "Welcome, \(account.name)" : "Choose a new password"
        return Page(
            title,
            Elements.door(
                title,
                """
                <form method="post" action="\(path)" class="stack" novalidate>\(tags.hidden())\
                <p>You sign in with the user name <b>\(account.login)</b>\
                \(when(kind == .invite, " and a password that you choose here")).</p>\
                \(Elements.userName(account.login))\(Elements.newPassword(as: "password", errors: errors))\
                <button class="primary wide">Set the password</button></form>
                """, help: kind == .reset ? "Wherever you are signed in now, you are signed out." : .empty))
    }

    private func dead(_ title: String, _ text: HTML) -> Page {
        Page(
            title,
            Elements.door(
                title,
                """
                <p>\(text)</p><p class="row"><a class="btn primary" href="/login">Sign in</a></p>
                """,
                help: """
                    Forgot the password? Ask the person who runs TicketFlower in your company for a new link; it works for \
                    \(kind == .invite ? "a week" : "an hour").
                    """))
    }
}

extension ProvedRequest where Kind == Anybody {
    /// The hash under which the store knows the link in the address.
    fileprivate var linkHash: String { PasswordLink.hash(parts["token"] ?? "") }
}
