import TFDefinition
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
            _ = try await browser.login("wanda")
            let page = try await browser.get(Self.page).html
            #expect(page.contains("Its picture is not drawn yet. It begins with 1 Look&lt;b&gt;."))
            #expect(page.contains("<li><strong>Decide</strong>. Leads to 1 Look&lt;b&gt; (Again), 3 Finish (On).</li>"))
            #expect(page.contains("<li><strong>Finish</strong>. Leads to the end.</li>"))
        }
    }

    @Test(arguments: DrawnDiagram.Refusal.allCases)
    func `a workflow that was not drawn says why`(_ refusal: DrawnDiagram.Refusal) async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        let store = fixture.site.store
        let revision = try #require(await store.read { try $0.undrawnWorkflow(after: nil)?.revision })
        try await store.write(in: fixture.acme.id) {
            try $0.keep(.refused(refusal), of: revision, leader: fixture.leader, now: 1)
        }
        #expect(try await store.read(in: fixture.acme.id) { try $0.diagram(of: revision) } == .refused(refusal))
        try await fixture.test { browser in
            _ = try await browser.login("wanda")
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

    @Test func `a picture is filled in, and what could lead elsewhere is left out`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        let store = fixture.site.store
        let revision = try #require(await store.read { try $0.undrawnWorkflow(after: nil)?.revision })
        let svg = "<svg><g class=\"node @c:n0@\"><a href=\"x\"><text>@t:n0@</text></a></g></svg>"
        try await store.write(in: fixture.acme.id) {
            try $0.keep(.svg(svg), of: revision, leader: fixture.leader, now: 1)
        }
        let undrawn = try await store.read { try $0.undrawnWorkflow(after: nil) }
        #expect(undrawn == nil)
        try await fixture.test { browser in
            _ = try await browser.login("wanda")
            let page = try await browser.get(Self.page).html
            #expect(page.contains("<g class=\"node todo\"><text>○ not started</text></g></svg>"))
        }
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
        let html = StepList(WorkflowGraph(workflow), states: ["n0": StepView(state: .here, who: "Ann & Bob")])
            .html(because: "")
        let text = String(decoding: html.bytes, as: UTF8.self)
        #expect(
            text.contains(
                "<strong>Decide</strong>: ▶ in progress, Ann &amp; Bob. Leads to 2 S1 (otherwise), 2 S1 (To1)"))
        #expect(text.contains("12 S11 (To11) and 9 more.</li>"))
        // Twenty-one steps are folded in.
        #expect(text.contains("<details class=\"steps\"><summary>"))
    }
}
