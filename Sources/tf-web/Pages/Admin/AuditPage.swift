import TFDefinition
import TFStore

/// The audit log, the newest entries first.
struct AuditPage {
    let query: AuditPageQuery
    let entries: [AuditEntry]
    let hasMore: Bool
    let names: AuditNames
    /// Those whom the menu offers; empty while it is closed.
    let people: [Account]
    let times: Times

    @Sendable static func make(
        _ request: ProvedRequest<OnSite>, _ query: AuditPageQuery, _ session: ReadSession
    ) throws -> Page {
        let (entries, hasMore) = try session.auditLog(query.filter)
        let names = try AuditNames(entries, also: [query.actor].compactMap(\.self), session)
        let people = query.isMenuOpen ? try PeopleOptions.accounts(session).map(\.account) : []
        return AuditPage(
            query: query, entries: entries, hasMore: hasMore, names: names, people: people, times: request.times
        ).page
    }

    private var address: ListAddress {
        ListAddress(
            "/admin/audit",
            [
                ("actor", query.actor), ("action", query.action?.rawValue), ("subject", query.subject),
                ("company", query.company), ("from", query.from?.description), ("to", query.to?.description),
            ])
    }

    private var page: Page {
        let table = address.at(AuditRoutes.table).text
        return Page(
            "Audit log",
            """
            \(SitePage.audit.tabs)\(Elements.head("Audit log", actions: #"<a class="btn small" href="\#(table)" download>Export CSV</a>"#))\
            <p class="soft">Who signed in, who changed accounts, roles and definitions, what was refused, and what admins \
            read. Nobody can change it.</p>\(sentence)\
            \(entries.isEmpty ? nothing : #"<ol class="tl">\#(bundles.map(row))</ol>"#)\(turns)
            """
        ).under(.admin)
    }

    // MARK: Entries

    /// Entries in a row in which one person signs in from one address are told as one, the latest first.
    private var bundles: [ArraySlice<AuditEntry>] {
        entries.indices.reduce(into: []) { bundles, index in
            if let last = bundles.last, let first = last.first, Self.isOneStory(first, entries[index]) {
                bundles[bundles.count - 1] = entries[last.startIndex...index]
            } else {
                bundles.append(entries[index...index])
            }
        }
    }

    private static func isOneStory(_ first: AuditEntry, _ next: AuditEntry) -> Bool {
        first.action == .signedIn && next.action == .signedIn && first.actor == next.actor
            && first.address == next.address && first.subject == next.subject
    }

    private func row(_ bundle: ArraySlice<AuditEntry>) -> HTML {
        let entry = bundle[bundle.startIndex]
        let since: HTML = when(
            bundle.count > 1, ", \(bundle.count) times since \(times.moment(bundle[bundle.endIndex - 1].atMs))")
        // Whoever fails to sign in as somebody is not them.
        let account = entry.action == .signInFailed ? nil : names.accounts[entry.actor]
        let mark =
            account.map { Elements.initials($0.name, $0.id, isBig: true) } ?? Elements.glyph(entry.action.tone)
        let details = AuditDifference(entry: entry, names: names).sentences
        return """
            <li>\(mark)<div><b>\(actor(entry, account))</b> \(entry.action.verb)\(subject(entry))\(membership(entry)) \
            <small>\(times.moment(entry.atMs))\(since)\(place(entry))</small>\
            \(details.map { sentence -> HTML in "<br><small>\(sentence)</small>" })</div></li>
            """
    }

    private func actor(_ entry: AuditEntry, _ account: Account?) -> String {
        if entry.action == .signInFailed { return "Somebody" }
        if let account { return account.name }
        return switch entry.actor {
        case "nobody", "": "Somebody"
        case "system": "TicketFlower"
        default: entry.actor
        }
    }

    private func subject(_ entry: AuditEntry) -> HTML {
        switch entry.action.toldSubject {
        case .nothing: return .empty
        case .address: return " <code>\(entry.subject.text)</code>"
        case .asWhom: return " as \(entry.subject.html(entry, names))"
        case .whom:
            if case .user(entry.actor) = entry.subject { return " their own account" }
            return " \(entry.subject.html(entry, names))"
        }
    }

    /// The company that a membership is of.
    private func membership(_ entry: AuditEntry) -> HTML {
        guard entry.action.isOfMembership, let slug = entry.company else { return .empty }
        let company = AuditSubject.company(slug).html(entry, names)
        return " \(entry.action == .memberAdded ? "to" : "in") \(company)"
    }

    private func place(_ entry: AuditEntry) -> HTML {
        let slug = entry.action.isOfMembership ? nil : entry.company
        let company: HTML? = slug.map { ", \(names.company($0))" }
        return "\(company)\(when(!entry.address.isEmpty, ", from \(entry.address)"))"
    }

    // MARK: Filters

    private var sentence: HTML {
        let told: [(name: String, words: String?)] = [
            ("actor", query.actor.map { "by \(names.person($0))" }),
            ("action", query.action.map { "“\($0.label)”" }),
            ("subject", query.subject.map { "about \($0)" }),
            ("company", query.company.map { "in \(names.company($0))" }),
            ("from", query.from.map { "from \($0)" }), ("to", query.to.map { "until \($0)" }),
        ]
        let parts = told.compactMap { part in
            part.words.map { FilterPart(words: $0, without: address.without(part.name)) }
        }
        return FilterSentence(
            subject: parts.isEmpty ? "All entries" : "Entries", parts: parts, address: address,
            menu: query.isMenuOpen ? menu : nil, plain: ListAddress(address.path)
        ).html
    }

    private var menu: HTML {
        let actions = AuditAction.groups.map { label, actions -> HTML in
            let options = actions.map { action -> HTML in
                #"<option value="\#(action.rawValue)"\#(when(query.action == action, " selected"))>\#(action.label)</option>"#
            }
            return #"<optgroup label="\#(label)">\#(options)</optgroup>"#
        }
        let companies = names.companies.values.sorted { $0.name < $1.name }.map {
            FilterField.Option(value: $0.slug, label: $0.name)
        }
        return FilterField.form(
            address, keeping: [],
            [
                """
                <label>Who, by user name or name <input name=actor\
                \(query.actor.map { actor -> HTML in #" value="\#(actor)""# }) list=people></label>\
                \(PeopleOptions(id: "people", accounts: people).html)
                """,
                """
                <label>Did what <select name="action"><option value="">Anything</option>\(actions)</select></label>
                """,
                FilterField.text("subject", "About, such as “user bob” or “role it-staff”", query.subject),
                FilterField.select("company", "In", any: "Everywhere", companies, query.company),
                FilterField.text("from", "From, a day in UTC", query.from?.description, type: "date"),
                FilterField.text("to", "Until, a day in UTC", query.to?.description, type: "date"),
            ])
    }

    private var nothing: HTML {
        Elements.empty(
            .noMatch, "No entry matches", "Each filter above narrows the list; take one away.",
            actions: [Link("/admin/audit", "Show the whole log")])
    }

    private var turns: HTML {
        let filter = query.filter
        let isFirst = filter.before == nil && (filter.after == nil || !hasMore)
        let isLast = filter.after == nil && !hasMore
        return ListParts.pager(
            previous: isFirst ? nil : entries.first?.id.description, next: isLast ? nil : entries.last?.id.description,
            address)
    }
}
