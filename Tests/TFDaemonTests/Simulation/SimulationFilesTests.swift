import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import tf_daemon

/// What `tf-daemon simulate` makes of its files.
@Suite struct SimulationFilesTests {
    /// Writes files into a folder of their own.
    private static func folder(_ files: [String: String]) throws -> String {
        let folder = TestFolder.path("simulation")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        return folder
    }

    /// Runs `w.workflow.yaml` with the folder's other definitions, its ticket and its script, as far as they are there.
    /// - Returns: nil and the problems, if the files are refused.
    private static func run(_ files: [String: String]) throws -> (result: SimulationResult?, problems: [String]) {
        let folder = try folder(files)
        func path(_ name: String) -> String? { files[name].map { _ in "\(folder)/\(name)" } }
        var simulation = SimulationFiles()
        do {
            if let script = path("script.yaml") { try simulation.readScript(script) }
            try simulation.readLibrary(folder)
            try simulation.readWorkflow("\(folder)/w.workflow.yaml")
            if let ticket = path("t.ticket.yaml") { try simulation.readTicket(ticket, form: path("form.json")) }
            return (try simulation.run(), [])
        } catch SimulationFiles.Failure.problems(let problems) {
            return (nil, problems.map { $0.description.replacing(folder + "/", with: "") })
        } catch SimulationFiles.Failure.usage(let message) {
            return (nil, [message])
        }
    }

    private static let document = "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\n"

    // MARK: The clock

    @Test(arguments: [
        ("2026-11-30T09:00:00Z", "2026-11-30", true), ("2026-11-30T09:00:00Z", "2026-11-29", false),
        // In Auckland it is the next day already.
        ("2026-12-01T12:30:00+13:00", "2026-12-01", true), ("2026-12-01T12:30:00+13:00", "2026-11-30", false),
    ])
    func `today is the day of the script's clock, in its zone`(_ now: String, _ day: String, _ isTaken: Bool) throws {
        let (result, problems) = try Self.run([
            "w.workflow.yaml": Self.document + "do: [ { a: { set: { day: '${ $ticket.form.d }' } } } ]\n",
            "t.ticket.yaml": """
            name: T
            description: T
            title: T
            workflow: w
            body: [ { type: date, id: d, attributes: { label: D }, validations: { not_before: today, not_after: today+30d } } ]
            """,
            "form.json": "{\"d\": \"\(day)\"}", "script.yaml": "now: \(now)\n",
        ])
        #expect((result?.output == ["day": .string(day)]) == isTaken, "\(problems)")
        #expect(problems.contains { $0.hasPrefix("the form: form.d") } != isTaken, "\(problems)")
    }

    @Test func `today is another day when a task is answered after some`() throws {
        func run(_ day: String) throws -> (result: SimulationResult?, problems: [String]) {
            try Self.run([
                "w.workflow.yaml": Self.document + "do: [ { first: { wait: P2D } }, { a: { call: plan } } ]\n",
                "plan.task.yaml":
                    "body: [ { type: date, id: d, attributes: { label: D }, validations: { not_after: today+3d } } ]\n",
                "script.yaml":
                    "now: 2026-01-05T09:00:00Z\ntasks: { plan: [ { after: P1D, output: { d: '\(day)' } } ] }\n",
            ])
        }
        #expect(try run("2026-01-11").result?.output["d"] == "2026-01-11")
        #expect(try run("2026-01-12").problems.first?.hasPrefix("script.yaml:2:") == true)
    }

    // MARK: The ticket

    @Test func `what could not be computed of the ticket is told when it is sent, and when it is corrected`() throws {
        let (run, problems) = try Self.run([
            "w.workflow.yaml": Self.document + "do: [ { fix: { call: amend } } ]\n",
            "amend.task.yaml": "task: amend\nassign: { strategy: requester }\nform: ticket\n",
            "t.ticket.yaml": """
            name: T
            description: T
            title: '${ if .form.n == "7" then "Seven" else error("no name") end }'
            priority: '${ error("never") }'
            workflow: w
            body: [ { type: input, id: n, attributes: { label: N } } ]
            """,
            "form.json": #"{"n": "7"}"#, "script.yaml": "tasks: { amend: [ { output: { n: x } } ] }\n",
        ])
        let result = try #require(run, "\(problems)")
        #expect(result.status == .completed && result.ticket["title"] == "T" && result.ticket["priority"] == "normal")
        let told = zip(result.trace, result.trace.dropFirst()).filter { $1.event == "uncomputed" }
        #expect(
            told.map { "\($0.event), then \($1.name): \($1.reason ?? "")" } == [
                "started, then priority: never", "completed, then title: no name",
            ])
    }

    // MARK: What check refuses

    private static let ticket = """
        name: T
        description: T
        title: T
        workflow: w
        body: [ { type: number, id: amount, attributes: { label: Amount } } ]

        """
    private static let decide = "outcomes: [approve, reject]\n"

    @Test(arguments: [
        (
            "{ a: { if: '.form.amout > 3', set: { a: 1 } } }",
            "error: the form of ticket \"t\" has no field \"amout\"; did you mean \"amount\"?"
        ),
        (
            "{ a: { call: decide } }, { b: { set: '${ $tasks.a.outcom }' } }",
            "error: the task \"decide\" gives no \"outcom\"; did you mean \"outcome\"?"
        ),
        (
            "{ a: { call: decide } }, { b: { if: '.outcome == \"aprove\"', set: { a: 1 } } }",
            "error: the task \"decide\" never ends with \"aprove\""
        ),
        ("{ a: { call: decid } }", "error: there is no task \"decid\"; did you mean \"decide\"?"),
        (
            "{ a: { run: { workflow: { namespace: default, name: other, version: latest } } } }",
            "error: there is no workflow \"other\""
        ),
    ])
    func `a workflow that the daemon would not offer is refused, as check tells it`(
        _ steps: String, _ problem: String
    ) throws {
        let (result, problems) = try Self.run([
            "w.workflow.yaml": Self.document + "do: [ \(steps) ]\n", "t.ticket.yaml": Self.ticket,
            "decide.task.yaml": Self.decide, "form.json": "{}",
        ])
        #expect(result == nil)
        // The ticket's type, which follows from it, comes behind.
        #expect(problems.first?.hasPrefix("w.workflow.yaml:2:") == true, "\(problems)")
        #expect(problems.first?.contains(problem) == true, "\(problems)")
    }

    @Test func `a ticket without the field that a called task reads is refused, whether others have it or not`() throws
    {
        var files = [
            "w.workflow.yaml": Self.document + "do: [ { a: { call: pay } } ]\n", "t.ticket.yaml": Self.ticket,
            "pay.task.yaml": "title: 'Pay ${ $ticket.form.account }'\n", "form.json": "{}",
        ]
        let alone = try Self.run(files).problems
        // First the cause, then what follows from it.
        #expect(alone.count == 3 && alone[0].hasPrefix("pay.task.yaml:1:"), "\(alone)")
        #expect(alone[0].contains("error: the form of ticket \"t\" has no field \"account\""), "\(alone)")
        #expect(
            alone.dropFirst() == [
                "t.ticket.yaml:4:11: error: the workflow \"w\" has errors, see w.workflow.yaml",
                "w.workflow.yaml:2:20: error: the task \"pay\" has errors, see pay.task.yaml",
            ], "\(alone)")
        files["u.ticket.yaml"] = Self.ticket.replacing("amount", with: "account")
        let beside = try Self.run(files).problems
        #expect(
            beside.contains {
                $0.hasPrefix("t.ticket.yaml:4:11: error:") && $0.contains("has no field \"account\", which the task")
            }, "\(beside)")
    }

    @Test func `a called task whose file has errors is told with them`() throws {
        let problems = try Self.run([
            "w.workflow.yaml": Self.document + "do: [ { a: { call: decide } } ]\n",
            "decide.task.yaml": "outcmes: [approve]\n",
        ]).problems
        #expect(
            problems.first?.hasPrefix("decide.task.yaml:1:1: error: unknown key \"outcmes\"") == true, "\(problems)")
        #expect(problems.last?.contains("the task \"decide\" has errors, see decide.task.yaml") == true, "\(problems)")
    }

    @Test func `errors that have nothing to do with the workflow do not stop it`() throws {
        let (result, problems) = try Self.run([
            "w.workflow.yaml": Self.document + "do: [ { a: { set: { a: 1 } } } ]\n",
            "other.task.yaml": "outcmes: [approve]\n",
            "x.workflow.yaml": Self.document.replacing("name: w", with: "name: x") + "do: [ { a: { call: no } } ]\n",
        ])
        #expect(result?.output == ["a": 1], "\(problems)")
    }

    @Test func `the given text stands for the folder's file of the same definition`() throws {
        let good = "do: [ { a: { if: '.form.amount > 3', set: { a: 1 } } } ]\n"
        let bad = good.replacing("amount", with: "amout")
        let folder = try Self.folder(["old.workflow.yaml": Self.document + bad, "t.ticket.yaml": Self.ticket])
        let other = try Self.folder(["new.workflow.yaml": Self.document + good])
        var simulation = SimulationFiles()
        try simulation.readLibrary(folder)
        try simulation.readWorkflow("\(other)/new.workflow.yaml")
        try simulation.readTicket("\(folder)/t.ticket.yaml", form: nil)
        #expect(try simulation.run().status == .completed)
    }

    @Test func `without a folder only the script's tasks are known`() throws {
        let folder = try Self.folder(["w.workflow.yaml": Self.document + "do: [ { a: { call: decide } } ]\n"])
        var simulation = SimulationFiles()
        try simulation.readWorkflow("\(folder)/w.workflow.yaml")
        do {
            _ = try simulation.run()
            Issue.record("it ran")
        } catch SimulationFiles.Failure.problems(let problems) {
            #expect(problems.map(\.message).first?.hasPrefix("there is no task \"decide\": give its folder") == true)
        }
    }
}
