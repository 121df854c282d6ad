import Hummingbird
import TFEngine
import TFExpression
import TFQueue
import TFStore

/// What the site's administrator watches, and what everybody is told.
struct SiteAPI: Sendable {
    private static let mostMarked = 200

    let desk: APIDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.api(
            .get, "/queues", .administer, on: .site,
            Operation(
                "listQueues", "Everybody's list, with what the store says",
                answer: .object(QueueList.answer)), queues)
        routes.api(
            .get, "/audit", .administer, on: .site,
            Operation(
                "readAudit", "The audit log, newest first",
                query: [
                    .init(name: "actor", shape: .text(1, .typedLogin), help: "Only what this login did."),
                    .init(
                        name: "action", shape: .words(AuditAction.self), help: "Only this action."),
                    .init(name: "subject", shape: .text(1, .search), help: "Only about this, such as `user uma`."),
                    .init(name: "company", shape: .slug, help: "Only inside this company."),
                ] + Operation.paging, answer: .page(of: AuditEntry.answer)), audit)
        routes.api(
            .get, "/notifications", .useSite, on: .account,
            Operation(
                "listNotifications", "What you are told, newest first",
                query: [.init(name: "unread", shape: .flag, help: "true: only those that are not read.")]
                    + Operation.paging, answer: .page(of: NotificationRow.answer)), notifications)
        routes.api(
            .patch, "/notifications", .useSite, on: .account,
            Operation(
                "markNotifications", "Mark notifications as read, or as not read",
                body: .json(
                    .object([
                        .required("read", .flag),
                        .optional("ids", .list(.id, most: Self.mostMarked), "Nothing said: all of them."),
                    ])), answer: .object(ChangedAnswer.answer)), mark)
    }

    @Sendable private func queues(_ request: Request, _ context: WebContext) async throws -> Response {
        let store = try desk.access.ofSite(context)
        _ = try desk.query(request, context)
        var items: [QueueAnswer] = []
        for company in try await store.read({ try $0.companies() }) {
            let open = try await store.read(in: company.id) { try $0.openTaskCounts() }
            let logins = Set(try await store.read(in: company.id) { try $0.workerLogins() }.map(\.login)).union(
                open.keys
            )
            .sorted()
            // nil: Redis does not answer.
            let lengths = try? await desk.site.queues.lengths(company: company.slug, logins)
            for (index, login) in logins.enumerated() {
                items.append(
                    QueueAnswer(
                        company: company.slug, login: login, open: open[login] ?? 0, length: lengths?[index]))
            }
        }
        let waiting = try await store.read { try $0.outboxBacklog(now: desk.site.now) }.count
        return .json(QueueList(queues: items, outbox: waiting).json)
    }

    @Sendable private func audit(_ request: Request, _ context: WebContext) async throws -> Response {
        let store = try desk.access.ofSite(context)
        let query = try desk.query(request, context)
        var filter = AuditFilter()
        filter.actor = query.text("actor")
        filter.action = query.text("action").flatMap(AuditAction.init(rawValue:))
        filter.subject = query.text("subject")
        filter.company = query.text("company")
        filter.before = try query.after()
        filter.limit = query.limit
        let (entries, hasMore) = try await store.read { [filter] in try $0.auditLog(filter) }
        return desk.page(
            entries, next: hasMore ? entries.last.map { $0.id.description } : nil)
    }

    @Sendable private func notifications(_ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try context.requireSignedIn()
        let query = try desk.query(request, context)
        var filter = NotificationFilter()
        filter.onlyUnread = query.isTrue("unread")
        filter.before = try query.after()
        filter.limit = query.limit
        let scopes = signedIn.identity.memberships.map { slug, membership in
            (membership.company.id, Policy.tickets(Actor(signedIn.identity, company: slug)))
        }
        let (rows, hasMore) = try await desk.access.store(context).read { [filter] in
            try $0.notifications(
                of: signedIn.account.id, scopes: scopes, filter)
        }
        return desk.page(rows, next: hasMore ? rows.last.map { $0.id.description } : nil)
    }

    @Sendable private func mark(_ request: Request, _ context: WebContext) async throws -> Response {
        let account = try context.requireSignedIn().account
        let body = try await desk.body(request, context)
        let ids = body["ids"].arrayValue?.compactMap { $0.intValue.map { NotificationID($0) } }
        let changed = try await desk.access.store(context).write {
            try $0.markNotifications(
                ids, isRead: body["read"] == true, of: account.id, now: desk.site.now)
        }
        return .json(ChangedAnswer(changed: changed).json)
    }
}
