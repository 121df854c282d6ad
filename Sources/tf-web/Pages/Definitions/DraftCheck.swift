import Foundation
import TFDefinition
import TFExpression
import TFStore

/// Checks a text that was typed on a page: whether it defines the right thing, and whether its file can be written.
struct DraftCheck: Sendable {
    struct Result: Sendable {
        let checked: DefinitionWriter.Checked
        /// Errors of the form, besides the problems of the text.
        let errors: [FieldError]

        /// Whether it can be published.
        var isReady: Bool {
            errors.isEmpty && checked.definition != nil && checked.others.allSatisfy { $0.definition != nil }
        }
    }

    let writer: DefinitionWriter
    let company: Company
    let store: CompanyStore
    /// The definition that is edited; nil for a new one.
    let current: DefinitionRow?
    let text: DefinitionText
    /// Texts that are to be published with it.
    var others: [DefinitionWriter.Draft] = []

    func result() async throws -> Result {
        var errors = pathErrors
        let checked = try await writer.check(
            DefinitionWriter.Draft(source: text.bytes, path: try await path(isWritten: errors.isEmpty)),
            besides: others)
        if errors.isEmpty, let definition = checked.definition { errors = try await identityErrors(definition) }
        if errors.isEmpty { errors = try await fileErrors(checked) }
        return Result(checked: checked, errors: errors)
    }

    /// The file's path.
    /// - Parameter isWritten: false: the one that was written cannot be used.
    private func path(isWritten: Bool) async throws -> String {
        if let current { return try await writer.path(of: current) }
        if isWritten, let name = text.path { return "\(writer.directory)/\(name)" }
        return ownPath
    }

    /// The path of a file that is named after its definition: by the name that the text gives it, else by its title.
    private var ownPath: String {
        let unnamed = "\(writer.directory)/definition.yaml"
        let parsed = Definition.parse(text.bytes, file: unnamed, company: company.slug)
        guard let definition = parsed.definition else { return pathOfPart(parsed.broken) ?? unnamed }
        guard parsed.namePosition == .start else { return writer.newPath(definition.kind, definition.name) }
        // A title without any letter says only what it is.
        let title = Slug.naming(definition.shownTitle)
        return writer.newPath(definition.kind, title.isEmpty ? definition.kind.word : title)
    }

    /// The path of a template's text in which there are errors, unless it is of another kind by now.
    private func pathOfPart(_ broken: Catalog.Broken?) -> String? {
        guard let path = text.template?.path(writer, in: company), !path.isEmpty else { return nil }
        return broken.map { path.hasSuffix(".\($0.kind.rawValue).yaml") } == false ? nil : path
    }

    private var pathErrors: [FieldError] {
        guard current == nil, let path = text.path, !Self.isPath(path) else { return [] }
        return [
            FieldError(
                field: "path",
                message:
                    "Write a path such as it/access.ticket.yaml: plain letters, digits, - and _, no dots in front"
            )
        ]
    }

    /// Whether the text names a YAML file in at most a few directories, and no hidden or parent directory.
    private static func isPath(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...8).contains(parts.count), let file = parts.last, file.hasSuffix(".yaml") || file.hasSuffix(".yml")
        else { return false }
        return parts.allSatisfy { part in
            (1...100).contains(part.utf8.count) && part.first != "."
                && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        }
    }

    /// An edited text must keep its kind and name; a new one must not use those of an existing definition.
    private func identityErrors(_ definition: Definition) async throws -> [FieldError] {
        func error(_ message: String) -> [FieldError] { [FieldError(field: "source", message: message)] }
        let named = "the \(definition.kind.rawValue) \"\(definition.name)\""
        if let current {
            guard definition.kind != current.kind || definition.name != current.name else { return [] }
            return error("This is the \(current.kind.rawValue) \"\(current.name)\"; the text defines \(named)")
        }
        let known = try await store.read { try $0.definition(definition.kind, definition.name) }
        guard let known, known.state != .retired else { return [] }
        return error("\(named.prefix(1).uppercased() + named.dropFirst()) is there already; edit it")
    }

    private func fileErrors(_ checked: DefinitionWriter.Checked) async throws -> [FieldError] {
        let isNew = current == nil
        if isNew || checked.definition != nil, let problem = try await writer.obstacle(to: checked) {
            return [FieldError(field: isNew ? "path" : "source", message: problem)]
        }
        if let path = checked.sharedPath {
            let message = "\(path.fileName) is the path of two texts that are published together; choose another"
            return [FieldError(field: isNew ? "path" : "source", message: message)]
        }
        if let problem = try await writer.obstacle(toOthersOf: checked) {
            return [FieldError(field: "source", message: problem)]
        }
        // A file with errors is known only by its problems: its text is in no row.
        guard isNew, checked.definition != nil || text.path != nil, try await writer.hasFile(at: checked.path)
        else { return [] }
        return [
            FieldError(field: "path", message: "There is a file \(checked.path.fileName) already; choose another path")
        ]
    }
}
