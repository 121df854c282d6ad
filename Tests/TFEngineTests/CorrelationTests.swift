import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// Events that belong to an instance by a key.
@Suite struct CorrelationTests {
    @Test(arguments: ["{ type: paid, data: {} }", "{ type: paid, data: none }", "{ type: paid, data: { id: null } }"])
    func `an event that lacks the key does not match`(_ event: String) throws {
        for expect in [", expect: '${ .id }'", ""] {
            let text = """
                do:
                  - a: { set: { other: 1 } }
                  - b: { listen: { to: { one: { with: { type: paid }, correlate: { id: { from: .data.id\(expect) } } } } } }
                """
            let result = try Workflows.run(text, script: "events: [ { event: \(event) } ]")
            #expect(result.status == .waiting, "\(result.json.text)")
        }
    }

    @Test func `the first event with the key fixes it, an event without is passed over`() throws {
        let text = """
            do:
              - b: { listen: { to: { all: [ { with: { type: a }, correlate: { id: { from: .data.id } } }, { with: { type: b }, correlate: { id: { from: .data.id } } } ] } } }
            """
        let script = """
            events:
              - { event: { type: a, data: {} } }
              - { event: { type: a, data: { id: 1 } } }
              - { event: { type: b, data: { id: 2 } } }
              - { event: { type: b, data: { id: 1, last: true } } }
            """
        #expect(try Workflows.run(text, script: script).output == [["id": 1], ["id": 1, "last": true]])
    }

    @Test func `a schedule passes over an event without the key`() throws {
        let text = """
            document: { dsl: '1.0.3', namespace: default, name: w, version: '1.0.0' }
            schedule: { on: { one: { with: { type: a }, correlate: { id: { from: .data.id } } } } }
            do: [ { a: { set: '${ 1 }' } } ]
            """
        guard case .on(.one(let filter))? = try Workflows.program(text).workflow.schedule?.kind else {
            throw Workflows.Missing()
        }
        var meter = ExpressionMeter()
        let withoutID = Engine.matches(filter, ["type": "a", "data": [:]], &meter)
        #expect(!withoutID)
        let withID = Engine.matches(filter, ["type": "a", "data": ["id": 1]], &meter)
        #expect(withID)
    }
}
