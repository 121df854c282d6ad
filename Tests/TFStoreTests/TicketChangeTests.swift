import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// What becomes of a ticket through people, its workflow and the clock.
@Suite(.onBothEngines) struct TicketChangeTests {
    @Test func `a ticket that has ended is opened again, and its workflow starts anew`() async throws {
        let test = try await TestStore()
        let uma = try #require(test.people["uma"])
        let task = try await test.assignedTask(to: "bob")
        try await test.complete(task, by: "bob", "yes")
        try await test.advance()
        try await test.store.write(in: test.company.id) {
            try $0.reopenTicket(task.ticketID, by: uma, version: nil, now: 60)
        }
        let ticket = try #require(await test.store.read(in: test.company.id) { try $0.ticket(id: task.ticketID) })
        #expect(ticket.state == .open)
        #expect(ticket.status == "reopened")
        #expect(ticket.closedAtMs == nil)
        try await test.advance()
        #expect(try await test.tasks(1).map(\.state) == [.completed, .ready])
        #expect(
            try await test.store.read(in: test.company.id) { try $0.history(ticket: ticket.id) }.map(\.kind).contains(
                .reopened))
    }

    @Test func `answers that the requester does not see stay as they are`() async throws {
        let test = try await TestStore()
        let task = try await test.assignedTask(to: "bob")
        try await test.complete(task, by: "bob", "rework")
        try await test.advance()
        let amend = try await test.newest(after: task)
        let definition = try await test.store.read(in: test.company.id) { try $0.taskForm(amend).definition }
        try await test.store.inside(test.company.id).completeTask(
            Completion(
                task: amend.id, by: try #require(test.people["uma"]), outcome: definition.outcomes[0].value,
                answers: [:], version: nil
            ).keeping(unseen: ["what"]), now: 50)
        let ticket = try #require(await test.store.read(in: test.company.id) { try $0.ticket(id: task.ticketID) })
        #expect(ticket.form == ["what": "x"])
    }

    @Test func `a computed title follows corrected answers, and one that somebody wrote stays`() async throws {
        for isRenamed in [false, true] {
            let test = try await TestStore()
            let task = try await test.assignedTask(to: "bob")
            try await test.complete(task, by: "bob", "rework")
            try await test.advance()
            if isRenamed {
                let uma = try #require(test.people["uma"])
                try await test.store.write(in: test.company.id) { session in
                    var change = TicketChange()
                    change.title = "Mine"
                    try session.changeTicket(task.ticketID, change, by: uma, version: nil, now: 40)
                }
            }
            try await test.complete(try await test.newest(after: task), by: "uma", "done", ["what": "a desk"])
            let (ticket, found) = try await test.store.read(in: test.company.id) { session in
                (
                    try #require(try session.ticket(id: task.ticketID)),
                    try session.history(ticket: task.ticketID).filter { $0.kind == .updated }.map(\.data)
                )
            }
            #expect(ticket.title == (isRenamed ? "Mine" : "Ask for a desk"))
            #expect(ticket.form == ["what": "a desk"])
            #expect(found == [["title": .string(ticket.title)]])
        }
    }

    @Test func `a file is added to a ticket by who sent it, once`() async throws {
        let test = try await TestStore()
        let uma = try #require(test.people["uma"])
        let task = try await test.assignedTask(to: "bob")
        let ticket = try #require(await test.store.read(in: test.company.id) { try $0.ticket(id: task.ticketID) })
        let upload = FormUpload(id: "1", name: "a.txt", mediaType: "text/plain", size: 1)
        try await test.store.write(in: test.company.id) { session in
            try session.addUpload(upload, by: uma.id, now: 40)
            try session.attachUpload("1", to: ticket, by: uma, now: 41)
        }
        #expect(
            try await test.store.read(in: test.company.id) { try $0.attachments(ticket: ticket.id) }.map(\.name) == [
                "a.txt"
            ])
        await #expect(throws: StoreError.self) {
            try await test.store.write(in: test.company.id) { try $0.attachUpload("1", to: ticket, by: uma, now: 42) }
        }
    }

    @Test func `a workflow changes what its ticket is called, and it is found by that`() async throws {
        let site = try await WorkflowSite(
            "do: [ { u: { call: ticket-update, with: { priority: urgent, title: Übung, labels: [Rot] } } } ]")
        try await site.start()
        try await site.turn(now: 20)
        let ticket = try await site.ticket()
        #expect(ticket.priority == .urgent)
        #expect(ticket.title == "Übung")
        #expect(ticket.labels == ["Rot"])
        var filter = TicketFilter()
        filter.text = "üBUNG"
        filter.label = "ROT"
        let found = try await site.store.read(in: site.company.id) { [filter] session in
            try session.tickets(scope: .everything, filter: filter).rows
        }
        #expect(found.map(\.number) == [1])
    }

    /// A fork of a task without a priority and one with, a program's task, and what makes the ticket urgent.
    private static let escalating = """
        do:
          - all:
              fork:
                branches:
                  - plain: { call: look }
                  - own: { call: look, with: { assign: { priority: low } } }
                  - program: { call: convert }
                  - later:
                      do:
                        - hour: { wait: PT1H }
                        - urgent: { call: ticket-update, with: { priority: urgent } }
                        - new: { call: look }
        """

    @Test func `open tasks without a priority of their own follow their ticket's`() async throws {
        let site = try await WorkflowSite(
            Self.escalating, more: ["convert.task.yaml": "task: convert\nkind: service\n"])
        try await site.start()
        try await site.turn(now: 10)
        #expect(try await site.tasks().map(\.priority) == [.normal, .low, .normal])
        let (uma, ticket) = (try site.person, try await site.ticket())
        try await site.change("DELETE FROM outbox")
        try await site.store.write(in: site.company.id) { session in
            var change = TicketChange()
            change.priority = .high
            try session.changeTicket(ticket.id, change, by: uma, version: nil, now: 20)
        }
        let followed = try await site.tasks()
        #expect(followed.map(\.priority) == [.high, .low, .high])
        #expect(followed.map(\.version) == [1, 1, 1], "nobody's form is too old")
        #expect(try await site.rewritten() == [followed[0].id, followed[2].id])
        #expect(try await site.history().allSatisfy { $0.kind != .prioritized }, "the ticket's own entry tells of it")

        // A person's word about a task stands, even if it is the same.
        try await site.store.write(in: site.company.id) {
            try $0.setTaskPriority(followed[2].id, .high, by: uma, version: nil, now: 30)
        }
        try await site.change("DELETE FROM outbox")
        try await site.turn(now: 10 + 3_600_000)
        let escalated = try await site.tasks()
        #expect(escalated.map(\.priority) == [.urgent, .low, .high, .urgent], "one was opened after the change")
        #expect(escalated.map(\.hasOwnPriority) == [false, true, true, false])
        #expect(try await site.rewritten() == [escalated[0].id])
    }

    @Test func `what the queues were asked before does not bring a ticket's old priority back to its task`()
        async throws
    {
        let site = try await WorkflowSite("do: [ { a: { call: look } } ]")
        try await site.start()
        try await site.turn(now: 10)
        let entries = try await site.store.read { try $0.outbox(limit: 100) }
        let (uma, ticket) = (try site.person, try await site.ticket())
        try await site.store.write(in: site.company.id) { session in
            var change = TicketChange()
            change.priority = .high
            try session.changeTicket(ticket.id, change, by: uma, version: nil, now: 20)
        }
        let results = entries.map { entry in
            let outcome: OutboxResult.Outcome =
                if case .assign(let task) = entry.work { .waiting(task, reason: .paused, workers: nil) } else { .done }
            return OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: outcome)
        }
        _ = try await site.store.write { try $0.settle(results, leader: site.leader, now: 30) }
        let task = try #require(try await site.tasks().first)
        #expect(task.priority == .high && task.waiting == .paused && task.version == 1)
    }

    @Test func `a schedule goes on after each end, until its definition is retired`() async throws {
        let site = try await WorkflowSite(
            "schedule: { after: { minutes: 1 } }\ndo: [ { s: { set: { status: ran } } } ]", hasTicketOfItsOwn: true)
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        try await site.turn(now: 1)
        #expect(try await site.ticket().status == "ran")
        #expect(try await site.store.read { try $0.nextTurn(now: 2) }.next == 60_001)
        let workflow = try #require(
            await site.store.read(in: site.company.id) { try $0.definition(.workflow, "w") })
        try await site.store.write(in: site.company.id) { try $0.retireDefinition(workflow.id, now: 3) }
        try await site.store.refreshSchedules(leader: site.leader, now: 4)
        #expect(try await site.store.read { try $0.nextTurn(now: 5) }.next == nil)
    }

    @Test func `a schedule that hears its event to the end is suspected of nothing any more`() async throws {
        let site = try await WorkflowSite(
            "schedule: { on: { one: { with: { type: a } } } }\ndo: [ { s: { set: '${ 1 }' } } ]",
            hasTicketOfItsOwn: true)
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        try await site.change("UPDATE schedule SET deaths = 1")
        _ = try await site.store.inside(site.company.id).receive(
            [["id": "1", "source": "s", "type": "a"]], now: 5)
        try await site.turn(now: 6)
        #expect(try await site.store.read { try $0.first(Int.self, "SELECT deaths FROM schedule") } == 0)
    }

    @Test func `publishing knows the declared roles, and leaves workflows to be drawn`() async throws {
        let test = try await TestStore()
        #expect(try await test.store.read { try $0.rolesByCompany() } == ["acme": ["boss", "staff"]])
        #expect(try await test.store.read { try $0.undrawnWorkflow() } == nil)
        try await test.publish(TestStore.files)
        let undrawn = try #require(try await test.store.read { try $0.undrawnWorkflow() })
        #expect(undrawn.companyID == test.company.id)
        #expect(try await test.store.read { try $0.undrawnWorkflow(except: [undrawn.revision]) } == nil)
    }

    @Test(.onlySQLite)
    func `a list does without the ends of a workflow that cannot be read, and not without the store`() async throws {
        let site = try await WorkflowSite("do: [ { s: { set: { status: done } } } ]")
        try await site.start()
        try await site.turn(now: 20)
        let (ticket, company) = (try await site.ticket().id, site.company.id)
        #expect(try await site.store.read(in: company) { try $0.endings(of: [ticket]) }.count == 1)
        // Another process has read nothing yet.
        let other = try await TestEngine.store(site.directory)
        try await site.change("UPDATE revision SET model = 'junk', source = 'junk'")
        #expect(try await other.read(in: company) { try $0.endings(of: [ticket]) }.isEmpty)
        try await site.store.write { try $0.connection.script("ALTER TABLE revision RENAME TO lost") }
        await #expect(throws: DatabaseFailure.self) {
            try await other.read(in: company) { try $0.endings(of: [ticket]) }
        }
        try other.close()
    }
}

extension WorkflowSite {
    /// The tasks whose jobs are to be written again.
    fileprivate func rewritten() async throws -> [TaskID] {
        try await store.read { try $0.outbox(limit: 100) }.compactMap { entry -> TaskID? in
            if case .rewrite(let task) = entry.work { task.id } else { nil }
        }
    }
}
