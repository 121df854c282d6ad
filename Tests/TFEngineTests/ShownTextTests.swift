import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// Texts of definitions that people see, where they come out blank.
@Suite struct ShownTextTests {
    @Test(arguments: [("${ .y }", "Look at it"), ("${ \\\" \\\" }", "Look at it"), ("See ${ .n }", "See 7")])
    func `a task whose title comes out blank is called by its name`(_ title: String, _ shown: String) throws {
        let program = try Workflows.program(
            "do: [ { a: { call: look-at-it, with: { n: 7 } } } ]", tasks: ["task: look-at-it\ntitle: \"\(title)\"\n"])
        let surroundings = Surroundings(instance: "1", ticket: Workflows.ticket, now: 1)
        let started = try #require(Engine.advance(program, nil, .start(input: [:]), surroundings))
        let titles = started.effects.compactMap { effect -> String? in
            guard case .openTask(let request) = effect else { return nil }
            return request.title
        }
        #expect(titles == [shown])
    }

    @Test(
        arguments: [
            (["status": "paid"], "paid"), (["status": ""], "done"), (["status": " \n"], "done"), (["status": 5], "5"),
            (["status": [1]], "done"), (["status": .null], "done"), ([:], "done"), ("paid", "done"),
        ] as [(JSON, String)])
    func `a workflow's resolution can be read`(_ output: JSON, _ resolution: String) {
        #expect(TicketStatus.resolution(of: output) == resolution)
    }

    @Test func `a resolution that is too long for a list is known by what the list shows of it`() throws {
        let long = String(repeating: "all of it and ", count: 6)
        let program = try Workflows.program("do: [ { stop: { set: { status: '\(long)' } } } ]")
        let endings = WorkflowEndings(WorkflowGraph(program.workflow))
        #expect(endings.isMeant(long) && endings.isMeant(TextLimit.status.shortened(long)))
        #expect(!endings.isMeant("all of it"))
    }
}
