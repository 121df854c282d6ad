import Foundation
import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// Tasks that are for somebody by name come back to them, whatever happens; on a real store and a real Redis.
@Suite struct AddressedTaskTests {
    enum Event: String, Sendable, CaseIterable {
        case failure, leaseEnd, release, hold, membershipLoss, rightsLoss, disabling, emptiedRedis
    }

    /// - n: the answer that leads to the task; `during`: who has it when the event has happened, `after`: and when it is
    ///   over. Empty: nobody.
    struct Case: Sendable {
        let n: Int
        let holder: String
        let event: Event
        let during: String
        let after: String
    }

    private static let own = 5, named = 6, back = 7

    @Test(arguments: [
        Case(n: own, holder: "p0", event: .failure, during: "", after: "p0"),
        Case(n: own, holder: "p0", event: .leaseEnd, during: "p0", after: "p0"),
        Case(n: own, holder: "p0", event: .release, during: "", after: ""),
        Case(n: own, holder: "p0", event: .membershipLoss, during: "", after: "p0"),
        Case(n: own, holder: "p0", event: .rightsLoss, during: "", after: "p0"),
        Case(n: own, holder: "p0", event: .disabling, during: "", after: "p0"),
        Case(n: own, holder: "p0", event: .emptiedRedis, during: "p0", after: "p0"),
        Case(n: named, holder: "w2", event: .release, during: "", after: ""),
        Case(n: named, holder: "w2", event: .hold, during: "w2", after: "w2"),
        Case(n: named, holder: "w2", event: .membershipLoss, during: "", after: "w2"),
        Case(n: named, holder: "w2", event: .rightsLoss, during: "w2", after: "w2"),
        Case(n: named, holder: "w2", event: .disabling, during: "", after: "w2"),
        Case(n: named, holder: "w2", event: .emptiedRedis, during: "w2", after: "w2"),
        Case(n: back, holder: "uma", event: .hold, during: "uma", after: "uma"),
        Case(n: back, holder: "uma", event: .membershipLoss, during: "", after: "uma"),
        Case(n: back, holder: "uma", event: .emptiedRedis, during: "uma", after: "uma"),
    ])
    func `a task comes back to whom it is for`(_ example: Case) async throws {
        try await QueueHistory.with(SeededGenerator(seed: 1)) { history in
            _ = try await history.store.inside(history.company.id).submitTicket(
                TicketSubmission(
                    type: "t", requester: history.admin, title: nil,
                    answers: ["n": .int(example.n)]), now: history.now)
            try await history.settle()
            #expect(try await history.tasks().first?.assignee == example.holder)
            let undo = try await history.happen(example.event, to: example.holder)
            try await history.settle()
            #expect(try await history.tasks().first?.assignee ?? "" == example.during)
            #expect(try await history.complaint() == nil)
            try await undo()
            try await history.settle()
            let task = try #require(try await history.tasks().first)
            #expect(task.assignee ?? "" == example.after)
            #expect(task.assignee != nil || task.waitingBecause?.contains("ticket admin") == true)
            #expect(try await history.complaint() == nil)
        }
    }
}

extension QueueHistory {
    /// - Returns: what ends it.
    fileprivate func happen(
        _ event: AddressedTaskTests.Event, to login: String
    ) async throws -> () async throws -> Void {
        let task = try #require(try await tasks().first)
        let account = try #require(accounts[login] ?? (login == admin.login ? admin : nil))
        switch event {
        case .failure, .leaseEnd:
            let job = try #require(
                try await store.inside(company.id).leaseJobs(1, account: account, now: now, newLease: { "l" }).first)
            if event == .leaseEnd {
                now = job.expiresAt + 1
                return {}
            }
            try await store.write(in: company.id) { [now] in
                try $0.finishJob(
                    job.task.id, account: account, proof: .lease(job.lease),
                    .failed(title: "no", detail: nil, retry: true), now: now)
            }
            return { self.now += 5_000 }
        case .release:
            try await store.write(in: company.id) { [admin, now] in
                try $0.releaseTask(task.id, TaskMove(by: admin, onlyOwn: false, reason: nil, version: nil), now: now)
            }
            return {}
        case .hold:
            try await store.write(in: company.id) { [admin, now] in
                try $0.holdTask(
                    task.id, until: now + 5_000, TaskMove(by: admin, onlyOwn: false, reason: nil, version: nil),
                    now: now)
            }
            return { self.now += 5_001 }
        case .membershipLoss:
            try await store.write(in: company.id) { [now] in try $0.removeMembership(of: account, now: now) }
        case .rightsLoss:
            try await store.write(in: company.id) { [now] in
                try $0.setMembership(of: account, companyRoles: [], only: [.user], now: now)
            }
        case .disabling:
            try await store.write { [now] in try $0.disableAccount(login, now: now) }
            return {
                var change = AccountChange()
                change.isDisabled = false
                try await self.store.write { [change, now = self.now] in
                    try $0.changeAccount(login, change, version: nil, now: now)
                }
            }
        case .emptiedRedis:
            _ = try await client.send("FLUSHALL")
            try await keeper.checkEpochs(leader)
            return {}
        }
        return {
            try await self.store.write(in: self.company.id) { [now = self.now] in
                try $0.setMembership(of: account, companyRoles: [], only: [], now: now)
            }
        }
    }
}
