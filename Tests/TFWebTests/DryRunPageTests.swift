import Hummingbird
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import tf_web

/// What the pages of a dry run make of what was chosen on them.
@Suite struct DryRunPageTests {
    private func form(_ fields: [String: String]) -> PostedForm {
        var form = PostedForm()
        for (name, value) in fields { form.append(name, value) }
        return form
    }

    private static let files = [
        "flow.workflow.yaml":
            "document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }\ndo: [ { a: { set: { b: 1 } } } ]\n"
    ]
    private static let page = "/c/acme/definitions/workflow/flow/dry-run"

    @Test func `that the program of dry runs is missing is told on the page, and where it should be by the log`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        let log = LogRecorder()
        var site = try await Site(settings: fixture.site.settings, logger: log.logger)
        site.dryRunProgram = DryRun.Program(path: "/nowhere/tf-daemon", outputBytes: 65_536)
        let app = Application(router: buildRouter(site, buildRoutes(site)), logger: site.logger)
        try await app.test(.router) { [site] client in
            let browser = Browser(client: client, site: site)
            try await browser.become("wanda")
            let stopped = try await browser.submit(Self.page, to: Self.page, [("input", "{}")])
            #expect(stopped.status == .unprocessableContent)
            #expect(stopped.html.contains("The dry run stopped: the program that makes it cannot be started"))
            #expect(!stopped.html.contains("/nowhere/"))
        }
        #expect(log.lines.contains("error: dry runs cannot be started program=/nowhere/tf-daemon"), "\(log.lines)")
    }

    @Test func `a run that prints too much is ended, and its page says what to do`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        #expect(fixture.site.dryRunProgram.outputBytes == 8 << 20)
        // Another program prints the paths of its files, which is more than the smaller limit.
        for (limit, isTooMuch) in [(64, true), (65_536, false)] {
            var site = fixture.site
            site.dryRunProgram = DryRun.Program(path: "/bin/echo", outputBytes: limit)
            let app = Application(router: buildRouter(site, buildRoutes(site)), logger: site.logger)
            try await app.test(.router) { [site] client in
                let browser = Browser(client: client, site: site)
                try await browser.become("wanda")
                let stopped = try await browser.submit(Self.page, to: Self.page, [("input", "{}")])
                #expect(stopped.status == .unprocessableContent)
                let told = "The dry run stopped: it printed more than a page can show. Let its loops end sooner"
                #expect(stopped.html.contains(told) == isTooMuch, "\(stopped.html)")
                #expect(stopped.html.contains("The dry run stopped: simulate flow.workflow.yaml") != isTooMuch)
                // The summary leads to a field that is there.
                #expect(stopped.html.contains("href=\"#f-source\"") && stopped.html.contains("id=\"f-source\""))
            }
        }
    }

    @Test func `the film says what could not be computed of the ticket, and what it has instead`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["flow.workflow.yaml": Self.workflow("flow", "{ a: { set: { b: 1 } } }")])
        try await fixture.site.store.read(in: fixture.acme.id) { session in
            let row = try #require(try session.definition(.workflow, "flow"))
            let trace = ["title", "priority"].map { key -> JSON in
                [
                    "at": "2026-11-30T08:00:00Z", "event": "uncomputed", "task": "", "name": .string(key),
                    "reason": "no number",
                ]
            }
            let film = DryRunFilm(
                try DryRunWorkflow(row, path: "/", session), trace: trace, given: [], on: .usual, submitted: true)
            #expect(
                film.frames.map { "\($0.tone) \($0.title): \($0.note)" } == [
                    "wait The title could not be computed, so the ticket has its form’s name: no number",
                    "wait The priority could not be computed, so it is normal: no number",
                ])
        }
    }

    @Test func `an answer is added to those before it, as the script has them`() {
        var step = DryRunStep(
            form([
                "task": "decide", "outcome": "yes", "given": #"[{"task":"decide","outcome":"no"}]"#,
                "source": "http: []",
            ]))
        #expect(step.choice?.task == "decide")
        step.add("decide", "yes", ["note": "fine"])
        #expect(
            step.script["tasks"]["decide"] == [
                ["output": ["outcome": "no"]], ["output": ["outcome": "yes", "note": "fine"]],
            ])
        #expect(step.script["http"] == [])
    }

    @Test func `time that passes is part of the answer that comes after it`() {
        let open = #"[{"name":"decide","waited":"PT0S","next":"PT4H"}]"#
        let passed = DryRunStep(form(["pass": "1", "open": open]))
        #expect(passed.script["tasks"]["decide"] == [["after": "PT4H", "unanswered": true]])
        var answered = DryRunStep(
            form([
                "task": "decide", "outcome": "yes", "given": JSON.array(passed.given.map(\.json)).text,
                "open": #"[{"name":"decide","waited":"PT4H","next":"P2D"}]"#,
            ]))
        answered.add("decide", "yes", [:])
        #expect(answered.script["tasks"]["decide"] == [["after": "PT4H", "output": ["outcome": "yes"]]])
        let again = DryRunStep(
            form([
                "pass": "1", "given": JSON.array(passed.given.map(\.json)).text,
                "open": #"[{"name":"decide","waited":"PT4H","next":"P2D"}]"#,
            ]))
        #expect(again.script["tasks"]["decide"] == [["after": "P2D", "unanswered": true]])
    }

    @Test func `one step back forgets the last answer`() {
        let step = DryRunStep(
            form(["back": "1", "given": #"[{"task":"a","outcome":"x"},{"task":"b","outcome":"y"}]"#]))
        #expect(step.given.map(\.task) == ["a"])
    }

    @Test func `a broken script is told with its line`() {
        let step = DryRunStep(form(["source": "http: []\ntasks: {}\nfoo: 1\n"]))
        #expect(
            step.problems.map(\.message).first?.hasPrefix("Line 3: unknown key \"foo\"") == true, "\(step.problems)")
        #expect(!DryRunStep(form(["source": "http: ["])).problems.isEmpty)
        #expect(DryRunStep(form(["source": ""])).problems.isEmpty)
    }

    @Test func `a script that names files is refused, since they would be the server's`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(["flow.workflow.yaml": Self.workflow("flow", "{ a: { set: { b: 1 } } }")])
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "/c/acme/definitions/workflow/flow/dry-run"
            for file in ["/etc/passwd", "../store.db"] {
                let refused = try await browser.submit(
                    page, to: page, [("input", "{}"), ("source", "workflows: [ \(file) ]")])
                #expect(refused.status == .unprocessableContent)
                #expect(refused.html.contains("Leave out &quot;workflows&quot;"), "\(refused.html)")
                #expect(!refused.html.contains("The dry run stopped"), "\(refused.html)")
            }
        }
    }

    @Test func `the run as a script is one that a dry run takes`() {
        let step = DryRunStep(
            form([
                "given": #"[{"task":"a","outcome":"x","after":"PT4H"},{"task":"a","after":"P2D"}]"#,
                "source": "secrets: { k: v }",
            ]))
        let text = DryRunScript(step.script).text
        let (script, problems) = SimulationScript.parse(Array(text.utf8), file: "t")
        #expect(problems.isEmpty, "\(problems)")
        #expect(script.tasks["a"]?.map(\.after) == [4 * 3_600_000, 2 * 86_400_000])
        #expect(script.secrets == ["k": "v"])
    }

    @Test func `a run has one clock, which its forms, its script and its next steps have too`() {
        var step = DryRunStep(form(["source": "http: []"]))
        step.start(at: SimulationClock(start: 1_796_081_400_000, offset: 46_800))
        #expect(step.script["now"] == "2026-12-01T12:30:00+13:00")
        #expect(step.clock.day(at: step.clock.start).description == "2026-12-01")
        #expect(DryRunScript(step.script).text == "now: \"2026-12-01T12:30:00+13:00\"\nhttp:\n")
        let next = DryRunStep(form(["now": "2026-12-01T12:30:00+13:00", "input": "{}"]))
        #expect(next.clock == step.clock)
        var later = next
        later.start(at: .usual)
        #expect(later.clock == step.clock, "it goes already")
        #expect(later.fromStart.clock == .usual, "anew")
        let typed = DryRunStep(form(["now": "2026-12-01T12:30:00+13:00", "source": "now: 2026-03-01T10:00:00Z"]))
        #expect(typed.clock == SimulationClock("2026-03-01T10:00:00Z"))
        #expect(typed.script["now"] == "2026-03-01T10:00:00Z")
    }

    @Test func `what the forms of a run carry along is nothing that somebody has typed`() throws {
        var step = DryRunStep(form(["source": ""]))
        step.start(at: .usual)
        let page = step.run(input: [:], asking: [DryRunQuestion(["name": "a"])]).bytes
        var sent = PostedForm()
        for tag in MarkupTag.all(in: page) { sent.append(try #require(tag["name"]), tag["value"] ?? "") }
        #expect(sent["now"] == SimulationClock.usual.text)
        #expect(sent.typed.isEmpty, "\(sent.typed.map(\.name))")
    }

    @Test func `a task is answered on the day that it is in the run, after what has gone by`() throws {
        let open = #"[{"name":"a","ready":"2026-01-07T09:00:00Z","waited":"PT15H","next":"P3D"}]"#
        let step = DryRunStep(form(["now": "2026-01-05T09:00:00Z", "task": "a", "outcome": "x", "open": open]))
        #expect(step.clock.day(at: step.moment(of: "a")).description == "2026-01-08")
        #expect(step.moment(of: "another") == step.clock.start)
    }

    private static let flow =
        "document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }\ndo: [ { a: { if: .form.amout > 3, set: { b: 1 } } } ]\n"
    private static let ticket =
        "name: Money\ndescription: D\nworkflow: flow\nbody: [ { type: number, id: amount, attributes: { label: Amount } } ]\n"

    /// As the daemon keeps what has errors among the others.
    private func publishIncomplete(_ files: [String: String], _ fixture: WebFixture) async throws {
        let publications = try files.sorted { $0.key < $1.key }.map { file, text in
            let parsed = Definition.parse(Array(text.utf8), file: file, company: "acme")
            return try #require(Publication(parsed, source: text, file: file, isComplete: false))
        }
        _ = try await fixture.site.store.inside(fixture.acme.id).publish(
            publications, keeping: ["a.ticket.yaml"], problems: [], now: fixture.site.now)
    }

    @Test func `a ticket that is not offered because of the workflow is named, with its form`() async throws {
        let fixture = try await WebFixture()
        try await publishIncomplete(["flow.workflow.yaml": Self.flow, "money.ticket.yaml": Self.ticket], fixture)
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get("/c/acme/definitions/workflow/flow/dry-run").html
            #expect(page.contains("<h2>Money</h2>") && page.contains("name=\"f.amount\""))
            #expect(page.contains("value=\"money\"><h2>"), "what is hidden takes no part in the distances of the form")
            #expect(page.contains("<a href=\"/c/acme/definitions/ticket/money\">money</a> names this workflow"))
            #expect(!page.contains("No form starts this workflow"))
        }
    }

    /// - Returns: the files beside its own that a run of a workflow has, when these and `a.ticket.yaml` are there.
    private func others(of name: String, among files: [String: String]) async throws -> [String] {
        let fixture = try await WebFixture()
        try await publishIncomplete(files, fixture)
        return try await fixture.site.store.read(in: fixture.acme.id) { session in
            let row = try #require(try session.definition(.workflow, name))
            return try DryRunWorkflow(row, path: "/", session).others.map(\.file).sorted()
        }
    }

    private static func workflow(_ name: String, _ steps: String) -> String {
        "document: { dsl: '1.0.3', namespace: acme, name: \(name), version: '1.0.0' }\ndo: [ \(steps) ]\n"
    }

    @Test func `a ticket that is not offered is among what the run has, under the name of its file`() async throws {
        let fixture = try await WebFixture()
        try await publishIncomplete(["flow.workflow.yaml": Self.flow, "money.ticket.yaml": Self.ticket], fixture)
        try await fixture.site.store.read(in: fixture.acme.id) { session in
            let row = try #require(try session.definition(.workflow, "flow"))
            let workflow = try DryRunWorkflow(row, path: "/", session)
            // The files' names may be the definitions' names.
            #expect(workflow.others.map(\.file) == ["money.ticket.yaml"])
            #expect(workflow.unoffered == ["money"])
            let type = try #require(workflow.type(named: "money"))
            #expect(try workflow.text(of: type, session)?.file == "money.ticket.yaml")
        }
    }

    @Test func `the run has what the workflow is connected with, and none of the company's other definitions`()
        async throws
    {
        let run = "{ run: { workflow: { namespace: acme, name: below, version: latest } } }"
        let files = [
            "flow.workflow.yaml": Self.workflow("flow", "{ a: { call: look } }, { b: \(run) }"),
            "money.ticket.yaml": Self.ticket, "look.task.yaml": "title: Look\n",
            "below.workflow.yaml": Self.workflow("below", "{ a: { call: dig } }"), "dig.task.yaml": "title: Dig\n",
            // The task is right or wrong by these too.
            "other.workflow.yaml": Self.workflow("other", "{ a: { call: look } }"),
            "trip.ticket.yaml": Self.ticket.replacing(": flow", with: ": other"),
            "apart.workflow.yaml": Self.workflow("apart", "{ a: { call: lift } }"), "lift.task.yaml": "title: Lift\n",
        ]
        #expect(
            try await others(of: "flow", among: files) == [
                "below.workflow.yaml", "dig.task.yaml", "look.task.yaml", "money.ticket.yaml", "other.workflow.yaml",
                "trip.ticket.yaml",
            ])
        #expect(try await others(of: "apart", among: files) == ["lift.task.yaml"])
    }

    @Test func `a run that may open tickets of any type has them all`() async throws {
        let open = "{ a: { call: ticket-open, with: { type: '${ .form.type }' } } }"
        let files = [
            "open.workflow.yaml": Self.workflow("open", open), "money.ticket.yaml": Self.ticket,
            "flow.workflow.yaml": Self.flow,
        ]
        #expect(
            try await others(of: "open", among: files) == [
                "a.ticket.yaml", "flow.workflow.yaml", "money.ticket.yaml",
            ])
    }

    @Test func `whose answer is given is told, with a role and without`() {
        #expect(AssignmentStrategy.allCases.map { DryRunPage.who($0, role: nil) }.allSatisfy { $0 != "somebody" })
        #expect(DryRunPage.who(.pool, role: nil) == "any worker")
        #expect(DryRunPage.who(.person, role: nil) == "the person whom the workflow names")
        #expect(DryRunPage.who(.shortestQueue, role: "Buyer") == "Buyer")
        #expect(DryRunPage.who(.requester, role: "Buyer") == "whoever asked")
    }

    @Test func `a text with errors is not run from the workbench, which tells them`() async throws {
        let fixture = try await WebFixture()
        try await publishIncomplete(["money.ticket.yaml": Self.ticket], fixture)
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = "/c/acme/definitions/new"
            let refused = try await browser.submit(page, to: page, [("source", Self.flow), ("outcome", "dry-run")])
            #expect(refused.status == .unprocessableContent)
            #expect(refused.html.contains("has no field &quot;amout&quot;; did you mean &quot;amount&quot;?"))
            let mended = Self.flow.replacing("amout", with: "amount")
            let form = try await browser.submit(page, to: page, [("source", mended), ("outcome", "dry-run")])
            #expect(form.status == .ok)
            // The ticket waits for this workflow, and its form begins the run.
            #expect(form.html.contains("<h2>Money</h2>") && form.html.contains("names this workflow"))
        }
    }
}
