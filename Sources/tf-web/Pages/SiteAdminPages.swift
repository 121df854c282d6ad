import Hummingbird
import TFQueue
import TFStore

/// The site administrator's users and queues.
struct SiteAdminPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(
            .get, "/admin/users", .administer, on: .site, navigation: .at(.users, "Users"), users)
        routes.page(
            .get, "/admin/queues", .administer, on: .site, navigation: .at(.queues, "Queues"), queues)
    }

    @Sendable private func users(_ request: Request, _ context: WebContext) async throws -> Response {
        try desk.access.ofSite(context)
        let identities = try await desk.site.store.read { try $0.identities() }
        let rows = identities.map { identity -> [HTML] in
            let memberships = identity.memberships.sorted { $0.key < $1.key }.map { slug, member in
                member.companyRoles.isEmpty ? slug : "\(slug) (\(member.companyRoles.sorted().joined(separator: ", ")))"
            }
            let state: HTML =
                identity.account.isDisabled
                ? #"<span class="tag off">disabled</span>"# : #"<span class="tag good">active</span>"#
            return [
                "\(identity.account.login)", "\(identity.account.name)",
                "\(identity.account.kind == .service ? "service account" : "person")",
                "\(identity.systemRoles.map(\.rawValue).sorted().joined(separator: ", "))",
                "\(memberships.joined(separator: "; "))", state,
            ]
        }
        let frame = desk.frame(context, request, title: "Users")
        return desk.respond(
            frame,
            """
            <h1>Users</h1><p>Accounts are made with <code>tf-web user add</code>.</p>\
            \(Elements.table("\(rows.count) accounts", ["User name", "Name", "Kind", "System roles", "Companies", "State"], rows))
            """)
    }

    @Sendable private func queues(_ request: Request, _ context: WebContext) async throws -> Response {
        try desk.access.ofSite(context)
        let site = desk.site
        let (waiting, age) = try await site.store.read { try $0.outboxBacklog(now: site.now) }
        var rows: [[HTML]] = []
        var unreachable: String?
        for company in try await site.store.read({ try $0.companies() }) {
            let workers = try await site.store.read(in: company.id) { try $0.workers() }
            let open = try await site.store.read(in: company.id) { try $0.openTaskCounts() }
            let logins = Set(workers.map(\.login)).union(open.keys).sorted()
            var lengths: [Int]?
            do throws(QueueError) { lengths = try await site.queues.lengths(company: company.slug, logins) } catch {
                unreachable = error.description
            }
            for (index, login) in logins.enumerated() {
                let count = open[login] ?? 0
                let length = lengths?[index]
                let drift: HTML =
                    length == count
                    ? "0" : #"<strong class="tag bad">\#(length.map { String($0 - count) } ?? "unknown")</strong>"#
                rows.append([
                    "<code>queue:\(company.slug).\(login)</code>",
                    #"<span class="bar w\#(min(count, 8))"></span>\#(count)"#, "\(length.map(String.init) ?? "–")",
                    drift,
                    workers.first { $0.login == login }.map { $0.isAvailable ? "available" : "away" } ?? "no worker",
                ])
            }
        }
        let frame = desk.frame(context, request, title: "Queues")
        return desk.respond(
            frame,
            """
            <h1>Queues</h1>\(unreachable.map { e -> HTML in #"<div class="errors"><h2>Redis cannot be reached</h2><p>\#(e)</p></div>"# })\
            <p>Outbox: \(waiting) waiting\(when(waiting > 0, ", the oldest for \(age) ms")).</p>\
            \(rows.isEmpty
                ? Elements.empty("There is no worker yet.")
                : Elements.table("Every person's list", ["List", "Open in the store", "Length in Redis", "Drift", "Worker"], rows))
            """)
    }
}
