import TFDefinition
import TFEngine
import TFExpression
import TFSystem

/// One pass of a step of an instance.
package struct StepPass: Sendable, Hashable {
    package let instance: InstanceID
    package let reference: String
    /// The number of the pass, from 1.
    package let visit: Int
}

/// One attempt to get an answer to a request of a workflow.
package struct HTTPAttempt: Sendable, Hashable {
    package let call: HTTPCallID
    /// The number of the request within its step: one that reads an OpenAPI document comes before the operation itself.
    package let stage: Int
    /// From 1.
    package let number: Int
    /// Whether another may follow when the result of this one is unknown.
    package let isRepeatable: Bool
    /// When the step times out, in milliseconds since 1970; nil: never.
    package let deadlineAt: Int64?
}

/// An HTTP request of a workflow, to be sent now.
package struct HTTPCallJob: Sendable {
    package let company: CompanyID
    package let step: StepPass
    package let attempt: HTTPAttempt
    package let request: HTTPRequest
    /// Secret texts that may be in the request or response; they must not be stored or logged with the outcome.
    package let secrets: [String]
    /// The same whenever this request is sent: by any daemon, and in any try of a `retry`. No other request of the site
    /// has it, and none of a store that was made anew. In hexadecimal digits.
    package let identity: String
}

/// The state of a request: the column `http_call.state`.
package enum HTTPCallState: String, Sendable, Hashable, CaseIterable {
    case waiting
    /// Sent, but not yet answered.
    case sent
}

/// A request to be sent, and its rank among those of its company, from 1.
private struct DueCall {
    let id: HTTPCallID
    let company: CompanyID
    let place: Int
}

/// HTTP requests of workflows. A request is stored before it is sent, and its response after; after a crash in between,
/// its result is unknown.
extension ReadSession {
    fileprivate func dueHTTPCalls(of companies: CompanyChoice, now: Int64) throws -> [DueCall] {
        let chosen = companies.condition()
        return try all(
            Row.self,
            """
            SELECT id, company_id, place FROM (
                SELECT id, company_id, next_at_ms,
                    ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY next_at_ms, id) AS place
                FROM http_call WHERE state = 'waiting' AND next_at_ms <= ? AND \(Store.isNotSetAside)
                    AND \(chosen.sql)) due
            WHERE place <= ? ORDER BY place, next_at_ms, id LIMIT 1000
            """, [now] + chosen.arguments + [CallShare.limitOfCompany]
        ).map { DueCall(id: $0["id"], company: $0["company_id"], place: $0["place"]) }
    }
}

extension CompanyReadSession {
    /// The row of a sent request; nil: nobody waits for its response any more. The id alone is not enough: a late
    /// response to one attempt must not count as the response to another.
    fileprivate func sent(_ job: HTTPCallJob) throws -> Row? {
        let attempt = job.attempt
        return try first(
            Row.self,
            """
            SELECT * FROM http_call WHERE company_id = ? AND id = ? AND instance_id = ? AND reference = ? AND visit = ?
                AND stage = ? AND attempt = ? AND state = 'sent'
            """,
            [
                company, attempt.call, job.step.instance, job.step.reference, job.step.visit, attempt.stage,
                attempt.number,
            ])
    }
}

extension CompanyWriteSession {
    func plan(_ intent: HTTPIntent, for instance: InstanceRow, now: Int64) throws {
        try run(
            """
            INSERT INTO http_call (company_id, instance_id, reference, visit, stage, is_repeatable, state, next_at_ms,
                deadline_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (instance_id, company_id, reference, visit, stage) DO NOTHING
            """,
            [
                company, instance.id, intent.reference, intent.visit, intent.stage, intent.isRepeatable,
                HTTPCallState.waiting.rawValue, now, intent.deadline,
            ])
    }

    /// Marks a request as sent and computes it.
    /// - Returns: nil if there is nothing to send.
    fileprivate func takeHTTPCall(_ id: HTTPCallID, now: Int64, _ opener: @escaping SecretOpener) throws -> HTTPCallJob?
    {
        let row = try first(
            Row.self,
            """
            UPDATE http_call SET state = 'sent', attempt = attempt + 1
            WHERE company_id = ? AND id = ? AND \(Store.isNotSetAside) RETURNING *
            """, [company, id])
        // An earlier request of the same instance has set the instance aside.
        guard let row else { return nil }
        do {
            let job = try savepoint { try self.job(row, now: now, opener) }
            try forgetDeaths(instance: row["instance_id"], now: now)
            return job
        } catch {
            if StoreError.isTemporary(error) { throw error }
            // A request that cannot be computed must not prevent the others, so its instance is set aside.
            try run(
                "UPDATE http_call SET state = 'waiting', attempt = attempt - 1 WHERE company_id = ? AND id = ?",
                [company, row["id"] as HTTPCallID])
            try setAside(instance: row["instance_id"], because: .request(error: "\(error)"), now: now)
            return nil
        }
    }

    /// Computes the request of a row; nil if there is none, because its instance has gone on or an expression failed.
    fileprivate func job(_ row: Row, now: Int64, _ opener: @escaping SecretOpener) throws -> HTTPCallJob? {
        let instanceID: InstanceID = row["instance_id"]
        guard
            let found = try first(
                Row.self, "SELECT * FROM instance WHERE company_id = ? AND id = ?", [company, instanceID]),
            let stored = found["state"] as String?
        else { return nil }
        mark.ofRequests.set(.instance(instanceID))
        let instanceRow = InstanceRow(row: found)
        let instance = try load(instanceRow, ticket: try instanceRow.ticketID.flatMap { try ticket(id: $0) })
        let surroundings = try surroundings(of: instance, StepRules(now: now, opener: opener))
        let step = StepPass(instance: instanceID, reference: row["reference"], visit: row["visit"])
        do {
            let state = try InstanceState(text: stored)
            let request = try Engine.request(
                instance.program, state, reference: step.reference, visit: step.visit, surroundings)
            guard let request, let pass = state.pass(reference: step.reference, visit: step.visit) else {
                try run("DELETE FROM http_call WHERE company_id = ? AND id = ?", [company, row["id"] as HTTPCallID])
                return nil
            }
            // Instances of a store that was made anew have the numbers of earlier ones, but began at other moments.
            let stage: Int = row["stage"]
            let identity = "\(company) \(instanceID) \(state.startedAt) \(stage)\n\(pass)"
            return HTTPCallJob(
                company: company, step: step,
                attempt: HTTPAttempt(
                    call: row["id"], stage: stage, number: row["attempt"], isRepeatable: row["is_repeatable"],
                    deadlineAt: row["deadline_at_ms"]),
                request: request, secrets: surroundings.company.secrets.secretTexts,
                identity: Digest.sha256(identity.utf8).hexadecimal)
        } catch let error as WorkflowError {
            try finish(row, .failed(error.hiding(surroundings.company.secrets.secretTexts)), now: now)
            return nil
        }
    }

    /// Stores the outcome of a request as an event for the engine; nothing happens if nobody waits for it any more.
    /// - Throws: `StoreError.notLeader`.
    package func finishHTTPCall(
        _ job: HTTPCallJob, _ outcome: HTTPOutcome, leader: Leadership, now: Int64
    ) throws {
        try site.check(leader)
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

    /// Schedules another try of a request.
    /// - Parameter next: when it is sent, in milliseconds since 1970.
    /// - Throws: `StoreError.notLeader`.
    package func retryHTTPCall(_ job: HTTPCallJob, at next: Int64, leader: Leadership, now: Int64) throws {
        try site.check(leader)
        guard try sent(job) != nil else { return }
        try run(
            "UPDATE http_call SET state = 'waiting', next_at_ms = ? WHERE company_id = ? AND id = ?",
            [next, company, job.attempt.call])
    }
}

extension WriteSession {
    /// Takes as many due requests as one transaction has time for: computing one may take long.
    /// - Returns: also whether these were all that may be sent.
    fileprivate func takeSomeHTTPCalls(
        _ share: CallShare, of companies: CompanyChoice, now: Int64, opener: @escaping SecretOpener
    ) throws -> (jobs: [HTTPCallJob], isAll: Bool) {
        let end = ContinuousClock.now + store.longestTransaction
        let calls = Store.pick(share, try dueHTTPCalls(of: companies, now: now))
        defer { mark.ofRequests.clear() }
        var jobs: [HTTPCallJob] = []
        for (place, call) in calls.enumerated() {
            guard place == 0 || ContinuousClock.now < end else { return (jobs, false) }
            if let job = try inside(call.company).takeHTTPCall(call.id, now: now, opener) { jobs.append(job) }
        }
        return (jobs, true)
    }

    /// Handles the requests that were sent but not answered when the last daemon stopped, once after a start.
    /// Repeatable ones are sent again with the same idempotency key; for the others the workflow gets the outcome
    /// `unclear`.
    /// - Throws: `StoreError.notLeader`.
    package func recoverHTTPCalls(leader: Leadership, now: Int64) throws {
        let companies = CompanyChoice(of: leader).condition()
        let sent = try all(
            CompanyID.self,
            "SELECT DISTINCT company_id FROM http_call WHERE state = 'sent' AND \(companies.sql) ORDER BY company_id",
            companies.arguments)
        for company in sent { try inside(company).recoverHTTPCalls(now: now) }
    }
}

extension CompanyWriteSession {
    /// The same in this company.
    func recoverHTTPCalls(now: Int64) throws {
        try run(
            """
            UPDATE http_call SET state = 'waiting', next_at_ms = ?
            WHERE company_id = ? AND state = 'sent' AND is_repeatable = 1
            """, [now, company])
        let rest = try all(
            Row.self, "SELECT * FROM http_call WHERE company_id = ? AND state = 'sent' ORDER BY id", [company])
        for row in rest {
            try finish(
                row,
                .unclear("the daemon was stopped after the request was sent and before its answer was stored"),
                now: now)
        }
    }
}

extension Store {
    /// Takes due requests, limited by the share and the time of a transaction; each counts as sent from now on.
    /// - Parameter share: counts the running requests.
    /// - Returns: empty only if none may be sent now; there may be more than these.
    /// - Throws: `StoreError.notLeader`, or a temporary error.
    package func takeHTTPCalls(
        _ share: CallShare, leader: Leadership, now: Int64, opener: @escaping SecretOpener
    ) async throws -> [HTTPCallJob] {
        let companies = CompanyChoice(of: leader)
        let due = try await read { session in try session.dueHTTPCalls(of: companies, now: now) }
        guard !Self.pick(share, due).isEmpty else { return [] }
        while true {
            let (jobs, isAll) = try await write(leading: leader) { session in
                try session.takeSomeHTTPCalls(share, of: companies, now: now, opener: opener)
            }
            if isAll || !jobs.isEmpty { return jobs }
        }
    }

    /// Requests of an instance that is set aside wait with it, in any state.
    fileprivate static let isNotSetAside = """
        NOT EXISTS (
            SELECT 1 FROM instance i
            WHERE i.company_id = http_call.company_id AND i.id = http_call.instance_id AND i.set_aside IS NOT NULL)
        """

    /// The requests that may be sent, those of the companies with the fewest running requests first.
    fileprivate static func pick(_ share: CallShare, _ due: [DueCall]) -> [DueCall] {
        var left = share
        let inOrder = due.enumerated().sorted {
            ($0.element.place + share[$0.element.company], $0.offset)
                < ($1.element.place + share[$1.element.company], $1.offset)
        }
        return inOrder.filter { left.take($0.element.company) }.map(\.element)
    }

    /// Those of the running requests that nobody waits for any more, because their step has timed out or was cancelled.
    package func endedHTTPCalls(among ids: [HTTPCallID]) async throws -> [HTTPCallID] {
        guard !ids.isEmpty else { return [] }
        let sent = try await read { db in
            try Set(db.all(HTTPCallID.self, "SELECT id FROM http_call WHERE state = 'sent'"))
        }
        return ids.filter { !sent.contains($0) }
    }
}
