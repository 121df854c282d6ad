import TFDefinition
import TFStore

/// Checks, publishes and retires definitions for the pages and the API alike, by the daemon's own rules.
struct DefinitionDesk: Sendable {
    let site: Site

    /// A text with all that was found wrong with it among the company's other definitions.
    struct Checked: Sendable {
        let source: [UInt8]
        /// Where it stands, or would.
        let path: String
        let parsed: ParsedDefinition
        let problems: [Diagnostic]

        /// nil where the text has errors of its own: only then can it not be published.
        var definition: Definition? { parsed.definition }
    }

    private var store: Store { site.store }

    func directory(_ company: Company) -> String { "\(site.settings.definitions)/\(company.slug)" }

    /// Where a new definition's file goes.
    func newPath(_ kind: DefinitionKind, _ name: String, _ company: Company) -> String {
        "\(directory(company))/\(name).\(kind.rawValue).yaml"
    }

    /// Where a definition's text is written: its own file, but for one that another definition has taken since.
    func path(_ row: DefinitionRow, _ company: Company) async throws -> String {
        let isTaken = try await store.read(in: company.id) { try $0.publishedFiles() }.contains { file in
            file.file == row.file && file.id != row.id
        }
        return isTaken ? newPath(row.kind, row.name, company) : row.file
    }

    var folder: DefinitionFolder { DefinitionFolder(root: site.settings.definitions, logger: site.logger) }

    /// Why a checked text cannot be written to its file; nil: it can be. A file whose text defines nothing yet is
    /// another's where it is anybody's.
    func obstacle(_ checked: Checked, _ company: Company) async throws -> String? {
        let owner = try await store.read(in: company.id) { try $0.publishedFiles() }.first { file in
            file.file == checked.path
                && (file.kind != checked.definition?.kind || file.name != checked.definition?.name)
        }
        if let owner {
            return "\(checked.path) belongs to the \(owner.kind.rawValue) \"\(owner.name)\"; choose another path"
        }
        return try await folder.obstacle(at: checked.path)
    }

    func check(_ source: [UInt8], path: String, _ company: Company) async throws -> Checked {
        let parsed = Definition.parse(source, file: path, company: company.slug)
        guard let definition = parsed.definition else {
            return Checked(source: source, path: path, parsed: parsed, problems: parsed.diagnostics)
        }
        var entries = try await store.inside(company.id).catalogEntries().filter { entry in
            entry.file != path && entry.definition.identity != definition.identity
        }
        entries.append(Catalog.Entry(file: path, definition: definition, references: parsed.references))
        // A file with errors of which nothing was ever published is known by its problems alone.
        let known = Set(entries.map(\.file))
        let others = try await store.read(in: company.id) { try $0.problems() }.filter { !known.contains($0.file) }
        let catalog = Catalog(
            entries, broken: Catalog.Broken.files(of: others),
            roles: try await store.read(in: company.id) { try $0.companyRoles() })
        let crossing = catalog.findings()
        // The causes that lie in such files are told before what follows from them here.
        let causes = others.filter { other in crossing.causes[path]?.contains(other.file) == true }
        return Checked(
            source: source, path: path, parsed: parsed,
            problems: crossing.ordered(of: [path], with: parsed.diagnostics + causes))
    }

    /// Publishes what was checked, then writes its file: the daemon finds the revision known when it sees the file.
    /// - Returns: the problems, with a warning where the version had other text before.
    /// - Parameter store: the store, working for who publishes. Publishing is idempotent by itself.
    func publish(_ checked: Checked, _ company: Company, _ store: CompanyStore) async throws -> [Diagnostic] {
        let publication = Publication(
            checked.parsed, source: String(decoding: checked.source, as: UTF8.self), file: checked.path,
            isComplete: !checked.problems.contains { $0.severity == .error && $0.file == checked.path })
        guard checked.definition != nil, let publication else { throw Failure.diagnostics(checked.problems) }
        // Nothing comes into force whose file cannot be written.
        if let problem = try await obstacle(checked, company) { throw DefinitionFolder.refusal(problem) }
        let changes = try await store.publish(publication, now: site.now)
        try await folder.write(checked.source, to: checked.path)
        return checked.problems + changes.republished.map(\.knownVersionWarning)
    }

    /// Takes a definition's file away: nothing new starts, what runs finishes.
    /// - Throws: `Failure.invalid` also where it is retired, and its file is still there.
    func retire(_ row: DefinitionRow, _ company: Company, _ store: CompanyStore) async throws {
        if row.file.hasPrefix(directory(company) + "/"), let problem = try await folder.obstacle(at: row.file) {
            throw DefinitionFolder.refusal(problem)
        }
        try await store.write { try $0.retireDefinition(row.id, now: site.now) }
        // Nothing outside the company's directory is ever touched.
        guard row.file.hasPrefix(directory(company) + "/") else { return }
        do { try await folder.remove(row.file) } catch Failure.unavailable {
            throw DefinitionFolder.refusal(
                "\(row.name) is retired, but its file \(row.file) cannot be removed; remove it, or it comes into force again"
            )
        }
    }
}
