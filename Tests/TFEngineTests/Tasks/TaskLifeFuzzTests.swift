import Foundation
import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFEngine

/// Random lives of tasks, people's and programs', of every strategy.
@Suite(.onItsOwnThread) struct TaskLifeFuzzTests {
    @Test func `every history goes by the table, and every step of the table happens`() throws {
        var seen: Set<TaskStep> = []
        try Fuzz.run("lives", iterations: 400) { generator, replay in
            var life = TaskLifeModel(&generator)
            for step in 0..<60 {
                let event = life.event(&generator)
                guard let change = try life.happen(event) else { continue }
                let place: Comment = "\(replay), step \(step), \(event)"
                let done = TaskStep(event: event.kind, from: try #require(change.before).state, to: change.after.state)
                #expect(done.isLegal, place)
                seen.insert(done)
                try #require(life.complaints(change) == [], place)
            }
        }
        // One replayed input alone shows few of them.
        guard ProcessInfo.processInfo.environment["FUZZ_SEED"] == nil else { return }
        #expect(TaskStep.all.filter { !seen.contains($0) } == [])
    }
}

/// A task with the lists that Redis would hold of it, when it is told what each change says.
struct TaskLifeModel {
    private static let people = (1...3).map { TaskHolder(account: AccountID($0), login: "w\($0)") }
    private static let rule = ServiceRule.standard

    private(set) var task: TaskSituation
    /// By list, the attempts in it; nobody's list is "".
    private var lists: [String: [Int]] = [:]
    private var now: Int64 = 1000

    init(_ generator: inout SeededGenerator) {
        let new = TaskSituation(
            title: "T", kind: generator.pick(WorkerKind.allCases),
            strategy: generator.pick(AssignmentStrategy.allCases))
        let holder = generator.pick(Self.people)
        let beginning: TaskLife.Beginning =
            new.strategy.isAddressed && generator.below(3) > 0
            ? .addressed(to: holder, because: .named) : .waiting(.queue, addressee: nil)
        let change = TaskLife.begin(new, beginning, now: now)
        task = change.after
        obey(change.orders)
    }

    /// Any event, also one that cannot happen now.
    mutating func event(_ generator: inout SeededGenerator) -> TaskEvent {
        now += 10
        let person = generator.pick(Self.people)
        let isLucky = generator.below(2) == 0
        switch generator.pick(TaskEvent.Kind.allCases) {
        case .chosen: return .chosen(person, RuleChoice(because: .preferred))
        case .unserved: return .unserved(isLucky ? .paused : .noneEligible(role: nil, excluded: 0), workers: nil)
        case .choiceRefused: return .choiceRefused
        case .claimed: return .claimed(by: person)
        case .delivered: return .delivered(to: person)
        case .retryDue: return .retryDue
        case .given: return .given(to: person, by: generator.pick(Self.people), reason: nil)
        case .givenToRule:
            return .givenToRule(recipient: recipient(person, isLucky), by: person, reason: "test")
        case .released: return .released(by: person, reason: nil)
        case .holderLost: return .holderLost(generator.pick(HolderLoss.allCases))
        case .started: return .started(by: person, draft: isLucky ? ["by": 1] : nil)
        case .leased: return .leased(by: person, lease: "token", until: now + 100)
        case .taken: return .taken(until: now + 100)
        case .renewed: return .renewed(until: now + 200)
        case .requeued: return .requeued
        case .leaseEnded:
            return .leaseEnded(
                LeaseEnd(
                    attempts: 1 + generator.below(Self.rule.attempts), recipient: recipient(person, isLucky),
                    hasOther: generator.below(2) == 0))
        case .tryFailed:
            return .tryFailed(
                FailedTry(
                    login: person.login, title: "no", detail: nil, mayRetry: generator.below(4) > 0, rule: Self.rule))
        case .held: return .held(until: now + 500, by: person, reason: nil)
        case .holdEnded: return .holdEnded
        case .completed: return unlikely(&generator, .completed(by: person, TaskResult(output: [:], outcome: "done")))
        case .prioritized: return .prioritized(generator.pick(Priority.allCases), by: isLucky ? person : nil)
        case .withdrawn: return unlikely(&generator, .withdrawn)
        }
    }

    private func recipient(_ person: TaskHolder, _ isLucky: Bool) -> TaskHolder? {
        isLucky && task.strategy.isAddressed ? person : nil
    }

    /// What ends a task comes seldom, so that lives are long.
    private func unlikely(_ generator: inout SeededGenerator, _ event: TaskEvent) -> TaskEvent {
        generator.below(6) == 0 ? event : .holderLost(.right)
    }

    /// - Returns: nil where it cannot happen now.
    mutating func happen(_ event: TaskEvent) throws -> TaskChange? {
        let change: TaskChange
        do throws(TaskConflict) { change = try TaskLife.apply(event, to: task, now: now) } catch {
            #expect(!error.description.isEmpty)
            return nil
        }
        let before = task
        task = change.after
        moveByItself(event, before)
        obey(change.orders)
        return change
    }

    /// What happens in Redis without being told.
    private mutating func moveByItself(_ event: TaskEvent, _ before: TaskSituation) {
        switch event.kind {
        case .chosen:
            lists["", default: []].removeAll { $0 == before.attempt }
            put()
        case .taken: lists[task.holder?.login ?? "", default: []].removeAll { $0 == before.attempt }
        case .requeued: put()
        case .unserved, .choiceRefused, .claimed, .delivered, .retryDue, .given, .givenToRule, .released, .holderLost,
            .started, .leased, .renewed, .leaseEnded, .tryFailed, .held, .holdEnded, .completed, .prioritized,
            .withdrawn:
            break
        }
    }

    private mutating func obey(_ orders: [TaskOrder]) {
        for order in orders {
            switch order {
            case .assign, .place: put()
            case .rewrite: break
            case .remove(let attempt), .take(let attempt):
                for list in lists.keys { lists[list]?.removeAll { $0 == attempt } }
            }
        }
    }

    private mutating func put() { lists[task.holder?.login ?? "", default: []].append(task.attempt) }

    // MARK: What has to be

    func complaints(_ change: TaskChange) -> [String] {
        let before = change.before ?? task
        // With its ticket's new priority it follows quietly, without a line of its own in the history.
        let isQuiet =
            change.event == .unserved || change.event == .renewed
            || (change.event == .prioritized && change.history.isEmpty)
        let rules: KeyValuePairs<String, Bool> = [
            "it is in the lists \(lists), not \(expectedLists)": lists.filter { !$0.value.isEmpty } == expectedLists,
            "the version does not rise": task.version == before.version + (isQuiet ? 0 : 1),
            "a quiet change moves it": !isQuiet || (before.state == task.state && before.attempt == task.attempt),
            "the attempt falls": task.attempt >= before.attempt,
            "its holder does not go with its state": hasRightHolder,
            "it waits without a reason, or has one and does not wait":
                (task.waiting != nil) == (task.state == .ready),
            "it has a lease and is not started": task.lease == nil || task.state == .started,
            "a person's task is leased": task.lease == nil || task.kind == .service,
            "its end does not go with its state": (task.finishedAtMs == nil) == task.state.isOpen,
            "the clock moves it after its end": task.wakeAtMs == nil || task.state.isOpen,
            "its workflow is told of no end, or not told of one":
                (change.news != nil) == (task.state == .completed || task.state == .failed),
            "Redis is not told of its priority":
                before.priority == task.priority || lists.values.allSatisfy(\.isEmpty)
                || change.orders == [.rewrite(attempt: task.attempt)],
            "its priority is its own, and nobody has set it":
                !task.hasOwnPriority || before.hasOwnPriority || !change.history.isEmpty,
            "somebody has it and was not noted":
                task.state != .assigned || before.attempt == task.attempt || change.recordsHolder,
        ]
        return rules.filter { !$0.value }.map(\.key)
    }

    /// Every open task is counted in exactly one place.
    private var expectedLists: [String: [Int]] {
        switch task.state {
        case .ready: task.wakeAtMs == nil ? ["": [task.attempt]] : [:]
        case .assigned: [task.holder?.login ?? "": [task.attempt]]
        case .started: task.lease == nil ? [task.holder?.login ?? "": [task.attempt]] : [:]
        case .held, .completed, .withdrawn, .failed: [:]
        }
    }

    private var hasRightHolder: Bool {
        switch task.state {
        case .ready: task.holder == nil
        case .assigned, .started, .held, .completed, .failed: task.holder != nil
        case .withdrawn: true
        }
    }
}
