import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// Workflows as text, for tests.
enum Workflows {
    static let document = "document: { dsl: '1.0.3', namespace: default, name: w, version: '1.0.0' }\n"

    /// A workflow from its text; `do:` and what follows where it names no document.
    static func program(_ text: String, tasks: [String] = []) throws -> Program {
        let whole = text.hasPrefix("document:") || text.contains("\ndocument:") ? text : document + text
        let parsed = Definition.parse(Array(whole.utf8), file: "w.workflow.yaml", company: nil)
        #expect(parsed.diagnostics.filter { $0.severity == .error }.isEmpty, "\(parsed.diagnostics)")
        guard case .workflow(let workflow)? = parsed.definition else { throw Missing() }
        var definitions: [DefinitionName: TaskDefinition] = [:]
        for name in workflow.calledTasks { definitions[name] = try task("task: \(name.name)\ntitle: \(name.name)\n") }
        for text in tasks {
            let task = try task(text)
            definitions[DefinitionName(name: task.name)] = task
        }
        return Program(workflow: workflow, tasks: definitions)
    }

    private static func task(_ text: String) throws -> TaskDefinition {
        guard case .task(let task)? = Definition.parse(Array(text.utf8), file: "x.task.yaml", company: nil).definition
        else { throw Missing() }
        return task
    }

    static func script(_ text: String) throws -> SimulationScript {
        let (script, problems) = SimulationScript.parse(Array(text.utf8), file: "script.yaml")
        #expect(problems.isEmpty, "\(problems)")
        return script
    }

    /// Runs a workflow by a script.
    static func run(
        _ text: String, script: String = "", input: JSON? = nil, library: [String] = []
    ) throws -> SimulationResult {
        Simulation.run(
            try program(text), library: SimulationLibrary(workflows: try library.map { try program($0) }), input: input,
            ticket: ticket, script: try self.script(script))
    }

    static let ticket: JSON = [
        "number": 1, "type": "t", "title": "T", "url": "/1", "priority": "normal", "labels": [], "status": "new",
        "requester": "uma", "form": [:],
    ]

    static func json(yaml: String) throws -> JSON {
        guard let json = YAMLNode.json(of: Array(yaml.utf8)) else { throw Missing() }
        return json
    }

    struct Missing: Error {}
}

extension SimulationResult {
    /// `started a`, `completed a`, … of steps, in order.
    var steps: [String] { trace.filter { !$0.task.isEmpty }.map { "\($0.event) \($0.name)" } }
}
