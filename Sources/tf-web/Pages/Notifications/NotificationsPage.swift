import TFDefinition
import TFEngine
import TFStore

/// What the visitor is told, by day, the newest first.
struct NotificationsPage {
    private struct Day {
        let title: String
        var bundles: [NotificationBundle]
    }

    private static let today = "Today"

    private let identity: Identity
    private let query: NotificationPageQuery
    private let rows: [NotificationRow]
    private let hasMore: Bool
    private let unread: Int
    /// The newest unread one of each company.
    private let newest: [NotificationID]
    private let tags: FormTags
    private let now: Int64

    @Sendable static func make(
        _ request: ProvedRequest<OwnAccount>, _ query: NotificationPageQuery, _ session: ReadSession
    ) throws -> Page {
        var filter = query.filter
        var (rows, hasMore) = try session.notifications(of: request.account.id, scopes: request.notices, filter)
        var errors: [FieldError] = []
        if rows.isEmpty, let before = filter.before {
            errors = [.lostCursor("before", "\(before)")]
            filter.before = nil
            (rows, hasMore) = try session.notifications(of: request.account.id, scopes: request.notices, filter)
        }
        let isAnyUnread = rows.contains { $0.readAtMs == nil }
        return NotificationsPage(
            identity: request.identity, query: query, rows: rows, hasMore: hasMore,
            unread: try session.unreadNotifications(of: request.identity),
            newest: isAnyUnread ? try session.newestUnread(of: request.account.id) : [], tags: request.tags,
            now: request.now
        ).page.passingOver(errors)
    }

    private var page: Page {
        Page(
            unread == 0 ? "Notifications" : "\(Words.count(unread, "new notification"))", "\(head)\(tabs)",
            live: days.isEmpty ? empty : "\(table)\(older)"
        ).with(zones: identity.zonesInWords)
    }

    private var head: HTML {
        let fields = newest.map { id -> HTML in #"<input type="hidden" name="newest" value="\#(id)">"# }
        let mark = when(
            !newest.isEmpty,
            """
            <form method="post" action="\(NotificationRoutes.path)/reading">\(tags.hidden())\(fields)\
            <button class="small">Mark all as read</button></form>
            """)
        return Elements.head(
            "Notifications",
            actions: "\(mark)<a class=\"btn small\" href=\"\(NotificationRoutes.settings)\">What to tell me</a>")
    }

    private var tabs: HTML {
        let all = "\(NotificationRoutes.path)?state=\(NotificationPageQuery.all)"
        return Elements.tabs(
            "Notifications",
            [
                Tab(
                    label: "New", path: NotificationRoutes.path, count: unread == 0 ? nil : unread,
                    isHot: unread > 0, isCurrent: !query.isAll),
                Tab(label: "All", path: all, isCurrent: query.isAll),
            ])
    }

    private var empty: HTML {
        query.isAll
            ? Elements.empty(
                .nothingYet, "Nothing yet",
                "You are told here when a task is yours, when somebody answers, and when your tickets end.")
            : Elements.empty(
                .nothingToDo, "Nothing new", "You have seen everything.",
                actions: [Link("\(NotificationRoutes.path)?state=\(NotificationPageQuery.all)", "Show all")])
    }

    // MARK: Days

    private var days: [Day] {
        let bundles = NotificationBundle.bundles(of: rows) { query.isAll ? today(at: $0.createdAtMs, $0).days : 0 }
        return bundles.reduce(into: []) { days, bundle in
            let title = title(of: bundle.newest)
            if days.last?.title == title {
                days[days.count - 1].bundles.append(bundle)
            } else {
                days.append(Day(title: title, bundles: [bundle]))
            }
        }
    }

    private func today(at moment: Int64, _ row: NotificationRow) -> CalendarDate {
        guard let company = company(row) else { return CalendarDate(secondsSince1970: moment / 1000, offset: 0) }
        return company.today(now: moment)
    }

    private func company(_ row: NotificationRow) -> Company? { identity.memberships[row.company]?.company }

    private func title(of row: NotificationRow) -> String {
        let (day, today) = (today(at: row.createdAtMs, row), today(at: now, row))
        switch today.days - day.days {
        case ...0: return Self.today
        case 1: return "Yesterday"
        case 2...6: return day.dayInWords
        default: return day.withoutYear
        }
    }

    /// One list, in which each day has a heading.
    private var table: HTML {
        let parts = days.map { day -> HTML in
            "<tbody><tr><th colspan=3 scope=rowgroup><b>\(day.title)</b>\(day.bundles.map(row))"
        }
        return """
            <table class=rows><caption class=vh>Notifications by day, the newest first</caption><thead><tr>\
            <th class=w2 scope=col>About<th scope=col>What<th class=w2 scope=col>When\(parts)</table>
            """
    }

    private func row(_ bundle: NotificationBundle) -> HTML {
        let row = bundle.newest
        let times = Times(company(row), now: now)
        let (tone, word) = bundle.state(times)
        let isElsewhere = identity.memberships.count > 1
        return """
            <tr><td class=\(tone.rawValue)>\(word)<th scope=row>\
            <a href=\(HTML.value(row.target.path))>\(bundle.title)</a>\(bundle.detail(times))\
            \(when(isElsewhere, " · \(company(row)?.name)"))\
            \(when(query.isAll && bundle.isUnread, " <span class=\"count hot\">New</span>"))\
            <td>\(title(of: row) == Self.today ? times.near(row.createdAtMs) : "\(times.clock(row.createdAtMs))")
            """
    }

    private var older: HTML {
        guard hasMore, let last = rows.last else { return .empty }
        let state = query.isAll ? NotificationPageQuery.all : "new"
        return """
            <nav class="row" aria-label="Pages"><a class="btn small end" \
            href="\(NotificationRoutes.path)?state=\(state)&amp;before=\(last.id)">Older</a></nav>
            """
    }
}
