import TFDefinition
import TFStore

/// The list of all accounts, by name.
struct UsersPage {
    let filter: PeopleFilter
    let rows: [PersonRow]
    let hasMore: Bool
    let standings: [AccountStanding: Int]
    /// By slug.
    let companies: [String: Company]
    let times: Times

    @Sendable static func make(
        _ request: ProvedRequest<OnSite>, _ query: PeopleQuery, _ session: ReadSession
    ) throws -> Page {
        var filter = query.filter
        var (rows, hasMore) = try session.people(filter)
        var errors: [FieldError] = []
        if rows.isEmpty, filter.after != nil || filter.before != nil {
            // A cursor behind which there is nothing, or nothing any more.
            errors = FieldError.lostCursor(filter.after, filter.before) { _ throws(CursorError) in throw .unknown }
            (filter.after, filter.before) = (nil, nil)
            (rows, hasMore) = try session.people(filter)
        }
        let companies = try session.companies().reduce(into: [String: Company]()) { $0[$1.slug] = $1 }
        return UsersPage(
            filter: filter, rows: rows, hasMore: hasMore, standings: try session.standings(),
            companies: companies, times: request.times
        ).page.passingOver(errors)
    }

    private var address: ListAddress {
        ListAddress(
            "/admin/users",
            [
                ("text", filter.text), ("state", filter.standing?.rawValue), ("role", filter.role?.rawValue),
                ("company", filter.company),
            ])
    }

    var page: Page {
        Page(
            "Users",
            "\(SitePage.users.tabs)\(head)\(tabs)\(sentence)\(rows.isEmpty ? nothing : table)\(turns)"
        )
    }

    private var head: HTML {
        let total = standings.values.reduce(0, +)
        return """
            <div class="row"><h1>Users <span class="soft">\(total)</span></h1>\
            <form class="row end" action="/admin/users" role="search">\(address.without("text").hidden)\
            <input type="search" name="text" aria-label="Name or user name" placeholder="Name or user name" \
            value="\(filter.text)"><button>Find</button></form>\
            <a class="btn primary" href="/admin/invitation">Invite somebody</a></div>
            """
    }

    private var tabs: HTML {
        let shown = AccountStanding.allCases.filter { (standings[$0] ?? 0) > 0 }
        guard shown.count > 1 else { return .empty }
        let everybody = Tab(
            label: "Everybody", path: address.without("state").text, isCurrent: filter.standing == nil)
        return Elements.tabs(
            "Accounts by state",
            [everybody]
                + shown.map { standing in
                    Tab(
                        label: standing.tab, path: address.with("state", standing.rawValue).text,
                        count: standings[standing], isCurrent: filter.standing == standing)
                })
    }

    /// The filters in words, each of which can be removed, and menus for those that are not chosen yet.
    private var sentence: HTML {
        #"<div class="row sm">\#(chosen)\#(roleMenu)\#(companyMenu)</div>"#
    }

    private var roleMenu: HTML {
        guard filter.role == nil else { return .empty }
        let roles = SystemRole.allCases.map { role in link("role", role.rawValue, role.label) }
        return Elements.menu("Any role", roles, isAtEnd: false)
    }

    private var companyMenu: HTML {
        guard filter.company == nil, !companies.isEmpty else { return .empty }
        let places = companies.values.sorted { $0.name < $1.name }.map { link("company", $0.slug, $0.name) }
        return Elements.menu("Any company", places, isAtEnd: false)
    }

    private func link(_ name: String, _ value: String, _ label: String) -> HTML {
        #"<a href="\#(address.with(name, value).text)">\#(label)</a>"#
    }

    private var chosen: HTML {
        FilterSentence.fixed(
            "Users", at: address,
            [
                ("text", filter.text.map { "with “\($0)” in the name" }),
                ("role", filter.role.map { "who may be \($0.inSentence)" }),
                ("company", filter.company.map { "in \(companies[$0]?.name ?? $0)" }),
            ])
    }

    private var table: HTML {
        """
        <table class="rows"><caption class="vh">Users by name</caption><thead><tr><th scope="col">Name\
        <th scope="col" class="w2">May<th scope="col" class="w2">Companies<th scope="col" class="w2">Last seen\
        <th scope="col" class="w2">Account<tbody>\(rows.map(row))</table>
        """
    }

    private func row(_ row: PersonRow) -> HTML {
        let account = row.identity.account
        let names = row.identity.memberships.values.map(\.company.name).sorted().joined(separator: ", ")
        return """
            <tr><th scope=row>\(Elements.initials(account.name, account.id))\
            <a href="/admin/users/\(account.login)">\(account.name)</a>\(account.login)\
            <td>\(Elements.whole(SystemRole.sentence(row.identity.systemRoles)))<td>\(Elements.whole(names))\
            <td data-l=Seen>\(row.seenAtMs == nil ? "Never" : times.near(row.seenAtMs))\
            <td\(account.standing.mark)>\(account.standing.label)
            """
    }

    private var nothing: HTML {
        Elements.empty(
            .noMatch, "Nobody matches",
            "\(standings.values.reduce(0, +)) accounts are there. Look for a part of a name or of a user name.",
            actions: [Link("/admin/users", "Show everybody")])
    }

    private var turns: HTML {
        let isFirst = filter.after == nil && (filter.before == nil || !hasMore)
        let isLast = filter.before == nil && !hasMore
        return ListParts.pager(
            previous: isFirst ? nil : rows.first?.identity.account.login,
            next: isLast ? nil : rows.last?.identity.account.login, address)
    }
}

extension AccountStanding {
    var label: String {
        switch self {
        case .active: "Active"
        case .invited: "Invited"
        case .program: "Program"
        case .disabled: "Disabled"
        }
    }

    /// The label of all accounts of this standing.
    fileprivate var tab: String { self == .program ? "Programs" : label }

    var tone: Tone {
        switch self {
        case .active, .program: .done
        case .invited: .wait
        case .disabled: .off
        }
    }

    /// The class of its cell in a list, which draws the glyph.
    fileprivate var mark: HTML { " class=\(tone.rawValue)" }
}
