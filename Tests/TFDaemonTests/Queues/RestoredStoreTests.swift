import Foundation
import Logging
import TFExpression
import TFQueue
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// A backup of the store comes back while Redis has gone on; on a real store and a real Redis.
@Suite struct RestoredStoreTests {
    /// - isBusy: whether the restored store has something to tell Redis at once.
    @Test(arguments: [false, true])
    func `a store that went back is noticed, and Redis is made to say what it says`(isBusy: Bool) async throws {
        try await QueueHistory.with(SeededGenerator(seed: 3)) { history in
            for _ in 0..<3 { try await submit(history.store, history) }
            try await history.settle()
            let directory = TestFolder.path("restored")
            try await history.backUp(to: directory)
            for _ in 0..<20 { try await submit(history.store, history) }
            try await history.settle()

            let store = try Store(directory: directory, baseURL: "http://localhost:1")
            let keeper = history.keeper(of: store)
            if isBusy {
                try await submit(store, history)
                let now = history.now
                _ = try await store.advanceInstances(limit: 8, leader: history.leader, now: now)
                let backlog = try await store.read { try $0.outboxBacklog(now: now) }.count
                #expect(backlog > 0)
            }
            let company = history.company
            let epoch = try await store.read(in: company.id) { try $0.queueEpoch() }?.epoch
            try await keeper.checkEpochs(history.leader)
            let newEpoch = try await store.read(in: company.id) { try $0.queueEpoch() }?.epoch
            #expect(newEpoch != epoch)
            try await keeper.relay(history.leader)
            let record = try await store.read(in: company.id) { try $0.queueRecord() }
            #expect(record.tasks.count == (isBusy ? 4 : 3))
            let queues = TaskQueues(client: history.client)
            #expect(try await queues.audit(company: "acme", keeper.content(record, slug: "acme")).isEmpty)
            #expect(try await queues.state(company: "acme").highWaterMark == record.acknowledged.number)
            try store.close()
        }
    }

    /// A ticket whose task is for people.
    private func submit(_ store: Store, _ history: QueueHistory) async throws {
        _ = try await store.inside(history.company.id).submitTicket(
            TicketSubmission(
                type: "t", requester: history.admin, title: nil, answers: ["n": 1]),
            now: history.now)
    }
}

extension QueueHistory {
    /// Copies the store as it is now.
    fileprivate func backUp(to directory: String) async throws {
        try await store.checkpoint()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: dataDirectory + "/store.db", toPath: directory + "/store.db")
    }
}
