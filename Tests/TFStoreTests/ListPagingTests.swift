import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// Pages of lists, which go on both ways from an index, and a worker's own tasks.
@Suite(.onBothEngines) struct ListPagingTests {
    private let test: TestStore
    private let bob: Account
    /// Of the first of two tickets, with Bob.
    private let task: TaskRecord

    init() async throws {
        test = try await TestStore()
        bob = try #require(test.people["bob"])
        task = try await test.assignedTask(to: "bob")
        _ = try await test.submit("y")
        try await test.advance()
    }

    /// Pages of two rows, forwards to the end and back again.
    @Test(arguments: TicketFilter.Order.allCases)
    func `every order of tickets can be paged both ways without a loss or a repeat`(
        _ order: TicketFilter.Order
    ) async throws {
        for number in 0..<5 { _ = try await test.submit("z\(number)") }
        // Several rows have the same due date or the same last change.
        try await test.store.write { try $0.run("UPDATE ticket SET next_due_at_ms = 100 WHERE number IN (2, 4)") }
        let scope = TicketScope.everything
        try await test.store.read(in: test.company.id) { session in
            var filter = TicketFilter()
            filter.order = order
            let all = try session.ticketLines(scope: scope, filter: filter).rows.map(\.number)
            #expect(all.count == 7)
            filter.limit = 2
            var pages: [[Int]] = []
            var cursors: [String] = []
            var next: String?
            repeat {
                try filter.go(to: next)
                let page = try session.ticketLines(scope: scope, filter: filter)
                pages.append(page.rows.map(\.number))
                #expect((page.previous == nil) == (pages.count == 1))
                cursors.append(page.previous ?? "")
                next = page.next
                filter.cursor = nil
            } while next != nil
            #expect(pages.flatMap { $0 } == all)
            for index in pages.indices.dropFirst().reversed() {
                try filter.go(to: cursors[index], isBefore: true)
                let page = try session.ticketLines(scope: scope, filter: filter)
                #expect(page.rows.map(\.number) == pages[index - 1])
                #expect((page.previous == nil) == (index == 1))
                #expect(page.next != nil)
            }
        }
    }

    @Test func `a cursor is a place in the order that gave it, and in no other`() async throws {
        try await test.store.write { try $0.run("UPDATE ticket SET next_due_at_ms = 100") }
        try await test.store.read(in: test.company.id) { session in
            var filter = TicketFilter()
            filter.limit = 1
            filter.overdueAt = 200
            let cursor = try #require(try session.ticketLines(scope: .everything, filter: filter).next)
            filter.limit = 2
            filter.overdueAt = 300
            try filter.go(to: cursor)
            #expect(filter.cursor?.id == 2, "neither the length of the page nor the time of day matters")
            filter.cursor = nil
            for order in TicketFilter.Order.allCases where order != filter.order {
                var other = filter
                other.order = order
                #expect(throws: CursorError.ofOtherOrder) { try other.go(to: cursor) }
                #expect(other.cursor == nil)
            }
            for text in ["x", "1", "1.2.3", "", ".", "-number.x", "-number.1.2", "-id.1"] {
                #expect(throws: CursorError.unknown, "\(text)") { try filter.go(to: text) }
            }
            var tasks = TaskFilter()
            tasks.limit = 1
            let ofTask = try #require(try session.taskLines(scope: everything, filter: tasks).next)
            tasks.order = .due
            #expect(throws: CursorError.ofOtherOrder) { try tasks.go(to: ofTask) }
            #expect(throws: CursorError.unknown) { try filter.go(to: ofTask) }
        }
    }

    @Test(arguments: TaskFilter.Order.allCases)
    func `every order of tasks can be paged both ways without a loss or a repeat`(
        _ order: TaskFilter.Order
    ) async throws {
        for number in 0..<3 { _ = try await test.submit("z\(number)") }
        try await test.advance()
        try await test.store.write { try $0.run("UPDATE task SET due_at_ms = 100 WHERE id IN (1, 3)") }
        try await test.store.read(in: test.company.id) { session in
            var filter = TaskFilter()
            filter.order = order
            let all = try session.taskLines(scope: everything, filter: filter).rows.map(\.id)
            #expect(all.count == 5)
            filter.limit = 2
            let first = try session.taskLines(scope: everything, filter: filter)
            #expect(first.previous == nil)
            try filter.go(to: first.next)
            let second = try session.taskLines(scope: everything, filter: filter)
            try filter.go(to: second.next)
            let third = try session.taskLines(scope: everything, filter: filter)
            #expect([first, second, third].flatMap { $0.rows.map(\.id) } == all)
            #expect(third.next == nil)
            try filter.go(to: third.previous, isBefore: true)
            #expect(try session.taskLines(scope: everything, filter: filter).rows == second.rows)
            try filter.go(to: second.previous, isBefore: true)
            #expect(try session.taskLines(scope: everything, filter: filter).rows == first.rows)
            #expect(try session.taskIDs(scope: everything, filter: TaskFilter()).ids.count == all.count)
            #expect(try session.taskCount(scope: everything, filter: TaskFilter()) == all.count)
        }
    }

    @Test(
        .onlySQLite,
        arguments: [
            (.everything, .open, "ticket_state_due"), (.everything, nil, "ticket_due"),
            (.requested(by: 2), .open, "ticket_requester_due"),
        ] as [(TicketScope, TicketState?, String)])
    func `tickets by due date come from an index in this order, all of them or somebody's own`(
        _ scope: TicketScope, _ state: TicketState?, _ index: String
    ) async throws {
        var filter = TicketFilter()
        (filter.state, filter.order) = (state, .due)
        let plan = try await test.store.read(in: test.company.id) { [filter] session in
            let query = session.ticketQuery(TicketLine.select, scope: scope, filter: filter)
            return try session.all(
                Row.self, "EXPLAIN QUERY PLAN SELECT " + query.sql.dropFirst("SELECT ".count), query.arguments
            )
            .map { $0["detail"] as String }.joined(separator: "; ")
        }
        #expect(plan.contains("USING INDEX \(index) "), "\(plan)")
        #expect(!plan.contains("TEMP B-TREE"), "\(plan)")
    }

    @Test func `a worker's own tasks are those to do now, on hold and done`() async throws {
        let (bob, id) = (bob, task.id)
        func counts() async throws -> OwnTaskCounts {
            try await test.store.read(in: test.company.id) { try $0.ownTaskCounts(of: bob.id) }
        }
        #expect(try await counts() == OwnTaskCounts(open: 1, held: 0, done: 0))
        try await test.store.write(in: test.company.id) {
            try $0.holdTask(
                id, until: 1_000, TaskMove(by: bob, onlyOwn: true, reason: nil, version: nil), now: 30)
        }
        #expect(try await counts() == OwnTaskCounts(open: 0, held: 1, done: 0))
        let (open, held, presence) = try await test.store.read(in: test.company.id) { session in
            (
                try session.openTaskLines(of: bob.id, limit: 10, now: 40).rows,
                try session.heldTaskLines(of: bob.id, limit: 10).rows, try session.presence(of: bob.id)
            )
        }
        #expect(open.isEmpty)
        #expect(held.map(\.id) == [id])
        #expect(presence?.isAvailable == true)
        try await test.store.write(in: test.company.id) {
            try $0.startTask(id, by: bob, version: nil, now: 35)
        }
        try await test.complete(task, by: "bob", "yes")
        #expect(try await counts() == OwnTaskCounts(open: 0, held: 0, done: 1))
        try await test.store.read(in: test.company.id) { session in
            let done = try session.doneTaskLines(of: bob.id, cursor: nil, limit: 1)
            #expect(done.rows.map(\.outcome) == ["yes"])
            #expect(done.isWhole)
            let behind = ListCursor(key: 40, id: id, in: WorkOrder.latestDone)
            #expect(try session.doneTaskLines(of: bob.id, cursor: behind, limit: 1).rows.isEmpty)
        }
    }

    @Test func `what is to be done comes late first, then by priority, due date and age, and is paged both ways`()
        async throws
    {
        for number in 0..<5 { _ = try await test.submit("z\(number)") }
        try await test.advance()
        let bob = bob
        try await test.store.write { session in
            try session.run(
                "UPDATE task SET state = 'assigned', wake_at_ms = NULL, waiting_reason = NULL, assignee_id = ?",
                [bob.id])
            let changes: [(id: Int, priority: String, due: Int?)] = [
                (1, "low", 50), (2, "urgent", nil), (3, "high", -1), (6, "high", 300),
            ]
            for change in changes {
                try session.run(
                    "UPDATE task SET priority = ?, due_at_ms = ? WHERE id = ?",
                    [change.priority, change.due, change.id])
            }
            try session.run("UPDATE task SET priority = 'high', due_at_ms = 200 WHERE id IN (4, 5)")
        }
        try await test.store.read(in: test.company.id) { session in
            func page(_ cursor: String?, isBefore: Bool = false) throws -> RowPage<TaskLine> {
                var place = try cursor.map { try ListCursor<TaskID>($0, in: WorkOrder.mostUrgent, hasKey: true) }
                place?.isBefore = isBefore
                return try session.openTaskLines(of: bob.id, cursor: place, limit: 3, now: 100)
            }
            let first = try page(nil)
            let second = try page(first.next)
            let third = try page(second.next)
            let ids = [first, second, third].map { $0.rows.map { Int($0.id.rawValue) } }
            #expect(ids == [[3, 1, 2], [4, 5, 6], [7]])
            #expect(first.previous == nil && third.next == nil)
            #expect(try page(third.previous, isBefore: true).rows == second.rows)
            #expect(try page(second.previous, isBefore: true).rows == first.rows)
        }
    }

    @Test(.onlySQLite) func `what is done by a worker comes from an index in its order, however much it is`()
        async throws
    {
        let plan = try await test.store.read { session in
            try session.all(
                Row.self,
                """
                EXPLAIN QUERY PLAN SELECT k.id FROM task k WHERE k.company_id = 1 AND k.assignee_id = 2
                AND k.state = 'completed' ORDER BY k.finished_at_ms DESC, k.id DESC LIMIT 25
                """
            ).map { $0["detail"] as String }.joined(separator: "; ")
        }
        #expect(plan.contains("task_done"))
        #expect(!plan.contains("TEMP B-TREE"))
    }
}
