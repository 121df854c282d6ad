import GRDB
import TFDefinition
import TFEngine
import TFExpression

/// A request that is to go out now.
package struct HTTPCallJob: Sendable {
    package let id: Int64
    package let company: Int64
    package let reference: String
    package let visit: Int
    package let stage: Int
    package let isRepeatable: Bool
    /// 1 for the first try.
    package let attempt: Int
    package let deadlineAt: Int64?
    /// The same for every try of this call.
    package let idempotencyKey: String
    package let request: HTTPRequest
    /// What may be in the request and must not be stored or logged with its outcome.
    package let secrets: [String]
}

/// Requests of workflows. The intent is stored before anything is sent and the answer after; what lies between is
/// unclear after a crash.
extension Store {
    /// Requests of one company that may be under way at a time, so that servers that hang leave others their turn.
    static let mostCallsOfCompany = 8

    func plan(_ db: Database, _ intent: HTTPIntent, for instance: InstanceRow, now: Int64) throws {
        try db.perform(
            sql: """
                INSERT INTO http_call (company_id, instance_id, reference, visit, stage, is_repeatable, state, next_at_ms,
                    deadline_at_ms)
                VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?)
                ON CONFLICT (instance_id, reference, visit, stage) DO NOTHING
                """,
            arguments: [
                instance.companyID, instance.id, intent.reference, intent.visit, intent.stage, intent.isRepeatable, now,
                intent.deadline,
            ])
    }

    /// Takes requests that are due, of each company no more than `mostCallsOfCompany` at a time; from now on each counts
    /// as sent.
    package func takeHTTPCalls(
        limit: Int, leader: Leadership, now: Int64, opener: @escaping SecretOpener
    ) async throws -> [HTTPCallJob] {
        let isDue = try await pool.read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM http_call WHERE state = 'waiting' AND next_at_ms <= ?)"),
                arguments: [now]) ?? false
        }
        guard isDue, limit > 0 else { return [] }
        return try await write { db in
            try check(db, leader, now: now)
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        UPDATE http_call SET state = 'sent', attempt = attempt + 1
                        WHERE id IN (
                            SELECT id FROM (
                                SELECT id, next_at_ms,
                                    ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY next_at_ms, id) + (
                                        SELECT COUNT(*) FROM http_call s
                                        WHERE s.company_id = c.company_id AND s.state = 'sent') AS place
                                FROM http_call c WHERE state = 'waiting' AND next_at_ms <= ?)
                            WHERE place <= ? ORDER BY place, next_at_ms, id LIMIT ?)
                        RETURNING *
                        """), arguments: [now, Self.mostCallsOfCompany, limit])
            return try rows.compactMap { try job(db, $0, now: now, opener) }
        }
    }

    /// The request of a row; nil where there is none to make: its instance has gone on, or an expression failed.
    private func job(_ db: Database, _ row: Row, now: Int64, _ opener: SecretOpener) throws -> HTTPCallJob? {
        let instanceID: Int64 = row["instance_id"]
        guard
            let found = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM instance WHERE id = ?"), arguments: [instanceID]),
            let stored = found["state"] as String?
        else { return nil }
        let instance = InstanceRow(row: found)
        let ticket = try instance.ticketID.flatMap { id in
            try Ticket.fetchOne(db.cachedStatement(sql: Ticket.select + " WHERE t.id = ?"), arguments: [id])
        }
        let company = try company(db, instance.companyID)
        let program = try program(db, instance, ticket: ticket)
        let surroundings = Surroundings(
            instance: String(instanceID), ticket: ticket.map { ticketJSON($0, company: company.slug) } ?? .null,
            now: now,
            offset: company.offset, secrets: try secrets(db, program.workflow, company: company.id, opener))
        let reference: String = row["reference"]
        let visit: Int = row["visit"]
        do {
            let request = try Engine.request(
                program, try Column.value(InstanceState.self, stored), reference: reference, visit: visit, surroundings)
            guard let request else {
                try db.perform(sql: "DELETE FROM http_call WHERE id = ?", arguments: [row["id"] as Int64])
                return nil
            }
            return HTTPCallJob(
                id: row["id"], company: company.id, reference: reference, visit: visit, stage: row["stage"],
                isRepeatable: row["is_repeatable"], attempt: row["attempt"], deadlineAt: row["deadline_at_ms"],
                idempotencyKey: "\(instanceID)\(reference)/\(visit)", request: request,
                secrets: surroundings.secrets.secretTexts)
        } catch let error as WorkflowError {
            try finish(db, row, .failed(error), now: now)
            return nil
        }
    }

    /// Stores an answer for the engine.
    package func finishHTTPCall(
        _ id: Int64, _ outcome: HTTPOutcome, leader: Leadership, now: Int64
    ) async throws {
        try await write { db in
            try check(db, leader, now: now)
            guard
                let row = try Row.fetchOne(
                    db.cachedStatement(sql: "SELECT * FROM http_call WHERE id = ?"), arguments: [id])
            else {
                return
            }
            try finish(db, row, outcome, now: now)
        }
    }

    private func finish(_ db: Database, _ row: Row, _ outcome: HTTPOutcome, now: Int64) throws {
        try db.perform(sql: "DELETE FROM http_call WHERE id = ?", arguments: [row["id"] as Int64])
        let payload: JSON = [
            "reference": .string(row["reference"]), "visit": .int(row["visit"] as Int),
            "stage": .int(row["stage"] as Int), "outcome": .string(try Column.text(outcome)),
        ]
        try addEvent(
            db, company: row["company_id"], instance: row["instance_id"], "http", payload, now: now)
    }

    /// Puts a request back, to be sent again later.
    package func retryHTTPCall(_ id: Int64, at next: Int64, leader: Leadership, now: Int64) async throws {
        try await write { db in
            try check(db, leader, now: now)
            try db.perform(
                sql: "UPDATE http_call SET state = 'waiting', next_at_ms = ? WHERE id = ?", arguments: [next, id])
        }
    }

    /// After a start: what was sent when the last daemon ended. What may be repeated is sent again, with the same key;
    /// of the rest nobody knows what became.
    package func recoverHTTPCalls(leader: Leadership, now: Int64) async throws {
        try await write { db in
            try check(db, leader, now: now)
            try db.perform(
                sql:
                    "UPDATE http_call SET state = 'waiting', next_at_ms = ? WHERE state = 'sent' AND is_repeatable = 1",
                arguments: [now])
            for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM http_call WHERE state = 'sent'")) {
                try finish(
                    db, row,
                    .unclear("the daemon was stopped after the request was sent and before its answer was stored"),
                    now: now)
            }
        }
    }
}
