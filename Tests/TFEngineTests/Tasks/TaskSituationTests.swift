import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// What a task's facts say together.
@Suite struct TaskSituationTests {
    private static let cases: [(WorkerKind, TaskState, String?, String?)] = [
        (.person, .completed, "bob", "Bob"), (.person, .completed, "eve", "eve"), (.person, .withdrawn, nil, nil),
        (.service, .completed, "eve", "Bob"), (.service, .completed, nil, "Bob"), (.service, .withdrawn, "eve", nil),
    ]

    @Test(arguments: cases)
    func `a person's answer names who completed the task, a program's output may say anything`(
        kind: WorkerKind, state: TaskState, by: String?, completer: String?
    ) {
        var task = TaskSituation(title: "T", kind: kind, strategy: .pool)
        task.state = state
        task.holder = TaskHolder(account: 1, login: "bob", name: "Bob")
        task.output = by.map { ["by": .string($0)] }
        #expect(task.completer == completer)
        #expect(throws: TaskConflict.over(state, by: completer)) { try task.checkOpen(version: nil) }
    }
}
