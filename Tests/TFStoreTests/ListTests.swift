import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// What lists show: each filter leaves out what is otherwise, and each page begins behind the one before.
@Suite(.onBothEngines) struct ListTests {
    private let test: TestStore
    private let uma: Account
    private let bob: Account
    /// Of the first ticket, which was changed last and is due at 100; of the second one's task nobody is the holder.
    private let task: TaskRecord

    init() async throws {
        test = try await TestStore()
        uma = try #require(test.people["uma"])
        bob = try #require(test.people["bob"])
        task = try await test.assignedTask(to: "bob")
        _ = try await test.submit("y")
        try await test.advance()
        try await test.store.write(in: test.company.id) { [task, uma] session in
            var change = TicketChange()
            change.due = .some(100)
            try session.changeTicket(task.ticketID, change, by: uma, version: nil, now: 50)
            try session.run("UPDATE task SET due_at_ms = 100 WHERE id = ?", [task.id])
        }
    }

    private func tickets(_ narrow: (inout TicketFilter) throws -> Void) async throws -> [TicketRow] {
        var filter = TicketFilter()
        try narrow(&filter)
        return try await test.store.read(in: test.company.id) { [filter] session in
            try session.tickets(scope: .everything, filter: filter).rows
        }
    }

    private func tasks(_ narrow: (inout TaskFilter) -> Void) async throws -> [Int] {
        var filter = TaskFilter()
        narrow(&filter)
        return try await test.store.read(in: test.company.id) { [filter] session in
            try session.tasks(scope: everything, filter: filter).rows.map(\.ticketNumber)
        }
    }

    @Test func `tickets are narrowed by who asked, when, and what is late or nobody's`() async throws {
        #expect(try await tickets { $0.requester = "UMA" }.map(\.number) == [2, 1])
        #expect(try await tickets { $0.requester = "bob" }.isEmpty)
        #expect(try await tickets { $0.overdueAt = 101 }.map(\.number) == [1])
        #expect(try await tickets { $0.overdueAt = 100 }.isEmpty)
        // By its step alone.
        try await test.store.write(in: test.company.id) { [task, uma] session in
            var change = TicketChange()
            change.due = .some(nil)
            try session.changeTicket(task.ticketID, change, by: uma, version: nil, now: 50)
        }
        #expect(try await tickets { $0.overdueAt = 101 }.map(\.number) == [1])
        #expect(try await tickets { $0.overdueAt = 100 }.isEmpty)
        #expect(try await tickets { $0.from = 10 }.map(\.number) == [2, 1])
        #expect(try await tickets { $0.from = 11 }.isEmpty)
        #expect(try await tickets { $0.to = 11 }.map(\.number) == [2, 1])
        #expect(try await tickets { $0.to = 10 }.isEmpty)
        #expect(try await tickets { $0.isUnassigned = true }.map(\.number) == [2])
    }

    @Test func `tickets are narrowed by priority, label and number`() async throws {
        #expect(try await tickets { $0.priority = .normal }.map(\.number) == [2, 1])
        #expect(try await tickets { $0.priority = .urgent }.isEmpty)
        try await test.store.write(in: test.company.id) { [task, uma] session in
            var change = TicketChange()
            change.priority = .urgent
            change.labels = ["VPN"]
            try session.changeTicket(task.ticketID, change, by: uma, version: nil, now: 60)
        }
        #expect(try await tickets { $0.priority = .urgent }.map(\.number) == [1])
        #expect(try await tickets { $0.label = "vpn" }.map(\.number) == [1])
        #expect(try await tickets { $0.label = "vp" }.isEmpty)
        #expect(try await tickets { $0.numbers = [2, 7] }.map(\.number) == [2])
        #expect(try await tickets { $0.numbers = [] }.isEmpty)
    }

    @Test func `a list, its numbers and its count agree, and say what a page needs`() async throws {
        let lines = try await test.store.read(in: test.company.id) { session in
            var filter = TicketFilter()
            filter.order = .due
            let lines = try session.ticketLines(scope: .everything, filter: filter)
            #expect(try session.ticketNumbers(scope: .everything, filter: filter).numbers == lines.rows.map(\.number))
            #expect(try session.ticketCount(scope: .everything, filter: filter) == lines.rows.count)
            filter.type = "other"
            #expect(try session.ticketCountsByType(scope: .everything, filter: filter) == ["request": 2])
            return lines
        }
        #expect(lines.isWhole)
        #expect(lines.rows.map(\.number) == [1, 2])
        #expect(lines.rows[0].waiting.map(\.assigneeName) == ["Bob"])
        #expect(lines.rows[1].waiting.map(\.state) == [.ready])
        #expect(lines.rows[0].requesterName == "Uma")
    }

    @Test(
        arguments: [
            ("wait: PT1H", .moment(3_601_000)), ("listen: { to: { one: { with: { type: a } } } }", .event),
            ("call: look", nil),
            ("call: http, with: { method: get, endpoint: 'https://a.example/' }, timeout: { after: PT1H }", nil),
        ] as [(String, WaitingStep.Pause?)])
    func `a row knows the moment or the event that its ticket waits for`(_ step: String, _ pause: WaitingStep.Pause?)
        async throws
    {
        let site = try await WorkflowSite("do: [ { here: { \(step) } } ]")
        try await site.start()
        try await site.turn(now: 1_000)
        let lines = try await site.store.read(in: site.company.id) {
            try $0.ticketLines(scope: .everything, filter: TicketFilter())
        }
        #expect(lines.rows.map(\.pause) == [pause])
    }

    @Test func `a row says nothing of an event while a listener has one and a server works for it`() async throws {
        let site = try await WorkflowSite(
            """
            do:
              - hear:
                  listen: { to: { any: [ { with: { type: order } } ], until: '(. | length) == 2' } }
                  foreach: { item: order, do: [ { ask: { call: http, with: { method: get, endpoint: 'https://a.example/' } } } ] }
            """)
        try await site.start()
        func pauses(now: Int64) async throws -> [WaitingStep.Pause?] {
            try await site.turn(now: now)
            return try await site.store.read(in: site.company.id) {
                try $0.ticketLines(scope: .everything, filter: TicketFilter()).rows.map(\.pause)
            }
        }
        #expect(try await pauses(now: 1_000) == [.event])
        let event: JSON = ["id": "1", "source": "/shop", "type": "order", "specversion": "1.0"]
        _ = try await site.store.inside(site.company.id).receive([event], now: 2_000)
        #expect(try await pauses(now: 2_000) == [nil])
        try await site.answer(200, "{}", now: 3_000)
        #expect(try await pauses(now: 3_000) == [.event])
    }

    @Test func `the choices of a list are the steps and holders of open tasks`() async throws {
        let choices = try await test.store.read(in: test.company.id) { try $0.taskChoices(scope: everything) }
        #expect(choices.steps.map(\.value) == ["approve"])
        #expect(choices.steps.map(\.count) == [2])
        #expect(choices.people.map(\.name) == ["Bob"])
        #expect(choices.people.map(\.count) == [1])
        #expect(!choices.isCut)
        let names = try await test.store.read(in: test.company.id) { session in
            [try session.memberName("BOB"), try session.memberName("nobody")]
        }
        #expect(names == ["Bob", nil])
    }

    @Test func `tasks are narrowed by what their ticket is, by priority, date and what is stuck`() async throws {
        #expect(try await tasks { $0.type = "request" } == [1, 2])
        #expect(try await tasks { $0.type = "other" }.isEmpty)
        #expect(try await tasks { $0.priority = .normal } == [1, 2])
        #expect(try await tasks { $0.priority = .low }.isEmpty)
        #expect(try await tasks { $0.text = "ASK FOR X" } == [1])
        #expect(try await tasks { $0.label = "vpn" }.isEmpty)
        #expect(try await tasks { $0.from = 20 } == [1, 2])
        #expect(try await tasks { $0.from = 21 }.isEmpty)
        #expect(try await tasks { $0.to = 20 }.isEmpty)
        #expect(try await tasks { $0.isStuck = true }.isEmpty)
        #expect(try await tasks { $0.ids = [2] } == [2])
        try await test.store.write { try $0.run("UPDATE task SET waiting_reason = 'none_available' WHERE id = 2") }
        #expect(try await tasks { $0.isStuck = true } == [2])
    }

    @Test(arguments: zip(TicketFilter.Order.allCases, [[2, 1], [1, 2], [1, 2], [1, 2]]))
    func `every order of tickets has its pages`(_ order: TicketFilter.Order, _ numbers: [Int]) async throws {
        let all = try await tickets { $0.order = order }
        #expect(all.map(\.number) == numbers)
        let next = try await tickets { filter in
            filter.order = order
            try filter.go(to: filter.next(after: all[0]))
        }
        #expect(next.map(\.number) == [numbers[1]])
    }

    @Test func `tasks are narrowed by state, holder, name, ticket and due date`() async throws {
        #expect(try await tasks { $0.state = .assigned } == [1])
        #expect(try await tasks { $0.isOpen = true } == [1, 2])
        #expect(try await tasks { $0.isUnassigned = true } == [2])
        #expect(try await tasks { $0.assignee = "bob" } == [1])
        #expect(try await tasks { $0.name = "approve" } == [1, 2])
        #expect(try await tasks { $0.name = "amend" }.isEmpty)
        #expect(try await tasks { $0.ticket = 2 } == [2])
        #expect(try await tasks { $0.overdueAt = 101 } == [1])
    }

    @Test func `a scope holds the tickets that it names, and no others`() async throws {
        let found = try await test.store.read(in: test.company.id) { [task] session in
            try session.ticket(id: task.ticketID)
        }
        let ticket = try #require(found)
        for (account, isRequester) in [(uma, true), (bob, false)] {
            let (requested, worked) = try await test.store.read(in: test.company.id) { session in
                var scope = TicketScope()
                scope.holder = account.id
                return (
                    try session.holds(.requested(by: account.id), ticket), try session.holds(scope, ticket)
                )
            }
            #expect(requested == isRequester)
            #expect(worked != isRequester)
        }
    }

    @Test func `the audit log goes on behind a line`() async throws {
        try await test.store.read { session in
            var filter = AuditFilter()
            let all = try session.auditLog(filter).entries
            filter.before = all[1].id
            #expect(try session.auditLog(filter).entries == Array(all[2...]))
        }
    }

    @Test func `a look is noted already if the same caller noted the same shortly before`() async throws {
        let test = try await TestStore()
        let company = test.company.id
        let ada = Caller(name: "ada", address: "10.1.2.3")
        try await test.store.acting(for: ada).write(in: company) {
            try $0.note(.adminReadTicket, .ticket(7), now: 1_000)
        }
        let asked: [(Caller, AuditAction, AuditSubject, since: Int64, Bool)] = [
            (ada, .adminReadTicket, .ticket(7), since: 999, true),
            (ada, .adminReadTicket, .ticket(7), since: 1_000, false),
            (ada, .adminReadTicket, .ticket(8), since: 999, false),
            (ada, .adminReadTask, .ticket(7), since: 999, false),
            (Caller(name: "eve", address: "10.1.2.3"), .adminReadTicket, .ticket(7), since: 999, false),
            (Caller(name: "ada", address: "10.1.2.4"), .adminReadTicket, .ticket(7), since: 999, false),
        ]
        for (caller, action, subject, since, isNoted) in asked {
            let told = try await test.store.acting(for: caller).write(in: company) {
                try $0.isNoted(action, subject, since: since)
            }
            #expect(told == isNoted, "\(caller) \(action) \(subject) \(since)")
        }
    }

    @Test func `the audit log goes by moments, whatever the ids, and on from where an entry was`() async throws {
        let store = try await TestStore().store
        try await store.write { session in
            // As the clock went back, and with two entries of one moment.
            for (subject, moment) in [("c", 300), ("a", 100), ("b", 200), ("b2", 200)] as [(String, Int64)] {
                try session.audit(.userChanged, .user(subject), now: moment + 1_000_000)
            }
        }
        try await store.read { session in
            var filter = AuditFilter()
            filter.from = 1_000_100
            filter.to = 1_000_300
            #expect(try session.auditLog(filter).entries.map(\.subject) == [.user("b2"), .user("b"), .user("a")])
            filter = AuditFilter()
            filter.action = .userChanged
            let all = try session.auditLog(filter).entries
            #expect(all.map(\.subject) == [.user("c"), .user("b2"), .user("b"), .user("a")])
            filter.before = all[1].id
            #expect(try session.auditLog(filter).entries == Array(all[2...]))
            filter.before = nil
            filter.after = all[2].id
            #expect(try session.auditLog(filter).entries == Array(all[..<2]))
            filter.after = AuditID(0)
            #expect(try session.auditLog(filter).entries == all, "the entry is gone, those after it are not")
        }
    }

    @Test func `notifications are read, unread again, and read all together`() async throws {
        // Once a task, however often it is looked for.
        for _ in 0..<2 { try await test.store.tellDueSoon(now: 80_000_000) }
        let all = try await notifications { _ in }
        #expect(all.map(\.kind) == [.dueSoon, .assigned])
        #expect(try await notifications { $0.before = all[0].id } == [all[1]])
        #expect(try await mark([all[0].id], isRead: true) == 1)
        #expect(try await notifications { $0.onlyUnread = true } == [all[1]])
        #expect(try await mark([all[0].id], isRead: false) == 1)
        #expect(try await mark(nil, isRead: true) == 2)
        #expect(try await mark([], isRead: false) == 0)
        #expect(try await notifications { $0.onlyUnread = true }.isEmpty)
    }

    @Test
    func `of a task with little time its worker is told when most of it is over, and not when they have just got it`()
        async throws
    {
        let hour: Int64 = 3_600_000
        let rows = [
            (8 * hour, [5 * hour: false, 7 * hour: true]), (240 * hour, [210 * hour: false, 217 * hour: true]),
        ]
        for (due, moments) in rows {
            for (moment, isTold) in moments.sorted(by: { $0.key < $1.key }) {
                try await test.store.write { session in
                    try session.run("UPDATE task SET assigned_at_ms = 0, due_at_ms = ?", [due])
                    try session.run("DELETE FROM notification WHERE kind = 'due_soon'")
                }
                try await test.store.tellDueSoon(now: moment)
                #expect(try await notifications { _ in }.contains { $0.kind == .dueSoon } == isTold, "\(due) \(moment)")
            }
        }
    }

    private func notifications(_ narrow: (inout NotificationFilter) -> Void) async throws -> [NotificationRow] {
        var filter = NotificationFilter()
        narrow(&filter)
        return try await test.store.read { [test, bob, filter] session in
            try session.notifications(
                of: bob.id,
                scopes: [
                    NoticeScope(company: test.company.id, tickets: .everything, tasks: .everything, notes: .everything)
                ],
                filter
            ).rows
        }
    }

    private func mark(_ ids: [NotificationID]?, isRead: Bool) async throws -> Int {
        try await test.store.write { [bob] session in
            try session.markNotifications(ids, isRead: isRead, of: bob.id, now: 70)
        }
    }
}
