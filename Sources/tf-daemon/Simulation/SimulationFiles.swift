import Foundation
import TFDefinition
import TFEngine
import TFExpression

/// The files of a dry run, read and checked against each other.
struct SimulationFiles {
    enum Failure: Error {
        case usage(String)
        case problems([Diagnostic])
    }

    private(set) var script = SimulationScript()
    /// The definitions of the folder; nil if none was given: then the script says which tasks there are.
    private var library: [Catalog.Entry]?
    private(set) var extra: [WorkflowDefinition] = []
    private(set) var workflow: WorkflowDefinition?
    private var input: JSON?
    private var ticketType: TicketDefinition?

    // MARK: Reading

    mutating func readScript(_ path: String) throws {
        let (script, problems) = SimulationScript.parse(try Self.bytes(path), file: path)
        if problems.contains(where: { $0.severity == .error }) { throw Failure.problems(problems) }
        self.script = script
        for file in script.workflows {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            extra.append(try Self.workflow(file.hasPrefix("/") ? file : "\(folder)/\(file)", shownAs: file).workflow)
        }
    }

    mutating func readLibrary(_ folder: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw Failure.usage("there is no folder \(folder)")
        }
        let names = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
        var entries: [Catalog.Entry] = []
        for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            // A directory or FIFO of such a name is not a definition; reading a FIFO would hang.
            guard let bytes = InputFile.bytes("\(folder)/\(name)", limit: YAMLLimits.bytes + 1, onlyFiles: true) else {
                continue
            }
            let parsed = Definition.parse(bytes, file: "\(folder)/\(name)", company: nil)
            // `tf-daemon check` reports the problems of other files in the folder.
            guard let definition = parsed.definition else { continue }
            entries.append(
                Catalog.Entry(file: "\(folder)/\(name)", definition: definition, references: parsed.references))
        }
        library = entries
    }

    mutating func readWorkflow(_ path: String) throws {
        let (workflow, references, warnings) = try Self.workflow(path, shownAs: path)
        var diagnostics = Diagnostics(file: path)
        for reference in references { check(reference, &diagnostics) }
        if diagnostics.hasErrors { throw Failure.problems(warnings + diagnostics.sorted) }
        self.workflow = workflow
    }

    mutating func readInput(_ path: String) throws { input = try Self.json(path) }

    mutating func readTicket(_ path: String, form: String?) throws {
        let parsed = Definition.parse(try Self.bytes(path), file: path, company: nil)
        guard case .ticket(let type)? = parsed.definition else {
            if parsed.definition != nil { throw Failure.usage("\(path) is no ticket definition") }
            throw Failure.problems(parsed.diagnostics)
        }
        let answers = try form.map { try Self.json($0) } ?? [:]
        guard let given = answers.objectValue else { throw Failure.usage("--form must be a JSON object") }
        let checked = type.form.check(
            given, type.form.contextTakingAsGiven(given, at: script.start, on: script.clock))
        guard checked.errors.isEmpty else {
            throw Failure.usage(
                "the form: " + checked.errors.map { "\($0.field): \($0.message)" }.joined(separator: "; "))
        }
        ticketType = type
        input = [
            "ticket": Self.ticket(type, title: nil, answers: checked.answers), "requester": "requester",
            "form": .object(checked.answers),
        ]
    }

    /// The ticket in a workflow's input.
    private static func ticket(_ type: TicketDefinition, title: String?, answers: JSONObject) -> JSON {
        var meter = ExpressionMeter()
        return [
            "number": 1, "type": .string(type.name),
            "title": .string(title ?? type.computedTitle(answers, &meter) ?? type.title),
            "url": "http://localhost:8080/tickets/1",
            "priority": .string(type.priority(answers, &meter).rawValue), "labels": .strings(type.labels),
        ]
    }

    private static func workflow(
        _ path: String, shownAs name: String
    ) throws -> (workflow: WorkflowDefinition, references: [Reference], diagnostics: [Diagnostic]) {
        let parsed = Definition.parse(try bytes(path), file: name, company: nil)
        guard let definition = parsed.definition else { throw Failure.problems(parsed.diagnostics) }
        guard case .workflow(let workflow) = definition else {
            throw Failure.usage("\(name) is a \(definition.kind.rawValue), not a workflow")
        }
        return (workflow, parsed.references, parsed.diagnostics)
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        guard let bytes = InputFile.bytes(path) else {
            throw Failure.usage("there is no file \(path) that can be read")
        }
        return bytes
    }

    /// Reads a file of JSON or YAML.
    private static func json(_ path: String) throws -> JSON {
        let bytes = try bytes(path)
        do { return try JSON(parsing: bytes) } catch {
            guard let json = YAMLNode.json(of: bytes) else { throw Failure.usage("\(path) is \(error)") }
            return json
        }
    }

    // MARK: Checking

    private func check(_ reference: Reference, _ diagnostics: inout Diagnostics) {
        switch reference.target {
        case .task(let name, _):
            if library == nil {
                guard script.tasks[name.name] == nil else { return }
                diagnostics.error(
                    "there is no task \"\(name)\": give its folder with --definitions, or answer it in the script",
                    at: reference.position,
                    suggestion: nearestName(to: name.name, among: script.tasks.keys.sorted()))
            } else if task(name) == nil {
                diagnostics.error(
                    "there is no task \"\(name)\"", at: reference.position,
                    suggestion: nearestName(to: name.name, among: tasks.map(\.name)))
            }
        case .workflow, .ticket, .role, .assignedRole, .assignment, .formField, .numberComparison, .ticketForm, .output,
            .outcome, .input, .passed, .stepOutput, .openedTicket, .answer, .answers:
            break
        }
    }

    var tasks: [TaskDefinition] {
        (library ?? []).compactMap { entry in if case .task(let task) = entry.definition { task } else { nil } }
    }

    private func task(_ name: DefinitionName) -> TaskDefinition? {
        tasks.filter { $0.name == name.name && (name.version == nil || name.version == $0.version) }
            .max { SemanticVersion.isLower($0.version, $1.version) }
    }

    // MARK: Running

    /// - Parameter isAsking: whether to stop where a task waits for an answer that the script does not have.
    func run(isAsking: Bool = false) throws -> SimulationResult {
        guard let workflow else { throw Failure.usage("there is no workflow") }
        let mistakes = scriptProblems()
        if !mistakes.isEmpty { throw Failure.problems(mistakes) }
        let world = SimulationLibrary(
            workflows: workflows.map(program), ticketTypes: (ticketType.map { [$0] } ?? []) + ticketTypes,
            isComplete: library != nil)
        let result = Simulation.run(
            program(workflow), library: world, input: input, ticket: ticket(workflow), script: script,
            isAsking: isAsking)
        if let problem = result.problem { throw Failure.problems([problem]) }
        return result
    }

    /// The workflows that `run: workflow` finds.
    var workflows: [WorkflowDefinition] {
        extra
            + (library ?? []).compactMap { entry in
                if case .workflow(let workflow) = entry.definition { workflow } else { nil }
            }
    }

    private var ticketTypes: [TicketDefinition] {
        (library ?? []).compactMap { entry in if case .ticket(let type) = entry.definition { type } else { nil } }
    }

    private func program(_ workflow: WorkflowDefinition) -> Program {
        var tasks: [DefinitionName: TaskDefinition] = [:]
        for name in workflow.calledTasks { tasks[name] = task(name) ?? (library == nil ? Self.standIn(name) : nil) }
        return Program(workflow: workflow, tasks: tasks)
    }

    /// A task of which only the name is known; it takes any answer.
    private static func standIn(_ name: DefinitionName) -> TaskDefinition? {
        let text = "task: \(name.name)\ntitle: \(name.name)\n"
        guard case .task(let task)? = Definition.parse(Array(text.utf8), file: "x.task.yaml", company: nil).definition
        else { return nil }
        return task
    }

    /// `$ticket`: the ticket in the input if there is one, else the ticket that a schedule opens, else a made-up one.
    private func ticket(_ workflow: WorkflowDefinition) -> JSON {
        let given = input?["ticket"] ?? .null
        if given == .null, workflow.schedule != nil { return scheduledTicket(workflow) }
        var members: JSONObject = [
            "number": 1, "type": "simulation", "title": "Simulation", "url": "http://localhost:8080/tickets/1",
            "priority": "normal", "labels": [], "status": "new",
            "requester": input?["requester"].stringValue.map(JSON.string) ?? "requester",
            "form": (input?["form"].objectValue).map(JSON.object) ?? [:],
        ]
        members.merge(given.objectValue ?? [:]) { _, given in given }
        return .object(members)
    }

    /// The ticket of an instance that starts by itself: of the type that its workflow names, or none.
    private func scheduledTicket(_ workflow: WorkflowDefinition) -> JSON {
        guard let name = workflow.ticketType else { return .null }
        var members: JSONObject = [
            "number": 1, "type": .string(name), "title": .string(workflow.title ?? name),
            "url": "http://localhost:8080/tickets/1", "priority": "normal", "labels": [],
        ]
        if let type = ticketTypes.first(where: { $0.name == name }) {
            members = Self.ticket(type, title: workflow.title ?? type.title, answers: [:]).objectValue ?? members
        }
        members["status"] = "new"
        members["requester"] = "system"
        members["form"] = [:]
        return .object(members)
    }
}
