import TFDefinition
import TFEngine
import TFStore

/// The audit log.
enum AuditRoutes {
    /// The address of the list as CSV.
    static let table = "/admin/audit.csv"

    static func add(to routes: inout RouteTable) {
        routes.page(
            "/admin/audit", .administer, on: .site, query: AuditPageQuery.self, AuditPage.make)
        routes.table(table, .administer, on: .site, query: AuditPageQuery.self) { _, query, session in
            var filter = query.filter
            filter.limit = CSV.limitRows
            let (entries, hasMore) = try session.auditLog(filter)
            return CSV.audit(entries, next: nil, isCut: hasMore)
        }
        routes.read(
            "/audit", .administer, on: .site, query: AuditQuery.self,
            Operation("readAudit", "The audit log, newest first", answer: .table(of: AuditEntry.answer))
        ) { _, query, session in
            let (entries, hasMore) = try session.auditLog(try query.filter())
            let next = hasMore ? entries.last.map { $0.id.description } : nil
            return query.paging.isTable ? CSV.audit(entries, next: next) : .page(entries, next: next)
        }
    }
}

/// The filter of the page of the audit log.
struct AuditPageQuery: RequestFields {
    let actor: String?
    let action: AuditAction?
    let subject: String?
    let company: String?
    /// Days as they were typed, in UTC: `2026-11-26`.
    let from: CalendarDate?
    let to: CalendarDate?
    let isMenuOpen: Bool
    private let before: AuditID?
    private let after: AuditID?

    init(_ fields: inout FieldReader) {
        actor = fields.optional("actor", .text(1, .typedLogin))
        action = fields.optional("action", .word)
        subject = fields.optional("subject", .text(1, .search))
        company = fields.optional("company", .slug)
        from = fields.optional("from", .day).flatMap { CalendarDate(String($0.prefix(10))) }
        to = fields.optional("to", .day).flatMap { CalendarDate(String($0.prefix(10))) }
        isMenuOpen = FilterSentence.isMenuOpen(&fields)
        // The page's links: further back in time is after on the list.
        before = fields.optional("after", .id)
        after = fields.optional("before", .id)
    }

    var filter: AuditFilter {
        var filter = AuditFilter()
        filter.actor = actor
        filter.action = action
        filter.subject = subject.map { AuditSubject($0) }
        filter.company = company
        filter.from = from?.milliseconds
        filter.to = to.map { $0.milliseconds + Self.day }
        filter.before = before
        filter.after = after
        filter.limit = 25
        return filter
    }

    private static let day: Int64 = 86_400_000
}

extension CalendarDate {
    /// The beginning of the day in UTC, in milliseconds since 1970.
    fileprivate var milliseconds: Int64 { Int64(days) * 86_400_000 }
}

/// The filter of the audit log for programs.
struct AuditQuery: RequestFields {
    private let actor: String?
    private let action: AuditAction?
    private let subject: String?
    private let company: String?
    let paging: Paging

    init(_ fields: inout FieldReader) {
        actor = fields.optional("actor", .text(1, .typedLogin), "Only what somebody with this login or name did.")
        action = fields.optional("action", .word, "Only this action.")
        subject = fields.optional("subject", .text(1, .search), "Only about this, such as `user uma`.")
        company = fields.optional("company", .slug, "Only inside this company.")
        paging = Paging(&fields, canBeTable: true)
    }

    func filter() throws -> AuditFilter {
        var filter = AuditFilter()
        filter.actor = actor
        filter.action = action
        filter.subject = subject.map { AuditSubject($0) }
        filter.company = company
        filter.before = try paging.afterID()
        filter.limit = paging.limit
        return filter
    }
}
