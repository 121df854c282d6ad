import TFExpression

/// All definitions of one company, to check their references against each other.
package struct Catalog: Sendable {
    /// A definition with its file and the names in it of things outside the file.
    package struct Entry: Sendable {
        package let file: String
        package let definition: Definition
        package let references: [Reference]

        package init(file: String, definition: Definition, references: [Reference]) {
            self.file = file
            self.definition = definition
            self.references = references
        }
    }

    /// What a file with errors was to define, if nothing of it is in force.
    package struct Broken: Sendable, Hashable {
        package let file: String
        package let kind: DefinitionKind
        package let name: String
        /// The names in it of things outside the file, as far as it could be read.
        package let references: [Reference]

        package init(file: String, kind: DefinitionKind, name: String, references: [Reference] = []) {
            self.file = file
            self.kind = kind
            self.name = name
            self.references = references
        }

        /// The files that cannot be published because of these problems, each once, if their paths tell what they
        /// define. A file whose path does not tell the kind is most likely an issue form.
        package static func files(of problems: [Diagnostic]) -> [Broken] {
            let files = Set(problems.filter { $0.severity == .error }.map(\.file))
            return files.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().map { file in
                Broken(file: file, kind: Definition.kind(ofFile: file) ?? .ticket, name: Definition.name(ofFile: file))
            }
        }
    }

    /// The problems between files.
    package struct Problems: Sendable {
        /// The problems by file; a definition with an error here is incomplete: kept and shown, but not offered.
        package fileprivate(set) var byFile: [String: [Diagnostic]] = [:]
        /// The problems that go away when the errors of another file are mended.
        package fileprivate(set) var consequences: Set<Diagnostic> = []
        /// For each file with such problems, the files whose errors cause them.
        package fileprivate(set) var causes: [String: Set<String>] = [:]

        /// The errors that are there only because something was retired, which somebody did on purpose, as those who run
        /// the site are told of them.
        fileprivate var retirements: [Diagnostic: Diagnostic] = [:]

        /// Problems as they are kept and logged: a definition that does without something retired is incomplete, and no
        /// error of the site.
        package func told(_ problems: [Diagnostic]) -> [Diagnostic] { problems.map { retirements[$0] ?? $0 } }

        /// The causes, sorted by file and position, then the problems that follow from them.
        /// - Parameters:
        ///   - files: the files whose problems are wanted; nil: all.
        ///   - others: the files' own problems, which may be causes.
        package func ordered(of files: Set<String>? = nil, with others: [Diagnostic] = []) -> [Diagnostic] {
            let all = others + byFile.filter { files?.contains($0.key) ?? true }.values.joined()
            return all.enumerated().sorted { left, right in
                let isLater = (consequences.contains(left.element), consequences.contains(right.element))
                if isLater.0 != isLater.1 { return isLater.1 }
                return (left.element.file, left.element.position, left.offset)
                    < (right.element.file, right.element.position, right.offset)
            }.map(\.element)
        }
    }

    let entries: [Entry]
    /// All versions of each definition, by kind and name.
    private let entriesByName: [String: [Entry]]
    let broken: [Broken]
    private let roles: Set<String>?
    /// What is out of force, each as `task approve`.
    private let retired: Set<String>
    let tasks: [String: [TaskDefinition]]
    let workflows: [String: [WorkflowDefinition]]
    /// The tickets that name each workflow.
    let ticketsByWorkflow: [String: [TicketDefinition]]
    let tickets: [String: TicketDefinition]
    /// The calls of each task, with their workflows.
    let calls: [String: [(workflow: WorkflowDefinition, call: TaskCall)]]

    /// What the callers of a task pass, by the task's identity.
    let passed: [String: (names: Set<String>, workflows: Set<String>)]
    /// The inputs that a task reads, by its identity.
    let inputs: [String: Set<String>]
    private let brokenNames: Set<String>

    /// - Parameters:
    ///   - entries: the definitions that are to be active.
    ///   - broken: files with errors of which nothing is in force.
    ///   - roles: the company's roles; nil if they are not known, and so not checked.
    ///   - retired: the kinds and names of definitions that were in force, each as `task approve`. Those that are among
    ///     `entries` do not count.
    package init(
        _ entries: [Entry], broken: [Broken] = [], roles: Set<String>?, retired: Set<String> = []
    ) {
        self.entries = entries
        entriesByName = Dictionary(grouping: entries) { "\($0.definition.kind.rawValue) \($0.definition.name)" }
        self.broken = broken
        self.roles = roles
        self.retired = retired
        var tasks: [String: [TaskDefinition]] = [:]
        var workflows: [String: [WorkflowDefinition]] = [:]
        var ticketsByWorkflow: [String: [TicketDefinition]] = [:]
        var tickets: [String: TicketDefinition] = [:]
        var calls: [String: [(WorkflowDefinition, TaskCall)]] = [:]
        for entry in entries {
            switch entry.definition {
            case .task(let task): tasks[task.name, default: []].append(task)
            case .workflow(let workflow):
                workflows[workflow.name, default: []].append(workflow)
                for step in workflow.allSteps {
                    if case .call(let call) = step.kind { calls[call.task.name, default: []].append((workflow, call)) }
                }
            case .ticket(let ticket):
                tickets[ticket.name] = ticket
                if let workflow = ticket.workflow { ticketsByWorkflow[workflow.name, default: []].append(ticket) }
            }
        }
        self.tasks = tasks
        self.workflows = workflows
        self.ticketsByWorkflow = ticketsByWorkflow
        self.tickets = tickets
        self.calls = calls
        brokenNames = Set(broken.map { "\($0.kind.rawValue) \($0.name)" })
        var passed: [String: (names: Set<String>, workflows: Set<String>)] = [:]
        var inputs: [String: Set<String>] = [:]
        for entry in entries {
            guard case .task(let task) = entry.definition else { continue }
            let identity = entry.definition.identity
            for (workflow, call) in calls[task.name] ?? []
            where call.task.version == nil || call.task.version == task.version {
                passed[identity, default: ([], [])].names.formUnion(call.input.map(\.name))
                passed[identity, default: ([], [])].workflows.insert(workflow.name)
            }
            for reference in entry.references {
                if case .input(let name, _) = reference.target { inputs[identity, default: []].insert(name) }
            }
        }
        self.passed = passed
        self.inputs = inputs
    }

    /// The problems between files, by file.
    package func problems() -> [String: [Diagnostic]] { findings().byFile }

    /// The problems between files: first those of each definition, then what follows for the definitions that name it.
    /// - Parameter files: files with errors whose names of other things are looked at too, whether or not something of
    ///   them is in force: whoever mends a file is told of everything in it at once.
    package func findings(alsoIn files: [Broken] = []) -> Problems {
        var collected = entries.map { Diagnostics(file: $0.file) }
        var problems = Problems()
        for (index, entry) in entries.enumerated() {
            for reference in entry.references { check(reference, of: entry.definition, &collected[index]) }
        }
        var told: [Set<Reference>] = entries.map { _ in [] }
        var following: [Consequence] = []
        var isSettled = false
        while !isSettled {
            isSettled = true
            let incomplete = Set(
                entries.indices.filter { collected[$0].hasErrors }.map { entries[$0].definition.identity })
            for (index, entry) in entries.enumerated() {
                for reference in entry.references where !told[index].contains(reference) {
                    guard let cause = cause(reference, incomplete) else { continue }
                    told[index].insert(reference)
                    if !collected[index].hasErrors { isSettled = false }
                    let problem = collected[index].consequence(of: cause, at: reference.position)
                    problems.consequences.insert(problem)
                    following.append(Consequence(problem: problem, entry: entry, cause: cause))
                    problems.causes[entry.file, default: []].insert(cause.file)
                }
            }
        }
        problems.retirements = retirements(collected, following)
        for (entry, diagnostics) in zip(entries, collected) where !diagnostics.items.isEmpty {
            problems.byFile[entry.file] = diagnostics.sorted
        }
        for file in files {
            var diagnostics = Diagnostics(file: file.file)
            for reference in file.references { checkName(reference, &diagnostics) }
            // What was found in the text of it that is in force is not in this one.
            problems.byFile[file.file] = diagnostics.items.isEmpty ? nil : diagnostics.sorted
        }
        return problems
    }

    /// A problem of an entry that goes away when the errors of another file are mended.
    private struct Consequence {
        let problem: Diagnostic
        let entry: Entry
        let cause: Broken
    }

    /// The errors that are there only because something was retired, each as a warning that names both.
    private func retirements(_ collected: [Diagnostics], _ following: [Consequence]) -> [Diagnostic: Diagnostic] {
        var retirements: [Diagnostic: Diagnostic] = [:]
        for (entry, diagnostics) in zip(entries, collected) {
            for problem in diagnostics.retirements {
                retirements[problem] = problem.warning(that: entry.definition, because: problem.sentence)
            }
        }
        guard !retirements.isEmpty else { return [:] }
        let errors = Dictionary(
            zip(entries.map(\.file), collected.map { $0.items.filter { $0.severity == .error } }),
            uniquingKeysWith: { $0 + $1 })
        var unexplained = following
        while true {
            let found = unexplained.filter { consequence in
                guard let causes = errors[consequence.cause.file], !causes.isEmpty else { return false }
                return causes.allSatisfy { retirements[$0] != nil }
            }
            guard !found.isEmpty else { return retirements }
            for consequence in found {
                let (problem, cause) = (consequence.problem, consequence.cause)
                let file = cause.file.split(separator: "/").last.map(String.init) ?? cause.file
                retirements[problem] = problem.warning(
                    that: consequence.entry.definition,
                    because: "the \(cause.kind.rawValue) \"\(cause.name)\" needs what is retired, see \(file)")
            }
            unexplained.removeAll { retirements[$0.problem] != nil }
        }
    }

    /// The file whose errors keep the definition that a reference names out of force.
    private func cause(_ reference: Reference, _ incomplete: Set<String>) -> Broken? {
        let kind: DefinitionKind
        let name: DefinitionName
        switch reference.target {
        case .task(let task, _): (kind, name) = (.task, task)
        case .workflow(let workflow): (kind, name) = (.workflow, workflow)
        case .ticket(let ticket), .openedTicket(let ticket): (kind, name) = (.ticket, DefinitionName(name: ticket))
        case .role, .assignedRole, .assignment, .formField, .numberComparison, .ticketForm, .output, .outcome, .input,
            .passed, .stepOutput, .answer, .answers:
            return nil
        }
        let versions = entries(kind, name.name)
        if versions.isEmpty {
            guard isBroken(kind, name.name) else { return nil }
            return broken.first { $0.kind == kind && $0.name == name.name }
        }
        let candidates = entries(kind, name)
        guard let first = candidates.first, candidates.allSatisfy({ incomplete.contains($0.definition.identity) })
        else {
            return nil
        }
        return Broken(file: first.file, kind: kind, name: name.name)
    }

    private func entries(_ kind: DefinitionKind, _ name: String) -> [Entry] {
        entriesByName["\(kind.rawValue) \(name)"] ?? []
    }

    /// The definitions that a name may mean, of all versions if it names none.
    func entries(_ kind: DefinitionKind, _ name: DefinitionName) -> [Entry] {
        entries(kind, name.name).filter { name.version == nil || name.version == $0.definition.version }
    }

    /// Checks a name that stands for itself, whatever else its definition has.
    private func checkName(_ reference: Reference, _ diagnostics: inout Diagnostics) {
        switch reference.target {
        case .task(let name, let besides):
            checkVersions(
                name, .task, tasks[name.name]?.map(\.version), known: tasks.keys.sorted() + besides, reference,
                &diagnostics)
        case .workflow(let name):
            checkVersions(
                name, .workflow, workflows[name.name]?.map(\.version), known: workflows.keys.sorted(), reference,
                &diagnostics)
        case .ticket(let name): checkTicket(name, reference, &diagnostics)
        case .openedTicket(let name): checkOpened(name, reference, &diagnostics)
        case .answer(let field, let type): checkAnswer(field, type, reference, &diagnostics)
        case .answers(let given, let type): checkAnswers(given, type, reference, &diagnostics)
        case .role(let role):
            if let roles, !roles.contains(role) {
                diagnostics.warning(
                    "the company has no role \"\(role)\"", at: reference.position,
                    suggestion: nearestName(to: role, among: roles.sorted()))
            }
        case .assignedRole, .assignment, .formField, .numberComparison, .ticketForm, .output, .outcome, .input,
            .passed, .stepOutput:
            break
        }
    }

    private func check(_ reference: Reference, of definition: Definition, _ diagnostics: inout Diagnostics) {
        switch reference.target {
        case .task(let task, _):
            checkName(reference, &diagnostics)
            guard case .workflow(let workflow) = definition else { return }
            checkForms(of: workflow, for: task, reference, &diagnostics)
        case .workflow(let workflow):
            checkName(reference, &diagnostics)
            guard case .ticket(let ticket) = definition else { return }
            checkForm(of: ticket, for: workflow, reference, &diagnostics)
        case .ticket, .openedTicket, .answer, .answers, .role: checkName(reference, &diagnostics)
        case .formField(let field): checkFormField(field, of: definition, reference, &diagnostics)
        case .numberComparison(let field): checkNumberComparison(field, of: definition, reference, &diagnostics)
        case .output(let sites, let member, let isOptional, let whose):
            guard case .workflow(let workflow) = definition else { return }
            checkOutput(member, of: sites, in: workflow, isOptional, whose, reference, &diagnostics)
        case .outcome(let sites, let outcome, let isCertain):
            checkOutcome(outcome, of: sites, isCertain, reference, &diagnostics)
        case .input(let name, let isOptional):
            guard case .task(let task) = definition else { return }
            checkInput(name, of: task, isOptional, reference, &diagnostics)
        case .passed(let name, let task, let all): checkPassed(name, to: task, among: all, reference, &diagnostics)
        case .stepOutput(let step, let member):
            guard case .task(let task) = definition else { return }
            checkStepOutput(step, member, of: task, reference, &diagnostics)
        case .assignedRole, .assignment, .ticketForm: break
        }
    }

    func checkTicket(_ name: String, _ reference: Reference, _ diagnostics: inout Diagnostics) {
        guard tickets[name] == nil, !isBroken(.ticket, name) else { return }
        tellAbsence(of: .ticket, name, known: tickets.keys.sorted(), reference, &diagnostics)
    }

    /// Whether a broken file will define what the reference names, once it is mended.
    private func isBroken(_ kind: DefinitionKind, _ name: String) -> Bool {
        brokenNames.contains("\(kind.rawValue) \(name)")
    }

    private func tellAbsence(
        of kind: DefinitionKind, _ name: String, known: @autoclosure () -> [String], _ reference: Reference,
        _ diagnostics: inout Diagnostics
    ) {
        if retired.contains("\(kind.rawValue) \(name)") {
            diagnostics.retirement(
                "the \(kind.rawValue) \"\(name)\" is retired; bring it back, or name another", at: reference.position,
                suggestion: nearestName(to: name, among: known()))
        } else {
            diagnostics.error(
                "there is no \(kind.rawValue) \"\(name)\"", at: reference.position,
                suggestion: nearestName(to: name, among: known()))
        }
    }

    private func checkVersions(
        _ name: DefinitionName, _ kind: DefinitionKind, _ versions: [String]?, known: @autoclosure () -> [String],
        _ reference: Reference,
        _ diagnostics: inout Diagnostics
    ) {
        guard let versions else {
            if isBroken(kind, name.name) { return }
            tellAbsence(of: kind, name.name, known: known(), reference, &diagnostics)
            return
        }
        if let version = name.version, !versions.contains(version) {
            diagnostics.error(
                "the \(kind.rawValue) \"\(name.name)\" has no version \(version); it has \(listed(versions.sorted(by: SemanticVersion.isLower)))",
                at: reference.position)
        }
    }
}

extension Diagnostic {
    /// The same as a warning.
    fileprivate func warning(that definition: Definition, because reason: String) -> Diagnostic {
        Diagnostic(
            file: file, position: position, severity: .warning,
            message:
                "the \(definition.kind.rawValue) \"\(definition.name)\" is not offered any more: \(reason)".onOneLine)
    }
}
