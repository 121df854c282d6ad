import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// Each shipped workflow runs dry as it runs on the store, by the same script.
@Suite struct ShippedWorkflowTests {
    struct Scenario: Sendable {
        /// `company/workflow`; the type of ticket has the same name.
        let workflow: String
        let form: JSONObject
        /// Fields that need a file, with its name.
        var files: [String: String] = [:]
        let script: String
        /// The ticket's status in the end.
        let status: String
    }

    private static let root = ProjectFolder.url("workflows")
    private static let access: JSONObject = [
        "system": "CRM", "role": "reader", "reason": "New here", "rules": ["policy"],
    ]
    private static let screen: JSONObject = ["item": "Screen", "amount": 300, "why": "To see more"]
    private static let server: JSONObject = ["item": "Server", "amount": 12_000, "why": "To serve more"]
    private static let approved = "{ after: PT1H, by: bob, output: { outcome: approve } }"

    private static let scenarios = [
        Scenario(
            workflow: "acme/access-request", form: access,
            script: """
                tasks:
                  approve-access: [ \(approved) ]
                  grant-access: [ { after: PT2H, by: carol, output: { outcome: done, account: uma1 } } ]
                """, status: "access granted"),
        Scenario(
            workflow: "acme/access-request", form: access,
            script: """
                tasks:
                  approve-access:
                    - { after: PT1H, by: bob, output: { outcome: rework, comment: Why owner? } }
                    - { after: PT1H, by: bob, output: { outcome: reject, comment: No. } }
                  amend-access:
                    - { after: P1D, by: requester, output: { outcome: resubmit, role: owner, system: Payroll, deputy: carol } }
                """, status: "refused"),
        Scenario(
            workflow: "acme/access-request", form: access,
            script: """
                tasks:
                  approve-access:
                    - { after: P3D, by: bob, output: { outcome: approve } }
                    - { after: PT1H, by: carol, output: { outcome: rework, comment: More please } }
                  amend-access: [ { after: PT5M, by: requester, output: { outcome: withdraw } } ]
                """, status: "withdrawn"),
        Scenario(
            workflow: "acme/purchase", form: screen,
            script: """
                tasks: { approve-purchase: [ \(approved) ] }
                http: [ { match: { method: POST, url: "https://supplier.example/*" }, respond: { status: 201, body: { id: 7 } } } ]
                """, status: "bought"),
        Scenario(
            workflow: "acme/purchase", form: server, files: ["offer": "offer.pdf"],
            script: """
                tasks:
                  approve-purchase: [ \(approved), { after: PT3H, by: carol, output: { outcome: approve, comment: Fine } } ]
                  buy-item: [ { after: P1D, by: bob, output: { outcome: bought, order: A-7, paid: 11999.5 } } ]
                http: [ { respond: { status: 503 } } ]
                """, status: "bought"),
        Scenario(
            workflow: "acme/purchase", form: server, files: ["offer": "offer.pdf"],
            script: """
                tasks:
                  approve-purchase: [ \(approved), { after: PT3H, by: carol, output: { outcome: reject, comment: Too dear } } ]
                """, status: "refused"),
        Scenario(
            workflow: "acme/purchase", form: screen,
            script: """
                tasks: { approve-purchase: [ \(approved) ] }
                http: [ { respond: { status: 503 }, times: 2 }, { respond: { body: {} } } ]
                """, status: "bought"),
        Scenario(
            workflow: "globex/incident", form: ["what": "Web shop", "severity": "1", "phone": "+49 30 1234"],
            script: """
                tasks:
                  repair:
                    - { after: PT5H, by: bob, output: { outcome: repaired, done: [Restarted it, Replaced a part], part: Disk } }
                  post-mortem: [ { after: P2D, by: carol, output: { cause: Old disk, actions: Newer disks } } ]
                """, status: "repaired"),
        Scenario(
            workflow: "globex/incident", form: ["what": "A mouse", "severity": "3"],
            script: "tasks: { repair: [ { after: PT1H, by: bob, output: { outcome: no-fault } } ] }",
            status: "no fault found"),
        Scenario(
            workflow: "acme/onboarding",
            form: ["name": "Nora Nagel", "starts": "2026-01-12", "team": "Sales", "needs": ["laptop"]],
            script: """
                tasks:
                  prepare-account:
                    - { after: PT3H, by: carol, output: { outcome: done, laptop: L-1, steps: [account, groups] } }
                  prepare-desk: [ { after: P1D, by: bob, output: { outcome: done, desk: "2.14" } } ]
                  welcome: [ { after: PT4H, by: requester, output: { outcome: done } } ]
                """, status: "settled in"),
        Scenario(
            workflow: "globex/change",
            form: ["what": "A new server", "risk": "high", "plan": "Tonight", "back": "The old one"],
            script: """
                tasks:
                  check-security: [ { after: PT1H, by: bob, output: { outcome: approve } } ]
                  agree-change:
                    - { after: PT1H, by: bob, output: { outcome: agree } }
                    - { after: PT2H, by: carol, output: { outcome: agree } }
                  carry-out: [ { after: P1D, by: bob, output: { outcome: back, notes: Too slow } } ]
                """, status: "rolled back"),
        // Nobody does anything: both wait, the incident as urgent.
        Scenario(
            workflow: "globex/incident", form: ["what": "A mouse", "severity": "3"], script: "tasks: {}\n",
            status: "being repaired"),
    ]

    @Test(arguments: scenarios)
    func `a dry run is what the daemon does`(_ scenario: Scenario) async throws {
        let folder = URL(fileURLWithPath: TestFolder.path("dry-run"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ text: String) throws -> String {
            let file = folder.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            return file.path
        }
        let (script, problems) = SimulationScript.parse(Array(scenario.script.utf8), file: "script.yaml")
        #expect(problems.filter { $0.severity == .error }.isEmpty, "\(problems)")
        let path = Self.root.appendingPathComponent(scenario.workflow).path
        let company = URL(fileURLWithPath: path).deletingLastPathComponent()

        let life = try await LifeRun(
            folder: company, script: script, logins: ["bob", "carol"],
            roles: [
                "employee", "access-approver", "manager", "it-staff", "finance", "buyer", "operator", "engineer",
                "security-officer",
            ])
        var form = scenario.form
        for (field, name) in scenario.files { form[field] = [.string(try await life.upload(name))] }
        let lived = try await life.run(
            type: URL(fileURLWithPath: path).lastPathComponent, form: form)

        var files = SimulationFiles()
        try files.readScript(try write("script.yaml", scenario.script))
        try files.readLibrary(company.path)
        try files.readWorkflow(path + ".workflow.yaml")
        try files.readTicket(path + ".ticket.yaml", form: try write("form.json", JSON.object(form).text))
        let dry = try files.run()

        #expect(lived.status.rawValue == (dry.status == .waiting ? "running" : dry.status.rawValue))
        #expect(lived.output == dry.output)
        #expect(
            lived.steps
                == dry.trace.filter { !$0.task.isEmpty && $0.event != "waiting" }.map { "\($0.event) \($0.task)" })
        for field in ["number", "type", "title", "priority", "labels", "status", "requester", "form"] {
            #expect(lived.ticket[field] == dry.ticket[field], "\(field)")
        }
        #expect(dry.ticket["status"] == .string(scenario.status))
    }

    @Test func `every shipped workflow has a scenario`() throws {
        let names = FileManager.default.enumerator(atPath: Self.root.path)?.compactMap { $0 as? String } ?? []
        let workflows = names.filter { $0.hasSuffix(".workflow.yaml") }.map {
            String($0.dropLast(".workflow.yaml".count))
        }
        #expect(Set(workflows) == Set(Self.scenarios.map(\.workflow)))
    }

    @Test(arguments: [
        ("tasks: { approve-acces: [ {} ] }", "1:10", "did you mean \"approve-access\""),
        ("tasks:\n  approve-access:\n    - { output: { outcome: aprove } }\n", "3:28", "did you mean \"approve\""),
        (
            "tasks:\n  approve-access: [ { output: { outcome: approve } } ]\n  buy-item: [ {} ]\n", "3:3",
            "nothing calls"
        ),
        (
            "tasks:\n  approve-access: [ { output: { outcome: approve } } ]\n  grant-access: [ { output: { acount: x } } ]\n",
            "3:39", "did you mean \"account\""
        ),
        ("tasks:\n  approve-access: [ { output: { outcome: reject } } ]\n", "2:21", "comment"),
        ("tasks:\n  approve-access: [ { by: requester, output: { outcome: approve } } ]\n", "2:21", "excludes"),
        ("tasks: { approve-access: [ { after: soon } ] }", "1:37", "must be a duration"),
    ])
    func `a script that the daemon would refuse is told with its place`(
        _ script: String, _ place: String, _ message: String
    ) throws {
        let path = Self.root.appendingPathComponent("acme/access-request").path
        let folder = URL(fileURLWithPath: TestFolder.path("dry-run"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("s.yaml").path
        let form = folder.appendingPathComponent("f.json").path
        try Data(script.utf8).write(to: URL(fileURLWithPath: file))
        try Data(JSON.object(Self.access).text.utf8).write(to: URL(fileURLWithPath: form))
        var files = SimulationFiles()
        do {
            try files.readScript(file)
            try files.readLibrary(URL(fileURLWithPath: path).deletingLastPathComponent().path)
            try files.readWorkflow(path + ".workflow.yaml")
            try files.readTicket(path + ".ticket.yaml", form: form)
            Issue.record("accepted: \(try files.run().json.text)")
        } catch SimulationFiles.Failure.problems(let problems) {
            let text = problems.map(\.description).joined(separator: "\n")
            #expect(text.contains("s.yaml:\(place): error: ") && text.contains(message), "\(text)")
        }
    }
}
