import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// The simulator answers like the daemon.
@Suite struct DryRunTests {
    private static let type = """
        ticket: t
        name: T
        description: T
        title: "T ${ .form.amount }"
        workflow: w
        body:
          - { type: number, id: amount, attributes: { label: Amount }, validations: { required: true, min: 1 } }
          - { type: input, id: why, attributes: { label: Why } }
          - { type: user, id: who, attributes: { label: Who, role: boss } }
          - { type: upload, id: offer, attributes: { label: Offer }, validations: { accept: [.pdf] } }
        """
    private static let tasks = [
        "task: amend\nassign: { strategy: requester }\nform: ticket\noutcomes: [resubmit, { value: withdraw, validate: false }]\n",
        "task: decide\noutcomes: [yes, no]\nassign: { exclude: '${ [$ticket.requester] }' }\nbody: [ { type: input, id: note, attributes: { label: Note }, validations: { required_for: [no] } } ]\n",
        "task: named\nassign: { strategy: person, person: '${ .who }' }\n",
        "task: job\nkind: service\n",
    ]

    private static func definition(_ text: String, _ file: String) throws -> Definition {
        let parsed = Definition.parse(Array(text.utf8), file: file, company: nil)
        return try #require(parsed.definition, "\(parsed.diagnostics)")
    }

    private static func run(
        _ workflow: String, script: String,
        ticket: JSON = [
            "number": 1, "type": "t", "requester": "uma", "form": ["amount": 5, "why": "so"], "status": "new",
        ],
        workflows: [String] = []
    ) throws -> SimulationResult {
        guard case .ticket(let type) = try definition(Self.type, "t.ticket.yaml") else { throw Workflows.Missing() }
        let program = try Workflows.program(workflow, tasks: tasks)
        let library = SimulationLibrary(
            workflows: [program] + (try workflows.map { try Workflows.program($0, tasks: tasks) }), ticketTypes: [type],
            isComplete: true)
        return Simulation.run(
            program, library: library, input: nil, ticket: ticket, script: try Workflows.script(script))
    }

    @Test func `the trace says why a step failed, also where that was caught`() throws {
        let result = try Self.run(
            "do: [ { all: { try: [ { go: { set: '${ error(\"no\") }' } } ], catch: { do: [ { s: { set: { a: 1 } } } ] } } } ]",
            script: "")
        #expect(result.status == .completed)
        let reasons = result.json["trace"].arrayValue?.compactMap { $0["reason"].stringValue }
        #expect(reasons == ["An expression failed: no, in \"set\" of the step \"go\": error(\"no\")"])
    }

    @Test(arguments: [
        (#"switch: [ { a: { when: '1 | error("no")', then: end } } ]"#, #""when" of the step "pay": 1 | error("no")"#),
        (#"{ if: 'error("no")', set: { a: 1 } }"#, #""if" of the step "pay": error("no")"#),
        (#"set: { a: '${ error("no") }' }"#, #""set" of the step "pay": error("no")"#),
        (#"{ set: { a: 1 }, output: { as: '${ error("no") }' } }"#, #""output.as" of the step "pay": error("no")"#),
        (
            #"{ call: ticket-update, with: { status: '${ error("no") }' } }"#,
            #""with.status" of the step "pay": error("no")"#
        ),
    ])
    func `an expression that fails is told with its step, its key and its text`(step: String, place: String) throws {
        let text = step.hasPrefix("{") ? step : "{ \(step) }"
        let result = try Self.run("do: [ { pay: \(text) } ]", script: "")
        #expect(result.error?.detail == "no, in \(place)")
        let reason = result.json["trace"].arrayValue?.compactMap { $0["reason"].stringValue }.first
        #expect(reason == "An expression failed: no, in \(place)")
    }

    @Test func `of a long expression the beginning is told`() throws {
        let sum = Array(repeating: "1", count: 60).joined(separator: " + ")
        let result = try Self.run("do: [ { pay: { set: '${ error(\"no\") | \(sum) }' } } ]", script: "")
        #expect(result.error?.detail?.hasPrefix("no, in \"set\" of the step \"pay\": error(\"no\") | 1 + 1 +") == true)
        #expect(result.error?.detail?.hasSuffix("…") == true)
        #expect(result.error.map { ($0.detail ?? "").count < 140 } == true)
    }

    @Test func `answers amended by the ticket's form are seen, with those that nobody touched`() throws {
        let result = try Self.run(
            "do: [ { a: { call: amend } }, { s: { set: '${ $ticket.form }' } } ]",
            script: "tasks: { amend: [ { output: { outcome: resubmit, amount: 7, who: bob, offer: [offer.pdf] } } ] }")
        #expect(result.problem == nil)
        #expect(result.output == ["amount": 7, "why": "so", "who": "bob", "offer": ["offer.pdf"]])
        #expect(result.ticket["form"] == result.output)
        #expect(result.ticket["status"] == "done")
    }

    @Test func `an outcome that need not be valid leaves the ticket's answers`() throws {
        let result = try Self.run(
            "do: [ { a: { call: amend } }, { s: { set: '${ $ticket.form.amount }' } } ]",
            script: "tasks: { amend: [ { output: { outcome: withdraw, amount: -7 } } ] }")
        #expect(result.output == 5)
    }

    @Test(arguments: [
        ("{ outcome: perhaps }", "has no outcome \"perhaps\"", 1, 39),
        ("{ outcome: ye }", "did you mean \"yes\"", 1, 39),
        ("{}", "needs an \"outcome\"", 1, 20), ("{ outcome: no }", "form.note: Fill in “Note”", 1, 20),
        ("{ outcome: yes, notes: x }", "did you mean \"note\"", 1, 52),
        ("{ outcome: yes, note: [1] }", "form.note", 1, 51),
    ])
    func `what the daemon would refuse is a problem at its place`(
        _ output: String, _ message: String, _ line: Int, _ column: Int
    ) throws {
        let result = try Self.run(
            "do: [ { d: { call: decide } } ]", script: "tasks: { decide: [ { output: \(output) } ] }")
        let problem = try #require(result.problem)
        #expect(problem.description.contains(message), "\(problem)")
        #expect(problem.file == "script.yaml")
        #expect(problem.position.line == line)
    }

    @Test func `an answer that is not to be checked stands for a form filled in`() throws {
        let result = try Self.run(
            "do: [ { d: { call: decide } } ]",
            script: "tasks: { decide: [ { validate: false, output: { outcome: no } } ] }")
        #expect(result.problem == nil)
        #expect(result.output["outcome"] == "no")
        #expect(result.output["by"] == "somebody")
    }

    @Test func `somebody whom the workflow excludes cannot answer`() throws {
        let result = try Self.run(
            "do: [ { d: { call: decide } } ]",
            script: "tasks: { decide: [ { by: uma, output: { outcome: yes } } ] }")
        #expect(result.problem?.message.contains("uma cannot answer") == true)
    }

    @Test func `the next person is another where the first is excluded`() throws {
        let result = try Self.run(
            "do: [ { a: { call: decide } }, { b: { call: decide, with: { assign: { exclude: '${ [$tasks.a.by] }' } } } } ]",
            script: "tasks: { decide: [ { output: { outcome: yes } }, { output: { outcome: yes } } ] }")
        #expect(result.output["by"] == "somebody-2")
    }

    @Test(arguments: [
        ("prefer", "5", "number, not a login"), ("prefer", "[\"w2\"]", "array, not a login"),
        ("exclude", "5", "number, not a list of logins"), ("exclude", "[5]", "a list with number, not one of logins"),
    ])
    func `who is no login is neither preferred nor excluded in silence`(
        _ key: String, _ value: String, _ reason: String
    ) throws {
        let result = try Self.run(
            "do: [ { d: { call: decide, with: { assign: { \(key): '${ \(value) }' } } } } ]", script: "")
        #expect(result.error?.detail == "\"\(key)\" gave \(reason)")
    }

    @Test(arguments: ["null", "\"\\($ticket.requester)\"", "42"])
    func `a task for nobody, or for somebody excluded, waits as it does in life`(_ person: String) throws {
        let workflow =
            "do: [ { n: { call: named, with: { who: '${ \(person) }', assign: { exclude: '${ [$ticket.requester] }' } } } } ]"
        let result = try Self.run(workflow, script: "tasks: { named: [ { output: { outcome: done } } ] }")
        #expect(result.status == .waiting)
        #expect(result.problem == nil)
    }

    @Test func `who has a task by name answers it, and a program's output is its own`() throws {
        let result = try Self.run(
            "do: [ { n: { call: named, with: { who: bob } } }, { j: { call: job, with: { a: 1 } } }, { s: { set: '${ [$tasks.n.by, $tasks.n.outcome, $tasks.j] }' } } ]",
            script: "tasks: { named: [ {} ], job: [ { output: { rows: 3 } } ] }")
        #expect(result.output == ["bob", "done", ["rows": 3, "visit": 1]])
    }

    @Test(arguments: [
        ("{ type: t, form: { amount: 3 } }", "completed"), ("{ type: nothing }", "there is no ticket type \"nothing\""),
        ("{ type: t, form: { amount: 0 } }", "form.amount"), ("{ type: t, form: { amont: 3 } }", "form.amont"),
    ])
    func `a ticket that a workflow opens is checked`(_ arguments: String, _ outcome: String) throws {
        let result = try Self.run("do: [ { o: { call: ticket-open, with: \(arguments) } } ]", script: "")
        if outcome == "completed" {
            #expect(result.output == ["number": 2, "type": "t", "url": "http://localhost:8080/tickets/2"])
        } else {
            #expect(result.error?.status == 400)
            #expect(result.error?.detail?.contains(outcome) == true)
        }
    }

    @Test func `without a ticket there is nothing to update, and no task for anybody`() throws {
        let update = try Self.run(
            "do: [ { u: { call: ticket-update, with: { status: s } } } ]", script: "", ticket: .null)
        #expect(update.error?.title == "There is no ticket")
        let child =
            "document: { dsl: '1.0.3', namespace: default, name: child, version: '1.0.0' }\ndo: [ { d: { call: decide } } ]"
        let run = try Self.run(
            "do: [ { r: { run: { workflow: { namespace: default, name: child, version: latest } } } } ]", script: "",
            ticket: .null, workflows: [child])
        #expect(run.error?.detail?.contains("nobody can be given the task") == true)
        let open = try Self.run(
            "do: [ { o: { call: ticket-open, with: { type: t, form: { amount: 3 } } } } ]", script: "", ticket: .null)
        #expect(open.status == .completed)
    }

    @Test func `the status at the end is shortened as the daemon does`() throws {
        let long = String(repeating: "s", count: 100)
        let result = try Self.run("do: [ { s: { set: { status: \(long) } } } ]", script: "")
        #expect(result.output["status"] == .string(long))
        #expect(result.ticket["status"] == .string(String(repeating: "s", count: 59) + "…"))
    }

    @Test func `workflows inside workflows end at the daemon's depth`() throws {
        let result = try Self.run(
            "do: [ { r: { run: { workflow: { namespace: default, name: w, version: latest } } } } ]", script: "")
        #expect(result.error?.detail?.contains("more than 16 deep") == true)
    }

    @Test(arguments: [
        ("task: {}", "unknown key \"task\""), ("tasks: { a: {} }", "must be a list"),
        ("tasks: { a: [ { afer: PT1S } ] }", "did you mean \"after\""),
        ("tasks: { a: [ { after: 5 parsecs } ] }", "must be a duration"),
        ("tasks: { a: [ { after: '${ \"PT1S\" }' } ] }", "computes nothing"),
        ("tasks: { a: [ { output: 5 } ] }", "must be a mapping"),
        ("tasks: { a: [ { fail: 5 } ] }", "must be a mapping"),
        ("tasks: { a: [ { fail: { status: x } } ] }", "whole number"),
        ("tasks: { a: [ { output: {}, fail: {} } ] }", "exclude each other"),
        ("tasks: { a: [ { validate: perhaps } ] }", "true or false"),
        ("tasks: { a: [ { by: '' } ] }", "must be a login"), ("now: yesterday", "must be a date"),
        ("http: [ {} ]", "needs \"respond\""),
        ("http: [ { respond: { status: 999 } } ]", "from 100 to 599"),
        ("http: [ { respond: { headers: [a] } } ]", "\"headers\" must be"),
        ("http: [ { times: -1, respond: {} } ]", "whole number"), ("events: [ { event: {} } ]", "needs \"type\""),
        ("events: [ { after: PT1S } ]", "needs \"event\""), ("secrets: [a]", "must be a mapping"),
        ("workflows: { a: b }", "must be a list"),
    ])
    func `a script is checked strictly`(_ text: String, _ message: String) {
        let (_, problems) = SimulationScript.parse(Array(text.utf8), file: "script.yaml")
        #expect(problems.contains { $0.severity == .error && $0.description.contains(message) }, "\(problems)")
    }
}
