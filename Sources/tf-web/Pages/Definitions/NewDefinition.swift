import Foundation
import TFDefinition
import TFStore

/// What a new definition begins with: a template, or a copy of another.
struct NewDefinition: RequestFields {
    let template: WorkbenchTemplate?
    /// What is made of the template, for people; nil: what it is called itself.
    let title: String?
    /// The definition to copy: `workflow:purchase`.
    let original: String?

    init(_ fields: inout FieldReader) {
        let slug = fields.optional("template", .choice(WorkbenchTemplate.parts.map(\.slug)))
        title = fields.optional("name", .text(0, WorkbenchTemplate.longestTitle))
        template = WorkbenchTemplate.parts.first { $0.slug == slug }?.titled(
            title?.trimmingCharacters(in: .whitespaces))
        original = fields.optional("copy", .text(1, .search))
    }

    /// The text of a definition, to begin another with.
    struct Copy: Sendable {
        let source: String
        /// nil: it keeps the name.
        let instead: NameInstead?
    }

    /// The text of the definition to copy, under a name that is free; nil: none is asked for, or it is not there.
    func copied(_ session: CompanyReadSession) throws -> Copy? {
        let parts = original?.split(separator: ":").map(String.init) ?? []
        guard parts.count == 2, let kind = DefinitionKind(rawValue: parts[0]),
            let row = try session.definition(kind, parts[1])
        else { return nil }
        let taken = try session.namesInForce()
        let isTaken = { taken.contains(DefinitionUses.Name(kind: kind, name: $0)) }
        // A copy's copy is numbered as a copy of the first; other numbers belong to the name.
        let first = row.name.replacing(/-\d+$/, with: "")
        let stem = isTaken(first) ? first : row.name
        let names = (1...).lazy.map { $0 == 1 ? row.name : "\(stem)-\($0)" }
        let free = names.first { !isTaken($0) } ?? row.name
        let parsed = Definition.parse(Array(row.source.utf8), file: row.file, company: nil)
        let source = Self.renamed(row.source, from: row.name, to: free, at: parsed.namePosition)
        let isRenamed = free != row.name && source != row.source
        return Copy(source: source, instead: isRenamed ? NameInstead(taken: row.name, used: free) : nil)
    }

    /// A text with another name. One that is named after its file or title stays as it is.
    private static func renamed(_ source: String, from old: String, to new: String, at position: Position) -> String {
        guard position != .start else { return source }
        var lines = source.sourceLines.map(String.init)
        let before = lines[position.line - 1].prefix(position.column - 1)
        let behind = lines[position.line - 1].dropFirst(before.count)
        guard let name = behind.range(of: old) else { return source }
        lines[position.line - 1] = before + behind.replacingCharacters(in: name, with: new)
        return lines.joined(separator: "\n")
    }
}

/// A name that something in force has, and the one that is used in its place.
struct NameInstead: Sendable, Hashable {
    let taken: String
    let used: String

    init(taken: String, used: String) { (self.taken, self.used) = (taken, used) }

    /// - Parameters:
    ///   - wanted: a template with the title that was asked for.
    ///   - used: the same with one under which all its names are free.
    /// - Returns: nil if it is the same.
    init?(_ wanted: WorkbenchTemplate, _ used: WorkbenchTemplate) {
        guard wanted.name != used.name else { return nil }
        self.init(taken: wanted.name, used: used.name)
    }

    var banner: HTML {
        Elements.banner(
            .wait, "“\(taken)” is taken, so this one is called “\(used)”",
            "Names can be changed before publishing, not afterwards.")
    }
}
