import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// What happens in a function is told where the function is called: it may be called in many places.
@Suite struct FunctionPlaceTests {
    private static let functions = """
        use:
          functions:
            send: { call: http, with: { method: get, endpoint: 'https://x.example/{id}' } }
            ask: { call: decide }
            both:
              do:
                - first: { set: '${ . }' }
                - second: { call: send, with: { id: '${ .id }' } }
            retried: { try: [ { inner: { call: send, with: { id: '${ .id }' } } } ], catch: { retry: { delay: PT1M, limit: { attempt: { count: 1 } } } } }
            side: { fork: { branches: [ { left: { call: send, with: { id: '${ .id }' } } }, { right: { wait: PT1H } } ] } }
            loop: { for: { in: '[1, 2]' }, do: [ { round: { call: send, with: { id: '${ .id }' } } } ] }

        """
    private static let script =
        "http: [ { match: { url: 'https://x.example/1' }, respond: { body: {} } }, { respond: { status: 500 } } ]"

    private static func run(_ steps: String, script: String = script) throws -> SimulationResult {
        try Workflows.run(functions + "do: [ \(steps) ]\n", script: script)
    }

    private static func told(_ result: SimulationResult) -> [String] {
        result.trace.filter { !$0.task.isEmpty && $0.event != "waiting" }.map { "\($0.event) \($0.task) \($0.name)" }
    }

    @Test func `of several calls the one that failed is told`() throws {
        let result = try Self.run(
            "{ a: { call: send, with: { id: 1 } } }, { b: { call: send, with: { id: 2 } } }, { c: { call: send, with: { id: 1 } } }"
        )
        #expect(result.error?.instance == "/do/1/b")
        #expect(
            Self.told(result) == ["started /do/0/a a", "completed /do/0/a a", "started /do/1/b b", "faulted /do/1/b b"])
    }

    @Test(arguments: [
        ("both", "/do/0/x/do/1/second"), ("retried", "/do/0/x/try/0/inner"),
        ("side", "/do/0/x/fork/branches/0/left"), ("loop", "/do/0/x/do/0/round"),
    ])
    func `a step in a function is told as if the function's body stood at the call`(_ name: String, _ place: String)
        throws
    {
        let result = try Self.run("{ x: { call: \(name), with: { id: 2 } } }")
        #expect(result.status == .faulted)
        #expect(result.error?.instance == place)
        #expect(Self.told(result).contains { $0.hasPrefix("faulted \(place) ") }, "\(Self.told(result))")
        #expect(!Self.told(result).contains { $0.contains("/use/") })
    }

    @Test func `what is tried again in a function is told with the step that calls it`() throws {
        let result = try Self.run("{ x: { call: retried, with: { id: 2 } } }")
        #expect(Self.told(result).contains("retried /do/0/x x"))
        #expect(result.elapsedText == "PT1M")
    }

    @Test func `who catches an error knows which call failed`() throws {
        let result = try Self.run(
            """
            { all: { try: [ { a: { call: send, with: { id: 1 } } }, { b: { call: both, with: { id: 2 } } } ],
                     catch: { do: [ { s: { set: { at: '${ $error.instance }' } } } ] } } }
            """)
        #expect(result.output == ["at": "/do/0/all/try/1/b/do/1/second"])
    }

    @Test func `a branch that is given up in a function is told once`() throws {
        let result = try Self.run(
            "{ x: { fork: { compete: true, branches: [ { slow: { call: ask } }, { fast: { wait: PT1M } } ] } } }",
            script: "")
        let cancelled = Self.told(result).filter { $0.hasPrefix("cancelled") }
        #expect(cancelled == ["cancelled /do/0/x/fork/branches/0/slow slow"])
    }

    @Test func `a task in a function waits where it is called, and its visits are counted there`() throws {
        let program = try Workflows.program(
            Self.functions + "do: [ { a: { call: ask } }, { b: { call: ask } } ]\n", tasks: ["task: decide\n"])
        let world = Surroundings(instance: "1", ticket: Workflows.ticket, now: 0)
        let start = try #require(Engine.advance(program, nil, .start(input: .null), world))
        #expect(start.state.waiting.map(\.reference) == ["/do/0/a"])
        let done = EngineEvent.taskCompleted(reference: "/do/0/a", visit: 1, output: ["outcome": "done"])
        let second = try #require(Engine.advance(program, start.state, done, world))
        #expect(second.state.waiting.map(\.reference) == ["/do/1/b"])
        // It is stored with its place.
        let stored = try InstanceState(text: second.state.text)
        #expect(stored == second.state)
        let failed = EngineEvent.taskFailed(reference: "/do/1/b", visit: 1, error: ["title": "no"])
        let end = try #require(Engine.advance(program, stored, failed, world))
        #expect(end.state.stopped?.reference == "/do/1/b")
        #expect(end.state.error?.instance == "/do/1/b")
        let again = try #require(Engine.advance(program, end.state, .retry, world))
        #expect(again.state.waiting.map(\.reference) == ["/do/1/b"])
    }

    @Test func `a task in a function has the name of the step that calls the function, also in a branch there`() throws
    {
        let program = try Workflows.program(
            """
            use:
              functions:
                ask: { call: decide }
                both: { fork: { branches: [ { left: { call: ask } }, { right: { do: [ { deep: { call: decide } } ] } } ] } }
            do: [ { a: { fork: { branches: [ { b: { call: both } }, { c: { call: ask } }, { d: { call: decide } } ] } } } ]

            """)
        let world = Surroundings(instance: "1", ticket: Workflows.ticket, now: 0)
        let start = try #require(Engine.advance(program, nil, .start(input: .null), world))
        let opened = start.effects.compactMap { effect -> String? in
            if case .openTask(let request) = effect { "\(request.step) \(request.reference)" } else { nil }
        }
        #expect(
            opened.sorted() == [
                "b /do/0/a/fork/branches/0/b/fork/branches/0/left",
                "b /do/0/a/fork/branches/0/b/fork/branches/1/right/do/0/deep", "c /do/0/a/fork/branches/1/c",
                "d /do/0/a/fork/branches/2/d",
            ])
    }

    @Test func `of a step that waits it is known until when, or that an event ends it`() throws {
        let program = try Workflows.program(
            """
            do:
              - all:
                  fork:
                    branches:
                      - clock: { wait: PT1H }
                      - event: { listen: { to: { any: [ { with: { type: paid } } ] } } }
                      - person: { call: decide }

            """)
        let world = Surroundings(instance: "1", ticket: Workflows.ticket, now: 1_000)
        let start = try #require(Engine.advance(program, nil, .start(input: .null), world))
        let pauses = start.state.waiting.filter { $0.because != "branches" }.map(\.pause)
        #expect(pauses == [.moment(3_601_000), .event, nil])
    }

    @Test func `the diagram knows the tasks to which a step leads, and who does them`() throws {
        let workflow = try Workflows.program(
            """
            use:
              functions:
                ask: { call: decide }
                again: { call: ask }
                quiet: { set: { n: 1 } }
                more: { do: [ { x: { call: decide } }, { y: { try: [ { z: { call: again } } ], catch: {} } } ] }
                work: { do: [ { x: { call: deliver } } ] }
            do: [ { a: { call: again } }, { b: { call: quiet } }, { c: { call: more } }, { d: { call: decide } }, { e: { call: work } } ]

            """
        ).workflow
        let graph = WorkflowGraph(
            workflow,
            faces: [
                "decide": .init(title: nil, isForProgram: false), "deliver": .init(title: nil, isForProgram: true),
            ])
        let steps = graph.nodes.filter { !$0.reference.isEmpty }
        #expect(steps.map(\.kind) == [.person, .program, .person, .person, .program])
        #expect(
            steps.map { $0.tasks.map { "\($0.step) \($0.reference) \($0.call.task.name)" } } == [
                ["a /do/0/a decide"], [], ["x /do/2/c/do/0/x decide", "z /do/2/c/do/1/y/try/0/z decide"],
                ["d /do/3/d decide"], ["x /do/4/e/do/0/x deliver"],
            ])
        let places = WorkflowGraph.Places(graph)
        #expect(places["/do/2/c/do/1/y/try/0/z"]?.label == "C")
        #expect(places["/do/2/c"]?.label == "C")
        #expect(places["/do/3/d/do/0/x"] == nil && places["/do/9/z"] == nil && places[""] == nil)
    }

    @Test func `functions that call each other again and again are looked at for a while only`() throws {
        let functions = (0..<30).map { number in
            let calls = (0..<9).map { "{ s\($0): { call: f\(number + 1) } }" }.joined(separator: ", ")
            return "    f\(number): { do: [ \(calls) ] }\n"
        }
        let text = "use:\n  functions:\n\(functions.joined())    f30: { set: { a: 1 } }\ndo: [ { a: { call: f0 } } ]\n"
        let graph = WorkflowGraph(try Workflows.program(text).workflow)
        #expect(graph.nodes.first { $0.label == "A" }?.kind == .program)
    }
}
