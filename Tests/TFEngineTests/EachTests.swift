import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// One task for each of several people: when the answers suffice.
@Suite struct EachTests {
    private static func enough(_ counts: [(String, Int)]) throws -> Enough {
        let text = counts.map { "\($0): \($1)" }.joined(separator: ", ")
        let outcomes = counts.map(\.0).joined(separator: ", ")
        let source = """
            task: x
            outcomes: [\(outcomes), other]
            assign: { strategy: each, role: r, enough: { \(text) } }
            """
        guard case .task(let task)? = Definition.parse(Array(source.utf8), file: "x.task.yaml", company: nil).definition
        else { throw Workflows.Missing() }
        return try #require(task.assign.enough)
    }

    @Test(
        arguments: [
            ("the first that reaches its count", ["agree", "object", "agree"], 5, "agree"),
            ("more may come", ["agree", "object"], 5, nil),
            ("none can be reached any more", ["object", "other", "other"], 4, "undecided"),
            ("the last answer decides", ["agree", "other", "agree"], 3, "agree"),
            ("an outcome without a count never decides", ["other", "other"], 4, nil),
        ] as [(String, [String], Int, String?)])
    func `enough answers decide`(_ why: String, _ outcomes: [String], _ people: Int, _ decided: String?) throws {
        let enough = try Self.enough([("agree", 2), ("object", 3)])
        #expect(Enough.decide(enough, outcomes: outcomes, people: people) == decided, "\(why)")
    }

    @Test func `without enough everybody answers, and what all gave decides`() {
        #expect(Enough.decide(nil, outcomes: ["a", "a"], people: 3) == nil)
        #expect(Enough.decide(nil, outcomes: ["a", "a", "a"], people: 3) == "a")
        #expect(Enough.decide(nil, outcomes: ["a", "b", "a"], people: 3) == "undecided")
    }

    /// Every order of answers, against the rule as the specification words it.
    @Test func `in whatever order answers come, the first count reached decides and no later answer counts`() throws {
        let enough = try Self.enough([("agree", 2), ("object", 2)])
        for people in 1...5 {
            for code in 0..<Int(pow3(people)) {
                var rest = code
                let answers = (0..<people).map { _ -> String in
                    defer { rest /= 3 }
                    return ["agree", "object", "other"][rest % 3]
                }
                var decided: String?
                for count in 1...people where decided == nil {
                    decided = Enough.decide(enough, outcomes: Array(answers.prefix(count)), people: people)
                }
                #expect(decided == expected(answers), "\(answers)")
            }
        }
    }

    private func expected(_ answers: [String]) -> String {
        var counts: [String: Int] = [:]
        for answer in answers {
            counts[answer, default: 0] += 1
            if answer != "other", counts[answer] == 2 { return answer }
        }
        return "undecided"
    }

    private func pow3(_ exponent: Int) -> Int { (0..<exponent).reduce(1) { power, _ in power * 3 } }

    private static let board = """
        task: vote
        outcomes: [agree, object]
        assign: { strategy: each, people: '${ [ "ada", "bob", "eve", "bob" ] }', enough: { agree: 2, object: 2 } }
        """

    @Test func `each person is asked once, and the workflow goes on with all answers so far`() throws {
        let program = try Workflows.program("do:\n  - ask: { call: vote }\n", tasks: [Self.board])
        let script = try Workflows.script(
            """
            tasks:
              vote:
                - { after: PT1H, output: { outcome: object, why: no } }
                - { after: PT3H, output: { outcome: agree } }
                - { after: PT2H, output: { outcome: agree } }
                - { after: PT0S, output: { outcome: agree } }
            """)
        let result = Simulation.run(
            program, library: SimulationLibrary(), input: nil, ticket: Workflows.ticket, script: script)
        #expect(result.status == .completed)
        let output = result.output
        #expect(output["outcome"] == "agree")
        #expect(output["visit"] == 1)
        #expect(output["answers"].arrayValue?.map { $0["by"] } == ["ada", "eve", "bob"])
        #expect(result.elapsed == 10_800_000)
    }

    @Test func `what cannot be decided by all who are asked is undecided at once, and nobody is asked`() throws {
        let board = Self.board.replacing("agree: 2, object: 2", with: "agree: 4, object: 5")
        let program = try Workflows.program(
            "do:\n  - ask: { call: vote }\n  - told: { set: { said: '${ $tasks.ask }' } }\n", tasks: [board])
        let world = Surroundings(instance: "1", ticket: Workflows.ticket, now: 0)
        let start = try #require(Engine.advance(program, nil, .start(input: .null), world))
        #expect(start.state.status == .completed)
        #expect(start.state.output["said"] == ["outcome": "undecided", "answers": [], "visit": 1])
        #expect(!start.effects.contains { if case .openTask = $0 { true } else { false } })
    }

    @Test func `of the holders of a role the engine is told that they are too few`() throws {
        let board = Self.board.replacing("people: '${ [ \"ada\", \"bob\", \"eve\", \"bob\" ] }'", with: "role: board")
        let program = try Workflows.program("do:\n  - ask: { call: vote }\n", tasks: [board])
        let world = Surroundings(instance: "1", ticket: Workflows.ticket, now: 0)
        let start = try #require(Engine.advance(program, nil, .start(input: .null), world))
        #expect(start.state.status == .running)
        let decided = EngineEvent.taskCompleted(
            reference: "/do/0/ask", visit: 1, output: TaskRequest.undecided("undecided"))
        let end = try #require(Engine.advance(program, start.state, decided, world))
        #expect(end.state.output["outcome"] == "undecided")
        let answer = EngineEvent.taskAnswered(
            reference: "/do/0/ask", visit: 1, seat: 0, people: 3, output: ["outcome": "object"])
        let first = try #require(Engine.advance(program, start.state, answer, world))
        #expect(Engine.advance(program, first.state, decided, world) == nil, "somebody was asked")
    }

    @Test(arguments: [
        (
            "{ by: bob, output: { outcome: agree } }, { by: bob, output: { outcome: agree } }",
            "bob has answered \"vote\" already"
        ),
        (
            "{ output: { outcome: agree } }, { by: zoe, output: { outcome: agree } }",
            "zoe is not asked for \"vote\", which goes to ada, bob, eve"
        ),
        ("{ by: bo, output: { outcome: agree } }", "did you mean \"bob\"?"),
    ])
    func `nobody answers twice in a dry run, nor anybody who is not asked`(_ answers: String, _ message: String) throws
    {
        let result = try Self.run("tasks: { vote: [ \(answers) ] }")
        #expect(result.problem?.description.contains(message) == true, "\(result.json.text)")
    }

    @Test func `in a dry run an answer is that of the person whom it names, the others are of who is left`() throws {
        let result = try Self.run(
            "tasks: { vote: [ { output: { outcome: object } }, { by: ada, output: { outcome: agree } }, { output: { outcome: agree } } ] }"
        )
        #expect(result.problem == nil)
        #expect(Set(result.output["answers"].arrayValue?.map { $0["by"].displayText } ?? []) == ["ada", "bob", "eve"])
    }

    @Test func `for a role a dry run asks as many as can decide, each of them once`() throws {
        let board = Self.board.replacing("people: '${ [ \"ada\", \"bob\", \"eve\", \"bob\" ] }'", with: "role: board")
        let one = try Self.run("tasks: { vote: [ { by: ada, output: { outcome: agree } } ] }", board)
        #expect(one.status == .waiting, "another may agree")
        let two = try Self.run(
            "tasks: { vote: [ { by: ada, output: { outcome: agree } }, { by: bob, output: { outcome: agree } } ] }",
            board)
        #expect(two.output["outcome"] == "agree")
        let same = try Self.run(
            "tasks: { vote: [ { by: ada, output: { outcome: agree } }, { by: ada, output: { outcome: agree } } ] }",
            board)
        #expect(same.problem?.message.contains("ada has answered") == true)
    }

    private static func run(_ script: String, _ board: String = board) throws -> SimulationResult {
        Simulation.run(
            try Workflows.program("do:\n  - ask: { call: vote }\n", tasks: [board]), library: SimulationLibrary(),
            input: nil, ticket: Workflows.ticket, script: try Workflows.script(script))
    }

    @Test func `what is decided withdraws the rest, and a late answer changes nothing`() throws {
        let program = try Workflows.program("do:\n  - ask: { call: vote }\n", tasks: [Self.board])
        let world = Surroundings(instance: "1", ticket: Workflows.ticket, now: 0)
        func answer(_ seat: Int) -> EngineEvent {
            .taskAnswered(
                reference: "/do/0/ask", visit: 1, seat: seat, people: 3, output: ["outcome": "object"])
        }
        let start = try #require(Engine.advance(program, nil, .start(input: .null), world))
        let first = try #require(Engine.advance(program, start.state, answer(0), world))
        #expect(first.state.status == .running)
        #expect(Engine.advance(program, first.state, answer(0), world) == nil, "the same seat again")
        let second = try #require(Engine.advance(program, first.state, answer(2), world))
        #expect(second.state.status == .completed)
        #expect(second.effects.contains(.withdrawTask(reference: "/do/0/ask", visit: 1)))
        #expect(Engine.advance(program, second.state, answer(1), world) == nil)
    }

    @Test func `a call names the people, and those who are excluded are not asked`() throws {
        let call = """
            do:
              - ask:
                  call: vote
                  with: { assign: { people: '${ ["uma", "max", "eve"] }', exclude: '${ [$ticket.requester] }' } }
            """
        let program = try Workflows.program(call, tasks: ["task: vote\noutcomes: [agree]\n"])
        let world = Surroundings(instance: "1", ticket: Workflows.ticket, now: 0)
        let start = try #require(Engine.advance(program, nil, .start(input: .null), world))
        let request = try #require(
            start.effects.compactMap { effect in
                if case .openTask(let request) = effect { request } else { nil }
            }.first)
        #expect(request.strategy == .each)
        #expect(request.people == ["max", "eve"])
    }
}
