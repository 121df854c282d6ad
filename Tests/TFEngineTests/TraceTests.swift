import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// Each step that begins ends once, in the trace of a dry run as in the ticket's history: completed, faulted, or cancelled
/// by what ended it from outside.
@Suite struct TraceTests {
    private static let raise = "{ raise: { error: { type: 'https://x', status: 418, title: no } } }"

    private static func fork(_ branches: String) -> String { "do: [ { f: { fork: { branches: [ \(branches) ] } } } ]" }

    private static func told(_ text: String) throws -> [String] {
        try Workflows.run(text).steps.filter { !$0.hasPrefix("waiting") }
    }

    private static func told(_ transition: Transition) -> [String] {
        transition.effects.compactMap { effect in
            if case .step(let change) = effect { "\(change.kind.rawValue) \(change.name)" } else { nil }
        }
    }

    @Test func `a branch that fails is told so once, and its siblings are cancelled if they have begun`() throws {
        #expect(
            try Self.told(Self.fork("{ a: { wait: PT1H } }, { b: \(Self.raise) }, { c: { wait: PT1H } }"))
                == ["started f", "started a", "started b", "faulted b", "cancelled a", "faulted f"])
    }

    @Test func `the steps around one that fails fail with it`() throws {
        let branches =
            "{ a: { wait: PT1H } }, { b: { do: [ { v: { wait: PT1M } }, { r: \(Self.raise) } ] } }"
        let told = try Self.told(Self.fork(branches))
        #expect(
            told == [
                "started f", "started a", "started b", "started v", "completed v", "started r", "faulted r",
                "faulted b", "cancelled a", "faulted f",
            ])
        let caught = "do: [ { t: { try: [ { g: { do: [ { r: \(Self.raise) } ] } } ], catch: {} } } ]"
        #expect(
            try Self.told(caught)
                == ["started t", "started g", "started r", "faulted r", "faulted g", "completed t"])
    }

    @Test func `a timeout cancels the steps inside the one that took too long`() throws {
        let inner = "[ { x: { wait: PT5M } }, { g: { do: [ { w: { wait: P1D } } ] } } ]"
        let begun = ["started d", "started x", "completed x", "started g", "started w", "cancelled w"]
        #expect(
            try Self.told("do: [ { d: { timeout: { after: PT1H }, do: \(inner) } } ]")
                == begun + ["cancelled g", "faulted d"])
        #expect(
            try Self.told("do: [ { d: { timeout: { after: PT1H }, try: \(inner), catch: {} } } ]")
                == begun + ["cancelled g", "faulted d"])
        let tries = "retry: { limit: { attempt: { count: 0, duration: PT1H } } }, do: [ { s: { set: { a: 1 } } } ]"
        #expect(
            try Self.told("do: [ { d: { try: \(inner), catch: { \(tries) } } } ]")
                == begun + ["faulted g", "started s", "completed s", "completed d"])
    }

    @Test func `the end of a workflow in one branch cancels the others`() throws {
        #expect(
            try Self.told(Self.fork("{ a: { wait: PT1H } }, { b: { set: { x: 1 }, then: end } }"))
                == ["started f", "started a", "started b", "completed b", "cancelled a"])
    }

    @Test func `when the workflow is cancelled, so is each open step once`() throws {
        let text = Self.fork("{ a: { wait: PT1H } }, { b: { do: [ { w: { wait: PT1H } } ] } }")
        let program = try Workflows.program(text)
        let world = Surroundings(instance: "1", ticket: .null, now: 0)
        let start = try #require(Engine.advance(program, nil, .start(input: .null), world))
        let end = try #require(Engine.advance(program, start.state, .cancel, world))
        #expect(Self.told(end) == ["cancelled w", "cancelled b", "cancelled a", "cancelled f", "cancelled "])
    }

    @Test func `a request of unknown outcome fails with the steps around it, up to the fork`() throws {
        let post = "{ call: http, with: { method: post, endpoint: 'https://x.example/' } }"
        let program = try Workflows.program(Self.fork("{ b: { do: [ { h: \(post) } ] } }, { w: { wait: PT1H } }"))
        let world = Surroundings(instance: "1", ticket: .null, now: 0)
        let start = try #require(Engine.advance(program, nil, .start(input: .null), world))
        let unclear = EngineEvent.httpFinished(
            reference: "/do/0/f/fork/branches/0/b/do/0/h", visit: 1, stage: 1, .unclear("no answer"))
        let end = try #require(Engine.advance(program, start.state, unclear, world))
        #expect(Self.told(end) == ["faulted h", "faulted b", "cancelled w", "faulted f", "faulted "])
        #expect(end.state.stopped?.reference == "/do/0/f")
    }
}
