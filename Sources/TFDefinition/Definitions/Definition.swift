import TFExpression
import TFSystem

/// What a file defines. The words stand in names of files, in rows and in addresses.
package enum DefinitionKind: String, Sendable, Hashable, Codable, CaseIterable {
    case task
    case workflow
    case ticket
}

/// A checked definition, as the engine and the pages use it.
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

    /// The version; empty for ticket types, which have none.
    package var version: String {
        switch self {
        case .ticket: ""
        case .task(let task): task.version
        case .workflow(let workflow): workflow.version
        }
    }

    /// The name by which people know it.
    package var shownTitle: String {
        switch self {
        case .ticket(let ticket): ticket.title
        // A computed title is another one for each ticket.
        case .task(let task): task.title.isComputed ? ReadableName.title(name) : task.title.source
        case .workflow(let workflow): workflow.title ?? ReadableName.title(name)
        }
    }

    /// Kind, name and version, by which a definition is known whatever its file is.
    package var identity: String { Self.identity(kind, name, version) }

    package static func identity(_ kind: DefinitionKind, _ name: String, _ version: String) -> String {
        "\(kind.rawValue) \(name) \(version)"
    }
}

/// The result of reading one file.
package struct ParsedDefinition: Sendable {
    /// The definition; nil if there are errors, or if the file holds none (a chooser of issue forms).
    package let definition: Definition?
    /// The problems of the file itself, in source order.
    package let diagnostics: [Diagnostic]
    /// The names of things outside the file.
    package let references: [Reference]
    /// What `Definition.revision` gives for the bytes.
    package let revision: String
    /// The position of the definition's name; the start of the file if the file's name is the name.
    package let namePosition: Position
    package let versionPosition: Position
    /// What a file with errors was to define; nil if the file is sound, or if nothing tells.
    package let broken: Catalog.Broken?
}

extension Definition {
    /// A revision's name: the SHA-256 of its text, 64 hexadecimal digits.
    package static func revision(of bytes: some Sequence<UInt8>) -> String { Digest.sha256(bytes).hexadecimal }

    /// Reads one file.
    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - file: its path, as diagnostics show it.
    ///   - company: the company in whose directory the file lies; nil if it is checked by itself.
    package static func parse(_ bytes: [UInt8], file: String, company: String?) -> ParsedDefinition {
        var reader = DefinitionReader(file: file, company: company, diagnostics: Diagnostics(file: file))
        let root = YAMLNode.read(bytes, &reader.diagnostics)
        let definition = root.flatMap { read($0, &reader) }
        let kind = reader.kind ?? kind(ofFile: file)
        let broken = kind.flatMap { kind in
            reader.diagnostics.hasErrors
                ? Catalog.Broken(
                    file: file, kind: kind, name: name(written: root, kind) ?? name(ofFile: file),
                    references: reader.references) : nil
        }
        return ParsedDefinition(
            definition: reader.diagnostics.hasErrors ? nil : definition, diagnostics: reader.diagnostics.sorted,
            references: reader.references, revision: revision(of: bytes), namePosition: reader.namePosition,
            versionPosition: reader.versionPosition, broken: broken)
    }

    private static func read(_ root: YAMLNode, _ reader: inout DefinitionReader) -> Definition? {
        guard case .mapping(let entries) = root.content else {
            reader.diagnostics.error(
                "a definition must be a mapping, not \(root.kindDescription)", at: root.position)
            return nil
        }
        let keys = Set(entries.map(\.key)).union(root.refusedKeys.subtracting([YAMLNode.mergeKey]))
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
        reader.kind = bySuffix ?? kind(ofMisspelt: keys) ?? byContent
        switch reader.kind {
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

    /// The name in a file's text, whatever else is wrong with the text.
    private static func name(written root: YAMLNode?, _ kind: DefinitionKind) -> String? {
        let json = root?.json ?? .null
        switch kind {
        case .task: return json["task"].stringValue
        case .ticket: return json["ticket"].stringValue
        case .workflow: return json["document"]["name"].stringValue
        }
    }

    private static func kind(ofKeys keys: Set<String>) -> DefinitionKind? {
        if keys.contains("document") { return .workflow }
        if keys.contains("task") { return .task }
        return keys.contains("body") || keys.contains("ticket") ? .ticket : nil
    }

    /// The kind that a misspelt key tells: otherwise the file would be read as another kind, or as none, and one mistake
    /// would be told as several.
    private static func kind(ofMisspelt keys: Set<String>) -> DefinitionKind? {
        guard keys.isDisjoint(with: ["document", "task", "ticket"]) else { return nil }
        let meant = Set(keys.compactMap { nearestName(to: $0, among: ["document", "task", "ticket", "body"]) })
        // Only the others have a "body".
        if meant.contains("document"), !keys.contains("body") { return .workflow }
        // Only a ticket has a "name".
        if meant.contains("task"), !keys.contains("name") { return .task }
        return meant.isEmpty ? nil : .ticket
    }

    /// The kind in a file's name, such as `x.task.yaml`.
    static func kind(ofFile file: String) -> DefinitionKind? {
        let parts = file.split(separator: "/").last?.split(separator: ".") ?? []
        guard parts.count >= 3 else { return nil }
        return DefinitionKind(rawValue: String(parts[parts.count - 2]))
    }

    /// The definition's name from a file's name: `bug_report.yml` is `bug-report`. A name without a letter or digit of
    /// ASCII counts by its Latin spelling.
    static func name(ofFile file: String) -> String {
        let parts = file.split(separator: "/").last?.split(separator: ".") ?? []
        let hasKind = kind(ofFile: file) != nil
        let words = parts.dropLast(hasKind ? 2 : 1).joined(separator: "-")
        let slug = Slug.make(words)
        return slug.isEmpty ? Slug.naming(words) : slug
    }

    /// Why a definition cannot have a name; nil: it can.
    /// - Parameter isWritten: false: the file's name is the name.
    static func problem(ofName name: String, _ kind: DefinitionKind, isWritten: Bool) -> String? {
        if Slug.isValid(name) { return nil }
        if name.isEmpty, !isWritten {
            return "the file's name gives the \(kind.rawValue) no name; write one as \"\(kind.rawValue)\": \(Slug.rule)"
        }
        return "\"\(name)\" cannot be a \(kind.rawValue)'s name: \(Slug.rule)"
    }
}
