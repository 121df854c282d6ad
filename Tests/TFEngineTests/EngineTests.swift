import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFEngine

@Suite struct EngineTests {
    private static let expense = """
        document: { dsl: '1.0.3', namespace: acme, name: expense, version: '1.0.0' }
        do:
          - first: { call: approve, metadata: { ticketStatus: in approval } }
          - second:
              if: .outcome == "approve" and $ticket.form.amount > 1000
              call: approve
              with: { assign: { exclude: '${ [$tasks.first.by] }' }, note: '${ .comment }' }
          - decide:
              switch:
                - ok: { when: .outcome == "approve", then: pay }
                - back: { when: ($tasks.amend.visit // 0) < 2, then: amend }
                - no: { then: refused }
          - amend: { call: amend }
          - again: { set: { outcome: none }, then: first }
          - pay: { do: [ { order: { set: { status: paid, ref: '${ $workflow.id }' } } } ], then: end }
          - refused: { set: { status: rejected } }
        """
    private static let approve = """
        task: approve
        title: "Approve ${ $ticket.form.amount }"
        description: "By ${ $ticket.requester }"
        assign: { role: boss, exclude: "${ [$ticket.requester] }" }
        due: 8h
        outcomes: [approve, reject]
        """
    private static let amend = "task: amend\nassign: { strategy: requester }\nform: ticket\n"

    @Test func `a small expense needs one approval and is paid`() throws {
        var instance = try Instance(amount: 10)
        let request = try #require(instance.opened.last)
        #expect(request.title == "Approve 10")
        #expect(request.description == "By u\\_ma")
        #expect(request.role == "boss")
        #expect(request.exclude == ["u_ma"])
        #expect(request.dueAt == Int64(28_801_000))
        #expect(instance.effects.contains(.ticketStatus("in approval")))
        instance.complete("approve", by: "bob")
        #expect(instance.state.status == .completed)
        #expect(instance.state.output.text == #"{"status":"paid","ref":"7"}"#)
        #expect(
            instance.effects.contains {
                $0 == .step(StepChange(kind: .skipped, reference: "/do/1/second", name: "second"))
            })
    }

    @Test func `a large expense needs a second person`() throws {
        var instance = try Instance(amount: 5_000)
        instance.complete("approve", by: "bob", extra: ["comment": "fine"])
        let second = try #require(instance.opened.last)
        #expect(second.reference == "/do/1/second")
        #expect(second.exclude == ["u_ma", "bob"])
        #expect(second.input.text == #"{"note":"fine"}"#)
        instance.complete("approve", by: "carol")
        #expect(instance.state.status == .completed)
    }

    @Test func `rework loops twice, then the refusal stands`() throws {
        var instance = try Instance(amount: 10)
        for visit in 1...2 {
            instance.complete("reject", by: "bob")
            #expect(instance.opened.last?.step == "amend")
            #expect(instance.opened.last?.visit == visit)
            #expect(instance.opened.last?.strategy == .requester)
            instance.complete("done", by: "u_ma")
            #expect(instance.opened.last?.visit == visit + 1)
        }
        instance.complete("reject", by: "bob")
        #expect(instance.state.status == .completed)
        #expect(instance.state.output.text == #"{"status":"rejected"}"#)
    }

    @Test func `an event of a task that is not waited for changes nothing`() throws {
        let instance = try Instance(amount: 10)
        for (reference, visit) in [("/do/0/first", 2), ("/do/1/second", 1)] {
            let event = EngineEvent.taskCompleted(reference: reference, visit: visit, output: .object([:]))
            #expect(Engine.advance(instance.program, instance.state, event, instance.surroundings) == nil)
        }
        #expect(Engine.advance(instance.program, instance.state, .start(input: .null), instance.surroundings) == nil)
    }

    @Test func `cancelling withdraws the open task`() throws {
        var instance = try Instance(amount: 10)
        instance.apply(.cancel)
        #expect(instance.effects.contains(.withdrawTask(reference: "/do/0/first", visit: 1)))
        #expect(instance.state.status == .cancelled)
        instance.apply(.cancel)
        #expect(instance.effects.isEmpty)
    }

    @Test func `an expression that fails faults the instance and names the step`() throws {
        let instance = try Instance(
            workflow: "do:\n  - bad: { set: { a: '${ 1 + \"x\" }' } }\n", tasks: [:], form: .object([:]))
        #expect(instance.state.status == .faulted)
        #expect(instance.state.error?.status == 400)
        #expect(instance.state.error?.instance == "/do/0/bad")
    }

    @Test(.onItsOwnThread) func `a loop that waits for nobody gives others their turn, and is stopped`() throws {
        var instance = try Instance(
            workflow: "do:\n  - a: { set: { x: 1 } }\n  - b: { set: { x: 2 }, then: a }\n", tasks: [:],
            form: .object([:]))
        #expect(instance.state.isYielding)
        #expect(instance.effects.contains(.yield))
        var turns = 1
        while instance.state.status == .running, turns < 2_000 {
            instance.apply(.resume)
            turns += 1
        }
        // A turn is short, since others wait for all of it.
        #expect(turns > 90)
        #expect(instance.state.status == .faulted)
        #expect(instance.state.error?.detail?.contains("10000 steps in a row") == true)
    }

    @Test(.onItsOwnThread) func `who hears from others may go round, who hears only from itself may not`() throws {
        let steps = (1...28).map { "  - s\($0): { set: { x: \($0) }\($0 == 28 ? ", then: l" : "") }\n" }
        func state(hearing id: (Int) -> String) throws -> InstanceState {
            var instance = try Instance(
                workflow: "do:\n  - l: { listen: { to: { one: { with: { type: x } } } } }\n" + steps.joined(),
                tasks: [:],
                form: .object([:]))
            for number in 1...400 {
                instance.apply(.received(["id": .string(id(number)), "source": "s", "type": "x"]))
            }
            return instance.state
        }
        let others = try state(hearing: { "\($0)" })
        #expect(others.status == .running)
        #expect(others.steps > 11_000)
        let own = try state(hearing: { "7:/do/0/e:\($0)" })
        #expect(own.error?.detail?.contains("10000 steps in a row") == true)
    }

    @Test func `data flows through input, output and export`() throws {
        let instance = try Instance(
            workflow: """
                input: { from: .form }
                output: { as: '{result: ., kept: $context}' }
                do:
                  - one:
                      input: { from: '{n: .amount}' }
                      set: '${ {n: (.n + 1)} }'
                      output: { as: '{m: .n, was: $input.n}' }
                      export: { as: .m }
                  - two: { set: { last: '${ .m }', all: [ '${ $context }' ] }, then: exit }
                  - never: { set: { x: 1 } }
                """, tasks: [:], form: ["amount": 4])
        #expect(instance.state.output.text == #"{"result":{"last":5,"all":[5]},"kept":5}"#)
    }

    @Test func `a state with values as deep as any reads back, and another text is refused with its member`() throws {
        let deep = (1..<JSON.maximumDepth).reduce(into: "1") { text, _ in text = "[\(text)]" }
        let instance = try Instance(
            workflow: "do: [ { wait: { call: ask } } ]", tasks: ["ask": "task: ask\nassign: { strategy: requester }\n"],
            form: try JSON(parsing: deep))
        #expect(try InstanceState(text: instance.state.text) == instance.state)
        for (text, member) in [
            ("[]", "state"), ("{}", "status"), (#"{"status":"gone"}"#, "status"),
            (#"{"status":"running","startedAt":"now"}"#, "startedAt"),
        ] {
            let error = #expect(throws: UnreadableState.self) { try InstanceState(text: text) }
            #expect(error?.description.contains("\"\(member)\"") == true)
        }
    }

    @Test func `the same event on the same state gives the same transition, after a round trip too`() throws {
        let instance = try Instance(amount: 5_000)
        let copy = try InstanceState(text: instance.state.text)
        #expect(copy == instance.state)
        let event = EngineEvent.taskCompleted(
            reference: "/do/0/first", visit: 1, output: ["outcome": "approve", "by": "bob"])
        let first = Engine.advance(instance.program, instance.state, event, instance.surroundings)
        #expect(first == Engine.advance(instance.program, copy, event, instance.surroundings))
    }

    @Test func `the graph has every step, its branches and its ends`() throws {
        guard case .workflow(let workflow)? = try Instance.parse("w.workflow.yaml", Self.expense) else { return }
        let graph = WorkflowGraph(workflow)
        let labels = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0.label) })
        let edges = graph.edges.map { "\(labels[$0.from] ?? "")-\($0.label)>\(labels[$0.to] ?? "")" }
        for edge in [
            "Start->First", "Decide-OK>Paid", "Decide-back>Amend", "Again->First", "Decide-no>Rejected",
        ] {
            #expect(edges.contains(edge), "\(edges)")
        }
    }

    /// A running instance with what its last event did.
    private struct Instance {
        let program: Program
        var state: InstanceState
        var effects: [Effect] = []
        var opened: [TaskRequest] = []
        let ticket: JSON
        var surroundings: Surroundings { Surroundings(instance: "7", ticket: ticket, now: 1_000) }

        init(amount: Int) throws {
            try self.init(
                text: EngineTests.expense, tasks: ["approve": EngineTests.approve, "amend": EngineTests.amend],
                form: ["amount": .int(amount)])
        }

        init(workflow: String, tasks: [String: String], form: JSON) throws {
            try self.init(
                text: "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\n" + workflow,
                tasks: tasks,
                form: form)
        }

        private init(text: String, tasks: [String: String], form: JSON) throws {
            guard case .workflow(let workflow)? = try Self.parse("w.workflow.yaml", text) else { throw Missing() }
            var definitions: [DefinitionName: TaskDefinition] = [:]
            for (name, source) in tasks {
                guard case .task(let task)? = try Self.parse("\(name).task.yaml", source) else { throw Missing() }
                definitions[DefinitionName(name: name)] = task
            }
            program = Program(workflow: workflow, tasks: definitions)
            ticket = ["number": 1, "requester": "u_ma", "form": form]
            state = InstanceState(input: .null, startedAt: 0)
            let start = Engine.advance(
                program, nil, .start(input: ["requester": "u_ma", "form": form]),
                Surroundings(instance: "7", ticket: ticket, now: 1_000))
            take(try #require(start))
        }

        static func parse(_ file: String, _ text: String) throws -> Definition? {
            let parsed = Definition.parse(Array(text.utf8), file: file, company: "acme")
            #expect(parsed.diagnostics.allSatisfy { $0.severity != .error }, "\(parsed.diagnostics)")
            return parsed.definition
        }

        mutating func complete(_ outcome: String, by login: String, extra: JSONObject = [:]) {
            guard let request = opened.last else { return }
            var output: JSONObject = ["outcome": .string(outcome), "by": .string(login)]
            for (name, value) in extra { output[name] = value }
            apply(.taskCompleted(reference: request.reference, visit: request.visit, output: .object(output)))
        }

        mutating func apply(_ event: EngineEvent) {
            effects = []
            if let transition = Engine.advance(program, state, event, surroundings) { take(transition) }
        }

        private mutating func take(_ transition: Transition) {
            state = transition.state
            effects = transition.effects
            for case .openTask(let request) in effects { opened.append(request) }
        }

        private struct Missing: Error {}
    }
}
