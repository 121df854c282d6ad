import TFDefinition
import TFStore
import TestSupport
import Testing

/// What ticket types and tasks are called, in force or not.
@Suite(.onBothEngines) struct DefinitionTitleTests {
    private static func ticket(_ title: String, _ more: String = "") -> String {
        "name: \(title)\ndescription: D\n\(more)body: [ { type: input, attributes: { label: What } } ]\n"
    }

    @Test func `what is retired keeps its title, and what is in force comes before it`() async throws {
        let test = try await TestStore()
        let ask = ["ask.ticket.yaml": Self.ticket("Ask for it")]
        try await test.publish(
            ask.merging([
                "buy.ticket.yaml": Self.ticket("Buy something"),
                "look.task.yaml": "task: look\nversion: 2.0.0\ntitle: Look closely\n",
                "sign.task.yaml": "task: sign\nversion: 1.0.0\ntitle: Sign\n",
                "each.task.yaml": "task: each-one\ntitle: \"For ${ $ticket.requester }\"\n",
            ]) { $1 })
        try await test.publish(
            ask.merging([
                "hide.ticket.yaml": Self.ticket("Hidden", "state: retired\n"),
                "look.task.yaml": "task: look\nversion: 1.0.0\ntitle: Look\n",
                "sign.task.yaml": "task: sign\nversion: 1.1.0\ntitle: Sign it\n",
            ]) { $1 })
        let (types, tasks, none) = try await test.store.read(in: test.company.id) { session in
            (
                try session.titles(of: .ticket), try session.titles(of: .task, named: ["look", "sign", "each-one"]),
                try session.titles(of: .task, named: [])
            )
        }
        #expect(
            ["ask", "buy", "hide", "no-such"].map { types[$0] } == ["Ask for it", "Buy something", "Hidden", "No such"])
        #expect(types.inForce == ["ask"])
        #expect(["look", "sign", "each-one"].map { tasks[$0] } == ["Look", "Sign it", "Each one"])
        #expect(tasks.inForce == ["look", "sign"])
        #expect(none.inForce.isEmpty && none["look"] == "Look")
    }

    @Test func `a newer version that is incomplete does not give the title of what is in force`() async throws {
        let test = try await TestStore()
        try await test.publish(["sign.task.yaml": "task: sign\nversion: 1.0.0\ntitle: Sign\n"])
        let company = test.store.inside(test.company.id)
        let text = "task: sign\nversion: 2.0.0\ntitle: Sign it\nassign: { role: nobody }\n"
        let parsed = Definition.parse(Array(text.utf8), file: "new.task.yaml", company: "acme")
        let unfinished = try #require(
            Publication(parsed, source: text, file: "new.task.yaml", isComplete: false))
        _ = try await company.publish([unfinished], problems: [], now: 3)
        let titles = try await company.read { try $0.titles(of: .task) }
        #expect(titles["sign"] == "Sign")
        #expect(titles.inForce == ["sign"])
    }

    @Test func `of those with the same title each is offered with its name too`() async throws {
        let test = try await TestStore()
        try await test.publish([
            "a.ticket.yaml": Self.ticket("Desk"), "b.ticket.yaml": Self.ticket("Chair"),
            "c.ticket.yaml": Self.ticket("Desk"),
        ])
        let titles = try await test.store.read(in: test.company.id) { try $0.titles(of: .ticket) }
        let choices = titles.choices(["a", "b", "c"])
        #expect(choices.map { $0.title } == ["Chair", "Desk · a", "Desk · c"])
        #expect(choices.map { $0.name } == ["b", "a", "c"])
    }
}
