import Foundation
import TestSupport
import Testing

@testable import TFEngine

/// `docs/tasks.md` is made from the same value as the program.
@Suite struct TaskDocumentTests {
    @Test func `the document shows the table by which tasks live`() throws {
        let text = try String(contentsOf: ProjectFolder.url("docs/tasks.md"), encoding: .utf8)
        for (name, part) in ["diagram": diagram, "steps": table] {
            let block = "<!-- \(name) -->\n\(part)\n<!-- end of \(name) -->"
            #expect(text.contains(block), "docs/tasks.md must hold this:\n\(block)\n")
        }
    }

    /// Changes of state alone: what leaves a task in its state is in the table.
    private var diagram: String {
        let arrows = TaskState.allCases.flatMap { from in
            TaskState.allCases.compactMap { to -> String? in
                let events = TaskStep.all.filter { $0.from == from && $0.to == to && from != to }.map(\.event.rawValue)
                return events.isEmpty
                    ? nil : "    \(from.rawValue) --> \(to.rawValue): \(events.joined(separator: ", "))"
            }
        }
        let ends = TaskState.allCases.filter { !$0.isOpen }.map { "    \($0.rawValue) --> [*]" }
        let lines = ["    [*] --> ready", "    [*] --> assigned"] + arrows + ends
        return (["```mermaid", "stateDiagram-v2"] + lines + ["```"]).joined(separator: "\n")
    }

    private var table: String {
        let rows = TaskEvent.Kind.allCases.map { event in
            let steps = event.targets.map { from, to in
                "\(from.rawValue) → \(to.map(\.rawValue).joined(separator: ", "))"
            }
            let tasks = event.onlyFor.map { $0 == .person ? "people's" : "programs'" } ?? "all"
            return "| `\(event.rawValue)` | \(event.words) | \(tasks) | \(steps.joined(separator: "; ")) |"
        }
        return (["| event | a task is … | tasks | from → to |", "|---|---|---|---|"] + rows).joined(separator: "\n")
    }
}
