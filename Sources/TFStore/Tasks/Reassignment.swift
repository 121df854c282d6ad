import TFDefinition
import TFEngine

/// To whom a task is given.
package enum Reassignment: Sendable, Hashable {
    /// The rule chooses again.
    case byRule
    /// The account with this login.
    case to(String)
}

/// Who puts a task off or gives it away, and why.
package struct TaskMove: Sendable {
    package let account: Account
    /// Whether the task must be their own: workers may move only their own tasks, ticket admins also those of others.
    package let onlyOwn: Bool
    package let reason: String?
    /// The task's version on the page; nil: not checked.
    package let version: Int?

    package init(by account: Account, onlyOwn: Bool, reason: String?, version: Int?) {
        self.account = account
        self.onlyOwn = onlyOwn
        self.reason = reason
        self.version = version
    }
}

/// Giving tasks to others. Each time is a new attempt, with a job of its own.
extension CompanyReadSession {
    /// The account that a task goes to without the rule, because it is addressed to them; nil if there is none, they
    /// may not have it, or gave it back, and while assignment is paused.
    func recipient(_ task: TaskRecord) throws -> TaskHolder? {
        try isPaused() ? nil : recipientInTime(task)
    }

    /// The same, also while assignment is paused: then it goes to them when that ends.
    fileprivate func recipientInTime(_ task: TaskRecord) throws -> TaskHolder? {
        guard let login = task.situation.recipient, try isEligible(login, for: task) else { return nil }
        return try Account.fetchOne(site, login: login)?.asHolder
    }

    /// A task that the person may put off or give away.
    /// - Throws: `StoreError.notFound`; `.conflict` if it is not theirs, has ended, or its version is stale; `.invalid`
    ///   for a reason that does not fit.
    func changeable(_ id: TaskID, _ move: TaskMove) throws -> TaskRecord {
        try refuseUnfit(("reason", move.reason, .reason))
        return try move.onlyOwn ? owned(id, by: move.account, version: move.version) : open(id, version: move.version)
    }
}

extension CompanyWriteSession {
    /// Assigns an unassigned task to a worker who claims it. Access rights are checked by the caller.
    /// - Throws: `StoreError.notFound`; `.conflict` if the worker is not eligible, somebody else has it, or `version`
    ///   is stale.
    package func claimTask(_ id: TaskID, by account: Account, version: Int?, now: Int64) throws {
        let task = try open(id, version: version)
        if task.assigneeID == account.id { return }
        guard try task.state != .ready || isEligible(account.login, for: task) else {
            throw StoreError.conflict("you are not eligible for this task, or excluded from it")
        }
        try happen(.claimed(by: account.asHolder), to: task, now: now)
    }

    /// Gives a task back. The rule then chooses somebody else; it does not choose the same person again.
    package func releaseTask(_ id: TaskID, _ move: TaskMove, now: Int64) throws {
        let task = try changeable(id, move)
        try happen(.released(by: move.account.asHolder, reason: move.reason), to: task, now: now)
    }

    /// Gives a task to an account, or lets the rule choose again, for a ticket admin or the worker who has it.
    /// - Throws: `StoreError.invalid` for an account that may not have it; and as `releaseTask`.
    package func reassignTask(_ id: TaskID, _ target: Reassignment, _ move: TaskMove, now: Int64) throws {
        let task = try changeable(id, move)
        switch target {
        case .byRule:
            let recipient = try recipient(task)
            try happen(
                .givenToRule(recipient: recipient, by: move.account.asHolder, reason: move.reason), to: task, now: now)
            try notePause(of: id, now: now)
        case .to(let login):
            let assignee = try isEligible(login, for: task) ? Account.fetchOne(site, login: login) : nil
            guard let assignee else {
                throw StoreError.invalid([try StoreError.noWorker(memberName(login) ?? login)])
            }
            if assignee.id == task.assigneeID { return }
            try happen(
                .given(to: assignee.asHolder, by: move.account.asHolder, reason: move.reason), to: task, now: now)
        }
    }

    /// Takes away the tasks that an account lost the right to or cannot do at present.
    /// - Parameter startedToo: whether to include tasks that were started or put off.
    func returnTasks(
        account: AccountID, _ loss: HolderLoss, startedToo: Bool, now: Int64
    ) throws {
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select
                + " WHERE k.company_id = ? AND k.assignee_id = ? AND \(TaskSQL.isWithSomebody())",
            [company, account]
        ).sorted { $0.id < $1.id }
        for task in tasks where startedToo || task.state == .assigned {
            // Tasks addressed to the account stay with it as long as it may have them.
            if loss == .right || task.strategy.isAddressed, try isEligible(task.assignee ?? "", for: task) {
                continue
            }
            try happen(.holderLost(loss), to: task, now: now)
        }
    }

    /// Assigns the waiting tasks that are addressed to an account, after it got the right to have them.
    func deliverWaiting(account: AccountID, now: Int64) throws {
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select + """
                 WHERE k.company_id = ? AND \(TaskSQL.isToBeAssigned)
                    AND k.addressee = (SELECT login FROM account WHERE id = ?)
                """, [company, account]
        ).sorted { $0.id < $1.id }
        for task in tasks {
            guard let recipient = try recipient(task) else {
                try notePause(of: task.id, now: now)
                continue
            }
            try happen(.delivered(to: recipient), to: task, now: now)
        }
    }

    /// Assigns all waiting tasks that are addressed to somebody, after a pause, in the order of the others.
    func deliverWaiting(now: Int64) throws {
        let tasks = try all(
            TaskRecord.self,
            TaskRecord.select + """
                 WHERE k.company_id = ? AND \(TaskSQL.isToBeAssigned) AND k.addressee IS NOT NULL
                ORDER BY \(TaskSQL.byPriority), \(TaskSQL.byDueDate), k.id
                """, [company])
        for task in tasks {
            if let recipient = try recipient(task) {
                try happen(.delivered(to: recipient), to: task, now: now)
            } else if task.waiting == .paused {
                // The addressee has left meanwhile.
                try happen(.unserved(.undeliverable, workers: nil), to: task, now: now)
            }
        }
    }

    /// Says of a task that would go to its addressee now that it waits for the end of a pause.
    func notePause(of id: TaskID, now: Int64) throws {
        guard try isPaused(), let task = try task(id: id), task.state == .ready, task.wakeAtMs == nil,
            try recipientInTime(task) != nil
        else { return }
        try happen(.unserved(.paused, workers: nil), to: task, now: now)
    }
}
