import Foundation
import TFDefinition
import TestSupport
import Testing

@testable import TFEngine

/// Random schedules of a whole site: the engine, the relay, Redis, people and programs, each of whose steps may come
/// between any two of the others, while daemons are killed or stopped and wake, answers are lost, and Redis is emptied
/// or goes back to an older state.
///
/// After each schedule all faults end, and then: the outbox is empty, Redis holds what the store says, every open task
/// is counted in exactly one place, each was completed once and its workflow told once, and no instance is stuck.
///
/// Real code: the workflow engine, `TaskLife`, the definitions. Modelled: the store's transactions (`ScheduledRecord`),
/// the scripts in Redis by the model that the real ones are checked against (`QueueRules`), and the loops of the daemon
/// (`ScheduledSite`). `FUZZ_SECONDS` and `FUZZ_SEED` as in all such checks; what fails is cut down to few steps.
@Suite(.onItsOwnThread) struct SiteScheduleFuzzTests {
    private static let workflows = [
        "do: [ { a: { call: person } }, { b: { call: program } } ]",
        "do: [ { f: { fork: { branches: [ { a: { call: person } }, { b: { call: claimed } } ] } } } ]",
        "do: [ { f: { fork: { compete: true, branches: [ { a: { call: person } }, { b: { call: program } } ] } } } ]",
        "do: [ { w: { wait: PT1M } }, { a: { call: claimed } } ]",
        "do: [ { t: { try: [ { b: { call: program } } ], catch: {} } }, { a: { call: person } } ]",
    ]
    private static let tasks = [
        "person": "task: person\n", "program": "task: program\nkind: service\n",
        "claimed": "task: claimed\nassign: { strategy: pool }\n",
    ]

    @Test func `after any schedule each task is in one place, done once, and nothing is stuck`() throws {
        let programs = try Self.workflows.map(Self.program)
        let start = ContinuousClock.now
        var count = 0
        try Fuzz.run("site schedules", iterations: 2_000) { generator, replay in
            count += 1
            let program = generator.pick(programs)
            let steps = Self.schedule(&generator)
            guard let complaint = Self.run(steps, program) else { return }
            let few = Self.shrunk(steps, program)
            Issue.record(
                "\(replay): \(complaint)\n\(few.count) of its \(steps.count) steps are enough: \(few.map(\.step))\n\(Self.run(few, program) ?? "")"
            )
            throw Broken()
        }
        let rate = Double(count) / (start.duration(to: .now) / .seconds(1))
        print("site schedules: \(count), \(Int(rate)) a second")
    }

    private struct Broken: Error {}

    private struct Move {
        let step: ScheduledSite.Step
        let seed: UInt64
    }

    private static func program(_ text: String) throws -> Program {
        let document = "document: { dsl: '1.0.3', namespace: default, name: w, version: '1.0.0' }\n"
        guard case .workflow(let workflow)? = parse(document + text, "w.workflow.yaml") else { throw Broken() }
        var definitions: [DefinitionName: TaskDefinition] = [:]
        for name in workflow.calledTasks {
            guard case .task(let task)? = parse(tasks[name.name] ?? "", "x.task.yaml") else { throw Broken() }
            definitions[name] = task
        }
        return Program(workflow: workflow, tasks: definitions)
    }

    private static func parse(_ text: String, _ file: String) -> Definition? {
        Definition.parse(Array(text.utf8), file: file, company: nil).definition
    }

    /// Often what happens often, and seldom what is seldom.
    private static let common: [ScheduledSite.Step] = [
        .engine, .engine, .engine, .readOutbox, .readOutbox, .sendOne, .sendOne, .sendOne, .sendOne, .settle, .settle,
        .settle, .checkEpoch, .clearForRebuild, .fillRebuild, .complete, .complete, .start, .claim, .lease, .report,
        .timer,
    ]

    private static func schedule(_ generator: inout SeededGenerator) -> [Move] {
        (0..<(20 + generator.below(60))).map { number in
            let step =
                number < 2
                ? .submit
                : generator.below(3) > 0 ? generator.pick(common) : generator.pick(ScheduledSite.Step.allCases)
            return Move(step: step, seed: generator.next())
        }
    }

    private static func run(_ moves: [Move], _ program: Program) -> String? {
        var site = ScheduledSite(program)
        for move in moves { site.take(move.step, seed: move.seed) }
        return site.heal()
    }

    /// Leaves out steps, more of them at first, as long as a guarantee is still broken.
    private static func shrunk(_ moves: [Move], _ program: Program) -> [Move] {
        var moves = moves
        var size = moves.count / 2
        while size > 0 {
            var start = 0
            while start < moves.count {
                var fewer = moves
                fewer.removeSubrange(start..<min(start + size, moves.count))
                if run(fewer, program) != nil { moves = fewer } else { start += size }
            }
            size /= 2
        }
        return moves
    }
}
