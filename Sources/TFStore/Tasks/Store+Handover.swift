import GRDB
import TFDefinition
import TFExpression

/// How a task is given to somebody else.
package enum Reassignment: Sendable, Hashable {
    /// By the rule: the shortest queue again.
    case byRule
    case to(String)
}

/// Giving tasks to others: each time a new attempt, whose job is another than the one before.
extension Store {
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
            db.cachedStatement(
                sql: TaskRecord.select
                    + " WHERE k.company_id = ? AND k.assignee_id = ? AND k.state IN ('assigned', 'started', 'held') ORDER BY k.id"
            ),
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
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM ticket t JOIN account a ON a.id = t.requester_id
                        JOIN membership m ON m.company_id = t.company_id AND m.account_id = a.id
                        WHERE t.id = ? AND a.login = ? AND a.disabled_at_ms IS NULL)
                        """), arguments: [task.ticketID, login]) ?? false
        }
        return try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM worker w WHERE w.company_id = ? AND w.login = ?
                    AND (? IS NULL OR EXISTS (SELECT 1 FROM member_role r
                        WHERE r.company_id = w.company_id AND r.account_id = w.account_id AND r.role = ?)))
                    """), arguments: [task.companyID, login, task.role, task.role]) ?? false
    }

    private func exclude(_ db: Database, _ login: String, from task: TaskRecord) throws {
        let excluded = (task.excluded.arrayValue ?? []) + [.string(login)]
        try db.perform(
            sql: "UPDATE task SET excluded = ? WHERE id = ?", arguments: [JSON.array(excluded), task.id])
    }

    /// A new attempt: the old job leaves its list, a new one is placed or looked for.
    private func move(
        _ db: Database, _ task: TaskRecord, to account: Int64?, reason: String? = nil, decision: JSON = .null,
        now: Int64
    ) throws {
        try db.perform(
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
        try db.perform(
            sql: "INSERT INTO assignment (task_id, attempt, ticket_id, account_id, at_ms) VALUES (?, ?, ?, ?, ?)",
            arguments: [task, attempt, ticket, account, now])
    }
}
