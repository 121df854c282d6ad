import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// One fuel is for all expressions of a step, of a request and of the filters that an event meets.
@Suite struct SharedFuelTests {
    /// Some 31,000 steps in little time: a few of them fit one fuel.
    private static let costly = #"("x" * 1000000) | length"#
    private static let surroundings = Surroundings(instance: "1", ticket: Workflows.ticket, now: 0)

    @Test(arguments: ["headers", "query", "body"])
    func `all that a request says is computed on one fuel`(_ part: String) throws {
        let members = (0..<200).map { "h\($0): '${ \(Self.costly) | tostring }'" }.joined(separator: ", ")
        let program = try Workflows.program(
            "do: [ { ask: { call: http, with: { method: post, endpoint: 'http://example.com', \(part): { \(members) } } } } ]"
        )
        let state = try #require(
            Engine.advance(program, nil, .start(input: .null), Self.surroundings)
        ).state
        let error = #expect(throws: WorkflowError.self) {
            try Engine.request(program, state, reference: "/do/0/ask", visit: 1, Self.surroundings)
        }
        #expect(error?.detail?.contains("together with those before it, it took too many steps") == true)
    }

    @Test func `the address and what signs in have the same fuel as the rest of a request`() throws {
        let program = try Workflows.program(
            """
            do:
              - ask:
                  call: http
                  with:
                    method: get
                    endpoint:
                      uri: '${ [range(4) | "x" * 1000000] | "http://example.com/" + (length | tostring) }'
                      authentication: { bearer: { token: '${ [range(4) | "x" * 1000000] | length | tostring }' } }
            """)
        let state = try #require(
            Engine.advance(program, nil, .start(input: .null), Self.surroundings)
        ).state
        #expect(throws: WorkflowError.self) {
            try Engine.request(program, state, reference: "/do/0/ask", visit: 1, Self.surroundings)
        }
    }

    @Test(arguments: ["title", "description"])
    func `a task's texts are computed on the fuel of its step`(_ key: String) throws {
        let text = String(repeating: "${ \(Self.costly) } ", count: 200)
        try Self.expectFault("task: look\n\(key): '\(text)'\n")
    }

    @Test func `a task's form is filled in beforehand on the fuel of its step`() throws {
        let fields = (0..<100).map {
            "  - { type: input, id: f\($0), attributes: { label: F\($0), value: '${ \(Self.costly) | tostring }' } }"
        }
        try Self.expectFault("task: look\nbody:\n\(fields.joined(separator: "\n"))\n")
    }

    @Test func `a schema is checked on the fuel of its step`() throws {
        let alternatives = (0..<2_000).map { "{ const: \(-1 - $0) }" }.joined(separator: ", ")
        let program = try Workflows.program(
            """
            do:
              - a:
                  set: { x: 1 }
                  output:
                    as: '${ [range(1000)] }'
                    schema: { document: { items: { anyOf: [ \(alternatives), { type: number } ] } } }
            """)
        let transition = try #require(Engine.advance(program, nil, .start(input: .null), Self.surroundings))
        #expect(transition.state.error?.detail?.contains("checking the output took too many steps") == true)
    }

    @Test func `the filters of one schedule share the fuel for an event`() throws {
        let filters = (0..<50).map {
            "{ with: { type: a, data: '${ \(Self.costly) == 0 }' }, correlate: { c\($0): { from: .id } } }"
        }
        let program = try Workflows.program(
            "schedule: { on: { any: [ \(filters.joined(separator: ", ")) ] } }\ndo: [ { a: { set: { x: 1 } } } ]")
        guard case .on(let strategy)? = program.workflow.schedule?.kind else { throw Workflows.Missing() }
        var meter = ExpressionMeter()
        let heard = strategy.complete(
            with: ["type": "a", "id": "1", "data": [:]], met: [], read: .data,
            matches: { Engine.matches($0, $1, &meter) })
        #expect(heard == nil)
        #expect(meter.isExhausted)
    }

    @Test func `a transition uses little more than the fuel of one step`() throws {
        let steps = (0..<20).map { "{ s\($0): { set: { x: '${ \(Self.costly) }' } } }" }.joined(separator: ", ")
        let program = try Workflows.program("do: [ \(steps) ]")
        let transition = try #require(Engine.advance(program, nil, .start(input: .null), Self.surroundings))
        #expect(transition.state.isYielding)
        #expect(transition.state.steps == 2)
    }

    @Test(arguments: [
        ("call: look", 40, 25),
        ("call: ticket-open, with: { type: t }", 3, 1),
    ])
    func `a turn opens 25 tasks or one ticket, and the next turn goes on`(
        _ step: String, _ branches: Int, _ opened: Int
    ) throws {
        let all = (0..<branches).map { "{ b\($0): { \(step) } }" }.joined(separator: ", ")
        let program = try Workflows.program("do: [ { all: { fork: { branches: [ \(all) ] } } } ]")
        let first = try #require(Engine.advance(program, nil, .start(input: .null), Self.surroundings))
        #expect(first.effects.count(where: \.opens) == opened)
        #expect(first.state.isYielding)
        let second = try #require(Engine.advance(program, first.state, .resume, Self.surroundings))
        #expect(second.effects.count(where: \.opens) == min(opened, branches - opened))
    }

    private static func expectFault(_ task: String) throws {
        let program = try Workflows.program("do: [ { look: { call: look } } ]", tasks: [task])
        let transition = try #require(Engine.advance(program, nil, .start(input: .null), surroundings))
        #expect(transition.state.status == .faulted)
        #expect(
            transition.state.error?.detail?.contains("together with those before it, it took too many steps") == true)
    }
}

extension Effect {
    fileprivate var opens: Bool {
        if case .openTask = self { return true }
        if case .openTicket = self { return true }
        return false
    }
}
