import TFEngine
import TFExpression

/// The result of carrying out an entry.
package struct OutboxResult: Sendable {
    /// What Redis answered.
    package enum Outcome: Sendable {
        case done
        /// The change was outdated, so that Redis was told nothing.
        case outdated
        /// The job of an ended task was removed.
        case ended(TaskEnd)
        /// The script chose a worker.
        case assigned(TaskRecord, worker: String, RuleChoice)
        /// Nobody is eligible and available, or the task is to be claimed; `workers`: how many were considered, if they
        /// were counted.
        case waiting(TaskRecord, reason: WaitingReason, workers: WorkerCount?)
    }

    /// The entry's position.
    package let entry: CompanyPosition
    package let companyID: CompanyID
    package let outcome: Outcome

    fileprivate var isApplied: Bool { if case .outdated = outcome { false } else { true } }

    package init(entry: CompanyPosition, companyID: CompanyID, outcome: Outcome) {
        self.entry = entry
        self.companyID = companyID
        self.outcome = outcome
    }
}

extension WriteSession {
    /// Stores the results of entries and deletes the entries, in one transaction.
    /// - Returns: the logins that Redis chose but that may not have their task: Redis holds data that is not ours.
    /// - Throws: `StoreError.notLeader`.
    package func settle(_ results: [OutboxResult], leader: Leadership, now: Int64) throws -> Set<String> {
        try check(leader)
        var strangers: Set<String> = []
        for result in results { try inside(result.companyID).settle(result, &strangers, now: now) }
        for (company, results) in Dictionary(grouping: results, by: \.companyID) {
            // What Redis was not told of does not raise its high-water mark either.
            guard let last = results.filter(\.isApplied).map(\.entry).max() else { continue }
            try inside(company).acknowledge(last)
        }
        return strangers
    }
}

extension CompanyWriteSession {
    fileprivate func settle(_ result: OutboxResult, _ strangers: inout Set<String>, now: Int64) throws {
        switch result.outcome {
        case .done, .outdated, .ended: break
        case .assigned(let task, let worker, let choice):
            if try !recordAssignment(task, to: worker, choice, now: now) { strangers.insert(worker) }
        case .waiting(let task, let reason, let workers):
            // What an addressed task waits for is not the queues' to say: it may have changed since they were asked.
            let present = try task.strategy.isAddressed ? self.task(id: task.id)?.waiting : nil
            try record(.unserved(present ?? reason, workers: workers), of: task, now: now)
        }
        try run("DELETE FROM outbox WHERE company_id = ? AND position = ?", [company, result.entry])
    }

    fileprivate func acknowledge(_ position: CompanyPosition) throws {
        try run(
            """
            UPDATE queue_epoch SET acknowledged_position = ? WHERE company_id = ? AND acknowledged_position < ?
            """, [position, company, position])
    }

    /// - Returns: false if the chosen worker may not have the task, which is then to be assigned again.
    fileprivate func recordAssignment(
        _ task: TaskRecord, to worker: String, _ choice: RuleChoice, now: Int64
    ) throws -> Bool {
        guard let account = try eligibleAccount(worker, for: task) else {
            // Data in Redis is only a hint: the login may not exist, or have lost the role a moment ago.
            try record(.choiceRefused, of: task, now: now)
            return false
        }
        let holder = TaskHolder(account: account, login: worker)
        try record(.chosen(holder, choice), of: task, now: now)
        return true
    }

    /// Applies a result to a task. If the task has changed since Redis was asked, the result is applied to its present
    /// state, as long as that is the same waiting attempt. Otherwise it is dropped: the outbox then has a `remove` for
    /// it.
    fileprivate func record(_ event: TaskEvent, of task: TaskRecord, now: Int64) throws {
        if try happen(event, toUnchanged: task, now: now) { return }
        guard let current = try self.task(id: task.id), current.attempt == task.attempt, current.state == .ready,
            current.isQueued
        else { return }
        try happen(event, to: current, now: now)
    }
}
