import Foundation
import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFEngine

/// Random workflows under random schedules of a hostile world: events come twice, late and in any order, and the engine
/// is killed between any two of them. Whatever happens, each task is opened and done once, nothing stays open behind an
/// instance that is over, no two requests are taken for one order unless a `retry` sends it again, and no instance is
/// stuck.
@Suite(.onItsOwnThread) struct ScheduleFuzzTests {
    @Test func `no schedule of crashes, duplicates and delays breaks a guarantee`() throws {
        try Fuzz.run("schedules", iterations: 1_500) { generator, replay in
            var maker = WorkflowMaker(generator: generator)
            let text = maker.workflow()
            let program = try Workflows.program(text)
            var world = HostileWorld(program: program, generator: maker.generator)
            let broken = try world.run()
            #expect(broken == nil, "\(replay): \(broken ?? "")\n\(text)")
            generator = world.generator
        }
    }
}

/// A store that is never wrong and a world that is never kind.
private struct HostileWorld {
    private struct Delivery {
        let event: EngineEvent
        let isDuplicate: Bool
    }

    let program: Program
    var generator: SeededGenerator
    private var now: Int64 = 1_000
    /// As it is stored: every crash reads it anew.
    private var stored: String?
    private var pending: [Delivery] = []
    private var opened: Set<String> = []
    private var open: Set<String> = []
    private var done: Set<String> = []
    private var withdrawn: Set<String> = []
    private var calls: Set<String> = []
    private var retries = 0
    /// How many retries there had been when an order was sent.
    private var orders: [String: Int] = [:]
    private var hasEnded = false

    init(program: Program, generator: SeededGenerator) {
        self.program = program
        self.generator = generator
    }

    /// - Returns: the guarantee that was broken.
    mutating func run() throws -> String? {
        pending = [Delivery(event: .start(input: ["n": 1]), isDuplicate: false)]
        for _ in 0..<400 {
            let state = try state()
            if let state, state.status != .running, pending.isEmpty || generator.below(3) == 0 { break }
            if let timer = state?.nextTimer, pending.isEmpty || generator.below(6) == 0 {
                // The clock may jump, and the wake-up may come late; what it wakes is due all the same.
                now = max(now, timer) + Int64(generator.below(3) == 0 ? generator.below(7_200_000) : 0)
                if let broken = try apply(.tick) { return broken }
                continue
            }
            guard !pending.isEmpty else { break }
            let index = generator.below(pending.count)
            let delivery = generator.below(4) == 0 ? pending[index] : pending.remove(at: index)
            if let broken = try apply(delivery.event) { return broken }
        }
        return try check()
    }

    private func state() throws -> InstanceState? {
        try stored.map { try InstanceState(text: $0) }
    }

    private mutating func apply(_ event: EngineEvent) throws -> String? {
        now += Int64(generator.below(2_000))
        let before = try state()
        let surroundings = Surroundings(instance: "1", ticket: Workflows.ticket, now: now)
        let transition = Engine.advance(program, before, event, surroundings)
        guard transition == Engine.advance(program, try state(), event, surroundings) else {
            return "the same event gave two transitions"
        }
        guard let transition else { return nil }
        // Killed before the commit: nothing of it has happened, and the event comes again.
        if generator.below(5) == 0 {
            if event != .tick { pending.append(Delivery(event: event, isDuplicate: true)) }
            return nil
        }
        if case .taskCompleted(let reference, let visit, _) = event, !done.insert("\(reference) \(visit)").inserted {
            return "the task \(reference) \(visit) was completed twice"
        }
        if hasEnded { return "an instance that is over went on" }
        stored = transition.state.text
        if try state() != transition.state { return "the state reads back otherwise" }
        hasEnded = transition.state.status != .running
        for effect in transition.effects { if let broken = try take(effect) { return broken } }
        for key in done { open.remove(key) }
        if case .taskFailed(let reference, let visit, _) = event { open.remove("\(reference) \(visit)") }
        let waiting = Self.waiting(transition.state)
        return open == waiting ? nil : "open are \(open), waited for \(waiting)"
    }

    private static func waiting(_ state: InstanceState) -> Set<String> {
        Set(
            state.branches.compactMap(\.wait).filter { $0.kind == .task }
                .map { "\($0.pending.reference) \($0.pending.visit)" })
    }

    private mutating func take(_ effect: Effect) throws -> String? {
        switch effect {
        case .openTask(let request):
            let key = "\(request.reference) \(request.visit)"
            guard opened.insert(key).inserted else { return "the task \(key) was opened twice" }
            open.insert(key)
            let output: JSON = ["outcome": .string(generator.pick(["yes", "no"])), "by": "bob"]
            later(
                generator.below(5) == 0
                    ? .taskFailed(reference: request.reference, visit: request.visit, error: ["status": 500])
                    : .taskCompleted(reference: request.reference, visit: request.visit, output: output))
        case .withdrawTask(let reference, let visit):
            let key = "\(reference) \(visit)"
            guard open.remove(key) != nil else { return "the task \(key) was withdrawn and is not open" }
            withdrawn.insert(key)
        case .sendHTTP(let intent):
            guard calls.insert("\(intent.reference) \(intent.visit) \(intent.stage)").inserted else {
                return "the call \(intent.reference) \(intent.visit) was sent twice"
            }
            // A sibling's failure in the same turn may have cancelled it.
            if let pass = try state()?.pass(reference: intent.reference, visit: intent.visit) {
                guard orders.updateValue(retries, forKey: pass) != retries else {
                    return "\(intent.reference) \(intent.visit) is an order that was sent before"
                }
            }
            let response = HTTPOutcome.Response(
                status: generator.pick([200, 200, 503]), headers: [], body: Array("{}".utf8),
                to: .init(method: "GET", url: "u", headers: []))
            later(
                .httpFinished(
                    reference: intent.reference, visit: intent.visit, stage: intent.stage, .response(response)))
        case .emit(let event): later(.received(event))
        case .yield: later(.resume)
        case .runWorkflow(let request):
            later(.runFinished(reference: request.reference, visit: request.visit, .completed(5)))
        case .openTicket(let request):
            later(.ticketOpened(reference: request.reference, visit: request.visit, .completed(["number": 2])))
        case .step(let change): if change.kind == .retried { retries += 1 }
        case .cancelHTTP, .cancelRun, .updateTicket, .comment, .replayEvents, .ticketStatus, .resumed,
            .completed, .faulted, .cancelled:
            break
        }
        return nil
    }

    private mutating func later(_ event: EngineEvent) {
        for copy in 0...generator.below(2) { pending.append(Delivery(event: event, isDuplicate: copy > 0)) }
    }

    private mutating func check() throws -> String? {
        guard let state = try state() else { return "the start was lost" }
        for key in done where withdrawn.contains(key) { return "the task \(key) was withdrawn and completed" }
        if state.status == .running {
            guard state.branches.allSatisfy({ $0.wait != nil }) || state.isYielding else {
                return "a branch can go on and does not"
            }
        } else if !open.isEmpty {
            return "an instance that is over has left \(open) open"
        }
        return nil
    }
}

/// Makes workflows of every kind of step.
private struct WorkflowMaker {
    var generator: SeededGenerator
    private var names = 0

    init(generator: SeededGenerator) { self.generator = generator }

    /// Lengths of time as definitions have them, and at the ends of what they may be.
    private mutating func span() -> String {
        generator.pick([
            "PT\(1 + generator.below(90))M", "PT\(1 + generator.below(90))M", "PT\(1 + generator.below(9))H", "PT0S",
            "PT0.0001S", "P99Y", "P99Y364D", "3155759999s", "'${ \"P99Y\" }'", "'${ \"PT0S\" }'", "'${ null }'",
        ])
    }

    private mutating func retry() -> String {
        var parts: [String] = []
        if generator.below(3) > 0 { parts.append("delay: \(span())") }
        if generator.below(2) == 0 {
            parts.append("backoff: { \(generator.pick(["constant", "linear", "exponential"])): {} }")
        }
        if generator.below(3) == 0 { parts.append("jitter: { from: \(span()), to: \(span()) }") }
        var limit: [String] = []
        if generator.below(4) > 0 {
            let duration = generator.below(4) == 0 ? ", duration: \(span())" : ""
            limit.append("attempt: { count: \(generator.pick([0, 1, 2, 70]))\(duration) }")
        }
        if generator.below(4) == 0 { limit.append("duration: \(span())") }
        if !limit.isEmpty { parts.append("limit: { \(limit.joined(separator: ", ")) }") }
        return "retry: { \(parts.joined(separator: ", ")) }"
    }

    mutating func workflow() -> String {
        let timeout = generator.below(4) == 0 ? "timeout: { after: \(span()) }\n" : ""
        return timeout + "do: \(list(depth: 0))\n"
    }

    private mutating func list(depth: Int) -> String {
        let steps = (0...generator.below(3)).map { _ in step(depth: depth) }
        return "[ \(steps.joined(separator: ", ")) ]"
    }

    private mutating func step(depth: Int) -> String {
        names += 1
        let name = "s\(names)"
        var parts = kind(depth: depth)
        if generator.below(6) == 0 { parts += ", timeout: { after: \(span()) }" }
        if generator.below(8) == 0 { parts += ", if: '(. | tostring | length) > 2'" }
        if generator.below(10) == 0 { parts += ", then: \(generator.pick(["exit", "end", "continue"]))" }
        if generator.below(8) == 0 { parts += ", export: { as: '[$context, .] | tostring | .[0:50]' }" }
        return "{ \(name): { \(parts) } }"
    }

    private mutating func kind(depth: Int) -> String {
        // Deeper, the text would nest beyond what a definition may.
        guard depth < 3 else { return "set: '${ 1 }'" }
        switch generator.below(15) {
        case 0: return "do: \(list(depth: depth + 1))"
        case 1: return "for: { in: '[1, 2, 3]', each: x }, do: \(list(depth: depth + 1))"
        case 2: return "fork: { branches: \(list(depth: depth + 1)) }"
        case 3: return "fork: { compete: true, branches: \(list(depth: depth + 1)) }"
        case 4:
            return
                "fork: { branches: [ { b\(names): { call: bg, metadata: { background: true } } }, { c\(names): { do: \(list(depth: depth + 1)) } } ] }"
        case 5:
            var handler = generator.below(2) == 0 ? [retry()] : []
            if generator.below(3) > 0 { handler.append("do: \(list(depth: depth + 1))") }
            if generator.below(6) == 0 { handler.append("then: continue") }
            return "try: \(list(depth: depth + 1)), catch: { \(handler.joined(separator: ", ")) }"
        case 6: return "raise: { error: { type: 'https://x', status: 400 } }"
        case 7: return "wait: \(span())"
        case 8, 9: return "call: task\(generator.below(3))"
        case 10: return "emit: { event: { with: { type: t\(generator.below(2)) } } }"
        case 11: return "listen: { to: { any: [ { with: { type: t\(generator.below(2)) } } ] } }"
        case 12: return "call: http, with: { method: get, endpoint: 'https://x' }"
        case 13:
            return generator.pick([
                "run: { workflow: { namespace: default, name: x, version: latest } }",
                "call: ticket-open, with: { type: t }",
                "call: ticket-update, with: { status: s }",
            ])
        default: return "set: '${ [.] | tostring | .[0:20] }'"
        }
    }
}
