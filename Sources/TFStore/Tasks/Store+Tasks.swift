import GRDB
import TFDefinition
import TFExpression

/// A finished task as somebody typed it.
package struct Completion: Sendable {
    package let task: Int64
    package let by: Account
    package let outcome: String
    package let answers: JSONObject
    /// The version the page was made from; nil: not checked.
    package let version: Int?
    package let submission: String?

    package init(
        task: Int64, by: Account, outcome: String, answers: JSONObject, version: Int?, submission: String?
    ) {
        self.task = task
        self.by = by
        self.outcome = outcome
        self.answers = answers
        self.version = version
        self.submission = submission
    }
}

/// How a task is given to somebody else.
package enum Reassignment: Sendable, Hashable {
    /// By the rule: the shortest queue again.
    case byRule
    case to(String)
}

extension Store {
    /// Marks a task as being worked on. Started already by the same person: nothing changes.
    package func startTask(_ id: Int64, by account: Account, version: Int?, now: Int64) async throws {
        try await write { db in
            let task = try held(db, id, by: account, version: nil)
            guard task.state == .assigned || task.state == .held else { return }
            try checkVersion(task, version)
            try db.execute(
                sql: """
                    UPDATE task SET state = 'started', started_at_ms = COALESCE(started_at_ms, ?), version = version + 1
                    WHERE id = ?
                    """, arguments: [now, id])
            try note(db, task, by: account, "started", [:], now: now)
        }
    }

    /// Completes a task: its answers, the event for the engine and the removal from the queue, or nothing.
    /// - Throws: `StoreError.invalid` for wrong answers or an unknown outcome, `.conflict` when somebody was faster.
    package func completeTask(_ completion: Completion, now: Int64) async throws {
        try await write { db in
            let request = "completion \(completion.task)"
            if try earlierResult(db, completion.submission, completion.by.id, request: request) != nil { return }
            let task = try held(db, completion.task, by: completion.by, version: completion.version)
            let (outcome, answers) = try check(db, completion, task, now: now)
            try writeOutput(db, task, answers, outcome, by: completion.by, now: now)
            if try form(db, task).replacesTicketAnswers, outcome.validates {
                try replaceAnswers(db, task, answers, by: completion.by, now: now)
            }
            try remember(db, completion.submission, completion.by.id, request: request, result: "", now: now)
        }
    }

    private func check(
        _ db: Database, _ completion: Completion, _ task: TaskRecord, now: Int64
    ) throws -> (Outcome, JSONObject) {
        let definition = try definition(db, task)
        guard let outcome = definition.outcomes.first(where: { $0.value == completion.outcome }) else {
            let names = definition.outcomes.map(\.value)
            let nearest = nearestName(to: completion.outcome, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
            throw StoreError.invalid([
                FieldError(
                    field: "outcome",
                    message: "Choose an outcome: \(names.joined(separator: ", "))\(nearest)")
            ])
        }
        guard let form = try form(db, task).form else {
            if let extra = completion.answers.keys.first {
                throw StoreError.invalid([FieldError(field: "form.\(extra)", message: "This task has no form")])
            }
            return (outcome, [:])
        }
        let company = try Company.fetchOne(db, sql: "SELECT * FROM company WHERE id = ?", arguments: [task.companyID])
        guard let company else { throw StoreError.notFound }
        let (answers, errors) = form.check(
            completion.answers, today: company.today(now: now), outcome: completion.outcome)
        if outcome.validates, !errors.isEmpty { throw StoreError.invalid(errors) }
        return (outcome, answers)
    }

    private func writeOutput(
        _ db: Database, _ task: TaskRecord, _ answers: JSONObject, _ outcome: Outcome, by account: Account, now: Int64
    ) throws {
        var output = answers
        output["outcome"] = .string(outcome.value)
        output["by"] = .string(account.login)
        output["at"] = .string(Moment.iso8601(now))
        try db.execute(
            sql: """
                UPDATE task SET state = 'completed', output = ?, finished_at_ms = ?,
                    started_at_ms = COALESCE(started_at_ms, ?), version = version + 1
                WHERE id = ?
                """, arguments: [JSON.object(output), now, now, task.id])
        try note(
            db, task, by: account, "completed",
            ["outcome": .string(outcome.value), "label": .string(outcome.label), "answers": .object(answers)], now: now)
        try addEvent(
            db, company: task.companyID, instance: task.instanceID, "task",
            [
                "reference": .string(task.reference), "visit": .int(task.visit), "output": .object(output),
            ], now: now)
        try Outbox.remove(db, company: task.companyID, task: task.id, attempt: task.attempt, now: now)
    }

    private func replaceAnswers(
        _ db: Database, _ task: TaskRecord, _ answers: JSONObject, by account: Account, now: Int64
    ) throws {
        guard let ticket = try Ticket.fetchOne(db, sql: Ticket.select + " WHERE t.id = ?", arguments: [task.ticketID])
        else { throw StoreError.notFound }
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: account.login, "answers-replaced",
            ["before": ticket.form], now: now)
        try db.execute(
            sql: "UPDATE ticket SET form = ?, updated_at_ms = ?, version = version + 1 WHERE id = ?",
            arguments: [JSON.object(answers), now, task.ticketID])
    }

    // MARK: Giving tasks to others

    /// An eligible worker takes a task that nobody has. Who may is the caller's policy; that nobody has it is checked.
    package func claimTask(_ id: Int64, by account: Account, version: Int?, now: Int64) async throws {
        try await write { db in
            let task = try open(db, id, version: version)
            if task.assigneeID == account.id { return }
            guard task.state == .ready else {
                throw StoreError.conflict("\(task.assigneeName ?? "somebody") has this task already")
            }
            guard try isEligible(db, account.login, for: task) else {
                throw StoreError.conflict("you are not eligible for this task, or excluded from it")
            }
            try move(
                db, task, to: account.id, decision: ["chosen": .string(account.login), "because": "claimed"], now: now)
            try note(db, task, by: account, "claimed", [:], now: now)
        }
    }

    /// A worker gives a task back; it goes to somebody else by the rule, not to him again by itself.
    package func releaseTask(_ id: Int64, by account: Account, reason: String?, version: Int?, now: Int64) async throws
    {
        try await write { db in
            let task = try held(db, id, by: account, version: version)
            try exclude(db, account.login, from: task)
            try move(db, task, to: nil, reason: "released by \(account.login)", now: now)
            try note(db, task, by: account, "released", ["reason": .optional(reason)], now: now)
        }
    }

    /// A ticket admin gives a task to somebody, or to whom the rule chooses.
    package func reassignTask(
        _ id: Int64, _ target: Reassignment, by account: Account, reason: String?, version: Int?, now: Int64
    ) async throws {
        try await write { db in
            let task = try open(db, id, version: version)
            switch target {
            case .byRule:
                try move(db, task, to: nil, reason: "waiting for the queue", now: now)
            case .to(let login):
                let assignee = try isEligible(db, login, for: task) ? Account.fetchOne(db, login: login) : nil
                guard let assignee else {
                    throw StoreError.invalid([
                        FieldError(
                            field: "assignee",
                            message:
                                "\(login) cannot have this task: not an eligible worker of the company, or excluded")
                    ])
                }
                if assignee.id == task.assigneeID { return }
                let because = "assigned by \(account.login)"
                try move(
                    db, task, to: assignee.id, decision: ["chosen": .string(login), "because": .string(because)],
                    now: now)
            }
            let to: JSON = if case .to(let login) = target { .string(login) } else { .null }
            try note(db, task, by: account, "reassigned", ["to": to, "reason": .optional(reason)], now: now)
        }
    }

    /// Gives back the tasks of somebody who may not have them any more.
    func returnTasks(
        _ db: Database, company: Int64, account: Int64, startedToo: Bool, unlessEligible: Bool, now: Int64
    ) throws {
        let tasks = try TaskRecord.fetchAll(
            db,
            sql: TaskRecord.select
                + " WHERE k.company_id = ? AND k.assignee_id = ? AND k.state IN ('assigned', 'started', 'held') ORDER BY k.id",
            arguments: [company, account])
        for task in tasks where startedToo || task.state == .assigned {
            let login = task.assignee ?? ""
            if unlessEligible, try isEligible(db, login, for: task) { continue }
            try move(db, task, to: nil, reason: "\(login) cannot have it any more", now: now)
            try addHistory(
                db, company, task.ticketID, task: task.id, actor: "system", "released",
                ["title": .string(task.title), "reason": .string("\(login) cannot have it any more")], now: now)
        }
    }

    /// Whether somebody may be given a task: a worker with its role, not excluded; for the strategies that name a
    /// person, and for the requester's own, a member is enough.
    private func isEligible(_ db: Database, _ login: String, for task: TaskRecord) throws -> Bool {
        if task.excluded.arrayValue?.contains(.string(login)) == true { return false }
        if task.strategy == .requester {
            return try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM ticket t JOIN account a ON a.id = t.requester_id
                    JOIN membership m ON m.company_id = t.company_id AND m.account_id = a.id
                    WHERE t.id = ? AND a.login = ? AND a.disabled_at_ms IS NULL)
                    """, arguments: [task.ticketID, login]) ?? false
        }
        return try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM worker w WHERE w.company_id = ? AND w.login = ?
                AND (? IS NULL OR EXISTS (SELECT 1 FROM member_role r
                    WHERE r.company_id = w.company_id AND r.account_id = w.account_id AND r.role = ?)))
                """, arguments: [task.companyID, login, task.role, task.role]) ?? false
    }

    private func exclude(_ db: Database, _ login: String, from task: TaskRecord) throws {
        let excluded = (task.excluded.arrayValue ?? []) + [.string(login)]
        try db.execute(
            sql: "UPDATE task SET excluded = ? WHERE id = ?", arguments: [JSON.array(excluded), task.id])
    }

    /// A new attempt: the old job leaves its list, a new one is placed or looked for.
    private func move(
        _ db: Database, _ task: TaskRecord, to account: Int64?, reason: String? = nil, decision: JSON = .null,
        now: Int64
    ) throws {
        try db.execute(
            sql: """
                UPDATE task SET state = ?, assignee_id = ?, attempt = attempt + 1, version = version + 1,
                    waiting_because = ?, decision = ?, assigned_at_ms = ?, started_at_ms = NULL
                WHERE id = ?
                """,
            arguments: [
                account == nil ? "ready" : "assigned", account, reason, decision, account == nil ? nil : now, task.id,
            ])
        try Outbox.remove(db, company: task.companyID, task: task.id, attempt: task.attempt, now: now)
        if let account {
            try recordAssignee(
                db, task: task.id, attempt: task.attempt + 1, ticket: task.ticketID, account: account, now: now)
            try Outbox.place(db, company: task.companyID, task: task.id, attempt: task.attempt + 1, now: now)
        } else {
            try Outbox.assign(db, company: task.companyID, task: task.id, attempt: task.attempt + 1, now: now)
        }
    }

    func recordAssignee(
        _ db: Database, task: Int64, attempt: Int, ticket: Int64, account: Int64, now: Int64
    ) throws {
        try db.execute(
            sql: "INSERT INTO assignment (task_id, attempt, ticket_id, account_id, at_ms) VALUES (?, ?, ?, ?, ?)",
            arguments: [task, attempt, ticket, account, now])
    }

    // MARK: Shared checks

    private func held(_ db: Database, _ id: Int64, by account: Account, version: Int?) throws -> TaskRecord {
        let task = try open(db, id, version: version)
        guard task.assigneeID == account.id else {
            throw StoreError.conflict(
                task.assignee.map { "this task is \(task.assigneeName ?? $0)'s now" }
                    ?? "nobody has this task at present")
        }
        return task
    }

    private func open(_ db: Database, _ id: Int64, version: Int?) throws -> TaskRecord {
        guard let task = try taskRecord(db, id: id) else { throw StoreError.notFound }
        guard task.state.isOpen else {
            let who = task.output?["by"].stringValue.map { " by \($0)" } ?? ""
            throw StoreError.conflict("this task was \(task.state.rawValue)\(who) already")
        }
        try checkVersion(task, version)
        return task
    }

    private func checkVersion(_ task: TaskRecord, _ version: Int?) throws {
        guard version == nil || version == task.version else {
            throw StoreError.conflict("this task was changed after the page was loaded")
        }
    }

    private func note(
        _ db: Database, _ task: TaskRecord, by account: Account, _ kind: String, _ data: JSONObject, now: Int64
    ) throws {
        var members: JSONObject = ["title": .string(task.title)]
        for (name, value) in data where value != .null { members[name] = value }
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: account.login, kind, .object(members), now: now)
    }
}
