import TFExpression

package enum DefinitionKind: String, Sendable, Hashable, Codable, CaseIterable {
    case task
    case workflow
    case ticket
}

/// A definition as the engine and the pages use it.
package enum Definition: Sendable, Hashable, Codable {
    case ticket(TicketDefinition)
    case task(TaskDefinition)
    case workflow(WorkflowDefinition)

    package var kind: DefinitionKind {
        switch self {
        case .ticket: .ticket
        case .task: .task
        case .workflow: .workflow
        }
    }

    package var name: String {
        switch self {
        case .ticket(let ticket): ticket.name
        case .task(let task): task.name
        case .workflow(let workflow): workflow.name
        }
    }

    /// Tickets have none: it is empty.
    package var version: String {
        switch self {
        case .ticket: ""
        case .task(let task): task.version
        case .workflow(let workflow): workflow.version
        }
    }

    /// What makes it this definition, whatever file it stands in: kind, name and version.
    package var identity: String { Self.identity(kind, name, version) }

    package static func identity(_ kind: DefinitionKind, _ name: String, _ version: String) -> String {
        "\(kind.rawValue) \(name) \(version)"
    }

    /// What people call it.
    package var title: String {
        switch self {
        case .ticket(let ticket): ticket.title
        case .task(let task): task.title.source
        case .workflow(let workflow): workflow.title ?? workflow.name
        }
    }
}

/// What reading one file gave.
package struct ParsedDefinition: Sendable {
    /// nil where there are errors, and for a file that holds none (a chooser).
    package let definition: Definition?
    /// The problems of the file itself, in source order.
    package let diagnostics: [Diagnostic]
    /// What it names outside its file.
    package let references: [Reference]
    /// SHA-256 of the bytes.
    package let revision: String
    /// Where its name stands; the start of the file where the file's name is its name.
    package let namePosition: Position
    package let versionPosition: Position
}

/// What the readers of the three kinds share: the problems and the references found so far.
struct DefinitionReader {
    let file: String
    /// The slug of the directory's company; nil for a file checked by itself.
    let company: String?
    var diagnostics: Diagnostics
    var references: [Reference] = []
    var namePosition = Position.start
    var versionPosition = Position.start
    /// The ids of form elements that could not be read.
    var refusedFields: Set<String> = []
    /// What expressions may name at the place that is being read, beyond a definition's own variables.
    var variables = WorkflowDefinition.variables
    /// The secrets that a workflow's `use` names; nil outside workflows.
    var secrets: [String] = []
    /// `use.authentications` of the workflow that is being read.
    var authentications: [String: YAMLNode] = [:]
    /// Outcomes that fields of a task's form name in `required_for`: the outcome, the field's label, the place.
    var outcomes: [(outcome: String, label: String, position: Position)] = []

    mutating func refer(to target: Reference.Target, at position: Position) {
        references.append(Reference(target: target, position: position))
    }

    /// Reads a part in which expressions may use more variables.
    mutating func with<Value>(_ names: Set<String>, _ read: (inout DefinitionReader) -> Value) -> Value {
        let outer = variables
        variables.formUnion(names)
        defer { variables = outer }
        return read(&self)
    }

    /// Notes every field of the ticket's form that an expression reads, so that it can be looked up in the forms.
    /// - Parameter inWorkflow: there `.form` is the ticket's too; in a task `.` is the task's own input.
    mutating func refer(to expression: Expression, at position: Position, inWorkflow: Bool = false) {
        for field in expression.references {
            guard let name = Self.formField(field, inWorkflow: inWorkflow) else { continue }
            refer(to: .formField(name), at: position)
        }
        for field in expression.numberComparisons {
            guard let name = Self.formField(field, inWorkflow: inWorkflow) else { continue }
            refer(to: .numberComparison(field: name), at: position)
        }
    }

    mutating func refer(to template: Template, at position: Position) {
        for expression in template.expressions { refer(to: expression, at: position) }
    }

    private static func formField(_ field: FieldReference, inWorkflow: Bool) -> String? {
        guard field.variable == "ticket" || (field.variable == nil && inWorkflow), field.path.count >= 2,
            field.path[0].name == "form"
        else { return nil }
        return field.path[1].name
    }
}

extension Definition {
    /// Reads one file.
    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - file: its path, as diagnostics shall name it.
    ///   - company: the company whose directory it lies in; nil where it is checked by itself.
    package static func parse(_ bytes: [UInt8], file: String, company: String?) -> ParsedDefinition {
        var reader = DefinitionReader(file: file, company: company, diagnostics: Diagnostics(file: file))
        let definition = YAMLNode.read(bytes, &reader.diagnostics).flatMap { read($0, &reader) }
        return ParsedDefinition(
            definition: reader.diagnostics.hasErrors ? nil : definition, diagnostics: reader.diagnostics.sorted,
            references: reader.references, revision: sha256(bytes), namePosition: reader.namePosition,
            versionPosition: reader.versionPosition)
    }

    private static func read(_ root: YAMLNode, _ reader: inout DefinitionReader) -> Definition? {
        guard case .mapping(let entries) = root.content else {
            reader.diagnostics.error(
                "a definition must be a mapping, not \(root.kindDescription)", at: root.position)
            return nil
        }
        let keys = Set(entries.map(\.key))
        let bySuffix = kind(ofFile: reader.file)
        let byContent = kind(ofKeys: keys)
        if bySuffix == nil, byContent == nil, !keys.isEmpty,
            keys.isSubset(of: ["blank_issues_enabled", "contact_links"])
        {
            return nil
        }
        // A task file may leave out "task": its "body" alone does not make it a ticket.
        let isTaskBody = bySuffix == .task && byContent == .ticket && !keys.contains("ticket")
        if let bySuffix, let byContent, bySuffix != byContent, !isTaskBody {
            reader.diagnostics.error(
                "the file's name says \(bySuffix.rawValue), its content \(byContent.rawValue)", at: root.position)
            return nil
        }
        switch bySuffix ?? byContent {
        case .ticket: return TicketDefinition.read(root, &reader).map(Definition.ticket)
        case .task: return TaskDefinition.read(root, &reader).map(Definition.task)
        case .workflow: return WorkflowDefinition.read(root, &reader).map(Definition.workflow)
        case nil:
            reader.diagnostics.error(
                "this is no definition: a ticket has \"body\", a task \"task\", a workflow \"document\"",
                at: root.position)
            return nil
        }
    }

    private static func kind(ofKeys keys: Set<String>) -> DefinitionKind? {
        if keys.contains("document") { return .workflow }
        if keys.contains("task") { return .task }
        return keys.contains("body") || keys.contains("ticket") ? .ticket : nil
    }

    /// The kind that a file's name tells: `x.task.yaml`.
    static func kind(ofFile file: String) -> DefinitionKind? {
        let parts = file.split(separator: "/").last?.split(separator: ".") ?? []
        guard parts.count >= 3 else { return nil }
        return DefinitionKind(rawValue: String(parts[parts.count - 2]))
    }

    /// The name that a file's name tells: `bug_report.yml` is `bug-report`.
    static func name(ofFile file: String) -> String {
        let parts = file.split(separator: "/").last?.split(separator: ".") ?? []
        let hasKind = kind(ofFile: file) != nil
        return Slug.make(parts.dropLast(hasKind ? 2 : 1).joined(separator: "-"))
    }
}
