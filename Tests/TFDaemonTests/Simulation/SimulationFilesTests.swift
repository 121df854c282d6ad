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
}
