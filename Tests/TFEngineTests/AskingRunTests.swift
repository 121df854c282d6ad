import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// A dry run that stops and asks where somebody has to answer.
@Suite struct AskingRunTests {
    private static let tasks = ["task: decide\noutcomes: [yes, no]\n", "task: repair\n"]
    /// What nobody decides within two days is decided by somebody else.
    private static let deadline = """
        do:
          - ask:
              try: [ { first: { call: decide, timeout: { after: P2D } } } ]
              catch: { errors: { with: { status: 408 } }, do: [ { second: { call: decide } } ] }
        """
    private static let clock = """
        do:
          - both:
              fork:
                branches:
                  - work: { call: repair }
                  - clock: { metadata: { background: true }, do: [ { hours: { wait: PT4H } }, { tell: { set: { a: 1 } } } ] }
        """

    private static func run(_ workflow: String, _ script: String, isAsking: Bool = true) throws -> SimulationResult {
        let program = try Workflows.program(workflow, tasks: tasks)
        return Simulation.run(
            program, library: SimulationLibrary(workflows: [program], isComplete: true), input: nil,
            ticket: Workflows.ticket, script: try Workflows.script(script), isAsking: isAsking)
    }

    @Test func `a task is asked for before its deadline passes`() throws {
        let result = try Self.run(Self.deadline, "")
        #expect(result.status == .waiting)
        #expect(result.elapsed == 0)
        #expect(result.questions.map(\.request.step) == ["first"])
        let json = result.jsonWithQuestions
        #expect(json["questions"].arrayValue?.first?["name"] == "decide")
        #expect(json["questions"].arrayValue?.first?["next"] == "PT48H")
        #expect(json["next"] == "2026-01-07T09:00:00Z")
    }

    @Test func `without asking, time goes on to the deadline as before`() throws {
        let result = try Self.run(Self.deadline, "", isAsking: false)
        #expect(result.elapsed == 2 * 86_400_000)
        #expect(result.questions.isEmpty)
        #expect(result.jsonWithQuestions["next"] == .null)
    }

    @Test func `an answer of the script takes the main path`() throws {
        let result = try Self.run(Self.deadline, "tasks: { decide: [ { output: { outcome: yes } } ] }")
        #expect(result.status == .completed)
        #expect(result.elapsed == 0)
        #expect(result.questions.isEmpty)
    }

    @Test func `the deadline passes where the script says that nobody answers`() throws {
        let result = try Self.run(Self.deadline, "tasks: { decide: [ { after: P2D, unanswered: true } ] }")
        #expect(result.questions.map(\.request.step) == ["second"])
        #expect(result.elapsed == 2 * 86_400_000)
        let ever = try Self.run(
            Self.deadline, "tasks: { decide: [ { unanswered: true }, { output: { outcome: no } } ] }", isAsking: false)
        #expect(ever.status == .completed)
        #expect(ever.output["outcome"] == "no")
    }

    @Test func `time may pass without the end of the task, and then it is asked again`() throws {
        let first = try Self.run(Self.clock, "")
        #expect(first.questions.map(\.request.step) == ["work"])
        #expect(first.jsonWithQuestions["questions"].arrayValue?.first?["next"] == "PT4H")
        let later = try Self.run(Self.clock, "tasks: { repair: [ { after: PT4H, unanswered: true } ] }")
        #expect(later.trace.contains { $0.name == "tell" && $0.event == "completed" })
        #expect(later.questions.map(\.request.step) == ["work"])
        #expect(later.next == nil)
        let done = try Self.run(Self.clock, "tasks: { repair: [ { after: PT4H, output: {} } ] }")
        #expect(done.status == .completed)
        #expect(done.elapsed == 4 * 3_600_000)
    }

    @Test(arguments: [
        ("tasks: [", "script:"), ("tasks: { decide: [ { unanswered: true, output: {} } ] }", "goes with no answer"),
        ("\t- a", "script:"), ("tasks: { decide: [ { unanswerd: true } ] }", "did you mean \"unanswered\""),
    ])
    func `a broken script is a problem with its place`(_ text: String, _ message: String) {
        let (_, problems) = SimulationScript.parse(Array(text.utf8), file: "script")
        #expect(problems.contains { $0.severity == .error && $0.description.contains(message) }, "\(problems)")
    }
}
