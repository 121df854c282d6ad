import TFDefinition
import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// The rules are enums' properties in Swift and texts in SQL: here they say the same.
@Suite(.onBothEngines) struct TaskSQLTests {
    @Test func `SQL and Swift agree on each strategy and priority`() async throws {
        let test = try await TestStore()
        for strategy in AssignmentStrategy.allCases {
            let (isByRule, isForAnybody) = try await test.store.read { session in
                let task = "FROM (SELECT ? AS strategy) k"
                return (
                    try session.first(Bool.self, "SELECT \(TaskSQL.isByRule) \(task)", [strategy.rawValue]),
                    try session.first(Bool.self, "SELECT \(TaskSQL.isForAnybody) \(task)", [strategy.rawValue])
                )
            }
            #expect(isByRule == strategy.isByRule)
            #expect(isForAnybody == !strategy.isAddressed)
        }
        for (rank, priority) in [Priority.urgent, .high, .normal, .low].enumerated() {
            let order = try await test.store.read { session in
                try session.first(
                    Int.self, "SELECT \(TaskSQL.byPriority) FROM (SELECT ? AS priority) k", [priority.rawValue])
            }
            #expect(order == rank)
        }
    }

    @Test func `SQL and Swift agree on each state of a task and each reason for which nobody has it`() async throws {
        let test = try await TestStore()
        func holds(
            _ condition: String, _ state: TaskState, reason: WaitingReason.Code? = nil,
            _ strategy: AssignmentStrategy = .roundRobin, wakes: Bool = false
        ) async throws -> Bool {
            let task = """
                SELECT CAST(? AS TEXT) AS state, CAST(? AS TEXT) AS waiting_reason, CAST(? AS TEXT) AS strategy,
                    CAST(? AS BIGINT) AS finished_at_ms, CAST(? AS BIGINT) AS wake_at_ms
                """
            return try await test.store.read { session in
                try session.first(
                    Bool.self, "SELECT 1 FROM (\(task)) k WHERE \(condition)",
                    [
                        state.rawValue, reason?.rawValue, strategy.rawValue, state.isOpen ? nil : 1 as Int64?,
                        wakes ? 1 as Int64? : nil,
                    ]) ?? false
            }
        }
        for state in TaskState.allCases {
            #expect(try await holds(TaskSQL.isOpen(), state) == state.isOpen)
            #expect(try await holds(TaskSQL.isWithSomebody(), state) == state.isWithSomebody)
            #expect(try await holds(TaskSQL.isInList(), state) == state.isInList)
            for wakes in [false, true] {
                #expect(
                    try await holds(TaskSQL.isQueued, state, wakes: wakes) == state.isQueued(waitsForNextTry: wakes))
            }
            #expect(try await holds(TaskSQL.isStuck(), state, reason: .noneEligible) == (state == .ready))
        }
        for reason in WaitingReason.Code.allCases {
            for strategy in AssignmentStrategy.allCases {
                let isStuck = try await holds(TaskSQL.isStuck(), .ready, reason: reason, strategy)
                #expect(isStuck == reason.isStuck(strategy), "\(reason) \(strategy)")
                let isSoon = try await holds(TaskSQL.isBeingAssigned, .ready, reason: reason, strategy)
                #expect(isSoon == (strategy.isByRule && reason.isUntilLookedAt), "\(reason) \(strategy)")
                #expect(!isSoon || !isStuck, "\(reason) \(strategy)")
            }
        }
    }

    @Test func `a task without a due date is never late, and any other once its moment is over`() async throws {
        let test = try await TestStore()
        for (due, isLate) in [(nil, false), (9, true), (10, false), (11, false)] as [(Int64?, Bool)] {
            let found = try await test.store.read { session in
                try session.first(
                    Bool.self,
                    "SELECT 1 FROM (SELECT CAST(? AS BIGINT) AS due_at_ms) k WHERE \(TaskSQL.isLate)", [due, 10])
            }
            #expect((found ?? false) == isLate)
        }
    }
}
