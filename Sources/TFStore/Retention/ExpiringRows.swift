import TFEngine
import TFExpression

/// A table whose rows are deleted by their age alone.
struct ExpiringRows {
    let table: String
    /// The columns of the primary key.
    let key: String
    /// The moment from which a row's age counts, as the index has it.
    let moment: String
    /// Which rows may go at all.
    var condition = "1 = 1"
    /// About how many bytes a row has.
    let bytes: String

    /// nil: the kind is more than the rows of one table.
    init?(_ kind: RetentionKind) {
        switch kind {
        case .tickets, .workflows: return nil
        case .notifications:
            self.init("notification", "id", "created_at_ms", bytes: "40")
            // A person is told once that an open task is due, and this is what says that they were.
            condition = """
                (kind <> 'due_soon' OR NOT EXISTS (
                    SELECT 1 FROM task k
                    WHERE k.company_id = notification.company_id AND k.id = notification.task_id
                        AND \(TaskSQL.isOpen())))
                """
        case .sessions:
            self.init("session", "id", "COALESCE(ended_at_ms, rotated_at_ms)", bytes: "200 + LENGTH(agent)")
        case .apiKeys: self.init("api_key", "id", "revoked_at_ms", bytes: "100 + LENGTH(name)")
        case .audit:
            self.init(
                "audit", "id", "at_ms",
                bytes: "80 + LENGTH(subject) + LENGTH(COALESCE(old, '')) + LENGTH(COALESCE(new, ''))")
        case .links: self.init("password_link", "hash", "expires_at_ms", bytes: "80")
        case .idempotencyKeys:
            self.init("idempotency_key", "account_id, name", "created_at_ms", bytes: "100 + LENGTH(answer)")
        case .forms: self.init("parked_form", "id", "created_at_ms", bytes: "40 + LENGTH(fields)")
        case .uploads:
            self.init("attachment", "id, company_id", "created_at_ms", bytes: "size")
            condition = "ticket_id IS NULL"
        case .cloudEvents:
            self.init("cloud_event", "company_id, position", "at_ms", bytes: "60 + LENGTH(payload)")
            condition = "is_dispatched = 1"
        case .failures: self.init("throttle", "name", "changed_at_ms", bytes: "60")
        case .mends: self.init("mended_key", "name", "at_ms", bytes: "100")
        }
    }

    private init(_ table: String, _ key: String, _ moment: String, bytes: String) {
        (self.table, self.key, self.moment, self.bytes) = (table, key, moment, bytes)
    }
}

/// How much of a kind is older than its term.
package struct ExpiredAmount: Sendable, Hashable {
    /// Tickets, workflows or rows.
    package var count = 0
    /// The rows of all tables that go with them.
    package var rows = 0
    /// About so many: what the store needs besides is not counted.
    package var bytes: Int64 = 0
    /// The oldest one, in milliseconds since 1970; nil: there is none.
    package var oldestMs: Int64?

    package init() {}
}

extension ExpiredAmount: RowReadable {
    package init(row: Row) {
        count = row["amount"]
        rows = count
        bytes = row["bytes"]
        oldestMs = row["oldest"]
    }

    mutating func add(_ other: ExpiredAmount) {
        count += other.count
        rows += other.rows
        bytes += other.bytes
        oldestMs = [oldestMs, other.oldestMs].compactMap { $0 }.min()
    }
}

extension ReadSession {
    /// How much of a kind is from before a moment.
    package func expired(_ kind: RetentionKind, before moment: Int64) throws -> ExpiredAmount {
        guard let rows = ExpiringRows(kind) else {
            var sum = ExpiredAmount()
            for company in try companies() {
                let session = inside(company.id)
                sum.add(
                    try kind == .tickets
                        ? session.expiredTickets(before: moment) : session.expiredWorkflows(before: moment))
            }
            return sum
        }
        return try first(
            ExpiredAmount.self,
            """
            SELECT COUNT(*) AS amount, CAST(COALESCE(SUM(\(rows.bytes)), 0) AS BIGINT) AS bytes,
                MIN(\(rows.moment)) AS oldest
            FROM \(rows.table) WHERE \(rows.moment) < ? AND \(rows.condition)
            """, [moment]) ?? ExpiredAmount()
    }
}

extension WriteSession {
    /// Deletes some of the rows of one table that are from before a moment, the oldest first.
    /// - Returns: how many, and the attachments whose content may go now.
    func removeRows(
        _ rows: ExpiringRows, before moment: Int64, limit: Int
    ) throws -> (count: Int, files: [AttachmentKey]) {
        let gone = try all(
            Row.self,
            """
            DELETE FROM \(rows.table) WHERE (\(rows.key)) IN (
                SELECT \(rows.key) FROM \(rows.table) WHERE \(rows.moment) < ? AND \(rows.condition)
                ORDER BY \(rows.moment) LIMIT ?
            ) RETURNING \(rows.key)
            """, [moment, limit])
        return (gone.count, rows.table == "attachment" ? gone.map(AttachmentKey.init) : [])
    }

    /// Lets entries of the audit log before a moment be deleted, and notes in the log itself that they go.
    func openAudit(before moment: Int64, now: Int64) throws {
        let isThere = try first(Bool.self, "SELECT 1 FROM audit WHERE at_ms < ? ORDER BY at_ms LIMIT 1", [moment])
        guard isThere == true else { return }
        let isNews = try changedRows(
            "UPDATE audit_gate SET kept_from_ms = ? WHERE id = 1 AND kept_from_ms < ?", [moment, moment])
        guard isNews > 0 else { return }
        try audit(.entriesRemoved, .auditLog, new: ["before": .string(Moment.iso8601(moment))], now: now)
    }
}
