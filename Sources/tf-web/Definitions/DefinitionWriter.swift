import TFDefinition
import TFStore

/// Checks a company's definitions, publishes them with their files, and retires them, by the same rules as the daemon.
///
/// With PostgreSQL each host has a tree of its own: then nothing is written here, and the daemon that leads the company
/// brings its files up to date.
struct DefinitionWriter: Sendable {
    private let company: Company
    /// The request, whose rights are checked again in each transaction.
    private let own: OwnRequest
    private let store: CompanyStore
    /// nil: the daemons write the files.
    private let folder: DefinitionFolder?
    private let site: Site

    init(_ company: Company, _ own: OwnRequest, site: Site) {
        self.company = company
        self.own = own
        store = own.records(of: company)
        self.site = site
        folder =
            site.settings.storeURL == nil
            ? DefinitionFolder(root: site.settings.definitions, logger: site.logger) : nil
    }

    /// A text with all problems found in it, also those with the company's other definitions.
    struct Checked: Sendable {
        let source: [UInt8]
        /// The path of its present or future file.
        let path: String
        let parsed: ParsedDefinition
        var problems: [Diagnostic] { lasting + harm.warnings }
        /// Those that are there once it is published, too.
        let lasting: [Diagnostic]
        let harm: DefinitionHarm

        /// nil if the text itself has errors; only then it cannot be published.
        var definition: Definition? { parsed.definition }
    }

    // MARK: Paths

    /// The company's directory in the tree of definitions.
    var directory: String { "\(site.settings.definitions)/\(company.slug)" }

    /// The path of a new definition's file.
    func newPath(_ kind: DefinitionKind, _ name: String) -> String { "\(directory)/\(name).\(kind.rawValue).yaml" }

    /// The path to which a definition is written: its own file, unless another definition uses that now.
    func path(of row: DefinitionRow) async throws -> String {
        let isTaken = try await store.read { try $0.publishedFiles() }.contains { file in
            file.file == row.file && file.id != row.id
        }
        return isTaken ? newPath(row.kind, row.name) : row.file
    }

    /// Whether a file exists at a path, whatever it contains.
    func hasFile(at path: String) async throws -> Bool {
        guard let folder else {
            return try await store.read { session in
                try session.publishedFiles().contains { $0.file == path }
                    || session.problems().contains { $0.file == path }
            }
        }
        return try await folder.exists(path)
    }

    /// Why a checked text cannot be written to its file; nil if it can be. If the text defines nothing yet, a file that
    /// belongs to any definition counts as taken.
    func obstacle(to checked: Checked) async throws -> String? {
        let owner = try await store.read { try $0.publishedFiles() }.first { file in
            file.file == checked.path
                && (file.kind != checked.definition?.kind || file.name != checked.definition?.name)
        }
        if let owner {
            return "\(checked.path) belongs to the \(owner.kind.rawValue) \"\(owner.name)\"; choose another path"
        }
        return try await folder?.obstacle(at: checked.path)
    }

    // MARK: Checking

    /// - Parameter others: texts that are to be published with it.
    func check(_ source: [UInt8], path: String, besides others: [ParsedDefinition] = []) async throws -> Checked {
        let parsed = Definition.parse(source, file: path, company: company.slug)
        let neighbours = try await store.catalogEntries().filter { entry in
            entry.file != path && entry.definition.identity != parsed.definition?.identity
        }
        var entries = neighbours
        if let definition = parsed.definition {
            entries.append(Catalog.Entry(file: path, definition: definition, references: parsed.references))
        }
        for (number, other) in others.enumerated() {
            guard let added = other.definition, !entries.contains(where: { $0.definition.identity == added.identity })
            else { continue }
            entries.append(
                Catalog.Entry(file: "\(path)+\(number)", definition: added, references: other.references))
        }
        let (problems, roles) = try await store.read { (try $0.problems(), try $0.companyRoles()) }
        // A file with errors that was never published is known only by its problems.
        let known = Set(entries.map(\.file))
        let unread = problems.filter { !known.contains($0.file) && $0.file != path }
        let broken = parsed.broken.map { [$0] } ?? []
        let crossing = Catalog(entries, broken: Catalog.Broken.files(of: unread) + broken, roles: roles)
            .findings(alsoIn: broken)
        // Causes in such files are listed before their consequences here.
        let causes = unread.filter { other in crossing.causes[path]?.contains(other.file) == true }
        let harm = DefinitionHarm(
            of: path, to: parsed.definition == nil ? [] : neighbours, crossing, known: problems)
        return Checked(
            source: source, path: path, parsed: parsed,
            lasting: crossing.ordered(of: [path], with: parsed.diagnostics + causes), harm: harm)
    }

    // MARK: Changing

    /// Publishes a checked text, then writes its file unless the daemons do; the daemon already knows the revision when it
    /// sees the file. Publishing is idempotent.
    /// - Parameter known: the definition that the editor started from (inner nil: there was none); outer nil: replace
    ///   any.
    /// - Returns: the problems, with a warning if the version had another text before.
    /// - Throws: `StoreError.conflict` if the definition was changed since.
    func publish(_ checked: Checked, over known: DefinitionRow??) async throws -> [Diagnostic] {
        let publication = Publication(
            checked.parsed, source: String(decoding: checked.source, as: UTF8.self), file: checked.path,
            isComplete: !checked.problems.contains { $0.severity == .error && $0.file == checked.path })
        guard let definition = checked.definition, let publication else {
            throw Failure.diagnostics(checked.problems)
        }
        // Nothing is published whose file cannot be written.
        if let problem = try await obstacle(to: checked) { throw DefinitionFolder.refusal(problem) }
        let (kind, name, prove) = (definition.kind, definition.name, own.prove)
        let changes = try await store.publish(publication, problems: checked.lasting, now: site.now) { session in
            try prove(session.site)
            guard let known else { return }
            guard try session.definition(kind, name)?.revisionID == known?.revisionID else {
                throw StoreError.conflict("the definition was changed meanwhile")
            }
        }
        try await folder?.write(checked.source, to: checked.path)
        if kind == .workflow { await site.steps.wait(for: .drawing(workflow: name, company.id)) }
        return checked.problems + changes.republished.map(\.knownVersionWarning)
    }

    /// Retires a definition and removes its file: nothing new starts, running instances finish.
    /// - Parameter row: the definition as the caller knows it.
    /// - Throws: `StoreError.conflict` if it was changed since; `Failure.invalid` also after it was retired, if its
    ///   file could not be removed.
    func retire(_ row: DefinitionRow) async throws {
        // Files outside the company's directory are never touched.
        let isInDirectory = row.file.hasPrefix(directory + "/")
        if isInDirectory, let problem = try await folder?.obstacle(at: row.file) {
            throw DefinitionFolder.refusal(problem)
        }
        let now = site.now
        try await own.write(in: company) { session in
            guard let current = try session.definition(row.kind, row.name), current.revisionID == row.revisionID,
                current.state != .retired
            else { throw StoreError.conflict("the definition was changed meanwhile") }
            try session.retireDefinition(row.id, now: now)
        }
        guard isInDirectory, let folder else { return }
        do { try await folder.remove(row.file) } catch Failure.unavailable {
            throw DefinitionFolder.refusal(
                "\(row.name) is retired, but its file \(row.file) cannot be removed; remove it, or it comes into force again"
            )
        }
    }
}
