import TFDefinition
import TFEngine

/// How a task is given to somebody else.
package enum Reassignment: Sendable, Hashable {
    /// By the rule again.
    case byRule
    case to(String)
}

/// How somebody puts a task off or gives it away.
package struct TaskMove: Sendable {
    package let account: Account
    /// Whether it must be their own: a worker's right, where a ticket admin may for others.
    package let onlyOwn: Bool
    package let reason: String?
    /// The version that they saw; nil: not checked.
    package let version: Int?

    package init(by account: Account, onlyOwn: Bool, reason: String?, version: Int?) {
        self.account = account
        self.onlyOwn = onlyOwn
        self.reason = reason
        self.version = version
    }
}

/// Giving tasks to others: each time a new attempt, whose job is another than the one before.
extension CompanyReadSession {
    /// The one to whom a task goes without the rule, where they may have it and did not give it back themselves.
    func recipient(_ task: TaskRecord) throws -> TaskHolder? {
        guard let login = task.situation.recipient, try isEligible(login, for: task) else { return nil }
        return try Account.fetchOne(site, login: login)?.asHolder
    }

    /// A task that somebody may put off or give away.
    /// - Throws: `StoreError.invalid` for a reason that does not fit.
    func changeable(_ id: TaskID, _ move: TaskMove) throws -> TaskRecord {
        try refuseUnfit(("reason", move.reason, .reason))
        return try move.onlyOwn ? owned(id, by: move.account, version: move.version) : open(id, version: move.version)
    }
}

extension CompanyWriteSession {
    /// An eligible worker takes a task that nobody has. Who may is the caller's policy; that nobody has it is checked.
    package func claimTask(_ id: TaskID, by account: Account, version: Int?, now: Int64) throws {
        let task = try open(id, version: version)
        if task.assigneeID == account.id { return }
        guard try task.state != .ready || isEligible(account.login, for: task) else {
            throw StoreError.conflict("you are not eligible for this task, or excluded from it")
        }
        try happen(.claimed(by: account.asHolder), to: task, now: now)
    }

    /// Somebody gives a task back; it goes to another by the rule, not to the same person again by itself.
    package func releaseTask(_ id: TaskID, _ move: TaskMove, now: Int64) throws {
        let task = try changeable(id, move)
        try happen(.released(by: move.account.asHolder, reason: move.reason), to: task, now: now)
    }

    /// A ticket admin, or the worker who has it, gives a task to somebody, or to whom the rule chooses.
    package func reassignTask(_ id: TaskID, _ target: Reassignment, _ move: TaskMove, now: Int64) throws {
        let task = try changeable(id, move)
        switch target {
        case .byRule:
            let recipient = try recipient(task)
            try happen(
                .givenToRule(recipient: recipient, by: move.account.asHolder, reason: move.reason), to: task, now: now)
        case .to(let login):
            let assignee = try isEligible(login, for: task) ? Account.fetchOne(site, login: login) : nil
            guard let assignee else {
                throw StoreError.invalid([
                    FieldError(
                        field: "assignee",
                        message:
                            "\(login) cannot have this task: not an eligible worker of the company, or excluded")
                ])
            }
            if assignee.id == task.assigneeID { return }
            try happen(
                .given(to: assignee.asHolder, by: move.account.asHolder, reason: move.reason), to: task, now: now)
        }
    }

    /// Gives back the tasks of somebody who may not have them any more.
    /// - Parameter startedToo: also what they have begun or put off.
    func returnTasks(
        account: AccountID, _ loss: HolderLoss, startedToo: Bool, now: Int64
    ) throws {
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select
                + " WHERE k.company_id = ? AND k.assignee_id = ? AND k.state IN ('assigned', 'started', 'held') ORDER BY k.id",
            [company, account])
        for task in tasks where startedToo || task.state == .assigned {
            // What is addressed to them waits for them, as long as they may have it.
            if loss == .right || task.strategy.isAddressed, try isEligible(task.assignee ?? "", for: task) {
                continue
            }
            try happen(.holderLost(loss), to: task, now: now)
        }
    }

    /// Somebody may have tasks again: those that are for them and wait are theirs.
    func deliverWaiting(account: AccountID, now: Int64) throws {
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select + """
                 WHERE k.company_id = ? AND k.state = 'ready' AND k.wake_at_ms IS NULL
                    AND k.addressee = (SELECT login FROM account WHERE id = ?) ORDER BY k.id
                """, [company, account])
        for task in tasks {
            guard let recipient = try recipient(task) else { continue }
            try happen(.delivered(to: recipient), to: task, now: now)
        }
    }
}
