import TFEngine
import TFStore

/// The visitor's notifications.
enum NotificationRoutes {
    private static let path = "/notifications"

    static func add(to routes: inout RouteTable) {
        routes.read(
            path, .useSite, on: .account, query: NotificationQuery.self,
            Operation(
                "listNotifications", "What you are told, newest first", answer: .page(of: NotificationRow.answer))
        ) { request, query, session in
            let (rows, hasMore) = try session.notifications(
                of: request.account.id, scopes: request.tickets, try query.filter())
            return .page(rows, next: hasMore ? rows.last.map { $0.id.description } : nil)
        }
        routes.change(
            nil, .useSite, on: .account, body: NotificationMarks.self,
            api: .patch(
                path,
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

/// The filter of a list of notifications.
struct NotificationQuery: RequestFields {
    private let isUnread: Bool
    private let paging: Paging

    init(_ fields: inout FieldReader) {
        isUnread = fields.optional("unread", .flag, "true: only those that are not read.") ?? false
        paging = Paging(&fields)
    }

    func filter() throws -> NotificationFilter {
        var filter = NotificationFilter()
        filter.onlyUnread = isUnread
        filter.before = try paging.afterID()
        filter.limit = paging.limit
        return filter
    }
}

/// Marks notifications as read or unread.
struct NotificationMarks: RequestFields {
    /// Maximum number in one request.
    private static let limit = 200

    let isRead: Bool
    /// The notifications to mark; nil for all.
    let ids: [NotificationID]?

    init(_ fields: inout FieldReader) {
        isRead = fields.required("read", .flag)
        ids = fields.optional("ids", .list(of: .id, most: Self.limit), "Nothing said: all of them.")
    }
}
