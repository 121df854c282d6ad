import Hummingbird
import TFDefinition
import TFStore

/// Makes accounts, and the links by which people choose their passwords. A link is shown once, and mailed if a mail
/// program is configured and the account has an address.
struct InvitationRoutes: Sendable {
    private static let page = "/admin/invitation"

    let site: Site

    func add(to routes: inout RouteTable) {
        routes.page(Self.page, .administer, on: .site) { request, session in
            // Beside other errors, so that nobody has to send the form again only to hear of this one.
            let taken = try NewUser.taken(request.typed, session)
            let page = try InvitationPage(
                companies: session.companies().prefix(InvitationPage.limitCompanies).map { company in
                    (company, try session.inside(company.id).declaredRoles())
                },
                errors: request.typed.errors + taken, tags: request.tags, mails: site.settings.sendmail != nil
            ).page
            return taken.isEmpty ? page : page.refusing(422, taken)
        }
        routes.own(.post, Self.page, .administer, on: .site, body: NewUser.self) { request, new, own in
            try new.check()
            let (made, link) = try await addFromPage(new, own)
            let account = made.account
            guard let link else {
                let page = "/admin/users/\(account.login)"
                return .response(site.seeOther(page, saying: "The account \(account.name) is made."))
            }
            return .page(
                LinkPage(
                    link: link, account: account, isMailed: mails(account),
                    companies: made.memberships.values.map(\.company.name).sorted(),
                    mayNothing: made.systemRoles.isEmpty
                ).page)
        }
        routes.own(
            .post, "/users", .administer, on: .site, body: NewUser.self,
            Operation(
                "addUser", "Make an account; a person without a password gets a link to choose one", status: 201,
                answer: .object(UserAnswer.answer), failures: [409, 503])
        ) { _, new, own in
            try new.check()
            let (made, link) = try await add(new, own)
            return Reply.created(
                UserAnswer(identity: made, invite: link?.text), at: "/api/v1/users/\(new.login)"
            ).response
        }
        routes.own(
            .post, "/admin/users/{login}/password-link", .administer, on: .user, body: NoFields.self
        ) { request, _, own in
            let account = request.user.account
            let link = try await addLink(account, own)
            return .page(LinkPage(link: link, account: account, isMailed: mails(account)).page)
        }
        routes.own(
            .post, "/users/{login}/password-link", .administer, on: .user, body: NoFields.self,
            Operation(
                "addPasswordLink", "Make a link by which the person chooses a new password, within an hour",
                status: 201, answer: .object(LinkAnswer.answer), failures: [409])
        ) { request, _, own in
            let link = try await addLink(request.user.account, own)
            let expiry = request.now + link.kind.lifetime
            return Reply.created(LinkAnswer(link: link.text, expiresAt: expiry), at: link.text).response
        }
    }

    private func mails(_ account: Account) -> Bool { site.settings.sendmail != nil && account.email != nil }

    /// The same, and a user name that is taken is an error of its field.
    private func addFromPage(_ new: NewUser, _ own: OwnRequest) async throws -> (Identity, PasswordLink?) {
        do {
            return try await add(new, own)
        } catch StoreError.conflict {
            throw Failure.invalid([NewUser.taken(new.login)])
        }
    }

    /// - Returns: the account, and the link for a person without a password.
    private func add(_ new: NewUser, _ own: OwnRequest) async throws -> (Identity, PasswordLink?) {
        var hash: String?
        if let password = new.password { hash = try await site.passwords.hash(password) }
        let link = new.isInvited ? PasswordLink(.invite, baseURL: site.settings.baseURL) : nil
        if link != nil { own.noteSecretInAnswer() }
        let made = try await own.write { [hash] session in
            let account = try session.addAccount(new.account(password: hash), now: site.now)
            if let link { try session.add(link, for: account, now: site.now) }
            for (slug, roles) in new.memberships.sorted(by: { $0.key < $1.key }) {
                guard let company = try session.company(slug) else {
                    throw Failure.invalid([
                        FieldError(field: "companies", message: "There is no company \"\(slug)\" any more")
                    ])
                }
                try session.inside(company.id).setMembership(
                    of: account, companyRoles: roles, only: nil, now: site.now)
            }
            guard let identity = try session.identity(new.login) else { throw Failure.notFound }
            return identity
        }
        if let link { await site.mailer?.send(link, to: made.account) }
        return (made, link)
    }

    private func addLink(_ account: Account, _ own: OwnRequest) async throws -> PasswordLink {
        // Somebody who has not chosen a password yet has a week again.
        let kind: PasswordLinkKind = account.standing == .invited ? .invite : .reset
        let link = PasswordLink(kind, baseURL: site.settings.baseURL)
        // A repeated request makes a new link, which replaces the first: the first answer was not stored.
        own.noteSecretInAnswer()
        try await own.write { try $0.add(link, for: account, now: site.now) }
        await site.mailer?.send(link, to: account)
        return link
    }
}
