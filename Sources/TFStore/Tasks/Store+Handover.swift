import TFDefinition
import TFEngine

/// How a task is given to somebody else.
package enum Reassignment: Sendable, Hashable {
    /// By the rule again.
    case byRule
    case to(String)
}

/// Giving tasks to others: each time a new attempt, whose job is another than the one before.
extension ReadSession {
    /// The one to whom a task goes without the rule, where they may have it and did not give it back themselves.
    func recipient(_ task: TaskRecord) throws -> TaskHolder? {
        guard let login = task.situation.recipient, try isEligible(login, for: task) else { return nil }
        return try Account.fetchOne(self, login: login)?.asHolder
    }

    /// A task that somebody may put off or give away.
    func changeable(
        _ id: TaskID, by account: Account, onlyOwn: Bool, version: Int?
    ) throws -> TaskRecord {
        try onlyOwn ? held(id, by: account, version: version) : open(id, version: version)
    }
}

extension WriteSession {
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
    /// - Parameter onlyOwn: whether it must be their own: a worker's right, where a ticket admin may for others.
    package func releaseTask(
        _ id: TaskID, by account: Account, onlyOwn: Bool, reason: String?, version: Int?, now: Int64
    ) throws {
        try refuseUnfit(("reason", reason, .reason))

        let task = try changeable(id, by: account, onlyOwn: onlyOwn, version: version)
        try happen(.released(by: account.asHolder, reason: reason), to: task, now: now)
    }

    /// A ticket admin, or the worker who has it, gives a task to somebody, or to whom the rule chooses.
    /// - Parameter onlyOwn: whether it must be their own: a worker's right, where a ticket admin may for others.
    package func reassignTask(
        _ id: TaskID, _ target: Reassignment, by account: Account, onlyOwn: Bool, reason: String?, version: Int?,
        now: Int64
    ) throws {
        try refuseUnfit(("reason", reason, .reason))

        let task = try changeable(id, by: account, onlyOwn: onlyOwn, version: version)
        switch target {
        case .byRule:
            let recipient = try recipient(task)
            try happen(.givenToRule(recipient: recipient, by: account.asHolder, reason: reason), to: task, now: now)
        case .to(let login):
            let assignee = try isEligible(login, for: task) ? Account.fetchOne(self, login: login) : nil
            guard let assignee else {
                throw StoreError.invalid([
                    FieldError(
                        field: "assignee",
                        message:
                            "\(login) cannot have this task: not an eligible worker of the company, or excluded")
                ])
            }
            if assignee.id == task.assigneeID { return }
            try happen(.given(to: assignee.asHolder, by: account.asHolder, reason: reason), to: task, now: now)
        }
    }

    /// Gives back the tasks of somebody who may not have them any more.
    /// - Parameter startedToo: also what they have begun or put off.
    func returnTasks(
        company: CompanyID, account: AccountID, _ loss: HolderLoss, startedToo: Bool, now: Int64
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
    func deliverWaiting(company: CompanyID, account: AccountID, now: Int64) throws {
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
