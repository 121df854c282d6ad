import TFDefinition
import TFEngine
import TFExpression

/// An entry of the audit log.
package struct AuditEntry: Sendable, Hashable {
    package let id: AuditID
    /// Milliseconds since 1970.
    package let atMs: Int64
    /// A login, `nobody` who is not signed in, `system`, or whoever ran a command: `command line (root)`.
    package let actor: String
    package let action: AuditAction
    package let subject: AuditSubject
    /// The company's slug; nil: the entry concerns the site.
    package let company: String?
    /// The values before and after; nil: none.
    package let old: JSON?
    package let new: JSON?
    /// The client's address; empty: this machine.
    package let address: String
}

/// Conditions that select entries of the audit log. nil: no condition.
package struct AuditFilter: Sendable, Hashable {
    /// A login or the name of a person, in any case.
    package var actor: String?
    package var action: AuditAction?
    package var subject: AuditSubject?
    package var company: String?
    /// At this moment or later, in milliseconds since 1970.
    package var from: Int64?
    /// Before this moment, in milliseconds since 1970.
    package var to: Int64?
    /// Only older entries than this one, for the next page; nil: the first page.
    package var before: AuditID?
    /// Only newer entries than this one, for the page before.
    package var after: AuditID?
    package var limit = 50

    package init() {}
}

extension ReadSession {
    /// A page of the audit log, the newest entries first, and whether more follow in the direction in which the page
    /// was asked for.
    package func auditLog(_ filter: AuditFilter) throws -> (entries: [AuditEntry], hasMore: Bool) {
        var query = SQLQuery(
            """
            SELECT a.id, a.at_ms, a.actor, a.action, a.subject, c.slug AS company, a.old, a.new, a.address
            FROM audit a LEFT JOIN company c ON c.id = a.company_id WHERE 1 = 1
            """, [])
        for (column, value) in [
            ("a.action", filter.action?.rawValue), ("a.subject", filter.subject?.text),
            ("c.slug", filter.company),
        ] {
            guard let value else { continue }
            query.add("\(column) = ?", [value])
        }
        if let person = filter.actor { query.add("a.actor = ?", [try actor(person)]) }
        if let from = filter.from { query.add("a.at_ms >= ?", [from]) }
        if let to = filter.to { query.add("a.at_ms < ?", [to]) }
        if let before = filter.before { try add(to: &query, "<", before) }
        if let after = filter.after { try add(to: &query, ">", after) }
        let direction = filter.after == nil ? "DESC" : "ASC"
        query.end("ORDER BY a.at_ms \(direction), a.id \(direction) LIMIT ?", [filter.limit + 1])
        let found = try all(AuditEntry.self, query.sql, query.arguments)
        let page = Array(found.prefix(filter.limit))
        return (filter.after == nil ? page : page.reversed(), found.count > filter.limit)
    }

    /// As what somebody stands in the log: by the login that was typed, in any case, else by the login of the only person
    /// with that name, else as it was typed. One alone, so that the log is read in its order.
    private func actor(_ person: String) throws -> String {
        if let login = try first(String.self, "SELECT login FROM account WHERE login = ?", [person.folded]) {
            return login
        }
        let named = try all(
            String.self, "SELECT login FROM account WHERE folded_name = ? ORDER BY login LIMIT 2", [person.folded])
        return named.count == 1 ? named[0] : person
    }

    /// Only entries on one side of another. That one may have been removed since; then its id has to do.
    private func add(to query: inout SQLQuery, _ sign: String, _ id: AuditID) throws {
        if let moment = try first(Int64.self, "SELECT at_ms FROM audit WHERE id = ?", [id]) {
            query.add("(a.at_ms, a.id) \(sign) (?, ?)", [moment, id])
        } else {
            query.add("a.id \(sign) ?", [id])
        }
    }
}

extension ReadSession {
    /// As what the caller stands in the log, and from where.
    fileprivate var auditActor: String { TextLimit.auditSubject.cut(caller?.name ?? "system") }
    fileprivate var auditAddress: String { caller?.address ?? "" }
}

extension CompanyReadSession {
    /// Whether an entry of the caller, from the same address, says this already.
    /// - Parameter since: only entries after this moment count, in milliseconds since 1970.
    package func isNoted(_ action: AuditAction, _ subject: AuditSubject, since: Int64) throws -> Bool {
        try site.first(
            Bool.self,
            """
            SELECT 1 FROM audit
            WHERE subject = ? AND company_id = ? AND actor = ? AND action = ? AND address = ? AND at_ms > ? LIMIT 1
            """,
            [
                TextLimit.auditSubject.cut(subject.text), company, site.auditActor, action.rawValue, site.auditAddress,
                since,
            ]) ?? false
    }
}

extension WriteSession {
    /// Adds an entry, in the transaction of the change that it records. The table refuses changes and deletions.
    func audit(_ action: AuditAction, _ subject: AuditSubject, old: JSON? = nil, new: JSON? = nil, now: Int64) throws {
        try write(AuditLine(action: action, subject: subject, old: old, new: new), company: nil, now: now)
    }

    fileprivate func write(_ line: AuditLine, company: CompanyID?, now: Int64) throws {
        try run(
            """
            INSERT INTO audit (at_ms, actor, action, subject, company_id, old, new, address)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                now, auditActor, line.action.rawValue, TextLimit.auditSubject.cut(line.subject.text), company, line.old,
                line.new, auditAddress,
            ])
    }

    /// Adds an entry about something that changed nothing: a refusal, a failed sign-in, an admin who read a ticket.
    package func note(_ action: AuditAction, _ subject: AuditSubject, new: JSON? = nil, now: Int64) throws {
        try audit(action, subject, new: new, now: now)
    }
}

extension CompanyWriteSession {
    /// Adds an entry about this company, in the transaction of the change that it records.
    func audit(_ action: AuditAction, _ subject: AuditSubject, old: JSON? = nil, new: JSON? = nil, now: Int64) throws {
        try site.write(AuditLine(action: action, subject: subject, old: old, new: new), company: company, now: now)
    }

    /// Adds an entry about this company for something that changed nothing.
    package func note(_ action: AuditAction, _ subject: AuditSubject, new: JSON? = nil, now: Int64) throws {
        try audit(action, subject, new: new, now: now)
    }
}

/// A new entry, without its time, actor and company.
private struct AuditLine {
    let action: AuditAction
    let subject: AuditSubject
    let old: JSON?
    let new: JSON?
}

extension AuditEntry: RowReadable {
    package init(row: Row) throws {
        id = row["id"]
        atMs = row["at_ms"]
        actor = row["actor"]
        action = try Column.word(row["action"])
        subject = AuditSubject(row["subject"], of: action)
        company = row["company"]
        old = row["old"]
        new = row["new"]
        address = row["address"]
    }
}
