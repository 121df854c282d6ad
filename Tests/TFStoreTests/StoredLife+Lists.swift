import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// The lists, as the relay and Redis keep them.
extension StoredLife {
    /// Does what the relay and Redis do, choosing anybody who is there.
    mutating func relay() async throws {
        while true {
            let entries = try await store.read { try $0.outbox(limit: 100) }
            guard !entries.isEmpty else { return }
            var results: [OutboxResult] = []
            for entry in entries {
                results.append(
                    OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: try await carryOut(entry)))
            }
            _ = try await store.write { [now, results, site] in try $0.settle(results, leader: site.leader, now: now) }
        }
    }

    private mutating func carryOut(_ entry: OutboxEntry) async throws -> OutboxResult.Outcome {
        switch entry.work {
        case .assign(let task):
            // The same job again is the same answer, as in the script.
            if let holder = lists[task.jobID], !holder.isEmpty {
                return .assigned(task, worker: holder, RuleChoice(because: .preferred))
            }
            let workers = try await store.read(in: company) {
                try $0.eligibleWorkers(kind: task.kind, role: task.role)
            }
            let avoided = task.situation.avoided
            let free = workers.filter { $0.value && !avoided.contains($0.key) }.keys.sorted()
            guard task.strategy.isByRule, !free.isEmpty else {
                lists[task.jobID] = ""
                let reason =
                    task.strategy.isByRule
                    ? .noneEligible(role: task.role, excluded: 0) : task.waiting ?? .undeliverable
                return .waiting(task, reason: reason, workers: nil)
            }
            let chosen = generator.pick(free)
            lists[task.jobID] = chosen
            return .assigned(task, worker: chosen, RuleChoice(because: .preferred))
        case .place(let task, let worker): lists[task.jobID] = worker
        case .take(let job), .remove(let job, _): lists[job] = nil
        case .rewrite, .worker, .nothing: break
        }
        return .done
    }

    mutating func rebuild() async throws {
        let record = try await store.write(in: company) { [now, site] in
            try $0.beginEpoch("e \(now)", leader: site.leader, now: now)
        }
        lists = Self.expected(record)
    }

    private static func expected(_ record: QueueRecord) -> [String: String] {
        let listed = record.tasks.filter { $0.kind == .person || $0.lease == nil }
        return Dictionary(uniqueKeysWithValues: listed.map { ($0.jobID, $0.assignee ?? "") })
    }
}

/// What has to be true after each step.
extension StoredLife {
    /// Tickets of which the store says another next due date than the earliest of their own and their open tasks'.
    private func wrongDueDates() async throws -> [String] {
        let open = Dictionary(grouping: try await tasks(), by: \.ticketNumber)
        let tickets = try await store.read(in: company) { db in
            var filter = TicketFilter()
            filter.limit = 1_000
            return try db.tickets(scope: .everything, filter: filter).rows
        }
        return tickets.compactMap { ticket in
            let tasks = open[ticket.number] ?? []
            let expected = (tasks.map(\.dueAtMs) + [ticket.dueAtMs]).compactMap { $0 }.min()
            guard ticket.nextDueAtMs != expected else { return nil }
            return "ticket \(ticket.number) is due next at \(ticket.nextDueAtMs ?? 0), not \(expected ?? 0)"
        }
    }

    /// Open tasks without a priority of their own whose priority is not their ticket's.
    private func wrongPriorities() async throws -> [String] {
        try await store.read(in: company) { db in
            try db.all(
                String.self,
                """
                SELECT 'task ' || k.id || ' has another priority than its ticket' FROM task k
                JOIN ticket t ON t.company_id = k.company_id AND t.id = k.ticket_id
                WHERE k.company_id = ? AND k.finished_at_ms IS NULL AND k.has_own_priority = 0
                    AND k.priority <> t.priority
                """, [db.company])
        }
    }

    func complaints() async throws -> [String] {
        var complaints: [String] = []
        let record = try await store.read(in: company) { try $0.queueRecord() }
        let expected = Self.expected(record)
        if lists != expected { complaints.append("the lists are \(lists), not \(expected)") }
        // Every open task is counted in exactly one place.
        let open = try await tasks()
        let apart = open.filter { $0.state == .held || ($0.state == .ready && $0.wakeAtMs != nil) }.count
        let held = try await store.read(in: company) { try $0.openTaskCounts() }.values.reduce(0, +)
        let unassigned = try await store.read(in: company) { try $0.unassignedCounts() }.values.reduce(0, +)
        if apart + held + unassigned != open.count {
            complaints.append("\(apart) apart, \(held) held and \(unassigned) unassigned are not \(open.count) open")
        }
        let fallen = try await store.read { db in
            try db.first(
                Int.self,
                """
                SELECT COUNT(*) FROM task_log
                WHERE risen NOT IN (0, 1) OR attempts NOT IN (0, 1) OR (risen = 0 AND was <> is_now)
                """)
        }
        if fallen != 0 { complaints.append("a version or an attempt does not rise") }
        return complaints + (try await wrongDueDates()) + (try await wrongPriorities())
    }
}
