import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Instances at which the daemon dies, and those whose events cannot be applied. The deaths are real ones, of processes.
@Suite(.onBothEngines) struct PoisonTests {
    private static let workflow = "do: [ { look: { call: look } } ]"

    /// A daemon's work in a process of its own, which dies at the ticket `poison`.
    private static func die(_ site: WorkflowSite) async throws -> DeathReport? {
        let (directory, url) = (site.directory, try await TestEngine.url(site.directory))
        await #expect(processExitsWith: .failure) { [directory = directory as String, url = url as String?] in
            setenv("TF_TEST_CRASH_TICKET", "poison", 1)
            let store = try Store(directory: directory, at: .init(url), baseURL: "http://localhost:1")
            guard let leader = try await store.write({ try $0.lead(as: "test", now: 20) }) else { return }
            while try await store.read({ try $0.nextTurn(now: 20) }).isDue {
                _ = try await store.advanceInstances(limit: 16, leader: leader, now: 20)
            }
        }
        return try await site.store.noteDeath(leader: site.leader, now: 30).first
    }

    private static func ticket(_ site: WorkflowSite, _ number: Int) async throws -> Ticket {
        try #require(await site.store.read(in: site.company.id) { try $0.ticket(number: number) })
    }

    @Test func `an instance at which the daemon dies twice is set aside, and all others go on`() async throws {
        let site = try await WorkflowSite(Self.workflow)
        for title in ["good", "poison", "better"] { try await site.start(title: title) }
        let first = try await Self.die(site)
        #expect(first?.deaths == 1)
        #expect(first?.isSetAside == false)
        #expect(try await Self.ticket(site, 3).status == "new", "behind the poison")
        let second = try await Self.die(site)
        #expect(second?.deaths == 2)
        #expect(second?.isSetAside == true)
        let poisoned = try await Self.ticket(site, 2)
        #expect(poisoned.state == .failed)
        #expect(
            try await site.store.read(in: site.company.id) { try $0.history(ticket: poisoned.id) }.contains {
                $0.kind == .failed
            })
        let view = try #require(
            try await site.store.read(in: site.company.id) { try $0.instances(ticket: poisoned.id) }.first)
        #expect(view.status == .faulted)
        #expect(view.error?.detail?.contains("died 2 times") == true)
        #expect(try await site.store.read { try $0.setAside() }.map(\.ticket) == [2])
        try await site.turn(now: 40)
        for number in [1, 3] { #expect(try await Self.ticket(site, number).status == "in progress") }
        #expect(try await Self.ticket(site, 2).status == "failed")
        #expect(try await site.store.noteDeath(leader: site.leader, now: 50).isEmpty)
    }

    @Test func `a request that was made hides no instance that the engine handles`() async throws {
        let mark = try await WorkflowSite(Self.workflow).store.mark
        mark.set(.instance(InstanceID(1)))
        mark.ofRequests.set(.instance(InstanceID(2)))
        mark.ofSteps.set(.instance(InstanceID(3)))
        #expect(Set(mark.takeSubjects()) == Set((1...3).map { .instance(InstanceID($0)) }))
        #expect(mark.takeSubjects().isEmpty)
        mark.set(.instance(InstanceID(1)))
        mark.ofRequests.clear()
        #expect(mark.takeSubjects() == [.instance(InstanceID(1))])
    }

    @Test func `what another daemon handles is nothing that one died of, until it died`() throws {
        let path = TestFolder.path("engine.mark")
        let (left, right) = (try HandlingMark(path: path), try HandlingMark(path: path))
        left.set(.instance(InstanceID(1)))
        right.set(.instance(InstanceID(2)))
        #expect(right.takeSubjects() == [.instance(InstanceID(2))])
        left.close()
        #expect(right.takeSubjects() == [.instance(InstanceID(1))])
    }

    @Test func `what was set aside is tried again, and set aside at once if it kills again`() async throws {
        let site = try await WorkflowSite(Self.workflow)
        try await site.start(title: "poison")
        _ = try await Self.die(site)
        _ = try await Self.die(site)
        let ticket = try await Self.ticket(site, 1)
        let (underWay, failed) = try await site.store.read(in: site.company.id) { session in
            let row = try #require(try session.definitions().first { $0.kind == .workflow })
            return (
                try session.underWay(with: row.id, .workflow),
                try session.failedTickets(with: row.id, .workflow).map(\.count)
            )
        }
        #expect(underWay.isEmpty && failed == [1], "who edits the workflow is told of it among the failed ones")
        let admin = try site.person
        try await site.store.inside(site.company.id).write(
            .decide(
                .retry, at: FaultedStep(ticket: ticket.id, version: nil), by: admin, now: 60))
        #expect(try await Self.die(site)?.isSetAside == true)
        await #expect(throws: StoreError.self) {
            try await site.store.inside(site.company.id).write(
                .decide(
                    .skip(output: [:]), at: FaultedStep(ticket: ticket.id, version: nil), by: admin, now: 70))
        }
        try await site.store.inside(site.company.id).write(
            .decide(
                .retry, at: FaultedStep(ticket: ticket.id, version: nil), by: admin, now: 80))
        try await site.turn(now: 90)
        #expect(try await Self.ticket(site, 1).state == .open)
        #expect(try await site.tasks().map(\.step) == ["look"])
        #expect(try await site.store.read { try $0.setAside() }.isEmpty)
    }

    @Test func `a death in innocent work is forgotten once the work is done`() async throws {
        let site = try await WorkflowSite("do: [ { w: { wait: PT1S } }, { look: { call: look } } ]")
        try await site.start(title: "poison")
        #expect(try await Self.die(site)?.deaths == 1)
        try await site.turn(now: 25)
        #expect(try await Self.ticket(site, 1).status == "in progress")
        try await site.turn(now: 2_000)
        #expect(try await site.tasks().count == 1)
        try await site.start(title: "poison")
        #expect(try await Self.die(site)?.deaths == 1)
    }

    private static func deaths(_ site: WorkflowSite) async throws -> Int? {
        try await site.store.read { session in try session.first(Int.self, "SELECT deaths FROM instance") }
    }

    /// Sets the only instance aside, by a state that cannot be read at a moment that has come.
    private static func setAside(_ site: WorkflowSite, now: Int64) async throws {
        try await site.change("UPDATE instance SET state = 'x' || state, wake_at_ms = 1")
        _ = try await site.store.advanceInstances(limit: 16, leader: site.leader, now: now)
        #expect(try await site.store.read { try $0.setAside() }.count == 1)
    }

    /// Makes the state readable again, and tries again.
    private static func takeUp(_ site: WorkflowSite, now: Int64) async throws {
        try await site.change("UPDATE instance SET state = substr(state, 2)")
        try await site.store.inside(site.company.id).write(
            .decide(
                .retry, at: FaultedStep(ticket: site.ticket().id, version: nil), by: try site.person, now: now))
    }

    @Test func `what was set aside hears afterwards what came meanwhile`() async throws {
        let site = try await WorkflowSite(
            """
            do:
              - hear: { listen: { to: { one: { with: { type: stock } } } } }
              - s: { set: { status: '${ .[0].n | tostring }' } }
            """)
        try await site.start()
        try await site.turn(now: 20)
        try await Self.setAside(site, now: 30)
        let event: JSON = ["id": "1", "source": "/shop", "type": "stock", "specversion": "1.0", "data": ["n": 7]]
        #expect(try await site.store.inside(site.company.id).receive([event], now: 40) == [true])
        try await site.turn(now: 50)
        #expect(try await site.ticket().status == "failed")
        try await Self.takeUp(site, now: 60)
        try await site.turn(now: 70)
        #expect(try await site.ticket().status == "7")
    }

    private static let request = "{ call: http, with: { method: get, endpoint: 'https://x.example' } }"

    @Test func `requests wait with their instance, also those that were under way`() async throws {
        let site = try await WorkflowSite("do: [ { c: \(Self.request) } ]")
        try await site.start()
        try await site.turn(now: 20)
        #expect(try await site.take(now: 21).count == 1)
        try await Self.setAside(site, now: 30)
        try await site.store.write { try $0.recoverHTTPCalls(leader: site.leader, now: 40) }
        #expect(try await site.take(now: 50).isEmpty)
        try await Self.takeUp(site, now: 60)
        #expect(try await site.take(now: 70).count == 1)
    }

    @Test func `a death is not forgotten as long as a request is still to be made`() async throws {
        let site = try await WorkflowSite(
            "do: [ { f: { fork: { branches: [ { c: \(Self.request) }, { w: { wait: PT1S } } ] } } } ]")
        try await site.start()
        try await site.turn(now: 20)
        try await site.change("UPDATE instance SET deaths = 1")
        try await site.turn(now: 2_000)
        #expect(try await Self.deaths(site) == 1)
        #expect(try await site.take(now: 2_001).count == 1)
        #expect(try await Self.deaths(site) == 0)
    }

    @Test func `a schedule whose first time ends the daemon is set aside`() async throws {
        let site = try await WorkflowSite(
            "schedule: { every: { minutes: 1 } }\ndo: [ { s: { set: '${ 1 }' } } ]", hasTicketOfItsOwn: true)
        let (directory, url) = (site.directory, try await TestEngine.url(site.directory))
        for deaths in 1...2 {
            await #expect(processExitsWith: .failure) { [directory = directory as String, url = url as String?] in
                setenv("TF_TEST_CRASH_TICKET", "w", 1)
                let store = try Store(directory: directory, at: .init(url), baseURL: "http://localhost:1")
                guard let leader = try await store.write({ try $0.lead(as: "test", now: 20) }) else { return }
                try await store.refreshSchedules(leader: leader, now: 20)
            }
            let report = try await site.store.noteDeath(leader: site.leader, now: 30).first
            #expect(report?.deaths == deaths)
            #expect(report?.subject == "the schedule of \"w\"")
        }
        #expect(try await site.store.read { try $0.setAside() }.map(\.subject) == ["the schedule of w"])
        try await site.store.refreshSchedules(leader: site.leader, now: 40)
        #expect(try await site.store.read { try $0.nextTurn(now: 90_000) }.isDue == false)
    }

    @Test func `a schedule is suspected of a death no more once it was planned, started or passed by`() async throws {
        let event: JSON = ["id": "1", "source": "s", "type": "a"]
        // None of the three starts at the event: two are due at a time, and the third listens to others.
        for schedule in ["every: { minutes: 1 }", "after: { minutes: 1 }", "on: { one: { with: { type: b } } }"] {
            let site = try await WorkflowSite(
                "schedule: { \(schedule) }\ndo: [ { s: { set: '${ 1 }' } } ]", hasTicketOfItsOwn: true)
            func deaths() async throws -> Int? {
                try await site.store.read { try $0.first(Int.self, "SELECT deaths FROM schedule") }
            }
            try await site.store.refreshSchedules(leader: site.leader, now: 20)
            try await site.change("UPDATE schedule SET deaths = 1, next_at_ms = -1")
            try await site.store.refreshSchedules(leader: site.leader, now: 30)
            #expect(try await deaths() == 0, "\(schedule) was planned")
            if try await site.store.read({ try $0.nextTurn(now: 90_000) }).isDue {
                try await site.change("UPDATE schedule SET deaths = 1")
                try await site.turn(now: 90_000)
                #expect(try await deaths() == 0, "\(schedule) started")
            }
            // As one waits whose instance is under way.
            try await site.change("UPDATE schedule SET deaths = 1, next_at_ms = NULL")
            _ = try await site.store.inside(site.company.id).receive([event], now: 90_001)
            try await site.turn(now: 90_002)
            #expect(try await deaths() == 0, "\(schedule) was passed by")
        }
    }

    @Test func `a ticket whose workflow is set aside can be cancelled, and nothing of it stays open`() async throws {
        let site = try await WorkflowSite("do: [ { look: { call: look } }, { s: { set: '${ 1 }' } } ]")
        try await site.start(title: "good")
        try await site.turn(now: 15)
        let task = try #require(try await site.tasks().first)
        try await site.change("UPDATE instance SET state = '{}'")
        let bob = try #require(try await site.store.read { try $0.account("bob") })
        try await site.store.write(in: site.company.id) {
            try $0.reassignTask(
                task.id, .to("bob"), TaskMove(by: bob, onlyOwn: false, reason: nil, version: nil), now: 16)
        }
        try await site.store.inside(site.company.id).completeTask(
            Completion(task: task.id, by: bob, outcome: "seen", answers: [:], version: nil), now: 17)
        let advance = try await site.store.advanceInstances(limit: 4, leader: site.leader, now: 18)
        #expect(advance.setAside.count == 1)
        #expect(try await Self.ticket(site, 1).state == .failed)
        #expect(try await site.instances().first?.error != nil, "the page of the ticket shows")
        try await site.store.write(in: site.company.id) {
            try $0.cancelTicket(task.ticketID, version: nil, by: bob, now: 19)
        }
        _ = try await site.store.advanceInstances(limit: 4, leader: site.leader, now: 20)
        #expect(try await Self.ticket(site, 1).state == .cancelled)
        #expect(try await site.store.read { try $0.nextTurn(now: 30) }.isDue == false)
    }
}
