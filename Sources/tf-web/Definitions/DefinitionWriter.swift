import TFDefinition
import TFStore

/// Checks a company's definitions, publishes them together with their files, and retires them, by the daemon's own rules.
struct DefinitionWriter: Sendable {
    private let company: Company
    /// Who writes, which is proved again in each transaction.
    private let own: OwnRequest
    private let store: CompanyStore
    private let folder: DefinitionFolder
    private let site: Site

    init(_ company: Company, _ own: OwnRequest, site: Site) {
        self.company = company
        self.own = own
        store = own.records(of: company)
        self.site = site
        folder = DefinitionFolder(root: site.settings.definitions, logger: site.logger)
    }

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

    // MARK: Where texts stand

    /// The company's part of the tree of definitions.
    var directory: String { "\(site.settings.definitions)/\(company.slug)" }

    /// Where a new definition's file goes.
    func newPath(_ kind: DefinitionKind, _ name: String) -> String { "\(directory)/\(name).\(kind.rawValue).yaml" }

    /// Where a definition's text is written: its own file, but for one that another definition has taken since.
    func path(of row: DefinitionRow) async throws -> String {
        let isTaken = try await store.read { try $0.publishedFiles() }.contains { file in
            file.file == row.file && file.id != row.id
        }
        return isTaken ? newPath(row.kind, row.name) : row.file
    }

    /// Whether there is a file at a path, whatever it holds.
    func hasFile(at path: String) async throws -> Bool { try await folder.exists(path) }

    /// Why a checked text cannot be written to its file; nil: it can be. A file whose text defines nothing yet is
    /// another's where it is anybody's.
    func obstacle(to checked: Checked) async throws -> String? {
        let owner = try await store.read { try $0.publishedFiles() }.first { file in
            file.file == checked.path
                && (file.kind != checked.definition?.kind || file.name != checked.definition?.name)
        }
        if let owner {
            return "\(checked.path) belongs to the \(owner.kind.rawValue) \"\(owner.name)\"; choose another path"
        }
        return try await folder.obstacle(at: checked.path)
    }

    // MARK: Checking

    func check(_ source: [UInt8], path: String) async throws -> Checked {
        let parsed = Definition.parse(source, file: path, company: company.slug)
        guard let definition = parsed.definition else {
            return Checked(source: source, path: path, parsed: parsed, problems: parsed.diagnostics)
        }
        var entries = try await store.catalogEntries().filter { entry in
            entry.file != path && entry.definition.identity != definition.identity
        }
        entries.append(Catalog.Entry(file: path, definition: definition, references: parsed.references))
        let (problems, roles) = try await store.read { (try $0.problems(), try $0.companyRoles()) }
        // A file with errors of which nothing was ever published is known by its problems alone.
        let known = Set(entries.map(\.file))
        let others = problems.filter { !known.contains($0.file) }
        let crossing = Catalog(entries, broken: Catalog.Broken.files(of: others), roles: roles).findings()
        // The causes that lie in such files are told before what follows from them here.
        let causes = others.filter { other in crossing.causes[path]?.contains(other.file) == true }
        return Checked(
            source: source, path: path, parsed: parsed,
            problems: crossing.ordered(of: [path], with: parsed.diagnostics + causes))
    }

    // MARK: Changing

    /// Publishes what was checked, then writes its file: the daemon finds the revision known when it sees the file.
    /// Publishing is idempotent by itself.
    /// - Parameter known: the definition as its editor knew it (nil: there was none); nil: whatever is there is replaced.
    /// - Returns: the problems, with a warning where the version had other text before.
    /// - Throws: `StoreError.conflict` where it is another by now.
    func publish(_ checked: Checked, over known: DefinitionRow??) async throws -> [Diagnostic] {
        let publication = Publication(
            checked.parsed, source: String(decoding: checked.source, as: UTF8.self), file: checked.path,
            isComplete: !checked.problems.contains { $0.severity == .error && $0.file == checked.path })
        guard let definition = checked.definition, let publication else {
            throw Failure.diagnostics(checked.problems)
        }
        // Nothing comes into force whose file cannot be written.
        if let problem = try await obstacle(to: checked) { throw DefinitionFolder.refusal(problem) }
        let (kind, name, prove) = (definition.kind, definition.name, own.prove)
        let changes = try await store.publish(publication, now: site.now) { session in
            try prove(session.site)
            guard let known else { return }
            guard try session.definition(kind, name)?.revisionID == known?.revisionID else {
                throw StoreError.conflict("the definition was changed meanwhile")
            }
        }
        try await folder.write(checked.source, to: checked.path)
        return checked.problems + changes.republished.map(\.knownVersionWarning)
    }

    /// Takes a definition's file away: nothing new starts, what runs finishes.
    /// - Parameter row: as whoever retires it knows it.
    /// - Throws: `StoreError.conflict` where it was changed since; `Failure.invalid` also where it is retired, and its
    ///   file is still there.
    func retire(_ row: DefinitionRow) async throws {
        // Nothing outside the company's directory is ever touched.
        let isInDirectory = row.file.hasPrefix(directory + "/")
        if isInDirectory, let problem = try await folder.obstacle(at: row.file) {
            throw DefinitionFolder.refusal(problem)
        }
        let now = site.now
        try await own.write(in: company) { session in
            guard let current = try session.definition(row.kind, row.name), current.revisionID == row.revisionID,
                current.state != .retired
            else { throw StoreError.conflict("the definition was changed meanwhile") }
            try session.retireDefinition(row.id, now: now)
        }
        guard isInDirectory else { return }
        do { try await folder.remove(row.file) } catch Failure.unavailable {
            throw DefinitionFolder.refusal(
                "\(row.name) is retired, but its file \(row.file) cannot be removed; remove it, or it comes into force again"
            )
        }
    }
}
