import TFDefinition
import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// The figures of reports, against a small history whose answers are known.
///
/// Ten tickets, 1 to 10, each with a task that Bob did. In thousands: ticket n was opened at 0 and closed at 200 n, its
/// task was assigned at 10 n, started at 20 n and done at 100 n. The last two tickets are seen only with the role boss.
@Suite(.onBothEngines) struct ReportTests {
    private let test: TestStore
    private let filter = ReportFilter(from: 0, to: 10_000_000)

    init() async throws {
        test = try await TestStore()
        try await test.publish(TestStore.files)
        for number in 1...10 { _ = try await test.submit("\(number)") }
        try await test.advance()
        let bob = try #require(test.people["bob"]).id
        try await test.store.write { session in
            try session.run(
                """
                UPDATE task SET state = 'completed', waiting_reason = NULL, assignee_id = ?, created_at_ms = 0,
                    assigned_at_ms = 10000 * (SELECT t.number FROM ticket t WHERE t.id = ticket_id),
                    started_at_ms = 20000 * (SELECT t.number FROM ticket t WHERE t.id = ticket_id),
                    finished_at_ms = 100000 * (SELECT t.number FROM ticket t WHERE t.id = ticket_id)
                """, [bob])
            try session.run("UPDATE ticket SET state = 'closed', created_at_ms = 0, closed_at_ms = 200000 * number")
            try session.run(
                """
                INSERT INTO ticket_view_role (company_id, ticket_id, role)
                SELECT company_id, id, 'boss' FROM ticket WHERE number > 8
                """)
        }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (CompanyReadSession) throws -> Value
    ) async throws -> Value {
        try await test.store.read(in: test.company.id, body)
    }

    /// What a ticket admin without the role boss sees.
    private static let tickets: TicketScope = {
        var scope = TicketScope()
        scope.viewRoles = []
        return scope
    }()
    private static let tasks: TaskScope = {
        var scope = TaskScope()
        scope.viewRoles = []
        return scope
    }()

    @Test func `half and nine in ten are told by nearest rank, and the time is divided`() async throws {
        let all = try await read { [filter] in try $0.stepTimes(scope: everything, filter, limit: 5) }
        #expect(
            all == [
                StepTimes(
                    step: "approve", times: TypicalTimes(count: 10, half: 500_000, nineInTen: 900_000),
                    unassigned: 550_000, waiting: 550_000, working: 4_400_000)
            ])
        let workers = try await read { [filter] in try $0.workerTimes(scope: everything, filter, limit: 5) }
        #expect(workers.map(\.name) == ["Bob"])
        #expect(workers.map(\.times) == [TypicalTimes(count: 10, half: 450_000, nineInTen: 810_000)])
        let close = try await read { [filter] in try $0.timeToClose(scope: .everything, filter) }
        #expect(close == TypicalTimes(count: 10, half: 1_000_000, nineInTen: 1_800_000))
    }

    @Test func `what somebody may not see is not counted`() async throws {
        let steps = try await read { [filter] in try $0.stepTimes(scope: Self.tasks, filter, limit: 5) }
        #expect(steps.map(\.times) == [TypicalTimes(count: 8, half: 400_000, nineInTen: 800_000)])
        let workers = try await read { [filter] in try $0.workerTimes(scope: Self.tasks, filter, limit: 5) }
        #expect(workers.map(\.times.count) == [8])
        let opened = try await read { [filter] in try $0.opened(scope: Self.tickets, filter) }
        #expect(opened == [0: 8])
        let closed = try await read { [filter] in try $0.closed(scope: Self.tickets, filter) }
        #expect(closed == [0: 4, 900_000: 4])
        let close = try await read { [filter] in try $0.timeToClose(scope: Self.tickets, filter) }
        #expect(close?.count == 8)
    }

    @Test func `only what lies in the period, of the type and of the step, is counted`() async throws {
        let (late, other) = (
            ReportFilter(from: 1_150_000, to: 1_250_000), ReportFilter(from: 0, to: 9_000_000, type: "other")
        )
        let step = ReportFilter(from: 0, to: 9_000_000, type: "request", step: "amend")
        for filter in [late, other, step] {
            #expect(try await read { try $0.stepTimes(scope: everything, filter, limit: 5) }.isEmpty)
        }
        #expect(try await read { try $0.opened(scope: .everything, late) }.isEmpty)
        #expect(try await read { try $0.closed(scope: .everything, late) } == [900_000: 1])
        #expect(try await read { try $0.closed(scope: .everything, other) }.isEmpty)
        #expect(try await read { try $0.timeToClose(scope: .everything, other) } == nil)
    }

    @Test func `what is open is grouped by type and age, with what is late`() async throws {
        try await test.store.write { session in
            try session.run("UPDATE ticket SET state = 'open', closed_at_ms = NULL, created_at_ms = 100 * number")
            try session.run("UPDATE ticket SET next_due_at_ms = 500 WHERE number IN (1, 2, 10)")
            try session.run("UPDATE task SET state = 'ready', assignee_id = NULL, finished_at_ms = NULL")
        }
        let groups = try await read { [filter] in
            try $0.openTickets(scope: Self.tickets, filter, bounds: [800, 600, 400, 200], now: 501)
        }
        #expect(groups.map(\.type) == Array(repeating: "request", count: 5))
        #expect(groups.map(\.age) == [0, 1, 2, 3, 4])
        #expect(groups.map(\.tickets) == [1, 2, 2, 2, 1])
        #expect(groups.map(\.late) == [0, 0, 0, 1, 1])
        let steps = try await read { [filter] in
            try $0.openSteps(scope: Self.tasks, filter, limit: 5).map { "\($0.step) \($0.tasks)" }
        }
        #expect(steps == ["approve 8"])
    }

    @Test func `a worker's figures tell what is open, what was done by day, and the typical time`() async throws {
        let bob = try #require(test.people["bob"]).id
        let done = try await read { try $0.workerFigures(since: 400_000, days: 2) }
        #expect(done[bob]?.doneByDay == [7, 0])
        #expect(done[bob]?.typicalMs == 630_000)
        #expect(done[bob]?.open == 0)
        try await test.store.write { session in
            for (number, state) in [(1, "assigned"), (2, "assigned"), (3, "started"), (4, "held")] {
                try session.run(
                    """
                    UPDATE task SET state = ?, finished_at_ms = NULL, created_at_ms = 50 - id
                    WHERE ticket_id = (SELECT id FROM ticket WHERE number = ?)
                    """, [state, number])
            }
        }
        let open = try #require(try await read { try $0.workerFigures(since: 400_000, days: 2) }[bob])
        #expect([open.notStarted, open.started, open.held, open.open] == [2, 1, 1, 4])
        let oldest = try await read { session in
            try session.first(Int64.self, "SELECT MIN(created_at_ms) FROM task WHERE state IN ('assigned', 'started')")
        }
        #expect(open.oldestAtMs == oldest)
    }

    @Test func `queues tell the oldest task, what was done lately, and what nobody has`() async throws {
        let queues = try await read { try $0.queueActivity(since: 500_000, stretch: 250_000, count: 2) }
        #expect(queues.map(\.login) == ["bob"])
        #expect(queues.first?.done == [3, 2])
        #expect(queues.first?.oldestAtMs == nil)
        try await test.store.write { session in
            try session.run(
                """
                UPDATE task SET state = 'ready', assignee_id = NULL, finished_at_ms = NULL, waiting_reason = ?
                WHERE ticket_id IN (SELECT id FROM ticket WHERE number < 3)
                """, ["none_eligible"])
        }
        #expect(
            try await read { try $0.waitingTasks() } == [
                WaitingTasks(role: "boss", tasks: 2, oldestAtMs: 0, stuck: 2)
            ])
        let oldest = try await read { try $0.oldestUnserved(scope: everything) }
        #expect(oldest?.ticketNumber == 1)
        #expect(try await read { try $0.oldestUnserved(scope: TaskScope()) } == nil)
        #expect(try await read { try $0.failedRunCount() } == 0)
        #expect(try await read { try $0.failedRuns(limit: 5).count } == 0)
        let (steps, calls) = try await test.store.read { try $0.engineBacklog() }
        #expect([steps.count, calls.count] == [0, 0])
    }

    @Test func `a task whose worker has gone is stuck only where no rule chooses the next one`() async throws {
        func told(_ strategy: AssignmentStrategy) async throws -> [String] {
            try await test.store.write { session in
                try session.run(
                    """
                    UPDATE task SET state = 'ready', assignee_id = NULL, finished_at_ms = NULL, strategy = ?,
                        waiting_reason = 'went_away', waiting_facts = ?
                    WHERE ticket_id IN (SELECT id FROM ticket WHERE number < 3)
                    """, [strategy.rawValue, #"{"login":"bob"}"#])
            }
            return try await read { try $0.unserved(scope: everything).map { "\($0.tasks): \($0.reason)" } }
        }
        #expect(try await told(.shortestQueue) == [])
        #expect(try await told(.pool) == [])
        #expect(try await told(.person) == ["2: Bob is away; a ticket admin must assign it"], "people by name")
    }
}
