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
            let isAll = try session.markNotifications(upTo: body.newest, of: request.account.id, now: request.now)
            let left = try session.unreadNotifications(of: request.account.id, scopes: request.notices)
            let sentence =
                left == 0
                ? "Everything is marked as read."
                : isAll
                    ? "What was new on the page is marked as read; what came since is below."
                    : "Not everything is marked as read: some of what was new on the page is gone, or not yours. What is new now is below."
            return .seen(Self.path, saying: sentence)
        }
        routes.page(Self.settings, .useSite, on: .account) { [isMailing = site.settings.sendmail != nil] in
            try NotificationSettingsPage.make($0, $1, isMailing: isMailing)
        }
        routes.change(Self.settings, .useSite, on: .account, body: NotificationChoice.self) {
            request, choice, session in
            var settings = choice.settings
            if !choice.asksForMail { settings.mailed = try session.noticeSettings(of: request.account.id).mailed }
            try session.setNotices(settings, of: request.account.id)
            return .seen(Self.settings, saying: "You are told what you chose.")
        }
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

extension NoticeTarget {
    /// The address of the task, else of the ticket.
    var path: String { task.map { "/c/\(company)/tasks/\($0)" } ?? "/c/\(company)/tickets/\(ticket)" }
}

extension NotificationRow {
    /// What it is about.
    var target: NoticeTarget { NoticeTarget(company: company, ticket: ticket, task: task) }
}
