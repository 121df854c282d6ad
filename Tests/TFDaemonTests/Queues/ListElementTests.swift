import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// What the elements of the lists say; on a real store and a real Redis.
@Suite struct ListElementTests {
    @Test func `an element tells when its task was assigned, byte by byte the same after a rebuild`() async throws {
        try await QueueHistory.with(SeededGenerator(seed: 2)) { history in
            let company = history.company.id
            func setPaused(_ isPaused: Bool) async throws {
                _ = try await history.store.write(in: company) { [now = history.now] in
                    try $0.setPaused(isPaused, now: now)
                }
                try await history.settle()
            }
            // A pool's task, and while assignment is paused one of the rule, a program's, and one for somebody by name.
            for n in [2, 1, 5, 6] {
                _ = try await history.store.inside(company).submitTicket(
                    TicketSubmission(type: "t", requester: history.admin, title: nil, answers: ["n": .int(n)]),
                    now: history.now)
                try await history.settle()
                if n == 2 { try await setPaused(true) }
            }
            #expect(try await history.tasks().allSatisfy { $0.assignee == nil })
            try await setPaused(false)
            let tasks = try await history.tasks()
            #expect(tasks.count { $0.assignee != nil } == 3)
            try await history.store.write(in: company) { [admin = history.admin, now = history.now] session in
                for task in tasks { try session.setTaskPriority(task.id, .urgent, by: admin, version: nil, now: now) }
            }
            try await history.settle()

            let elements = try await history.elements()
            for task in tasks {
                Self.expectUrgent(task, since: task.assignedAtMs ?? task.createdAtMs, in: elements)
            }
            _ = try await history.client.send("FLUSHALL")
            try await history.keeper.checkEpochs(history.leader)
            #expect(try await history.elements() == elements)
        }
    }

    @Test func `another priority in the round that chooses a worker leaves the moment of the choice`() async throws {
        try await QueueHistory.with(SeededGenerator(seed: 3)) { history in
            let (company, leader, now) = (history.company.id, history.leader, history.now)
            _ = try await history.store.inside(company).submitTicket(
                TicketSubmission(type: "t", requester: history.admin, title: nil, answers: ["n": .int(1)]), now: now)
            while try await history.store.read({ try $0.nextTurn(now: now) }).isDue {
                _ = try await history.store.advanceInstances(limit: 64, leader: leader, now: now)
            }
            let opened = try #require(try await history.tasks().first)
            #expect(opened.assignee == nil)
            try await history.store.write(in: company) { [admin = history.admin] in
                try $0.setTaskPriority(opened.id, .urgent, by: admin, version: nil, now: now)
            }
            try await history.settle()
            let task = try #require(try await history.tasks().first)
            Self.expectUrgent(task, since: try #require(task.assignedAtMs), in: try await history.elements())
        }
    }

    private static func expectUrgent(_ task: TaskRecord, since moment: Int64, in elements: [String]) {
        let digits = String(moment % 1_000)
        let text = "\(moment / 1_000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
        let element = elements.first { $0.contains("\"jid\":\"\(task.jobID)\"") }
        #expect(element?.contains("\"enqueued_at\":\(text),") == true, "\(element ?? "none")")
        #expect(element?.contains("\"priority\":\"urgent\"") == true, "\(element ?? "none")")
    }
}

extension QueueHistory {
    /// The elements of all lists, each of which names its own.
    fileprivate func elements() async throws -> [String] {
        var elements: [String] = []
        for list in try await client.send("SMEMBERS", "queues").elements.compactMap(\.text) {
            elements += try await client.send("LRANGE", "queue:\(list)", "0", "-1").elements.compactMap(\.text)
        }
        return elements.sorted()
    }
}
