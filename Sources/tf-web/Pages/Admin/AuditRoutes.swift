import TFStore

/// The audit log.
enum AuditRoutes {
    static func add(to routes: inout RouteTable) {
        routes.read(
            "/audit", .administer, on: .site, query: AuditQuery.self,
            Operation("readAudit", "The audit log, newest first", answer: .page(of: AuditEntry.answer))
        ) { _, query, session in
            let (entries, hasMore) = try session.auditLog(try query.filter())
            return .page(entries, next: hasMore ? entries.last.map { $0.id.description } : nil)
        }
    }
}

/// The filter of the audit log.
struct AuditQuery: RequestFields {
    private let actor: String?
    private let action: AuditAction?
    private let subject: String?
    private let company: String?
    private let paging: Paging

    init(_ fields: inout FieldReader) {
        actor = fields.optional("actor", .text(1, .typedLogin), "Only what this login did.")
        action = fields.optional("action", .word, "Only this action.")
        subject = fields.optional("subject", .text(1, .search), "Only about this, such as `user uma`.")
        company = fields.optional("company", .slug, "Only inside this company.")
        paging = Paging(&fields)
    }

    func filter() throws -> AuditFilter {
        var filter = AuditFilter()
        filter.actor = actor
        filter.action = action
        filter.subject = subject
        filter.company = company
        filter.before = try paging.afterID()
        filter.limit = paging.limit
        return filter
    }
}
