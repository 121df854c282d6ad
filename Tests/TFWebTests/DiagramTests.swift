import TFDefinition
import TFEngine
import TFProcess
import TFStore
import Testing

@testable import tf_web

@Suite struct DiagramTests {
    private static let files = [
        "r.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: rounds, version: '1.0.0' }
        do:
          - look<b>: { set: { a: 1 } }
          - decide: { switch: [ { again: { when: .a == 1, then: look<b> } }, { on: { then: finish } } ] }
          - finish: { set: { status: done } }
        """
    ]
    private static let page = "/c/acme/definitions/workflow/rounds"

    @Test func `a workflow without a picture is told in words`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get(Self.page).html
            #expect(page.contains("Its picture is not drawn yet. It begins with 1 Look&lt;b&gt;."))
            #expect(page.contains("<li><strong>Decide</strong>. Leads to 1 Look&lt;b&gt; (again), 3 Done (on).</li>"))
            #expect(page.contains("<li><strong>Done</strong>. The workflow ends with it.</li>"))
        }
    }

    @Test(arguments: DrawnDiagram.Refusal.allCases)
    func `a workflow that was not drawn says why`(_ refusal: DrawnDiagram.Refusal) async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        let store = fixture.site.store
        let revision = try #require(await store.read { try $0.undrawnWorkflow()?.revision })
        try await store.write(in: fixture.acme.id) {
            try $0.keep(.refused(refusal), of: revision, leader: fixture.leader, now: 1)
        }
        #expect(try await store.read(in: fixture.acme.id) { try $0.diagram(of: revision) } == .refused(refusal))
        try await fixture.test { browser in
            try await browser.become("wanda")
            let page = try await browser.get(Self.page).html
            let words =
                switch refusal {
                case .size: "It is too large for a picture."
                case .limits: "Drawing it took too long."
                case .failure: "It could not be drawn as a picture."
                }
            #expect(page.contains(words))
            #expect(page.contains("<strong>Decide</strong>"))
        }
    }

    @Test func `a picture is filled in, and its legend has only what is in it`() async throws {
        let graph = try Self.graph
        let answer = try await Graphviz().answer(graph)
        guard case .layout(let layout) = answer else {
            Issue.record("\(answer)")
            return
        }
        var walk = WorkflowWalk(graph)
        walk.note(.started, at: "/do/0/look<b>")
        walk.note(.completed, at: "/do/0/look<b>")
        walk.note(.started, at: "/do/1/decide")
        let diagram = WorkflowDiagram(graph, layout: layout, because: "")
        let html = diagram.html(states: walk.views(isOver: false), walked: walk.walked)
        let text = String(decoding: html.bytes, as: UTF8.self)
        #expect(text.contains(">Look&lt;b&gt;</text>"))
        #expect(text.contains(">✓ Done</text>"))
        // Both edges of the path taken, each a line and its arrow, are one path.
        let taken = text.matches(of: /<path class="e done" d="([^"]+)"/)
        #expect(taken.count == 1 && taken.first?.output.1.count { $0 == "M" } == 4)
        #expect(text.contains("<span><i class=\"g done\"></i> Done</span>"), "\(text)")
        #expect(!text.contains("Not needed"))
        #expect(!text.contains("style="))
        // The other direction, with nothing known of a walk: no state, no legend.
        let plain = String(decoding: diagram.html(.right).bytes, as: UTF8.self)
        #expect(!plain.contains("Not started"))
        #expect(plain.contains("class=\"n idle\"") && !plain.contains("stroke-dasharray"))
    }

    @Test func `what a closed ticket never came to was not needed`() throws {
        let graph = try Self.graph
        var walk = WorkflowWalk(graph)
        walk.note(.started, at: "/do/0/look<b>")
        walk.note(.cancelled, at: "/do/0/look<b>")
        let views = walk.views(isOver: true)
        #expect(views["n0"]?.line == "– Not needed")
        #expect(views["n2"]?.line == "– Not needed")
        var other = WorkflowWalk(graph)
        other.note(.started, at: "/do/0/look<b>")
        #expect(other.views(isOver: false)["n2"]?.line == "○ Not started")
    }

    @Test func `a ticket's page with a diagram of seven steps stays light`() async throws {
        var source = "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\ndo:\n"
        for number in 1...7 { source += "  - step\(number): { call: look }\n" }
        let graph = WorkflowGraph(try Self.workflow(source))
        guard case .layout(let layout) = try await Graphviz().answer(graph) else { throw StoreError.notFound }
        let states = Dictionary(
            uniqueKeysWithValues: graph.nodes.map {
                ($0.id, StepView(.done, "Barbara Bergmann", link: "/c/acme/tasks/1"))
            })
        let html = WorkflowDiagram(graph, layout: layout, because: "").html(states: states, walked: Set(graph.edges))
        #expect(html.bytes.count < 6_000, "\(html.bytes.count)")
    }

    @Test
    func `a picture that is too wide for a page goes down it instead, and is shown as a whole if that is too wide`()
        async throws
    {
        func html(_ steps: String) async throws -> String {
            let graph = WorkflowGraph(
                try Self.workflow(
                    "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\ndo:\n\(steps)"))
            guard case .layout(let layout) = try await Graphviz().answer(graph) else { throw StoreError.notFound }
            return String(
                decoding: WorkflowDiagram(graph, layout: layout, because: "").html(.right).bytes, as: UTF8.self)
        }
        func size(_ html: String) throws -> (width: Int, height: Int) {
            let match = try #require(html.firstMatch(of: /width=(\d+) height=(\d+) role=group/))
            return (try #require(Int(match.1)), try #require(Int(match.2)))
        }
        let chain = { (count: Int) in (1...count).map { "  - step\($0): { call: look }\n" }.joined() }
        let short = try size(try await html(chain(3)))
        #expect(short.width > short.height && short.width <= 1_180)
        let long = try await html(chain(12))
        #expect(try size(long).width < size(long).height && size(long).width <= 1_180)
        #expect(!long.contains("checked"))
        let fork = (1...12).map {
            "{ b\($0): { do: [ \((1...6).map { "{ s\($0): { call: look } }" }.joined(separator: ", ")) ] } }"
        }
        let both = try await html(
            "  - all: { fork: { branches: [ \(fork.joined(separator: ", ")) ] } }\n\(chain(8))")
        #expect(both.contains("<label class=\"btn small\"><input type=checkbox checked> Whole picture</label>"))
    }

    @Test func `long words go on in the next line, and end with dots where there is no room`() {
        let text = "Ask the head of the department for money"
        #expect(ShownText.lines(text, 149, size: 13, limit: 3) == ["Ask the head of", "the department for", "money"])
        #expect(ShownText.lines(text, 149, size: 13, limit: 2) == ["Ask the head of", "the department f…"])
        #expect(ShownText.lines("Approve", 149, size: 13, limit: 2) == ["Approve"])
        #expect(ShownText.lines("Rechtsschutzversicherung", 149, size: 13, limit: 2).count == 1)
        #expect(ShownText.lines("", 149, size: 13, limit: 2) == [""])
    }

    @Test func `a step with a long title and a state has it whole for those who do not see the picture`() async throws {
        let graph = WorkflowGraph(
            try Self.workflow(
                "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\ndo: [ { a: { call: look } } ]"),
            faces: ["look": .init(title: "Ask the head of the department for money", isForProgram: false)])
        guard case .layout(let layout) = try await Graphviz().answer(graph) else { throw StoreError.notFound }
        let diagram = WorkflowDiagram(graph, layout: layout, because: "")
        let html = diagram.html(states: ["n0": StepView(.work, "Barbara Bergmann", link: "/c/acme/tasks/1")])
        let text = String(decoding: html.bytes, as: UTF8.self)
        #expect(text.contains("aria-label=\"Ask the head of the department for money: ◐ Barbara Bergmann\""))
        #expect(text.contains(">Ask the head of </text>") && text.contains(">the department f…</text>"), "\(text)")
        #expect(text.contains(">◐ Barbara Bergm"), "\(text)")
    }

    private static var graph: WorkflowGraph {
        get throws { WorkflowGraph(try workflow(try #require(files["r.workflow.yaml"]))) }
    }

    private static func workflow(_ source: String) throws -> WorkflowDefinition {
        let parsed = Definition.parse(Array(source.utf8), file: "w.workflow.yaml", company: "acme")
        guard case .workflow(let workflow)? = parsed.definition else { throw StoreError.notFound }
        return workflow
    }

    @Test func `a step that is not always taken says when, and its border shows it`() async throws {
        let graph = WorkflowGraph(
            try Self.workflow(
                """
                document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
                do:
                  - first: { call: look }
                  - second: { if: '.outcome == "yes" and $ticket.form.amount > 1000', call: look }
                """))
        let second = try #require(graph.nodes.first { $0.label == "Second" })
        #expect(second.onlyIf == #"only if amount > 1000 and .outcome == "yes""#)
        let list = String(decoding: StepList(graph, states: nil).html(because: "").bytes, as: UTF8.self)
        #expect(
            list.contains("<strong>Second</strong>, only if amount &gt; 1000 and .outcome == &quot;yes&quot;. "),
            "\(list)")
        guard case .layout(let layout) = try await Graphviz().answer(graph) else { throw StoreError.notFound }
        let diagram = WorkflowDiagram(graph, layout: layout, because: "")
        let plain = String(decoding: diagram.html().bytes, as: UTF8.self)
        #expect(plain.matches(of: /stroke-dasharray=5\b/).count == 1)
        #expect(plain.contains(">only if amount &gt; 1000</text>"), "\(plain)")
        #expect(
            plain.contains(">and .outcome == &quot;yes&quot;</text>") && !plain.contains("<title>Second"), "\(plain)")
        // Who has only the ticket is told that it depends, and not on what.
        let walk = WorkflowWalk(graph)
        let states = walk.views(isOver: false)
        #expect(states[second.id]?.line == "○ If it is needed")
        let shown = String(decoding: diagram.html(states: states, walked: walk.walked).bytes, as: UTF8.self)
        #expect(!shown.contains("amount"))
    }

    @Test(arguments: [
        (#"$ticket.form.a == "x and y""#, #"only if a == "x and y""#),
        (".a and ($context.b or .c)", "only if .a and ($context.b or .c)"), (".a == 1", "only if .a == 1"),
    ])
    func `a condition keeps its order where another might mean something else`(condition: String, words: String) throws
    {
        let graph = WorkflowGraph(
            try Self.workflow(
                """
                document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
                do: [ { first: { if: '\(condition)', call: look } } ]
                """))
        #expect(graph.nodes.first { $0.label == "First" || $0.label == "Look" }?.onlyIf == words)
    }

    @Test func `of many ways some are told, and how many more there are`() {
        var source = "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\ndo:\n"
        let ways = (1...20).map { "{ to\($0): { when: .a == \($0), then: s\($0) } }" }.joined(separator: ", ")
        source += "  - decide: { switch: [ \(ways) ] }\n"
        for number in 1...20 { source += "  - s\(number): { set: { a: 1 } }\n" }
        let parsed = Definition.parse(Array(source.utf8), file: "w.workflow.yaml", company: "acme")
        guard case .workflow(let workflow)? = parsed.definition else {
            Issue.record("\(parsed.diagnostics)")
            return
        }
        let html = StepList(WorkflowGraph(workflow), states: ["n0": StepView(.work, "Ann & Bob")])
            .html(because: "")
        let text = String(decoding: html.bytes, as: UTF8.self)
        #expect(
            text.contains(
                "<strong>Decide</strong>: ◐ Working, Ann &amp; Bob. Leads to 2 S1 (otherwise), 2 S1 (to1)"))
        #expect(text.contains("12 S11 (to11) and 9 more.</li>"))
        // Twenty-one steps are folded in.
        #expect(text.contains("<details><summary>"))
    }
}
