import TFEngine
import TFStore

/// The filter of a program's list of notifications.
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

/// Which notifications the page shows.
struct NotificationPageQuery: RequestFields {
    static let all = "all"

    let isAll: Bool
    let before: NotificationID?

    init(_ fields: inout FieldReader) {
        isAll = fields.optional("state", .choice(["new", Self.all])) == Self.all
        before = fields.optional("before", .id)
    }

    var filter: NotificationFilter {
        var filter = NotificationFilter()
        filter.onlyUnread = !isAll
        filter.before = before
        filter.limit = 25
        return filter
    }
}

/// Marks everything as read that was there when the page was shown.
struct ReadUpTo: RequestFields {
    /// The newest of each company.
    let newest: [NotificationID]

    init(_ fields: inout FieldReader) { newest = fields.required("newest", .list(of: .id, most: 1_000)) }
}

/// How somebody wants to be told: the form sends a field for each kind that is ticked.
struct NotificationChoice: RequestFields {
    /// Whether the form asked about mail; without an address it does not, and the earlier choice stays.
    let asksForMail: Bool
    let settings: NoticeSettings

    init(_ fields: inout FieldReader) {
        let isAsked = fields.optional(Self.mailQuestion, .flag) == true
        settings = NoticeKind.allCases.reduce(into: NoticeSettings(told: [], mailed: [])) { settings, kind in
            if fields.optional(kind.rawValue, .flag) == true { settings.told.insert(kind) }
            if fields.optional(Self.mailField(kind), .flag) == true { settings.mailed.insert(kind) }
        }
        asksForMail = isAsked || !settings.mailed.isEmpty
    }

    static let mailQuestion = "mail"

    /// The name of the field for telling a kind by mail.
    static func mailField(_ kind: NoticeKind) -> String { "\(kind.rawValue).mail" }
}
