import Foundation
import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

@Suite(.onBothEngines) struct StoreTests {
    @Test func `a ticket runs through its workflow, rework included`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let number = try await test.submit("a chair")
        try await test.advance()
        try await test.settle(choosing: "bob")
        let approve = try #require(await test.tasks(number).last)
        #expect(approve.state == .assigned)
        #expect(approve.assignee == "bob")
        try await test.complete(approve, by: "bob", "rework")
        try await test.advance()
        let amend = try #require(await test.tasks(number).last)
        #expect(amend.name == "amend")
        #expect(amend.assignee == "uma")
        try await test.complete(amend, by: "uma", "done", ["what": "a desk"])
        try await test.advance()
        try await test.settle(choosing: "carol")
        let again = try #require(await test.tasks(number).last)
        #expect(again.visit == 2)
        try await test.complete(again, by: "carol", "yes")
        try await test.advance()
        let ticket = try #require(try await test.store.read(in: test.company.id) { try $0.ticket(number: number) })
        #expect(ticket.state == .closed)
        #expect(ticket.status == "yes")
        #expect(ticket.title == "Ask for a desk", "a computed title follows the answers")
        #expect(ticket.form == ["what": "a desk"])
        let kinds = try await test.store.read(in: test.company.id) { try $0.history(ticket: ticket.id) }.map(\.kind)
            .filter { $0 != .step }
        #expect(
            kinds == [
                .submitted, .assigned, .completed, .assigned, .completed, .answersReplaced, .updated, .assigned,
                .completed, .closed,
            ])
        try await test.settle(choosing: "nobody")
        #expect(try await test.store.read(in: test.company.id) { try $0.openTaskCounts() }.isEmpty)
    }

    @Test func `the same submission twice is one ticket`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let first = try await test.submit("x", submission: "s1")
        #expect(try await test.submit("x", submission: "s1") == first)
        #expect(try await test.submit("x", submission: "s2") == first + 1)
    }

    @Test func `a wrong form stores nothing and names every field`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let error = await #expect(throws: StoreError.self) { try await test.submit("  ") }
        #expect(error?.description == "Fill in “What”")
        #expect(try await test.submit("x") == 1)
    }

    @Test func `of two completions one counts and the other hears who was faster`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        try await test.complete(task, by: "bob", "yes")
        let error = await #expect(throws: StoreError.self) { try await test.complete(task, by: "bob", "yes") }
        #expect(error?.description == "this task was completed by you already")
    }

    @Test func `a stale version changes nothing`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        let bob = try #require(test.people["bob"])
        try await test.store.write(in: test.company.id) {
            try $0.startTask(task.id, by: bob, version: task.version, now: 50)
        }
        let completion = Completion(
            task: task.id, by: bob, outcome: "yes", answers: [:], version: task.version)
        await #expect(throws: StoreError.self) {
            try await test.store.inside(test.company.id).completeTask(completion, now: 51)
        }
        #expect(try await test.newest(after: task).state == .started)
    }

    @Test func `who does not have a task does not complete it`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        let error = await #expect(throws: StoreError.self) { try await test.complete(task, by: "carol", "yes") }
        #expect(error?.description.contains("task is") == true, "\(String(describing: error))")
        #expect(try await test.newest(after: task).state == .assigned)
    }

    @Test func `a released task is a new job that its releaser does not get again`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        try await test.store.write(in: test.company.id) {
            try $0.releaseTask(
                task.id, TaskMove(by: try #require(test.people["bob"]), onlyOwn: true, reason: "ill", version: nil),
                now: 50)
        }
        let released = try await test.newest(after: task)
        #expect(released.state == .ready)
        #expect(released.attempt == 2)
        #expect(released.jobID != task.jobID)
        #expect(released.avoided == ["bob"])
        #expect(released.excluded == [])
        // Not by itself; but the worker may take it again.
        try await test.store.write(in: test.company.id) {
            try $0.claimTask(task.id, by: try #require(test.people["bob"]), version: nil, now: 51)
        }
        #expect(try await test.newest(after: task).assignee == "bob")
        await #expect(throws: StoreError.self) {
            try await test.store.write(in: test.company.id) {
                try $0.claimTask(task.id, by: try #require(test.people["carol"]), version: nil, now: 52)
            }
        }
    }

    @Test func `losing the role, the membership or the account gives the tasks back`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let bob = try #require(test.people["bob"])
        for index in 0..<3 {
            let number = try await test.submit("x")
            try await test.advance()
            try await test.settle(choosing: "bob")
            switch index {
            case 0:
                try await test.store.write(in: test.company.id) {
                    try $0.setMembership(
                        of: bob, companyRoles: ["staff"], only: [], now: 60)
                }
            case 1: try await test.store.write(in: test.company.id, { try $0.removeMembership(of: bob, now: 61) })
            default: try await test.store.write { try $0.disableAccount("bob", now: 62) }
            }
            let task = try #require(await test.tasks(number).last)
            #expect(task.state == .ready)
            #expect(task.assignee == nil)
            try await test.store.write(in: test.company.id) {
                try $0.setMembership(
                    of: bob, companyRoles: ["boss"], only: [], now: 63)
            }
        }
    }

    @Test func `a reassignment is refused for somebody without the role, and done for one who is away`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        let admin = try #require(test.people["uma"])
        try await test.store.write(in: test.company.id) {
            try $0.setAvailability(
                "carol", Availability(isAvailable: false, handover: .keep), now: 70)
        }
        await #expect(throws: StoreError.self) {
            try await test.store.write(in: test.company.id) {
                try $0.reassignTask(
                    task.id, .to("dave"), TaskMove(by: admin, onlyOwn: false, reason: nil, version: nil), now: 71)
            }
        }
        try await test.store.write(in: test.company.id) {
            try $0.reassignTask(
                task.id, .to("carol"), TaskMove(by: admin, onlyOwn: false, reason: "ask her", version: nil), now: 72)
        }
        #expect(try await test.newest(after: task).assignee == "carol")
    }

    @Test func `an instance stays on the revisions it pinned`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let number = try await test.submit("x")
        var changed = TestStore.files
        changed["approve.task.yaml"] = "task: approve\nassign: { role: boss }\noutcomes: [other]\n"
        try await test.publish(changed)
        try await test.advance()
        try await test.settle(choosing: "bob")
        try await test.complete(try #require(await test.tasks(number).last), by: "bob", "yes")
    }

    @Test func `the course of new tickets follows each new revision of a task that its workflow calls`() async throws {
        let test = try await TestStore()
        var files = TestStore.files
        for title in ["Approve it", "Sign it", "Approve it"] {
            files["approve.task.yaml"] =
                "task: approve\ntitle: \(title)\nassign: { role: boss }\noutcomes: [yes, rework]\n"
            try await test.publish(files)
            // Asked for twice: the second time it comes from memory.
            for _ in 0..<2 {
                let course = try await test.store.read(in: test.company.id) { session in
                    let type = try #require(try session.ticketType("request")).definition
                    return try #require(try session.course(of: type))
                }
                #expect(course.calls["/do/0/approve"]?.title == title)
            }
        }
    }

    @Test func `publishing is idempotent, removal retires, and what was before becomes current again`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        let first = try #require(try await test.store.read(in: test.company.id) { try $0.definition(.task, "approve") })
        try await test.publish(TestStore.files)
        #expect(try await test.store.read(in: test.company.id) { try $0.definition(.task, "approve") } == first)
        var fewer = TestStore.files
        fewer["approve.task.yaml"] = nil
        try await test.publish(fewer)
        #expect(
            try await test.store.read(in: test.company.id) { try $0.definition(.task, "approve") }?.state == .retired)
        try await test.publish(TestStore.files)
        let back = try #require(try await test.store.read(in: test.company.id) { try $0.definition(.task, "approve") })
        #expect(back.state == .active)
        #expect(back.revisionID == first.revisionID)
    }

    @Test func `a task that nobody can have is tried again when somebody like that becomes available`() async throws {
        let test = try await TestStore()
        try await test.publish(TestStore.files)
        for login in ["bob", "carol"] {
            try await test.store.write(in: test.company.id) {
                try $0.setAvailability(
                    login, Availability(isAvailable: false, handover: .keep), now: 5)
            }
        }
        _ = try await test.submit("x")
        try await test.advance()
        var stuck = TicketFilter()
        stuck.isStuck = true
        var all = TicketScope()
        all.isEverything = true
        let tickets = try await test.store.read(in: test.company.id) { [all, stuck] in
            try $0.tickets(scope: all, filter: stuck)
        }
        #expect(tickets.rows.isEmpty)
        let results = try await test.store.read { try $0.outbox(limit: 100) }.map { entry in
            guard case .assign(let task) = entry.work else {
                return OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: .done)
            }
            return OutboxResult(
                entry: entry.position, companyID: entry.companyID,
                outcome: .waiting(task, reason: .noneAvailable(role: "boss", away: 2, excluded: 0), workers: nil))
        }
        _ = try await test.store.write { try $0.settle(results, leader: test.leader, now: 30) }
        #expect(try await test.store.read(in: test.company.id) { try $0.unassignedCounts() } == ["boss": 1])
        let ticketsNow = try await test.store.read(in: test.company.id) { [all, stuck] in
            try $0.tickets(scope: all, filter: stuck)
        }
        #expect(
            ticketsNow.rows.count == 1)
        let nobody = "nobody with the role boss is available: all 2 are away"
        #expect(try await test.tasks(1).last?.waitingBecause == nobody)
        try await test.store.write(in: test.company.id) {
            try $0.setAvailability(
                "dave", Availability(isAvailable: true, handover: .keep), now: 40)
        }
        #expect(try await assigns(test) == 0)
        #expect(try await test.tasks(1).last?.waitingBecause == nobody)
        try await test.store.write(in: test.company.id) {
            try $0.setAvailability(
                "carol", Availability(isAvailable: true, handover: .keep), now: 41)
        }
        #expect(try await assigns(test) == 1)
        let now = try await test.tasks(1).last?.waitingBecause
        #expect(now == "waiting for the queue", "what the queues found is not true any more")
    }

    private func assigns(_ test: TestStore) async throws -> Int {
        try await test.store.read { try $0.outbox(limit: 100) }.count { entry in
            if case .assign = entry.work { true } else { false }
        }
    }

    @Test func `twenty refreshes of one token have one successor, and an old token ends the session`() async throws {
        let test = try await TestStore()
        let account = try #require(test.people["uma"])
        _ = try await test.store.write {
            try $0.startSession(
                NewSession(id: "s", account: account, purpose: .web, refreshHash: "h0", agent: "test"), now: 1_000)
        }
        try await withThrowingTaskGroup(of: Rotation.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await test.store.write { try $0.rotate(session: "s", hash: "h0", successor: "h1", now: 2_000) }
                }
            }
            for try await rotation in group {
                let isRotated = if case .rotated = rotation { true } else { false }
                #expect(isRotated)
            }
        }
        #expect(
            try await test.store.write { try $0.rotate(session: "s", hash: "h0", successor: "h1", now: 100_000) }
                == .reused)
        #expect(try await test.store.read { try $0.session("s", now: 100_001) } == nil)
    }

    @Test func `failed sign-ins wait longer and longer, and success forgets them`() async throws {
        let test = try await TestStore()
        for _ in 0..<5 { try await test.store.writeAside { try $0.noteFailure(["login x"], login: "x", now: 1_000) } }
        #expect(try await test.store.read { try $0.blockedUntil(["login x"], now: 1_001) } == nil)
        try await test.store.writeAside { try $0.noteFailure(["login x"], login: "x", now: 1_000) }
        #expect(try await test.store.read { try $0.blockedUntil(["login x"], now: 1_001) } == 2_000)
        try await test.store.writeAside { try $0.noteFailure(["login x"], login: "x", now: 1_000) }
        #expect(try await test.store.read { try $0.blockedUntil(["login x"], now: 1_001) } == 3_000)
        try await test.store.forgetFailures("login x")
        #expect(try await test.store.read { try $0.blockedUntil(["login x"], now: 1_001) } == nil)
    }

    @Test(.onlySQLite) func `a data directory that was there becomes its owner's alone, and another's is refused`()
        async throws
    {
        let directory = TestFolder.path("data")
        let files = FileManager.default
        try files.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        #expect(
            files.createFile(atPath: directory + "/store.db", contents: nil, attributes: [.posixPermissions: 0o644]))
        let store = try Store(directory: directory, baseURL: "http://localhost")
        func mode(_ path: String) throws -> Int? {
            (try files.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
        }
        #expect(try mode(directory) == 0o700)
        for name in ["store.db", "store.db-wal", "store.db-shm"] {
            #expect(try mode("\(directory)/\(name)") == 0o600, "\(name)")
        }
        try store.close()
        // Only root can give a directory away.
        guard geteuid() == 0 else { return }
        try files.setAttributes([.ownerAccountID: 65_534], ofItemAtPath: directory)
        #expect(throws: StoreOpenError.self) { try Store(directory: directory, baseURL: "http://localhost") }
    }
}
