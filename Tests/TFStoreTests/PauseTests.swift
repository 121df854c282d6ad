import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

/// A company whose assignment is paused, and goes on.
@Suite(.onBothEngines) struct PauseTests {
    @Test func `a paused company assigns nothing, and resuming assigns in order of priority, due date and age`()
        async throws
    {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        #expect(try await test.store.write(in: test.company.id) { try $0.setPaused(true, now: 5) })
        #expect(try await test.store.write(in: test.company.id) { try $0.setPaused(true, now: 5) } == false)
        for _ in 0..<2 { _ = try await test.submit("x") }
        try await test.advance()
        let entries = try await test.store.read { try $0.outbox(limit: 100) }
        #expect(entries.map(\.isPaused) == entries.map { _ in true })
        let results = entries.map { entry in
            let outcome: OutboxResult.Outcome =
                if case .assign(let task) = entry.work { .waiting(task, reason: .paused, workers: nil) } else {
                    .done
                }
            return OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: outcome)
        }
        _ = try await test.store.write { try $0.settle(results, leader: test.leader, now: 30) }
        #expect(try await test.store.write(in: test.company.id) { try $0.setPaused(false, now: 40) })
        let again = try await test.store.read { try $0.outbox(limit: 100) }.compactMap { entry -> TaskID? in
            if case .assign(let task) = entry.work { task.id } else { nil }
        }
        #expect(again == [1, 2])
        let reasons = try await test.store.read(in: test.company.id) { session in
            try again.map { try session.task(id: $0)?.waiting }
        }
        #expect(reasons == [.queue, .queue], "they do not wait for the company any more")
    }

    @Test func `a paused company gives nobody a task by name either, but by hand, and does so when it goes on`()
        async throws
    {
        let site = try await WorkflowSite(
            """
            do:
              - all:
                  fork:
                    branches:
                      - person: { call: look, with: { assign: { person: '${ "dave" }' } } }
                      - requester: { call: back }
                      - each: { call: look, with: { assign: { people: '${ ["bob", "carol", "zoe"] }' } } }
            """, more: ["back.task.yaml": "task: back\noutcomes: [seen]\nassign: { strategy: requester }\n"])
        let (company, uma) = (site.company.id, try site.person)
        _ = try await site.store.write(in: company) { try $0.setPaused(true, now: 5) }
        try await site.start()
        try await site.turn(now: 10)
        let paused = try await site.tasks()
        #expect(paused.allSatisfy { $0.assignee == nil })
        #expect(paused.map(\.waiting) == [.paused, .paused, .paused, .paused, .notThere(login: "zoe")])
        #expect(paused[0].waitingBecause == "assignment is paused for the company")

        let dave = try #require(await site.store.read { try $0.account("dave") })
        try await site.store.write(in: company) { try $0.claimTask(paused[0].id, by: dave, version: nil, now: 20) }
        #expect(try await site.tasks()[0].assignee == "dave")
        try await site.store.write(in: company) {
            let move = TaskMove(by: uma, onlyOwn: false, reason: nil, version: nil)
            try $0.reassignTask(paused[0].id, .byRule, move, now: 21)
        }
        #expect(try await site.tasks()[0].waiting == .paused, "given back to whom it is for")
        let carol = try #require(await site.store.read { try $0.account("carol") })
        try await site.store.write(in: company) { try $0.removeMembership(of: carol, now: 22) }

        _ = try await site.store.write(in: company) { try $0.setPaused(false, now: 30) }
        let tasks = try await site.tasks()
        #expect(tasks.map(\.assignee) == ["dave", "uma", "bob", nil, nil])
        #expect(tasks[3].waiting == .undeliverable)
        try await site.store.write(in: company) {
            try $0.setMembership(of: carol, companyRoles: ["boss"], only: [], now: 40)
        }
        #expect(try await site.tasks()[3].assignee == "carol")
    }

    @Test func `what the queues were asked during a pause does not outlive it`() async throws {
        let site = try await WorkflowSite(
            "do: [ { person: { call: look, with: { assign: { person: '${ \"carol\" }' } } } } ]")
        let company = site.company.id
        _ = try await site.store.write(in: company) { try $0.setPaused(true, now: 5) }
        try await site.start()
        try await site.turn(now: 10)
        let entries = try await site.store.read { try $0.outbox(limit: 100) }
        let carol = try #require(await site.store.read { try $0.account("carol") })
        try await site.store.write(in: company) { try $0.removeMembership(of: carol, now: 20) }
        _ = try await site.store.write(in: company) { try $0.setPaused(false, now: 30) }
        #expect(try await site.tasks().map(\.waiting) == [.undeliverable])
        let results = entries.map { entry in
            let outcome: OutboxResult.Outcome =
                if case .assign(let task) = entry.work { .waiting(task, reason: .paused, workers: nil) } else { .done }
            return OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: outcome)
        }
        #expect(!results.isEmpty)
        _ = try await site.store.write { try $0.settle(results, leader: site.leader, now: 40) }
        #expect(try await site.tasks().map(\.waiting) == [.undeliverable])
    }

    @Test func `a program by name does not get its job again while its company is paused`() async throws {
        let test = try await TestStore()
        let etl = try await test.store.write {
            try $0.addAccount(
                NewAccount(login: "etl", name: "E", kind: .service, password: nil, roles: [.taskWorker]), now: 1)
        }
        let company = test.company.id
        try await test.store.write(in: company) {
            try $0.setMembership(of: etl, companyRoles: [], only: [], now: 1)
        }
        var files = TestStore.files
        files["approve.task.yaml"] = """
            task: approve
            kind: service
            lease: 30s
            retry: { attempts: 3, backoff: 5s }
            assign: { strategy: person, person: '${ "etl" }' }
            """
        try await test.publish(files)
        _ = try await test.submit("x")
        try await test.advance()
        func lease(now: Int64) async throws -> LeasedJob? {
            try await test.store.inside(company).leaseJobs(1, account: etl, now: now, newLease: { "l\(now)" }).first
        }
        let first = try #require(try await lease(now: 30))
        _ = try await test.store.write(in: company) { try $0.setPaused(true, now: 31) }
        #expect(try await test.store.advanceTaskClock(leader: test.leader, now: first.expiresAt) == 1)
        #expect(try await test.tasks(1).last?.waiting == .paused)
        _ = try await test.store.write(in: company) { try $0.setPaused(false, now: first.expiresAt) }
        let second = try #require(try await lease(now: first.expiresAt + 1))
        #expect(second.task.attempt > first.task.attempt)

        _ = try await test.store.write(in: company) { try $0.setPaused(true, now: first.expiresAt + 2) }
        let failedAt = first.expiresAt + 3
        try await test.store.write(in: company) {
            try $0.finishJob(
                second.task.id, account: etl, proof: .lease(second.lease),
                .failed(title: "no", detail: nil, retry: true), now: failedAt)
        }
        #expect(try await test.store.advanceTaskClock(leader: test.leader, now: failedAt + 10_000) == 1)
        #expect(try await test.tasks(1).last?.waiting == .paused, "its next try is due")
        _ = try await test.store.write(in: company) { try $0.setPaused(false, now: failedAt + 10_001) }
        #expect(try await lease(now: failedAt + 10_002) != nil)
    }
}
