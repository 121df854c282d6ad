import TFDefinition
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
}
