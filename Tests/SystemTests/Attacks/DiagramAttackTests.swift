import Foundation
import TestSupport
import Testing

/// Workflows that cannot be drawn: pages tell their steps in words, and no program runs for long.
@Suite struct DiagramAttackTests {
    @Test func `a workflow that cannot be drawn is told in words, however often somebody looks`() async throws {
        try await Processes.with { processes in
            // 47 switches that lead to each other, and one that Graphviz would take minutes for.
            try processes.write(
                Self.switches(47, named: "maze") { _ in Array(0..<47) }, to: "acme/maze.workflow.yaml")
            try processes.write(
                Self.switches(130, named: "knot") { [($0 * 37 + 11) % 130, ($0 * 61 + 5) % 130] },
                to: "acme/knot.workflow.yaml")
            let wanda = Visitor(processes.address)
            try await wanda.login("wanda")
            let page = "/c/acme/definitions/workflow"
            var most = 0
            for (name, reason) in [("maze", "too large for a picture"), ("knot", "Drawing it took too long")] {
                let words = try await eventually("the page of \(name)") {
                    most = max(most, processes.daemon.children.count { $0 == "dot" })
                    let answer = try await wanda.get("\(page)/\(name)")
                    return answer.status == 200 && answer.text.contains(reason) ? answer.text : nil
                }
                #expect(words.contains("<li><strong>S1</strong>"))
                #expect(!words.contains("<svg class=flow "))
            }
            // What comes after them is drawn, and then the painter rests.
            for other in [
                "acme/definitions/workflow/access-request", "acme/definitions/workflow/purchase",
                "globex/definitions/workflow/incident",
            ] {
                _ = try await eventually("the picture of \(other)") {
                    try await wanda.get("/c/\(other)").text.contains("<svg class=flow ") ? true : nil
                }
            }
            for _ in 0..<10 {
                #expect(try await wanda.get("\(page)/knot").status == 200)
                #expect(!processes.daemon.children.contains("dot"))
                #expect(processes.web.children.isEmpty)
            }
            #expect(most <= 1)
        }
    }

    /// A workflow of switches alone.
    /// - Parameter targets: where the one with a number leads, besides to the next.
    private static func switches(_ count: Int, named name: String, to targets: (Int) -> [Int]) -> String {
        var text = "document: { dsl: '1.0.3', namespace: acme, name: \(name), version: '1.0.0' }\ndo:\n"
        for here in 0..<count {
            let cases = Set(targets(here)).subtracting([here]).sorted().map { there in
                "{ to\(there): { when: .a == \(there), then: s\(there) } }"
            }
            text += "  - s\(here): { switch: [ \(cases.joined(separator: ", ")) ] }\n"
        }
        return text
    }
}
