import TFDefinition
import TFEngine
import TFStore

/// One account: what the person may do, where they belong, and where they are signed in.
struct UserPage {
    let user: Identity
    /// Whether it is the visitor's own account, whose roles only another admin changes.
    let isOwn: Bool
    /// The visitor's session, if the account is their own.
    let session: SessionID?
    let sessions: [Session]
    /// The API keys of a program.
    let keys: [APIKey]
    let seenAtMs: Int64?
    let companies: [Company]
    /// The names for people of each company's roles, by the company's slug.
    let roleLabels: [String: [String: String]]
    let errors: [FieldError]
    let tags: FormTags
    let times: Times

    private var account: Account { user.account }
    private var path: String { "/admin/users/\(account.login)" }

    @Sendable static func make(_ request: ProvedRequest<OnUser>, _ session: ReadSession) throws -> Page {
        let user = request.user
        let isOwn = request.signedIn.account.id == user.account.id
        return UserPage(
            user: user, isOwn: isOwn, session: isOwn ? request.signedIn.session : nil,
            sessions: try session.sessions(of: user.account.id, now: request.now),
            keys: user.account.kind == .service ? try session.apiKeys(of: user.account.id) : [],
            seenAtMs: try session.lastSeen(user.account.id), companies: try session.companies(),
            roleLabels: try user.roleLabels(session),
            errors: request.typed.errors, tags: request.tags, times: request.times
        ).page
    }

    private var page: Page {
        Page(
            account.name,
            """
            \(head)\(when(account.isDisabled, disabled))<div class="cols halves">\(profile)\
            <div class="stack">\(memberships)\(apiKeys)\(signingIn)</div></div>
            """
        ).under(.admin)
    }

    private var head: HTML {
        Elements.head(
            "\(Elements.initials(account.name, account.id, isBig: true)) \(account.name)",
            actions: "\(Elements.tag(account.standing.tone, account.standing.label))\(menu)",
            back: [Link("/admin/users", "Users")], here: "\(account.name)")
    }

    private var menu: HTML {
        let about = AuditSubject.user(account.login).text
        var items: [HTML] = []
        if account.kind == .person, !account.isDisabled {
            let label = account.standing == .invited ? "Make a new invitation" : "Make a link for a new password"
            items.append(
                """
                <form method="post" action="\(path)/password-link">\(tags.hidden())\
                <button class="quiet">\(label)</button></form>
                """)
        }
        items += [
            link("/admin/access", "person", account.login, "Why may they do something?"),
            link("/admin/audit", "subject", about, "What happened to the account"),
            link("/admin/audit", "actor", account.login, "What they did"),
        ]
        if !isOwn {
            items.append(
                account.isDisabled
                    ? #"<a href="\#(path)/standing">Enable the account…</a>"#
                    : #"<a class="danger" href="\#(path)/standing">Disable the account…</a>"#)
        }
        return Elements.menu("More", items)
    }

    /// A link to a list with one filter.
    private func link(_ path: String, _ parameter: String, _ value: String, _ label: String) -> HTML {
        #"<a href="\#(ListAddress(path, [(parameter, value)]).text)">\#(label)</a>"#
    }

    private var disabled: HTML {
        Elements.banner(
            .off, "This account is disabled",
            "Nobody can sign in with it, and it gets no tasks. What was done with it stays under this name.",
            actions: #"<a class="btn small" href="\#(path)/standing">Enable it…</a>"#)
    }

    private var profile: HTML {
        """
        <form method="post" action="\(path)" class="card stack" novalidate>\(tags.hidden(version: account.version))\
        \(text("name", "Name", account.name, "text"))\(text("email", "E-mail", account.email ?? "", "email"))\(roles)\
        <div class="row"><button class="primary">Save</button></div></form>
        """
    }

    private func text(_ name: String, _ label: String, _ value: String, _ kind: String) -> HTML {
        Elements.field(name, label: label, isOptional: name == "email", errors: errors) { attributes in
            """
            <input class="wide" type="\(kind)" name="\(name)" value="\(value)" autocomplete="off"\(attributes)>
            """
        }
    }

    private var roles: HTML {
        guard isOwn else { return RoleBoxes(ticked: user.systemRoles, errors: errors).html }
        let own = SystemRole.inOrder.filter(user.systemRoles.contains).map { role -> HTML in
            "<li>\(role.label) <small>\(role.meaning)</small></li>"
        }
        return """
            <h2>You may</h2><ul>\(own)</ul>\
            <p class="sm soft">Nobody changes their own system roles: another admin can.</p>
            """
    }

    // MARK: Companies

    private var memberships: HTML {
        let rows = user.memberships.values.sorted { $0.company.name < $1.company.name }.map(row)
        let nothing = user.systemRoles.contains(.admin) ? "In none; as an admin they open every one." : "In none."
        let content: HTML =
            rows.isEmpty ? #"<p class="soft">\#(nothing)</p>"# : #"<dl class="facts">\#(rows)</dl>"#
        return Elements.card("Companies", #"<div class="stack">\#(content)\#(joining)</div>"#)
    }

    private func row(_ membership: Membership) -> HTML {
        let slug = membership.company.slug
        let labels = membership.companyRoles.sorted().map { roleLabels[slug]?[$0] ?? ReadableName.title($0) }
        let counting =
            membership.systemRoles == user.systemRoles
            ? "" : "Only as: \(SystemRole.sentence(membership.systemRoles)). "
        return """
            <dt><a href="/admin/companies/\(slug)">\(membership.company.name)</a></dt>\
            <dd>\(counting)\(labels.isEmpty ? "No company role" : labels.joined(separator: ", ")) \
            <a href="/admin/companies/\(slug)/members/\(account.login)">Change<span class="vh"> in \
            \(membership.company.name)</span></a></dd>
            """
    }

    private var joining: HTML {
        let others = companies.filter { user.memberships[$0.slug] == nil }
        guard !others.isEmpty else { return .empty }
        let buttons = others.map { company -> HTML in
            #"<button class="small" formaction="/admin/companies/\#(company.slug)/members">Add to \#(company.name)</button>"#
        }
        return """
            <form method="post" action="/admin/companies/\(others[0].slug)/members" class="row">\(tags.hidden())\
            <input type="hidden" name="login" value="\(account.login)">\(buttons)</form>
            """
    }

    // MARK: Signing in

    private var apiKeys: HTML {
        guard account.kind == .service else { return .empty }
        return KeysCard(account: account, keys: keys, errors: errors, tags: tags, times: times).html
    }

    private var signingIn: HTML {
        let password: HTML =
            switch account.standing {
            case .active: "Chosen"
            case .invited: "Not chosen yet"
            case .program: "Signs in with a key"
            case .disabled: account.password == nil ? "None" : "Chosen"
            }
        return Elements.card(
            "Signing in",
            """
            <div class="stack">\(Elements.facts([
                ("User name", "<code>\(account.login)</code>"), ("Account since", times.moment(account.createdAtMs)),
                ("Last seen", seenAtMs == nil ? "Never" : times.near(seenAtMs)), ("Password", password),
                ("Second factor", account.hasSecondFactor ? "On" : "Off"),
            ]))\(SessionList(sessions: sessions, own: session, path: path, tags: tags, times: times).html)</div>
            """)
    }
}

extension Identity {
    /// The names for people of the roles in each of their companies, by the company's slug.
    func roleLabels(_ session: ReadSession) throws -> [String: [String: String]] {
        try memberships.mapValues { try session.inside($0.company.id).roleLabels() }
    }
}
