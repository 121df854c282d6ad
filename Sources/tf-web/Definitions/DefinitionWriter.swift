import TFDefinition
import TFEngine
import TFStore

/// Checks a company's definitions, publishes them with their files, and retires them, by the same rules as the daemon.
///
/// With PostgreSQL each host has a tree of its own: then nothing is written here, and the daemon that leads the company
/// brings its files up to date.
struct DefinitionWriter: Sendable {
    let company: Company
    /// The request, whose rights are checked again in each transaction.
    let own: OwnRequest
    let store: CompanyStore
    /// nil: the daemons write the files.
    let folder: DefinitionFolder?
    let site: Site

    init(_ company: Company, _ own: OwnRequest, site: Site) {
        self.company = company
        self.own = own
        store = own.records(of: company)
        self.site = site
        folder =
            site.settings.storeURL == nil
            ? DefinitionFolder(root: site.settings.definitions, logger: site.logger) : nil
    }

    /// A text that is to be published, and the path of its present or future file.
    struct Draft: Sendable {
        let source: [UInt8]
        let path: String
    }

    /// A text with the problems that are there once it is published, too.
    struct CheckedText: Sendable {
        let draft: Draft
        let parsed: ParsedDefinition
        let problems: [Diagnostic]
        /// Those of them that are stored, as they are: what a member's roles decide, and not the files, is only told.
        fileprivate let stored: [Diagnostic]

        var path: String { draft.path }
        /// nil if the text itself has errors; only then it cannot be published.
        var definition: Definition? { parsed.definition }
        /// Why it cannot be published, or would not work.
        var ownErrors: [Diagnostic] { problems.filter { $0.severity == .error && $0.file == path } }

        fileprivate var publication: Publication? {
            Publication(
                parsed, source: String(decoding: draft.source, as: UTF8.self), file: path,
                isComplete: !problems.contains { $0.severity == .error && $0.file == path })
        }
    }

    /// A text with all problems found in it, also those with the company's other definitions, and the texts that are
    /// published with it.
    struct Checked: Sendable {
        fileprivate let text: CheckedText
        /// The other texts of which the company has no definition yet.
        let others: [CheckedText]
        let harm: DefinitionHarm
        /// What was there when it was checked.
        fileprivate let basis: DefinitionsBasis
        /// The files that were at the texts' paths before anything was checked.
        fileprivate let files: [String: DefinitionFolder.Expected]

        var path: String { text.path }
        var parsed: ParsedDefinition { text.parsed }
        var problems: [Diagnostic] { text.problems + harm.warnings }
        /// nil if the text itself has errors; only then it cannot be published.
        var definition: Definition? { text.definition }
        /// What others need comes first: if the program ends between two files, nothing is without what it calls.
        fileprivate var all: [CheckedText] { others + [text] }
        /// With which whoever publishes them goes on: of a template its workflow.
        var main: CheckedText { all.first { $0.definition?.kind == .workflow } ?? text }

        /// A path that two of the texts have; nil: there is none.
        var sharedPath: String? {
            let paths = all.map(\.path)
            return paths.first { path in paths.count { $0 == path } > 1 }
        }

        /// Whether somebody who has seen one of two checks has seen the other.
        func isLike(_ other: Checked) -> Bool {
            problems == other.problems && others.map(\.path) == other.others.map(\.path)
                && others.map(\.problems) == other.others.map(\.problems)
        }
    }

    /// Which definition of its name a text may replace.
    enum Replaced: Sendable {
        case any
        /// The one that the editor began with, in force or retired as it was.
        case only(DefinitionStanding)
        /// None, unless it is retired.
        case none
    }

    /// Whether a program says by `If-Match` or `If-None-Match` what has to be there.
    var isConditional: Bool {
        let headers = own.request.headers
        return own.context.route?.isOfAPI == true && (headers[.ifMatch] != nil || headers[.ifNoneMatch] != nil)
    }

    /// What has come of a publication.
    struct Published: Sendable {
        /// With a warning if a version had another text before, and one for each file that was left alone.
        let problems: [Diagnostic]
        /// The warnings about the texts themselves.
        let warnings: [Diagnostic]
        /// The files that somebody else wrote meanwhile.
        fileprivate let left: [String]

        /// What to tell a person about the files; nil: all were written.
        var told: String? {
            guard !left.isEmpty else { return nil }
            let (files, have) = left.count == 1 ? ("The file", "was") : ("The files", "were")
            return
                "\(files) \(left.joined(separator: " and ")) \(have) written by somebody else meanwhile, and left as it is: what it says comes into force when it is read."
        }
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

    /// How a definition stands now, with its file.
    func standing(of row: DefinitionRow) async throws -> DefinitionStanding {
        var standing = DefinitionStanding(row)
        standing.unread = try await unread(folder?.text(of: path(of: row)), of: row)
        return standing
    }

    /// The SHA-256 of a text that was never published as the definition; nil: it was, or there is none.
    func unread(_ text: [UInt8]?, of row: DefinitionRow) async throws -> String? {
        guard let sha256 = text.map({ Definition.revision(of: $0) }) else { return nil }
        return try await store.read { try $0.hasPublished(sha256, as: row.kind, row.name) } ? nil : sha256
    }

    /// The text of a definition's file.
    func fileText(of row: DefinitionRow) async throws -> String? {
        try await folder?.text(of: path(of: row)).map { String(decoding: $0, as: UTF8.self) }
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
    func obstacle(to checked: Checked) async throws -> String? { try await obstacle(to: checked.text) }

    /// The same for the texts that are published with it, whose files must be new.
    func obstacle(toOthersOf checked: Checked) async throws -> String? {
        for other in checked.others {
            if let problem = try await obstacle(to: other) { return problem }
            if try await hasFile(at: other.path) { return "There is a file \(other.path.fileName) already" }
        }
        return nil
    }

    private func obstacle(to text: CheckedText) async throws -> String? {
        let owner = try await store.read { try $0.publishedFiles() }.first { file in
            file.file == text.path && (file.kind != text.definition?.kind || file.name != text.definition?.name)
        }
        if let owner {
            return "\(text.path.fileName) belongs to the \(owner.kind.rawValue) \"\(owner.name)\"; choose another name"
        }
        return try await folder?.obstacle(at: text.path)
    }

    // MARK: Checking

    /// - Parameter others: texts that are to be published with it, if the company has no definition of their name. None is
    ///   published as long as one has errors.
    func check(_ draft: Draft, besides others: [Draft] = []) async throws -> Checked {
        let parsed = parse(draft)
        // Read before everything else: who looks at a file after the check has seen what is written before.
        let files = try await files(at: [draft.path] + others.map(\.path))
        let (basis, held) = try await store.read { (try $0.definitionsBasis(), try $0.heldRoles()) }
        let present = try await store.catalogEntries(of: basis)
        let neighbours = present.filter { entry in
            entry.file != draft.path && entry.definition.identity != parsed.definition?.identity
        }
        var entries = neighbours
        if let entry = Self.entry(draft, parsed) { entries.append(entry) }
        var added: [(draft: Draft, parsed: ParsedDefinition)] = []
        for other in others {
            let parsed = parse(other)
            if let entry = Self.entry(other, parsed) {
                guard !entries.contains(where: { $0.definition.identity == entry.definition.identity }) else {
                    continue
                }
                entries.append(entry)
            }
            added.append((other, parsed))
        }
        // A file with errors that was never published is known only by its problems.
        let known = Set(entries.map(\.file))
        let unread = basis.problems.filter { !known.contains($0.file) && $0.file != draft.path }
        // Also texts that come with it are there, with errors or without.
        let broken = ([parsed] + added.map(\.parsed)).compactMap(\.broken)
        let crossing = Catalog(
            entries, broken: Catalog.Broken.files(of: unread) + broken, roles: basis.roles, retired: basis.retired
        ).findings(alsoIn: broken)
        let unheld = UnheldRoles(
            held: held, declared: basis.roles, tasks: entries.compactMap { $0.definition.task })
        func checked(_ draft: Draft, _ parsed: ParsedDefinition) -> CheckedText {
            // Causes in files that cannot be read are listed before their consequences here.
            let causes = unread.filter { other in crossing.causes[draft.path]?.contains(other.file) == true }
            let ofRoles = Self.entry(draft, parsed).map(unheld.warnings) ?? []
            let problems = crossing.ordered(of: [draft.path], with: parsed.diagnostics + ofRoles + causes)
            return CheckedText(
                draft: draft, parsed: parsed, problems: problems,
                stored: crossing.told(problems.filter { !ofRoles.contains($0) }))
        }
        return Checked(
            text: checked(draft, parsed), others: added.map(checked),
            harm: DefinitionHarm(
                of: draft.path, to: parsed.definition == nil ? [] : neighbours, crossing,
                present: { Self.catalog(present, basis).problems() }),
            basis: basis, files: files)
    }

    /// The definitions as they are, with the files of which nothing is in force.
    /// - Parameter row: one that is taken for retired; nil: none.
    static func catalog(
        _ entries: [Catalog.Entry], _ basis: DefinitionsBasis, without row: DefinitionRow? = nil
    ) -> Catalog {
        let known = Set(entries.map(\.file))
        let identity = row.map { Definition.identity($0.kind, $0.name, $0.version) }
        return Catalog(
            entries.filter { $0.definition.identity != identity },
            broken: Catalog.Broken.files(of: basis.problems.filter { !known.contains($0.file) }),
            roles: basis.roles, retired: basis.retired.union(row.map { ["\($0.kind.rawValue) \($0.name)"] } ?? []))
    }

    private func files(at paths: [String]) async throws -> [String: DefinitionFolder.Expected] {
        guard let folder else { return [:] }
        var files: [String: DefinitionFolder.Expected] = [:]
        for path in paths { files[path] = .init(try await folder.text(of: path)) }
        return files
    }

    private func parse(_ draft: Draft) -> ParsedDefinition {
        Definition.parse(draft.source, file: draft.path, company: company.slug)
    }

    private static func entry(_ draft: Draft, _ parsed: ParsedDefinition) -> Catalog.Entry? {
        parsed.definition.map { Catalog.Entry(file: draft.path, definition: $0, references: parsed.references) }
    }

    // MARK: Changing

    /// Publishes a checked text and the others with it, all or none, then writes their files unless the daemons do, what
    /// others need first; the daemon already knows the revisions when it sees the files. Publishing is idempotent. A file
    /// that somebody else writes in between is left as it is.
    /// - Throws: `Failure.preconditionFailed` if a program demands by `If-None-Match` that it is new, and it is not, or
    ///   names by `If-Match` another revision than the one in force;
    ///   `CheckIsStale` if the check has to be repeated; `StoreError.conflict` if the definition that the text may
    ///   replace was changed, or a file was written since the check.
    func publish(_ checked: Checked, over replaced: Replaced) async throws -> Published {
        let publications = checked.all.compactMap { $0.publication }
        guard let definition = checked.definition, publications.count == checked.all.count else {
            throw Failure.diagnostics(checked.problems)
        }
        // Nothing is published whose file cannot be written.
        for text in checked.all {
            if let problem = try await obstacle(to: text) { throw DefinitionFolder.refusal(problem) }
        }
        guard try await files(at: checked.all.map(\.path)).allSatisfy({ checked.files[$0.key] == $0.value }) else {
            // A new one finds that its path is taken, and a program that what it names is not there any more.
            let isNew = if case .none = replaced { true } else { false }
            if isNew || isConditional { throw CheckIsStale() }
            throw StoreError.conflict("the definition's file was written meanwhile")
        }
        let (kind, name, prove, basis) = (definition.kind, definition.name, own.prove, checked.basis)
        let mustMatch = isConditional
        let mustBeNew = own.request.headers[.ifNoneMatch] == "*"
        let now = site.now
        let changes = try await store.publish(
            publications, over: checked.files.mapValues { $0.sha256 ?? "" },
            problems: checked.all.flatMap { $0.stored }, now: now
        ) { session in
            try prove(session.site)
            let known = try session.definition(kind, name)
            if mustBeNew, let known { throw Failure.preconditionFailed(current: known.entityTag) }
            if case .only(let standing) = replaced {
                guard let known else { throw StoreError.notFound }
                if let change = standing.change(to: DefinitionStanding(known)) {
                    if mustMatch { throw Failure.preconditionFailed(current: known.entityTag) }
                    throw StoreError.conflict(change)
                }
            }
            if case .none = replaced, let known, known.state != .retired { throw CheckIsStale() }
            guard try session.definitionsBasis() == basis else { throw CheckIsStale() }
        }
        var left: [String] = []
        for text in checked.all {
            guard let folder, let file = checked.files[text.path] else { continue }
            let isWritten = try await folder.write(text.draft.source, to: text.path, over: file)
            if !isWritten { left.append(text.path.fileName) }
        }
        await filesAreChanged(Array(checked.files.keys), since: now)
        for case .workflow(let workflow) in checked.all.compactMap({ $0.definition }) {
            await site.steps.wait(for: .drawing(workflow: workflow.name, company.id))
        }
        return Published(
            problems: left.map(Self.wasWritten) + checked.problems + changes.republished.map(\.knownVersionWarning),
            // That a version has another text now is no news to whoever edits it.
            warnings: checked.all.reversed().flatMap(\.problems).filter { $0.severity == .warning },
            left: left)
    }

    /// Notes that nothing is left to be done about files of definitions that were changed at a moment.
    func filesAreChanged(_ paths: [String], since now: Int64) async {
        guard !paths.isEmpty else { return }
        do {
            try await store.write { session in
                for path in paths { try session.fileIsChanged(path, since: now) }
            }
        } catch {
            // The daemon finds them as they are to be.
            site.logger.warning(
                "it could not be noted that files are written", metadata: ["files": "\(paths)", "error": "\(error)"])
        }
    }

    /// The warning about a file that somebody else wrote between the publication and its own writing.
    private static func wasWritten(_ path: String) -> Diagnostic {
        Diagnostic(
            file: path, position: .start, severity: .warning,
            message:
                "somebody else wrote this file meanwhile: it is left as it is, and comes into force when it is read")
    }
}

extension String {
    /// A path's last part, which is enough to tell a person of a file.
    var fileName: String { split(separator: "/").last.map(String.init) ?? self }
}
