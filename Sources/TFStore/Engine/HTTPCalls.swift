import TFDefinition
import TFEngine
import TFExpression

/// A request that is to go out now.
package struct HTTPCallJob: Sendable {
    package let id: HTTPCallID
    package let company: CompanyID
    package let instance: InstanceID
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

/// Where a request stands: the column `http_call.state`.
package enum HTTPCallState: String, Sendable, Hashable, CaseIterable {
    case waiting
    /// And not yet answered.
    case sent
}

/// A request that waits, and its place among those of its company, from 1.
private struct DueCall {
    let id: HTTPCallID
    let company: CompanyID
    let place: Int
}

/// Requests of workflows. The intent is stored before anything is sent and the answer after; what lies between is
/// unclear after a crash.
extension ReadSession {
    fileprivate func dueHTTPCalls(now: Int64) throws -> [DueCall] {
        try all(
            Row.self,
            """
            SELECT id, company_id, place FROM (
                SELECT id, company_id, next_at_ms,
                    ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY next_at_ms, id) AS place
                FROM http_call WHERE state = 'waiting' AND next_at_ms <= ? AND \(Store.isNotSetAside)) due
            WHERE place <= ? ORDER BY place, next_at_ms, id LIMIT 1000
            """, [now, CallShare.limitOfCompany]
        ).map { DueCall(id: $0["id"], company: $0["company_id"], place: $0["place"]) }
    }
}

extension CompanyReadSession {
    /// The row of a request under way. The id alone is not enough: a late answer to one attempt must never count
    /// as the answer to another.
    fileprivate func sent(_ job: HTTPCallJob) throws -> Row? {
        try first(
            Row.self,
            """
            SELECT * FROM http_call WHERE company_id = ? AND id = ? AND instance_id = ? AND reference = ? AND visit = ?
                AND stage = ? AND attempt = ? AND state = 'sent'
            """, [company, job.id, job.instance, job.reference, job.visit, job.stage, job.attempt])
    }
}

extension CompanyWriteSession {
    func plan(_ intent: HTTPIntent, for instance: InstanceRow, now: Int64) throws {
        try run(
            """
            INSERT INTO http_call (company_id, instance_id, reference, visit, stage, is_repeatable, state, next_at_ms,
                deadline_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (instance_id, reference, visit, stage) DO NOTHING
            """,
            [
                company, instance.id, intent.reference, intent.visit, intent.stage, intent.isRepeatable,
                HTTPCallState.waiting.rawValue, now, intent.deadline,
            ])
    }

    /// - Returns: nil where there is nothing to send after all.
    fileprivate func takeHTTPCall(_ id: HTTPCallID, now: Int64, _ opener: SecretOpener) throws -> HTTPCallJob? {
        let row = try first(
            Row.self,
            """
            UPDATE http_call SET state = 'sent', attempt = attempt + 1
            WHERE company_id = ? AND id = ? AND \(Store.isNotSetAside) RETURNING *
            """, [company, id])
        // The one before it has set their instance aside.
        guard let row else { return nil }
        do {
            let job = try job(row, now: now, opener)
            try forgetDeaths(instance: row["instance_id"], now: now)
            return job
        } catch {
            if StoreError.isTemporary(error) { throw error }
            // One request that cannot be made must not keep all others from being sent.
            try run(
                "UPDATE http_call SET state = 'waiting', attempt = attempt - 1 WHERE company_id = ? AND id = ?",
                [company, row["id"] as HTTPCallID])
            try setAside(instance: row["instance_id"], because: .request(error: "\(error)"), now: now)
            return nil
        }
    }

    /// The request of a row; nil where there is none to make: its instance has gone on, or an expression failed.
    fileprivate func job(_ row: Row, now: Int64, _ opener: SecretOpener) throws -> HTTPCallJob? {
        let instanceID: InstanceID = row["instance_id"]
        guard
            let found = try first(
                Row.self, "SELECT * FROM instance WHERE company_id = ? AND id = ?", [company, instanceID]),
            let stored = found["state"] as String?
        else { return nil }
        mark.set(.instance(instanceID))
        let instance = InstanceRow(row: found)
        let ticket = try instance.ticketID.flatMap { try self.ticket(id: $0) }
        let program = try program(instance, ticket: ticket)
        let surroundings = Surroundings(
            instance: instanceID.description, ticket: try ticket.map { try ticketJSON($0) } ?? .null, now: now,
            offset: try companyRecord().offset, secrets: try secrets(program.workflow, opener))
        let reference: String = row["reference"]
        let visit: Int = row["visit"]
        do {
            let request = try Engine.request(
                program, try Column.value(InstanceState.self, stored), reference: reference, visit: visit, surroundings)
            guard let request else {
                try run("DELETE FROM http_call WHERE company_id = ? AND id = ?", [company, row["id"] as HTTPCallID])
                return nil
            }
            return HTTPCallJob(
                id: row["id"], company: company, instance: instanceID, reference: reference, visit: visit,
                stage: row["stage"],
                isRepeatable: row["is_repeatable"], attempt: row["attempt"], deadlineAt: row["deadline_at_ms"],
                idempotencyKey: "\(instanceID)\(reference)/\(visit)", request: request,
                secrets: surroundings.secrets.secretTexts)
        } catch let error as WorkflowError {
            try finish(row, .failed(error.hiding(surroundings.secrets.secretTexts)), now: now)
            return nil
        }
    }

    /// Stores an answer for the engine; of a request that nobody waits for any more it is dropped.
    package func finishHTTPCall(
        _ job: HTTPCallJob, _ outcome: HTTPOutcome, leader: Leadership, now: Int64
    ) throws {
        try site.check(leader, now: now)
        guard let row = try sent(job) else { return }
        try finish(row, outcome, now: now)
    }

    fileprivate func finish(_ row: Row, _ outcome: HTTPOutcome, now: Int64) throws {
        try run("DELETE FROM http_call WHERE company_id = ? AND id = ?", [company, row["id"] as HTTPCallID])
        let payload: JSON = [
            "reference": .string(row["reference"]), "visit": .int(row["visit"] as Int),
            "stage": .int(row["stage"] as Int), "outcome": .string(try Column.text(outcome)),
        ]
        try addEvent(instance: row["instance_id"], .http, payload, now: now)
    }

    /// Puts a request back, to be sent again later.
    package func retryHTTPCall(_ job: HTTPCallJob, at next: Int64, leader: Leadership, now: Int64) throws {
        try site.check(leader, now: now)
        guard try sent(job) != nil else { return }
        try run(
            "UPDATE http_call SET state = 'waiting', next_at_ms = ? WHERE company_id = ? AND id = ?",
            [next, company, job.id])
    }
}

extension WriteSession {
    /// As many as one transaction has the time to make: what a request says may take long to compute.
    /// - Returns: also whether those were all that may go out.
    fileprivate func takeSomeHTTPCalls(
        _ share: CallShare, leader: Leadership, now: Int64, opener: @escaping SecretOpener
    ) throws -> (jobs: [HTTPCallJob], isAll: Bool) {
        try check(leader, now: now)
        let end = ContinuousClock.now + Store.longestTransaction
        let calls = Store.pick(share, try dueHTTPCalls(now: now))
        defer { mark.clear() }
        var jobs: [HTTPCallJob] = []
        for (place, call) in calls.enumerated() {
            guard place == 0 || ContinuousClock.now < end else { return (jobs, false) }
            if let job = try inside(call.company).takeHTTPCall(call.id, now: now, opener) { jobs.append(job) }
        }
        return (jobs, true)
    }

    /// After a start: what was sent when the last daemon ended. What may be repeated is sent again, with the same key;
    /// of the rest nobody knows what became.
    package func recoverHTTPCalls(leader: Leadership, now: Int64) throws {
        try check(leader, now: now)
        try run(
            "UPDATE http_call SET state = 'waiting', next_at_ms = ? WHERE state = 'sent' AND is_repeatable = 1",
            [now])
        for row in try all(Row.self, "SELECT * FROM http_call WHERE state = 'sent' ORDER BY id") {
            try inside(row["company_id"]).finish(
                row,
                .unclear("the daemon was stopped after the request was sent and before its answer was stored"),
                now: now)
        }
    }
}

extension Store {
    /// Takes requests that are due, as far as the share and the time of a transaction go; from now on each counts as sent.
    /// - Parameter share: with what is under way.
    /// - Returns: none only where none may go out; there may be more.
    package func takeHTTPCalls(
        _ share: CallShare, leader: Leadership, now: Int64, opener: @escaping SecretOpener
    ) async throws -> [HTTPCallJob] {
        let due = try await read { session in try session.dueHTTPCalls(now: now) }
        guard !Self.pick(share, due).isEmpty else { return [] }
        while true {
            let (jobs, isAll) = try await write { session in
                try session.takeSomeHTTPCalls(share, leader: leader, now: now, opener: opener)
            }
            if isAll || !jobs.isEmpty { return jobs }
        }
    }

    /// The requests of an instance that is set aside wait with it, in whatever state they came to be.
    fileprivate static let isNotSetAside = "instance_id NOT IN (SELECT id FROM instance WHERE set_aside IS NOT NULL)"

    /// Those that may go out: first those whose company has the fewest under way.
    fileprivate static func pick(_ share: CallShare, _ due: [DueCall]) -> [DueCall] {
        var left = share
        let inOrder = due.enumerated().sorted {
            ($0.element.place + share[$0.element.company], $0.offset)
                < ($1.element.place + share[$1.element.company], $1.offset)
        }
        return inOrder.filter { left.take($0.element.company) }.map(\.element)
    }

    /// Those of the requests under way that nobody waits for any more: their step has timed out or was cancelled.
    package func endedHTTPCalls(among ids: [HTTPCallID]) async throws -> [HTTPCallID] {
        guard !ids.isEmpty else { return [] }
        let sent = try await read { db in
            try Set(db.all(HTTPCallID.self, "SELECT id FROM http_call WHERE state = 'sent'"))
        }
        return ids.filter { !sent.contains($0) }
    }
}
