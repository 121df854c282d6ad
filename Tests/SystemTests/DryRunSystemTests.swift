import Foundation
import TestSupport
import Testing

/// Dry runs on their page, with the real program that runs them.
@Suite struct DryRunSystemTests {
    private static let path = "/c/acme/definitions/workflow"
    private static let day = "validations: { required: true, not_before: today, not_after: today+30d }"

    private static func files(_ name: String, field: String) -> [String: String] {
        [
            "\(name).workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: \(name), version: '1.0.0' }
            do: [ { a: { if: '.form.\(field) != null', call: \(name) } } ]
            """,
            "\(name).ticket.yaml": """
            name: Plan \(name)
            description: D
            title: Plan
            workflow: \(name)
            body: [ { type: date, id: day, attributes: { label: Day }, \(day) } ]
            """,
            // Its name is that of its file.
            "\(name).task.yaml":
                "title: Agree\nbody: [ { type: date, id: other, attributes: { label: O }, \(day) } ]\n",
        ]
    }

    @Test func `a day from today on is right in each form of a run, and what check refuses is not run`() async throws {
        try await Processes.with { processes in
            let files = Self.files("plan", field: "day").merging(Self.files("bad", field: "dya")) { $1 }
            for (file, text) in files {
                try processes.write(text, to: "acme/\(file)")
            }
            let wanda = Visitor(processes.address)
            _ = try await eventually("tf-web serves") { try await wanda.get("/login").status == 200 ? true : nil }
            try await wanda.login("wanda")
            for name in ["plan", "bad"] {
                _ = try await eventually("\(name) can be tried") {
                    let page = try await wanda.get("\(Self.path)/\(name)/dry-run")
                    return page.status == 200 && page.text.contains("Plan \(name)") ? true : nil
                }
            }
            // Far enough from both ends, whenever midnight comes.
            let soon = String(Date(timeIntervalSinceNow: 10 * 86_400).ISO8601Format().prefix(10))
            let plan = "\(Self.path)/plan/dry-run"
            let first = try await wanda.show(plan, posting: ["type": "plan", "f.day": soon])
            #expect(first.contains("Agree"), "\(first)")
            let hidden = ["input", "now", "given", "source", "open"].reduce(into: [String: String]()) {
                $0[$1] = Visitor.hidden($1, in: first)
            }
            #expect(hidden["now"]?.hasPrefix("20") == true)
            let choice = ["type": "plan", "task": "plan", "outcome": "done", "f.other": soon]
            let last = try await wanda.show(plan, posting: choice.merging(hidden) { left, _ in left })
            #expect(last.contains("Completed"), "\(last)")
            let bad = try await wanda.show("\(Self.path)/bad/dry-run", posting: ["type": "bad", "f.day": soon])
            #expect(bad.contains("The dry run stopped: bad.workflow.yaml:2:"), "\(bad)")
            #expect(bad.contains("did you mean &quot;day&quot;?"), "\(bad)")
        }
    }
}
