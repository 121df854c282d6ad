import TFDefinition
import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// What the record knows of the queues and of who is there.
@Suite(.onBothEngines) struct QueueRecordTests {
    @Test func `a company's content in Redis has a generation, and is made again on request`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        let company = test.company.id
        #expect(try await test.store.read(in: company) { try $0.queueEpoch()?.epoch } == nil)
        let record = try await test.store.write(in: company) { [leader = test.leader] session in
            try session.beginEpoch("first", leader: leader, now: 40)
        }
        #expect(record.tasks.map(\.id) == [task.id])
        #expect(record.pending == PendingChanges(), "all of it is about to be in Redis")
        #expect(try await test.store.read(in: company) { try $0.queueEpoch()?.epoch } == "first")
        #expect(try await test.store.read(in: company) { try $0.queuedJobs() } == [task.jobID])
        try await test.store.write(in: company) { try $0.requestRebuild() }
        #expect(try await test.store.read(in: company) { try $0.queueEpoch()?.epoch } == Store.rebuildRequest)
    }

    @Test func `a company is paused once, and goes on once`() async throws {
        let test = try await TestStore()
        let company = test.company.id
        for (isPaused, isNew) in [(true, true), (true, false), (false, true), (false, false)] {
            #expect(try await test.store.write(in: company) { try $0.setPaused(isPaused, now: 5) } == isNew)
            #expect(try await test.store.read { try $0.pausedCompanies() } == (isPaused ? [company] : []))
        }
    }

    @Test func `a key that was put right is told for a day`() async throws {
        let test = try await TestStore()
        let leader = test.leader
        let day = Store.mendedKeyLifetime
        for (name, company, at) in [("old", nil, 5), ("new", "acme", day + 5), ("new", "acme", day + 6)] {
            let key = MendedKey(
                name: name, company: company, finding: .type, types: (found: "string", expected: "list"), atMs: at)
            try await test.store.write { try $0.noteMended([key], leader: leader) }
        }
        #expect(try await test.store.removeExpired(.mends, before: 6, now: day + 6) == 1)
        let keys = try await test.store.read { try $0.mendedKeys(since: 0) }
        #expect(keys.map(\.name) == ["new"])
        #expect(keys.map(\.company) == ["acme"])
        #expect(keys.map(\.atMs) == [day + 6])
    }

    @Test func `a program is there from its first sign of life`() async throws {
        let test = try await TestStore()
        let company = test.company
        let robot = try await test.store.write { session in
            let robot = try session.addAccount(
                NewAccount(login: "robot", name: "Robot", kind: .service, password: nil, roles: [.taskWorker]), now: 1)
            try session.inside(company.id).setMembership(of: robot, companyRoles: ["staff"], only: [], now: 1)
            try session.addAPIKey(id: "k1", hash: "h", name: "first", of: robot, now: 2)
            return robot
        }
        #expect(try await test.store.read(in: company.id) { try $0.presentPrograms() }.isEmpty)
        try await test.store.inside(company.id).markSeen(["robot"], leader: test.leader, now: 30)
        #expect(try await test.store.read(in: company.id) { try $0.presentPrograms() }.map(\.seenAtMs) == [30])
        #expect(try await test.store.read { try $0.apiKeys(of: robot.id) }.map(\.name) == ["first"])
    }

    @Test func `what nobody needs any more is swept, and nothing else`() async throws {
        let test = try await TestStore()
        let uma = try #require(test.people["uma"])
        for (id, now) in [("old", 10), ("new", Store.parkedLifetime)] as [(String, Int64)] {
            let isKept = try await test.store.write { session in
                try session.park(id: id, account: uma.id, page: "/\(id)", fields: [["a", "b"]], now: now)
            }
            #expect(isKept)
        }
        #expect(try await test.store.removeExpired(.forms, before: 11, now: Store.parkedLifetime + 11) == 1)
        let left = try await test.store.read { session in try session.all(String.self, "SELECT id FROM parked_form") }
        #expect(left == ["new"])
    }
}
