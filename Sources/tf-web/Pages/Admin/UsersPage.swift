import TFStore

/// The page of all accounts.
enum UsersPage {
    @Sendable static func make(_ request: ProvedRequest<OnSite>, _ session: ReadSession) throws -> Page {
        let rows = try session.identities().map(row)
        let heads = ["User name", "Name", "Kind", "System roles", "Companies", "State"]
        return Page(
            "Users",
            """
            <h1>Users</h1><p><a href="/admin/queues">Queues</a></p><p>Accounts are made with <code>tf-web user add</code>.</p>\
            \(Elements.table("\(rows.count) accounts", heads, rows))
            """)
    }

    private static func row(_ identity: Identity) -> [HTML] {
        let account = identity.account
        let memberships = identity.memberships.sorted { $0.key < $1.key }.map { slug, member in
            member.companyRoles.isEmpty ? slug : "\(slug) (\(member.companyRoles.sorted().joined(separator: ", ")))"
        }
        let state: HTML =
            account.isDisabled
            ? #"<span class="tag off">disabled</span>"# : #"<span class="tag good">active</span>"#
        return [
            "\(account.login)", "\(account.name)", "\(account.kind == .service ? "service account" : "person")",
            "\(identity.systemRoles.map(\.rawValue).sorted().joined(separator: ", "))",
            "\(memberships.joined(separator: "; "))", state,
        ]
    }
}
