import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

/// What becomes of tasks as people are asked, go away, come back, put off, and hand over.
@Suite(.onBothEngines) struct AssignmentTests {
    private static let day: Int64 = 86_400_000

    /// A site whose bosses, bob and carol, are asked to vote.
    /// - Parameter enough: how many have to agree.
    private static func vote(enough: Int) async throws -> WorkflowSite {
        let site = try await WorkflowSite(
            "do:\n  - ask: { call: vote }",
            more: [
                "vote.task.yaml": """
                task: vote
                outcomes: [agree, object]
                assign: { strategy: each, role: boss, enough: { agree: \(enough) } }
                """
            ])
        try await site.start()
        try await site.turn(now: 10)
        return site
    }

    @Test func `each of several people is asked, and the rest is withdrawn when enough have answered`() async throws {
        let site = try await Self.vote(enough: 1)
        let tasks = try await site.tasks()
        #expect(tasks.map(\.assignee) == ["bob", "carol"])
        #expect(tasks.map(\.seat) == [0, 1])
        #expect(Set(tasks.map(\.jobID)).count == 2)
        let bob = try #require(await site.store.read { try $0.account("bob") })
        try await site.store.inside(site.company.id).completeTask(
            Completion(task: tasks[0].id, by: bob, outcome: "agree", answers: [:], version: nil),
            now: 20)
        try await site.turn(now: 20)
        #expect(try await site.tasks().map(\.state) == [.completed, .withdrawn])
        let output = try #require(await site.instances().first?.data.output)
        #expect(output["outcome"] == "agree")
        #expect(output["answers"].arrayValue?.count == 1)
        #expect(output["answers"].arrayValue?.first?["by"] == "bob")
    }

    @Test func `holders of a role who are too few to decide are not asked`() async throws {
        let site = try await Self.vote(enough: 5)
        try await site.turn(now: 20)
        #expect(try await site.tasks().isEmpty)
        let output = try #require(await site.instances().first?.data.output)
        #expect(output["outcome"] == "undecided")
        #expect(output["answers"] == [])
    }

    @Test func `somebody who is no member waits for a ticket admin, and the others are asked all the same`()
        async throws
    {
        let site = try await WorkflowSite(
            "do:\n  - ask: { call: vote, with: { assign: { people: '${ [\"bob\", \"zoe\"] }' } } }",
            more: ["vote.task.yaml": "task: vote\noutcomes: [agree, object]\n"])
        try await site.start()
        try await site.turn(now: 10)
        let tasks = try await site.tasks()
        #expect(tasks.map(\.assignee) == ["bob", nil])
        #expect(tasks[1].waitingBecause == "zoe is no member of the company; a ticket admin must assign it")
        let admin = try #require(await site.store.read { try $0.account("uma") })
        try await site.store.write(in: site.company.id) {
            try $0.reassignTask(
                tasks[1].id, .to("dave"), TaskMove(by: admin, onlyOwn: false, reason: nil, version: nil), now: 20)
        }
        for (task, login) in [(tasks[0], "bob"), (tasks[1], "dave")] {
            let account = try #require(await site.store.read { try $0.account(login) })
            try await site.store.inside(site.company.id).completeTask(
                Completion(
                    task: task.id, by: account, outcome: "agree", answers: [:], version: nil), now: 30)
        }
        try await site.turn(now: 30)
        #expect(try await site.instances().first?.data.output["outcome"] == "agree")
    }

    @Test func `a task put off leaves the list, and comes back by the clock or when it is taken up`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        let bob = try #require(test.people["bob"])
        await #expect(throws: StoreError.self, "the past") {
            try await test.store.write(in: test.company.id) {
                try $0.holdTask(
                    task.id, until: 50, TaskMove(by: bob, onlyOwn: true, reason: nil, version: nil), now: 60)
            }
        }
        await #expect(throws: StoreError.self, "somebody else's") {
            try await test.store.write(in: test.company.id) {
                try $0.holdTask(
                    task.id, until: 500,
                    TaskMove(by: try #require(test.people["carol"]), onlyOwn: true, reason: nil, version: nil), now: 60)
            }
        }
        try await test.store.write(in: test.company.id) {
            try $0.holdTask(
                task.id, until: 500, TaskMove(by: bob, onlyOwn: true, reason: "no key", version: nil), now: 60)
        }
        #expect(try await test.newest(after: task).state == .held)
        #expect(try await test.store.read(in: test.company.id) { try $0.listLengths() }.isEmpty)
        #expect(try await test.store.read(in: test.company.id) { try $0.openTaskCounts() }.isEmpty)
        #expect(try await test.store.advanceTaskClock(leader: test.leader, now: 499) == 0)
        #expect(try await test.store.advanceTaskClock(leader: test.leader, now: 500) == 1)
        let back = try await test.newest(after: task)
        #expect(back.state == .assigned)
        #expect(back.assignee == "bob")
        #expect(back.jobID != task.jobID, "its old job has a tombstone")
        #expect(try await test.store.read(in: test.company.id) { try $0.openTaskCounts() } == ["bob": 1])

        try await test.store.write(in: test.company.id) { try $0.startTask(task.id, by: bob, version: nil, now: 600) }
        try await test.store.write(in: test.company.id) {
            try $0.holdTask(task.id, until: 900, TaskMove(by: bob, onlyOwn: true, reason: nil, version: nil), now: 610)
        }
        try await test.store.write(in: test.company.id) { try $0.startTask(task.id, by: bob, version: nil, now: 620) }
        #expect(try await test.newest(after: task).state == .started)
        #expect(try await test.newest(after: task).wakeAtMs == nil)
        try await test.complete(try await test.newest(after: task), by: "bob", "yes")
        #expect(try await test.newest(after: task).state == .completed)
    }

    @Test func `a worker hands their task to an eligible colleague, and nobody else's`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        let bob = try #require(test.people["bob"])
        await #expect(throws: StoreError.self, "not eligible") {
            try await test.store.write(in: test.company.id) {
                try $0.reassignTask(
                    task.id, .to("dave"), TaskMove(by: bob, onlyOwn: true, reason: "ill", version: nil), now: 50)
            }
        }
        try await test.store.write(in: test.company.id) {
            try $0.reassignTask(
                task.id, .to("carol"), TaskMove(by: bob, onlyOwn: true, reason: "ill", version: nil), now: 51)
        }
        let handed = try await test.newest(after: task)
        #expect(handed.assignee == "carol")
        #expect(handed.because == "handed over by bob")
        await #expect(throws: StoreError.self, "no longer theirs") {
            try await test.store.write(in: test.company.id) {
                try $0.releaseTask(task.id, TaskMove(by: bob, onlyOwn: true, reason: nil, version: nil), now: 52)
            }
        }
    }

    @Test func `planned absence begins and ends by itself`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        try await test.store.write(in: test.company.id) {
            try $0.setAvailability(
                "bob", Availability(isAvailable: false, from: 1_000, until: 2_000), now: 100)
        }
        func isAvailable() async throws -> Bool? {
            try await test.store.read(in: test.company.id) { try $0.workers() }.first { $0.login == "bob" }?.isAvailable
        }
        #expect(try await isAvailable() == true)
        #expect(try await test.store.advanceTaskClock(leader: test.leader, now: 999) == 0)
        #expect(try await test.store.advanceTaskClock(leader: test.leader, now: 1_000) == 1)
        #expect(try await isAvailable() == false)
        #expect(try await test.newest(after: task).state == .ready, "not started: to others")
        #expect(try await test.store.advanceTaskClock(leader: test.leader, now: 2_000) == 1)
        #expect(try await isAvailable() == true)
        #expect(try await test.store.advanceTaskClock(leader: test.leader, now: 9_000_000) == 0)
        await #expect(throws: StoreError.self) {
            try await test.store.write(in: test.company.id) {
                try $0.setAvailability(
                    "bob", Availability(isAvailable: false, from: 3_000, until: 2_999),
                    now: 100)
            }
        }
        await #expect(throws: StoreError.self) {
            try await test.store.write(in: test.company.id) {
                try $0.setAvailability(
                    "bob", Availability(isAvailable: false, until: 400 * Self.day), now: 100)
            }
        }
    }

    @Test func `available until a moment is away after it`() async throws {
        let test = try await TestStore()
        try await test.store.write(in: test.company.id) {
            try $0.setAvailability(
                "bob", Availability(isAvailable: true, until: 500), now: 100)
        }
        #expect(try await test.store.advanceTaskClock(leader: test.leader, now: 500) == 1)
        #expect(
            try await test.store.read(in: test.company.id) { try $0.workers() }.first { $0.login == "bob" }?.isAvailable
                == false)
    }

    @Test(arguments: [
        (AbsenceHandover.all, [TaskState.ready, .ready, .ready]), (.notStarted, [.ready, .started, .held]),
        (.keep, [.assigned, .started, .held]),
    ])
    func `who goes away hands over what they choose`(_ handover: AbsenceHandover, _ states: [TaskState]) async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let bob = try #require(test.people["bob"])
        for _ in 0..<3 { _ = try await test.submit("x") }
        try await test.advance()
        try await test.settle(choosing: "bob")
        try await test.store.write(in: test.company.id) { try $0.startTask(2, by: bob, version: nil, now: 40) }
        try await test.store.write(in: test.company.id) {
            try $0.holdTask(3, until: 900, TaskMove(by: bob, onlyOwn: true, reason: nil, version: nil), now: 41)
        }
        try await test.store.write(in: test.company.id) {
            try $0.setAvailability(
                "bob", Availability(isAvailable: false, handover: handover), now: 50)
        }
        let found = try await test.store.read(in: test.company.id) {
            try $0.tasks(scope: everything, filter: TaskFilter())
        }
        .rows
        #expect(found.map(\.state) == states)
    }

    @Test func `what is addressed to somebody waits for him while he is away`() async throws {
        let test = try await TestStore()
        let first = try await test.assignedTask(to: "bob")
        try await test.complete(first, by: "bob", "rework")
        try await test.advance()
        let amend = try await test.newest(after: first)
        #expect(amend.assignee == "uma")
        let uma = try #require(test.people["uma"])
        try await test.store.write(in: test.company.id) {
            try $0.setMembership(of: uma, companyRoles: ["staff"], only: [], now: 60)
        }
        #expect(try await test.newest(after: first).assignee == "uma")
        try await test.store.write(in: test.company.id) { try $0.removeMembership(of: uma, now: 61) }
        let left = try await test.newest(after: first)
        #expect(left.assignee == nil)
        #expect(left.waitingBecause == "uma cannot have it any more; a ticket admin must assign it")
    }

    @Test func `who becomes available is asked after what the outbox asked before`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        for login in ["bob", "carol"] {
            try await test.store.write(in: test.company.id) {
                try $0.setAvailability(
                    login, Availability(isAvailable: false), now: 5)
            }
        }
        _ = try await test.submit("x")
        try await test.advance()
        // The first question is still to be carried over, and finds nobody.
        try await test.store.write(in: test.company.id) {
            try $0.setAvailability("bob", Availability(isAvailable: true), now: 21)
        }
        let kinds = try await test.store.read { try $0.outbox(limit: 100) }.suffix(3).map { entry -> String in
            switch entry.work {
            case .assign: "assign"
            case .worker(let worker): worker.login
            default: "other"
            }
        }
        #expect(kinds == ["assign", "bob", "assign"])
    }

    @Test func `a choice of somebody who may not have it is made again`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        // A task worker, but no member of the company.
        try await test.store.write {
            _ = try $0.addAccount(
                NewAccount(login: "zoe", name: "Zoe", kind: .person, password: nil, roles: [.taskWorker]), now: 1)
        }
        _ = try await test.submit("x")
        try await test.advance()
        let results = try await test.store.read { try $0.outbox(limit: 100) }.map { entry in
            let outcome: OutboxResult.Outcome =
                if case .assign(let task) = entry.work {
                    .assigned(task, worker: "zoe", RuleChoice(because: .preferred))
                } else {
                    .done
                }
            return OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: outcome)
        }
        #expect(try await test.store.write { try $0.settle(results, leader: test.leader, now: 30) } == ["zoe"])
        let task = try #require(await test.tasks(1).last)
        #expect(task.state == .ready)
        #expect(task.attempt == 2)
        try await test.settle(choosing: "bob")
        #expect(try await test.tasks(1).last?.assignee == "bob")
    }

    @Test func `a ticket admin takes over what nobody has, unless he is excluded`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        let tom = try await test.store.write {
            try $0.addAccount(
                NewAccount(login: "tom", name: "Tom", kind: .person, password: "hash", roles: [.ticketAdmin]), now: 1)
        }
        try await test.store.write(in: test.company.id) {
            try $0.setMembership(of: tom, companyRoles: [], only: [], now: 1)
        }
        await #expect(throws: StoreError.self, "bob has it") {
            try await test.store.write(in: test.company.id) {
                try $0.claimTask(task.id, by: tom, version: nil, now: 50)
            }
        }
        try await test.store.write(in: test.company.id) {
            try $0.releaseTask(task.id, TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: 51)
        }
        try await test.store.write(in: test.company.id) { try $0.claimTask(task.id, by: tom, version: nil, now: 52) }
        #expect(try await test.newest(after: task).assignee == "tom")
        try await test.store.write(in: test.company.id) {
            try $0.setMembership(
                of: tom, companyRoles: [], only: [.user], now: 60)
        }
        #expect(try await test.newest(after: task).assignee == nil)
    }
}
