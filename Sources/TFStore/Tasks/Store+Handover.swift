import TFDefinition
import TFExpression

/// How a task is given to somebody else.
package enum Reassignment: Sendable, Hashable {
    /// By the rule again.
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

    /// Somebody gives a task back; it goes to another by the rule, not to him again by itself.
    /// - Parameter onlyOwn: whether it must be his: a worker's right, where a ticket admin may for others.
    package func releaseTask(
        _ id: Int64, by account: Account, onlyOwn: Bool, reason: String?, version: Int?, now: Int64
    ) async throws {
        try await write { db in
            let task = try changeable(db, id, by: account, onlyOwn: onlyOwn, version: version)
            guard let holder = task.assignee else { throw StoreError.conflict("nobody has this task at present") }
            let avoided = (task.avoided.arrayValue ?? []) + [.string(holder)]
            try db.run("UPDATE task SET avoided = ? WHERE id = ?", [JSON.array(avoided), task.id])
            try move(db, task, to: nil, reason: "released by \(account.login)", now: now)
            try note(db, task, by: account, "released", ["reason": .optional(reason)], now: now)
        }
    }

    /// A ticket admin, or the worker who has it, gives a task to somebody, or to whom the rule chooses.
    /// - Parameter onlyOwn: whether it must be his: a worker's right, where a ticket admin may for others.
    package func reassignTask(
        _ id: Int64, _ target: Reassignment, by account: Account, onlyOwn: Bool, reason: String?, version: Int?,
        now: Int64
    ) async throws {
        try await write { db in
            let task = try changeable(db, id, by: account, onlyOwn: onlyOwn, version: version)
            switch target {
            case .byRule:
                if try !deliver(db, task, now: now) {
                    try move(db, task, to: nil, reason: "waiting for the queue", now: now)
                }
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
                let because =
                    task.assigneeID == account.id ? "handed over by \(account.login)" : "assigned by \(account.login)"
                try move(
                    db, task, to: assignee.id, decision: ["chosen": .string(login), "because": .string(because)],
                    now: now)
                if task.strategy.isAddressed {
                    try db.run("UPDATE task SET addressee = ? WHERE id = ?", [login, task.id])
                }
            }
            let to: JSON = if case .to(let login) = target { .string(login) } else { .null }
            let isHandedOver = task.assigneeID == account.id && target != .byRule
            try note(
                db, task, by: account, isHandedOver ? "handed-over" : "reassigned",
                ["to": to, "reason": .optional(reason)], now: now)
        }
    }

    /// Gives back the tasks of somebody who may not have them any more.
    func returnTasks(
        _ db: WriteSession, company: Int64, account: Int64, startedToo: Bool, unlessEligible: Bool, now: Int64
    ) throws {
        let tasks = try db.all(
            TaskRecord.self,
            TaskRecord.select
                + " WHERE k.company_id = ? AND k.assignee_id = ? AND k.state IN ('assigned', 'started', 'held') ORDER BY k.id",
            [company, account])
        for task in tasks where startedToo || task.state == .assigned {
            let login = task.assignee ?? ""
            // What is addressed to him waits for him, as long as he may have it.
            if unlessEligible || task.strategy.isAddressed, try isEligible(db, login, for: task) { continue }
            try move(db, task, to: nil, reason: "\(login) cannot have it any more", now: now)
            try addHistory(
                db, company, task.ticketID, task: task.id, actor: "system", "released",
                ["title": .string(task.title), "reason": .string("\(login) cannot have it any more")], now: now)
        }
    }

    /// Gives a task to whom it is for, where they may have it and did not give it back themselves.
    /// - Returns: false where it is for nobody in particular, or they cannot have it.
    func deliver(_ db: WriteSession, _ task: TaskRecord, now: Int64) throws -> Bool {
        guard task.strategy.isAddressed, let login = task.addressee,
            task.avoided.arrayValue?.contains(.string(login)) != true, try isEligible(db, login, for: task),
            let account = try Account.fetchOne(db, login: login)
        else { return false }
        try move(
            db, task, to: account.id, decision: ["chosen": .string(login), "because": "it is for this person"],
            now: now)
        try addHistory(
            db, task.companyID, task.ticketID, task: task.id, actor: "system", "assigned",
            ["title": .string(task.title), "to": .string(login), "because": "it is for this person"], now: now)
        return true
    }

    /// Somebody may have tasks again: those that are for them and wait are theirs.
    func deliverWaiting(_ db: WriteSession, company: Int64, account: Int64, now: Int64) throws {
        let tasks = try db.all(
            TaskRecord.self,
            TaskRecord.select + """
                 WHERE k.company_id = ? AND k.state = 'ready' AND k.wake_at_ms IS NULL
                    AND k.addressee = (SELECT login FROM account WHERE id = ?) ORDER BY k.id
                """, [company, account])
        for task in tasks { _ = try deliver(db, task, now: now) }
    }

    /// A task that somebody may put off or give away.
    func changeable(
        _ db: ReadSession, _ id: Int64, by account: Account, onlyOwn: Bool, version: Int?
    ) throws -> TaskRecord {
        try onlyOwn ? held(db, id, by: account, version: version) : open(db, id, version: version)
    }

    /// A new attempt: the old job leaves its list, a new one is placed or looked for.
    /// - Parameter reason: why nobody has it.
    func move(
        _ db: WriteSession, _ task: TaskRecord, to account: Int64?, reason: String? = nil, decision: JSON = .null,
        now: Int64
    ) throws {
        let reason = reason.map { task.strategy.isAddressed ? "\($0); a ticket admin must assign it" : $0 }
        try db.run(
            """
            UPDATE task SET state = ?, assignee_id = ?, attempt = attempt + 1, version = version + 1,
                waiting_because = ?, decision = ?, assigned_at_ms = ?, started_at_ms = NULL, lease = NULL,
                wake_at_ms = NULL
            WHERE id = ?
            """,
            [
                account == nil ? "ready" : "assigned", account, reason, decision, account == nil ? nil : now, task.id,
            ])
        try Outbox.remove(db, company: task.companyID, task: task.id, attempt: task.attempt, now: now)
        if let account {
            try recordAssignee(
                db, task: task.id, attempt: task.attempt + 1, account: account, now: now)
            try Outbox.place(db, company: task.companyID, task: task.id, attempt: task.attempt + 1, now: now)
        } else {
            try Outbox.assign(db, company: task.companyID, task: task.id, attempt: task.attempt + 1, now: now)
        }
    }

    func recordAssignee(
        _ db: WriteSession, task: Int64, attempt: Int, account: Int64, now: Int64
    ) throws {
        try db.run(
            """
            INSERT INTO assignment (company_id, task_id, attempt, ticket_id, account_id, at_ms)
            SELECT company_id, id, ?, ticket_id, ?, ? FROM task WHERE id = ?
            """, [attempt, account, now, task])
        try Notices.assigned(db, task: task, account: account, now: now)
    }
}
