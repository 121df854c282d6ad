import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFSystem

/// The files of a dry run, read and checked against each other.
struct SimulationFiles {
    enum Failure: Error {
        case usage(String)
        case problems([Diagnostic])
    }

    /// The definitions of a folder.
    struct Library {
        /// Each definition once: the first by path counts, as in `check`.
        private(set) var entries: [Catalog.Entry] = []
        /// All versions of each task, by name.
        private(set) var tasks: [String: [TaskDefinition]] = [:]
        private var known: Set<String> = []
        /// The files with errors, as far as it is known what they were to define, and their problems.
        var broken: [Catalog.Broken] = []
        var problems: [Diagnostic] = []

        mutating func add(_ entry: Catalog.Entry) {
            guard known.insert(entry.definition.identity).inserted else { return }
            entries.append(entry)
            if case .task(let task) = entry.definition { tasks[task.name, default: []].append(task) }
        }
    }

    private(set) var script = SimulationScript()
    /// The definitions of the folder; nil if none was given: then the script says which tasks there are.
    private(set) var library: Library?
    /// The workflows that the script names.
    private(set) var extra: [Catalog.Entry] = []
    /// The workflow, then the type of ticket that starts it, if one was given.
    private(set) var given: [Catalog.Entry] = []
    /// What was found in their own texts.
    private(set) var warnings: [Diagnostic] = []
    private(set) var workflow: WorkflowDefinition?
    private var input: JSON?
    private var ticketType: TicketDefinition?
    /// What of the given ticket could not be computed.
    private var uncomputed: [UncomputedKey] = []

    // MARK: Reading

    mutating func readScript(_ path: String) throws {
        let (script, problems) = SimulationScript.parse(try Self.bytes(path), file: path)
        if problems.contains(where: { $0.severity == .error }) { throw Failure.problems(problems) }
        self.script = script
        for file in script.workflows {
            let folder = path.parentPath
            extra.append(try Self.workflow(file.hasPrefix("/") ? file : "\(folder)/\(file)", shownAs: file).entry)
        }
    }

    mutating func readLibrary(_ folder: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw Failure.usage("there is no folder \(folder)")
        }
        let names = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
        var library = Library()
        for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            // A directory or FIFO of such a name is not a definition; reading a FIFO would hang.
            guard let bytes = InputFile.bytes("\(folder)/\(name)", limit: YAMLLimits.bytes + 1, onlyFiles: true) else {
                continue
            }
            let parsed = Definition.parse(bytes, file: "\(folder)/\(name)", company: nil)
            guard let entry = parsed.entry(file: "\(folder)/\(name)") else {
                // Told if the workflow needs what they were to define; `tf-daemon check` tells all.
                library.broken += parsed.broken.map { [$0] } ?? []
                library.problems += parsed.diagnostics
                continue
            }
            library.add(entry)
        }
        self.library = library
    }

    mutating func readWorkflow(_ path: String) throws {
        let (workflow, entry, diagnostics) = try Self.workflow(path, shownAs: path)
        given.append(entry)
        warnings += diagnostics
        self.workflow = workflow
    }

    mutating func readInput(_ path: String) throws { input = try Self.json(path) }

    mutating func readTicket(_ path: String, form: String?) throws {
        let parsed = Definition.parse(try Self.bytes(path), file: path, company: nil)
        guard case .ticket(let type)? = parsed.definition, let entry = parsed.entry(file: path) else {
            if parsed.definition != nil { throw Failure.usage("\(path) is no ticket definition") }
            throw Failure.problems(parsed.diagnostics)
        }
        given.append(entry)
        warnings += parsed.diagnostics
        // What is wrong with the definitions is told before what is wrong with the answers.
        try checkDefinitions()
        let answers = try form.map { try Self.json($0) } ?? [:]
        guard let given = answers.objectValue else { throw Failure.usage("--form must be a JSON object") }
        let checked = type.form.check(
            given, type.form.contextTakingAsGiven(given, at: script.start, on: script.clock))
        guard checked.errors.isEmpty else {
            throw Failure.usage(
                "the form: " + checked.errors.map { "\($0.field): \($0.message)" }.joined(separator: "; "))
        }
        ticketType = type
        let (ticket, uncomputed) = Self.ticket(type, title: nil, answers: checked.answers)
        self.uncomputed = uncomputed
        input = ["ticket": .object(ticket), "requester": "requester", "form": .object(checked.answers)]
    }

    /// The ticket in a workflow's input, and what of it could not be computed.
    private static func ticket(
        _ type: TicketDefinition, title: String?, answers: JSONObject
    ) -> (members: JSONObject, uncomputed: [UncomputedKey]) {
        var meter = ExpressionMeter()
        let computed = title == nil ? type.computedTitle(answers, &meter) : nil
        let priority = type.priority(answers, &meter)
        let members: JSONObject = [
            "number": 1, "type": .string(type.name), "title": .string(title ?? computed?.value ?? type.title),
            "url": "http://localhost:8080/tickets/1", "priority": .string(priority.value.rawValue),
            "labels": .strings(type.labels),
        ]
        return (members, [computed?.failure, priority.failure].compactMap(\.self))
    }

    private static func workflow(
        _ path: String, shownAs name: String
    ) throws -> (workflow: WorkflowDefinition, entry: Catalog.Entry, diagnostics: [Diagnostic]) {
        let parsed = Definition.parse(try bytes(path), file: name, company: nil)
        guard let entry = parsed.entry(file: name) else { throw Failure.problems(parsed.diagnostics) }
        guard case .workflow(let workflow) = entry.definition else {
            throw Failure.usage("\(name) is a \(entry.definition.kind.rawValue), not a workflow")
        }
        return (workflow, entry, parsed.diagnostics)
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

    // MARK: What is there

    /// The definitions that the run knows. What is given stands for the folder's file of the same definition.
    var entries: [Catalog.Entry] {
        var known: Set<String> = []
        return (given + extra + (library?.entries ?? [])).filter { known.insert($0.definition.identity).inserted }
    }

    private func task(_ name: DefinitionName) -> TaskDefinition? {
        library?.tasks[name.name]?.filter { name.version == nil || name.version == $0.version }
            .max { SemanticVersion.isLower($0.version, $1.version) }
    }

    // MARK: Running

    /// - Parameter isAsking: whether to stop where a task waits for an answer that the script does not have.
    func run(isAsking: Bool = false) throws -> SimulationResult {
        guard let workflow else { throw Failure.usage("there is no workflow") }
        if ticketType == nil { try checkDefinitions() }
        let mistakes = scriptProblems()
        if !mistakes.isEmpty { throw Failure.problems(mistakes) }
        let world = SimulationLibrary(
            workflows: workflows.map(program), ticketTypes: ticketTypes, isComplete: library != nil)
        let start = ticket(workflow)
        let result = Simulation.run(
            program(workflow), library: world, input: input, ticket: start.ticket, uncomputed: start.uncomputed,
            script: script, isAsking: isAsking)
        if let problem = result.problem { throw Failure.problems([problem]) }
        return result
    }

    /// The workflows that `run: workflow` finds.
    var workflows: [WorkflowDefinition] {
        entries.compactMap { entry in if case .workflow(let workflow) = entry.definition { workflow } else { nil } }
    }

    private var ticketTypes: [TicketDefinition] {
        entries.compactMap { entry in if case .ticket(let type) = entry.definition { type } else { nil } }
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
    private func ticket(_ workflow: WorkflowDefinition) -> (ticket: JSON, uncomputed: [UncomputedKey]) {
        let given = input?["ticket"] ?? .null
        if given == .null, workflow.schedule != nil { return scheduledTicket(workflow) }
        var members: JSONObject = [
            "number": 1, "type": "simulation", "title": "Simulation", "url": "http://localhost:8080/tickets/1",
            "priority": "normal", "labels": [], "status": "new",
            "requester": input?["requester"].stringValue.map(JSON.string) ?? "requester",
            "form": (input?["form"].objectValue).map(JSON.object) ?? [:],
        ]
        members.merge(given.objectValue ?? [:]) { _, given in given }
        return (.object(members), uncomputed)
    }

    /// The ticket of an instance that starts by itself: of the type that its workflow names, or none.
    private func scheduledTicket(_ workflow: WorkflowDefinition) -> (ticket: JSON, uncomputed: [UncomputedKey]) {
        guard let name = workflow.ticketType else { return (.null, []) }
        var members: JSONObject = [
            "number": 1, "type": .string(name), "title": .string(workflow.title ?? name),
            "url": "http://localhost:8080/tickets/1", "priority": "normal", "labels": [],
        ]
        var uncomputed: [UncomputedKey] = []
        if let type = ticketTypes.first(where: { $0.name == name }) {
            (members, uncomputed) = Self.ticket(type, title: workflow.title ?? type.title, answers: [:])
        }
        members["status"] = "new"
        members["requester"] = "system"
        members["form"] = [:]
        return (.object(members), uncomputed)
    }
}
