import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Random histories of everything that people, programs, admins and the clock do to tasks, by the store's own methods.
/// A trigger of the database writes down every change of a task's row, whoever makes it.
@Suite(.onItsOwnThread, .onBothEngines) struct StoredTaskLifeFuzzTests {
    @Test func `every change of a row is a step of the table, and all of them happen`() async throws {
        var seen: Set<StateChange> = []
        for (generator, replay) in Fuzz.inputs("stored lives", iterations: 6) {
            var life = try await StoredLife(generator)
            for step in 0..<200 {
                let what = try await life.step()
                let complaints = try await life.complaints()
                try #require(complaints == [], "\(replay), step \(step), after \(what)")
            }
            seen.formUnion(try await life.changes())
        }
        #expect(seen.filter { !StateChange.legal.contains($0) } == [])
        // One replayed history alone shows few of them.
        guard ProcessInfo.processInfo.environment["FUZZ_SEED"] == nil else { return }
        #expect(StateChange.legal.filter { !seen.contains($0) } == [])
    }
}

/// A change of a task's state in its row.
struct StateChange: Hashable {
    let from: TaskState
    let to: TaskState

    /// What the table of steps allows.
    static let legal = Set(TaskStep.all.map { StateChange(from: $0.from, to: $0.to) })
}
