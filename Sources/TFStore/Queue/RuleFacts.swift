import TFEngine

/// Facts of the rule's choice that whoever chooses needs: the daemon by its queues, the demo without any.
extension TaskRecord {
    /// Logins that may not have the task.
    package var excludedLogins: [String] { excluded.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// Logins that the rule does not choose because they gave the task back.
    package var avoidedLogins: [String] { avoided.arrayValue?.compactMap(\.stringValue) ?? [] }
}

extension WorkerCount {
    /// How many workers a task could go to.
    /// - Parameter holders: whether each worker of its kind who holds its role is available, by login.
    package init(for task: TaskRecord, among holders: [String: Bool]) {
        let excluded = Set(task.excludedLogins + task.avoidedLogins).filter { holders[$0] != nil }
        let available = holders.count { $0.value && !excluded.contains($0.key) }
        self.init(eligible: holders.count - excluded.count, available: available, excluded: excluded.count)
    }
}

extension WaitingReason {
    /// Why the rule has given a task to nobody.
    package init(nobodyFor task: TaskRecord, _ workers: WorkerCount, isPaused: Bool) {
        self =
            if task.strategy == .pool {
                .claim
            } else if !task.strategy.isByRule {
                task.waiting ?? .undeliverable
            } else if isPaused {
                .paused
            } else if workers.eligible == 0 {
                .noneEligible(role: task.role, excluded: workers.excluded)
            } else {
                .noneAvailable(role: task.role, away: workers.eligible, excluded: workers.excluded)
            }
    }
}
