import Foundation
import TestSupport
import Testing

/// Dry runs that compute for as long as they may, one after the other.
@Suite struct DryRunAttackTests {
    @Test func `one dry run a person goes on, and ends when its person leaves`() async throws {
        try await Processes.with(logLevel: "debug") { processes in
            try processes.write(Self.endless, to: "acme/endless.workflow.yaml")
            let wanda = Visitor(processes.address)
            try await wanda.login("wanda")
            let page = "/c/acme/definitions/workflow/endless/dry-run"
            _ = try await eventually("the workflow is published") {
                try await wanda.get(page).status == 200 ? true : nil
            }
            let address = processes.address
            let first = Task {
                let other = Visitor(address)
                try await other.login("wanda")
                return try await other.show(page, posting: ["source": "http: []"])
            }
            _ = try await eventually("it runs") { processes.web.children.count == 1 ? true : nil }
            // What was typed is kept, and no second process is started.
            let second = try await wanda.show(page, posting: ["source": "http: [ # mine\n]"])
            #expect(second.contains("Another dry run of yours is not finished yet"))
            #expect(second.contains("name=\"source\" value=\"http: [ # mine\n]\""))
            #expect(processes.web.children.count <= 1)
            first.cancel()
            _ = try await eventually("it is stopped", tries: 60) { processes.web.children.isEmpty ? true : nil }
            // Nobody is there to answer, and nothing went wrong.
            let log = try await eventually("the request ends") {
                let log = try String(contentsOfFile: processes.log, encoding: .utf8)
                return log.contains("a request ended with its client") ? log : nil
            }
            #expect(!log.contains("a request failed"))
        }
    }

    /// Each step takes as long as an expression may.
    private static let endless = """
        document: { dsl: '1.0.3', namespace: acme, name: endless, version: '1.0.0' }
        do:
          - spin: { set: { a: '${ [range(60000)] | length }' } }
          - again: { switch: [ { stop: { when: '${ .a == 1 }', then: end } }, { on: { then: spin } } ] }
        """
}
