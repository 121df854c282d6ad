import TFEngine
import TFStore

/// What the visitor is told, and what they want to be told.
struct NotificationRoutes: Sendable {
    static let path = "/notifications"
    static let settings = "\(path)/settings"

    let site: Site

    func add(to routes: inout RouteTable) {
        addOperations(to: &routes)
        routes.page(
            Self.path, .useSite, on: .account, query: NotificationPageQuery.self, isLive: true, NotificationsPage.make)
        routes.change("\(Self.path)/reading", .useSite, on: .account, body: ReadUpTo.self) { request, body, session in
            try session.markNotifications(upTo: body.newest, of: request.account.id, now: request.now)
            return .seen(Self.path, saying: "Everything is marked as read.")
        }
        routes.page(Self.settings, .useSite, on: .account) { [isMailing = site.settings.sendmail != nil] in
            try NotificationSettingsPage.make($0, $1, isMailing: isMailing)
        }
        routes.change(Self.settings, .useSite, on: .account, body: NotificationChoice.self) {
            request, choice, session in
            try session.setNotices(choice.settings, of: request.account.id)
            return .seen(Self.settings, saying: "You are told what you chose.")
        }
        // Opening a notification marks it as read, so the address cannot be a page of a snapshot.
        routes.own(.get, "\(Self.path)/{id}", .useSite, on: .account, open)
    }

    /// Goes on to what a notification is about. One that is not the visitor's, or never was, leads to the list.
    @Sendable private func open(_ request: ProvedRequest<OwnAccount>, _ own: OwnRequest) async throws -> OwnAnswer {
        guard let id = request.parts.number("id").map({ NotificationID($0) }) else { return .seeOther(Self.path) }
        let target = try await own.write { session in
            try session.openNotification(id, of: request.account.id, scopes: request.notices, now: request.now)
        }
        guard let target else { return .seeOther(Self.path) }
        let company = "/c/\(target.company)"
        return .seeOther(target.task.map { "\(company)/tasks/\($0)" } ?? "\(company)/tickets/\(target.ticket)")
    }

    private func addOperations(to routes: inout RouteTable) {
        routes.read(
            Self.path, .useSite, on: .account, query: NotificationQuery.self,
            Operation(
                "listNotifications", "What you are told, newest first", answer: .page(of: NotificationRow.answer))
        ) { request, query, session in
            let (rows, hasMore) = try session.notifications(
                of: request.account.id, scopes: request.notices, try query.filter())
            return .page(rows, next: hasMore ? rows.last.map { $0.id.description } : nil)
        }
        routes.change(
            nil, .useSite, on: .account, body: NotificationMarks.self,
            api: .patch(
                Self.path,
                Operation(
                    "markNotifications", "Mark notifications as read, or as not read",
                    answer: .object(ChangedAnswer.answer)))
        ) { request, marks, session in
            let changed = try session.markNotifications(
                marks.ids, isRead: marks.isRead, of: request.account.id, now: request.now)
            return .answered { .json(ChangedAnswer(changed: changed)) }
        }
    }
}
