import TFDefinition
import TFStore

/// Checks a text that somebody wrote on a page: whether it defines what it should, and whether its file can be written.
struct DraftCheck: Sendable {
    struct Result: Sendable {
        let checked: DefinitionWriter.Checked
        /// What is wrong with the form, besides the problems of the text.
        let errors: [FieldError]

        /// Whether it can be published.
        var isReady: Bool { errors.isEmpty && checked.definition != nil }
    }

    let writer: DefinitionWriter
    let company: Company
    let store: CompanyStore
    /// nil: a new definition.
    let current: DefinitionRow?
    let text: DefinitionText

    func result() async throws -> Result {
        var errors = pathErrors
        var checked = try await writer.check(text.bytes, path: try await path(isWritten: errors.isEmpty))
        if errors.isEmpty, let definition = checked.definition {
            errors = try await identityErrors(definition)
            if errors.isEmpty, current == nil, text.path == nil {
                // Only now is it known what the file is named after.
                let path = writer.newPath(definition.kind, definition.name)
                checked = try await writer.check(text.bytes, path: path)
            }
        }
        if errors.isEmpty { errors = try await fileErrors(checked) }
        return Result(checked: checked, errors: errors)
    }

    /// Where the file goes, as far as that is known before the text is read.
    private func path(isWritten: Bool) async throws -> String {
        if let current { return try await writer.path(of: current) }
        let name = isWritten ? text.path : nil
        return "\(writer.directory)/\(name ?? "definition.yaml")"
    }

    private var pathErrors: [FieldError] {
        guard current == nil, let path = text.path, !Self.isPath(path) else { return [] }
        return [
            FieldError(
                field: "path",
                message: "Write a path such as it/access.ticket.yaml: a–z, 0–9, - and _, no dots in front")
        ]
    }

    /// Names of a few directories and a file; nothing that leads out or hides.
    private static func isPath(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...8).contains(parts.count), let file = parts.last, file.hasSuffix(".yaml") || file.hasSuffix(".yml")
        else { return false }
        return parts.allSatisfy { part in
            (1...100).contains(part.utf8.count) && part.first != "." && part.first != "#"
                && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        }
    }

    /// A text that is edited defines what it did; a new one defines something new.
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
        // A file with errors is known by its problems alone: its text stands nowhere else.
        guard isNew, text.path != nil, try await writer.hasFile(at: checked.path) else { return [] }
        return [
            FieldError(field: "path", message: "There is a file at \(checked.path) already; choose another path")
        ]
    }
}
