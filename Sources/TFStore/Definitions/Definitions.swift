import TFDefinition
import TFEngine

/// A definition's row with its current revision.
package struct DefinitionRow: Sendable, Hashable {
    package enum State: String, Sendable, Codable, CaseIterable {
        case active
        case incomplete
        case retired
    }

    package let id: DefinitionID
    package let kind: DefinitionKind
    package let name: String
    package let version: String
    package let state: State
    package let file: String
    package let revisionID: RevisionID
    package let sha256: String
    package let source: String
    package let updatedAtMs: Int64

    static let select = """
        SELECT d.id, d.kind, d.name, d.version, d.state, d.file, r.id AS revision_id, r.sha256, r.source, d.updated_at_ms
        FROM definition d JOIN revision r ON r.definition_id = d.id AND r.is_current = 1
        """
}

/// A text that a definition had.
package struct RevisionRow: Sendable, Hashable {
    package let id: RevisionID
    package let sha256: String
    package let source: String
    package let publishedAtMs: Int64
}

/// One file's definition, ready to be published.
package struct Publication: Sendable {
    package let definition: Definition
    package let source: String
    package let sha256: String
    package let file: String
    package let isComplete: Bool
    private let versionPosition: Position

    /// - Parameters:
    ///   - parsed: what the source was read as.
    ///   - isComplete: whether all that it names is there.
    /// - Returns: nil where the source was refused.
    package init?(_ parsed: ParsedDefinition, source: String, file: String, isComplete: Bool) {
        guard let definition = parsed.definition else { return nil }
        self.definition = definition
        self.source = source
        self.file = file
        self.isComplete = isComplete
        sha256 = parsed.revision
        versionPosition = parsed.versionPosition
    }

    /// What it publishes, and in which text: the same text in another file may have another name.
    fileprivate var key: String { "\(definition.identity) \(sha256)" }

    /// What is told where the version had other text before.
    package var knownVersionWarning: Diagnostic {
        Diagnostic(
            file: file, position: versionPosition, severity: .warning,
            message:
                "version \(definition.version) of the \(definition.kind.rawValue) \"\(definition.name)\" had another text before; running instances keep it, and \"\(definition.name):\(definition.version)\" now means this one"
        )
    }
}

/// How a company's definitions stood when somebody began to read its files.
///
/// Who looks at many files takes a while, and meanwhile others publish: what they have changed since is newer than what
/// was read.
package struct DefinitionsMark: Sendable {
    private struct Standing: Sendable, Hashable {
        let state: DefinitionRow.State
        let file: String
        let sha256: String
        let updatedAtMs: Int64
    }

    private let standings: [String: Standing]

    fileprivate init(_ db: CompanyReadSession) throws {
        let rows = try db.all(
            Row.self,
            """
            SELECT d.kind, d.name, d.version, d.state, d.file, r.sha256, d.updated_at_ms
            FROM definition d JOIN revision r ON r.definition_id = d.id AND r.is_current = 1 WHERE d.company_id = ?
            """, [db.company])
        standings = try rows.reduce(into: [:]) { standings, row in
            let identity = Definition.identity(try Column.word(row["kind"]), row["name"], row["version"])
            standings[identity] = Standing(
                state: try Column.word(row["state"]), file: row["file"], sha256: row["sha256"],
                updatedAtMs: row["updated_at_ms"])
        }
    }

    /// The definitions that stand otherwise now; one that is new stands otherwise too.
    fileprivate func changed(in now: DefinitionsMark) -> Set<String> {
        Set(now.standings.filter { standings[$0.key] != $0.value }.keys)
    }
}

/// What has to be written so that a company's definitions are what its files say.
private struct PublishingPlan: Sendable {
    private(set) var changed: [Publication] = []
    private(set) var retired: [PublishedFile] = []
    private(set) var changes = PublishedChanges()

    var isEmpty: Bool { changed.isEmpty && retired.isEmpty }

    /// - Parameters:
    ///   - kept: files whose definitions are not retired though nothing is published from them; nil: all.
    ///   - mark: what was in force before the files were read; nil: nobody else publishes.
    init(
        _ db: CompanyReadSession, _ publications: [Publication], keeping kept: Set<String>?,
        since mark: DefinitionsMark?
    ) throws {
        let newer = try mark?.changed(in: db.definitionsMark()) ?? []
        let rows = try db.all(PublishedFile.self, PublishedFile.select, [db.company])
        let known = Dictionary(rows.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
        for publication in publications {
            let definition = publication.definition
            let row = known[definition.identity]
            let state = publication.isComplete ? DefinitionRow.State.active : .incomplete
            if let row, row.sha256 == publication.sha256, row.state == state, row.file == publication.file { continue }
            if newer.contains(definition.identity) {
                changes.overtaken.append("\(definition.kind.rawValue) \(definition.name)")
                continue
            }
            changed.append(publication)
            guard row?.sha256 != publication.sha256 || row?.state == .retired else { continue }
            changes.published.append("\(definition.kind.rawValue) \(definition.name)")
            if let row, row.sha256 != publication.sha256, definition.kind != .ticket {
                changes.republished.append(publication)
            }
        }
        guard let kept else { return }
        let current = Set(publications.map(\.definition.identity))
        let gone = rows.filter { $0.state != .retired && !current.contains($0.identity) && !kept.contains($0.file) }
        changes.overtaken += gone.filter { newer.contains($0.identity) }.map { "\($0.kind.rawValue) \($0.name)" }
        retired = gone.filter { !newer.contains($0.identity) }
        changes.retired = retired.map { "\($0.kind.rawValue) \($0.name)" }
    }
}

/// What publishing a company's files has changed, for the log.
package struct PublishedChanges: Sendable {
    /// Kind and name of each new or changed definition.
    package var published: [String] = []
    /// Those whose version had other text before.
    package var republished: [Publication] = []
    package var retired: [String] = []
    /// Those that somebody else has changed since the files were read, so that they were left alone: the files have to
    /// be read again.
    package var overtaken: [String] = []
}

/// Which file a definition came from.
package struct PublishedFile: Sendable, Hashable {
    package let id: DefinitionID
    package let kind: DefinitionKind
    package let name: String
    package let version: String
    package let state: DefinitionRow.State
    package let file: String
    package let sha256: String

    package var identity: String { Definition.identity(kind, name, version) }

    static let select = """
        SELECT d.id, d.kind, d.name, d.version, d.state, d.file, r.sha256
        FROM definition d JOIN revision r ON r.definition_id = d.id AND r.is_current = 1 WHERE d.company_id = ?
        """
}

extension ReadSession {
    /// The roles that each company declares, by its slug: what decides which definitions there are, besides their files.
    package func rolesByCompany() throws -> [String: Set<String>] {
        let rows = try all(
            Row.self, "SELECT c.slug, r.name FROM company c LEFT JOIN company_role r ON r.company_id = c.id")
        return rows.reduce(into: [:]) { roles, row in
            let role: String? = row["name"]
            roles[row["slug"], default: []].formUnion(role.map { [$0] } ?? [])
        }
    }
}

extension CompanyReadSession {
    /// All definitions of a company, by kind and name.
    package func definitions() throws -> [DefinitionRow] {
        try all(
            DefinitionRow.self, DefinitionRow.select + " WHERE d.company_id = ? ORDER BY d.kind, d.name, d.version",
            [company])
    }

    /// How a company's definitions stand now, for who is about to read its files.
    package func definitionsMark() throws -> DefinitionsMark {
        try DefinitionsMark(self)
    }

    /// Which files a company's definitions in force came from.
    package func publishedFiles() throws -> [PublishedFile] {
        try all(PublishedFile.self, PublishedFile.select + " AND d.state <> 'retired'", [company])
    }

    /// The newest version of a definition, whatever its state.
    package func definition(_ kind: DefinitionKind, _ name: String) throws -> DefinitionRow? {
        try all(
            DefinitionRow.self, DefinitionRow.select + " WHERE d.company_id = ? AND d.kind = ? AND d.name = ?",
            [company, kind.rawValue, name]
        ).max(by: DefinitionRow.isOlder)
    }

    /// The problems of a company's files, by file and place.
    package func problems() throws -> [Diagnostic] { try fetchProblems() }

    fileprivate func fetchProblems() throws -> [Diagnostic] {
        try all(Row.self, "SELECT * FROM problem WHERE company_id = ? ORDER BY id", [company]).map { row in
            Diagnostic(
                file: row["file"], position: Position(line: row["line_number"], column: row["column_number"]),
                severity: try Column.word(row["severity"]), message: row["message"],
                suggestion: row["suggestion"])
        }
    }

    /// The ticket types that are offered: active, with an active workflow or the built-in one.
    package func ticketTypes() throws -> [TicketDefinition] {
        let ids = try all(
            RevisionID.self,
            """
            SELECT r.id FROM definition d JOIN revision r ON r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind = 'ticket' AND d.state = 'active' ORDER BY d.name
            """, [company])
        return try ids.map { try revisions.ticket($0, self) }.filter { !$0.isRetired }
    }

    /// One ticket type that is offered, with the revision that a form shown now belongs to.
    package func ticketType(_ name: String) throws -> (definition: TicketDefinition, revision: RevisionID)? {
        guard
            let id = try first(
                RevisionID.self,
                """
                SELECT r.id FROM definition d JOIN revision r ON r.definition_id = d.id AND r.is_current = 1
                WHERE d.company_id = ? AND d.kind = 'ticket' AND d.state = 'active' AND d.name = ?
                """, [company, name])
        else { return nil }
        let definition = try revisions.ticket(id, self)
        return definition.isRetired ? nil : (definition, id)
    }

    /// Every text that a definition ever had, the newest first.
    package func revisions(ofDefinition id: DefinitionID) throws -> [RevisionRow] {
        try all(
            RevisionRow.self,
            """
            SELECT id, sha256, source, published_at_ms FROM revision
            WHERE definition_id = (SELECT id FROM definition WHERE company_id = ? AND id = ?)
            ORDER BY published_at_ms DESC, id DESC
            """, [company, id])
    }

    /// Any revision, decoded.
    package func revision(_ id: RevisionID) throws -> Definition { try revisions.definition(id, self) }

    /// The newest active revision of a name, of its version or of the highest.
    func newestRevision(kind: DefinitionKind, name: DefinitionName) throws -> RevisionID? {
        try all(
            DefinitionRow.self,
            DefinitionRow.select
                + " WHERE d.company_id = ? AND d.kind = ? AND d.name = ? AND d.state = 'active'",
            [company, kind.rawValue, name.name]
        )
        .filter { name.version == nil || name.version == $0.version }
        .max(by: DefinitionRow.isOlder)?.revisionID
    }
}

extension CompanyWriteSession {
    /// - Parameter model: the definition as its column holds it; nil: somebody published meanwhile, and it is made here.
    fileprivate func writeRevision(_ publication: Publication, model: String?, now: Int64) throws {
        let definition = publication.definition
        let state = publication.isComplete ? DefinitionRow.State.active : .incomplete
        let id = try first(
            DefinitionID.self,
            """
            INSERT INTO definition (company_id, kind, name, version, state, file, has_schedule, updated_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (company_id, kind, name, version) DO UPDATE SET
                state = excluded.state, file = excluded.file, has_schedule = excluded.has_schedule,
                updated_at_ms = excluded.updated_at_ms
            RETURNING id
            """,
            [
                company, definition.kind.rawValue, definition.name, definition.version, state.rawValue,
                publication.file, definition.hasSchedule, now,
            ])
        guard let id else { throw StoreError.notFound }
        try run(
            """
            INSERT INTO revision (company_id, definition_id, sha256, source, model, published_at_ms)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (definition_id, sha256) DO NOTHING
            """, [company, id, publication.sha256, publication.source, try model ?? Column.text(definition), now])
        try run(
            """
            UPDATE revision SET is_current = 0
            WHERE company_id = ? AND definition_id = ? AND is_current = 1 AND sha256 <> ?
            """, [company, id, publication.sha256])
        try run(
            "UPDATE revision SET is_current = 1 WHERE company_id = ? AND definition_id = ? AND sha256 = ?",
            [company, id, publication.sha256])
    }

    /// Nothing new starts from a definition any more.
    package func retireDefinition(_ id: DefinitionID, now: Int64) throws {
        try run(
            "UPDATE definition SET state = 'retired', updated_at_ms = ? WHERE id = ? AND company_id = ?",
            [now, id, company])
        let name = try first(
            String.self, "SELECT kind || ' ' || name FROM definition WHERE id = ? AND company_id = ?",
            [id, company])
        try audit(.definitionRetired, name ?? "definition \(id)", now: now)
    }

    fileprivate func replaceProblems(_ problems: [Diagnostic]) throws {
        try run("DELETE FROM problem WHERE company_id = ?", [company])
        for problem in problems {
            try run(
                """
                INSERT INTO problem
                    (company_id, file, line_number, column_number, severity, message, suggestion)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    company, problem.file, problem.position.line, problem.position.column, problem.severity.rawValue,
                    problem.message, problem.suggestion,
                ])
        }
    }
}

extension CompanyStore {
    /// Makes a company's definitions what its files say, in one transaction.
    ///
    /// Idempotent: where all is so already, nothing is written. A revision that was published before becomes current
    /// again.
    /// - Parameters:
    ///   - publications: the definitions that are to be current.
    ///   - kept: files that cannot be read at present; what they published last stays.
    ///   - mark: taken before the first file was read: what somebody else has changed since is neither overwritten nor
    ///     retired; nil: nobody else publishes.
    ///   - problems: all problems of the company's files, in the order to show.
    package func publish(
        _ publications: [Publication], keeping kept: Set<String>, since mark: DefinitionsMark? = nil,
        problems: [Diagnostic], now: Int64
    ) async throws -> PublishedChanges {
        let (found, isCurrent) = try await read { db in
            let plan = try PublishingPlan(db, publications, keeping: kept, since: mark)
            return (plan, try plan.isEmpty && db.fetchProblems() == problems)
        }
        if isCurrent { return found.changes }
        let models = try Self.models(found.changed)
        return try await write { db in
            let plan = try PublishingPlan(db, publications, keeping: kept, since: mark)
            for publication in plan.changed {
                try db.writeRevision(publication, model: models[publication.key], now: now)
            }
            for row in plan.retired {
                try db.run(
                    "UPDATE definition SET state = 'retired', updated_at_ms = ? WHERE company_id = ? AND id = ?",
                    [now, company, row.id])
            }
            try db.replaceProblems(problems)
            return plan.changes
        }
    }

    /// Publishes one definition without looking at the others: what an upload or an edit on the web does.
    package func publish(
        _ publication: Publication, now: Int64
    ) async throws -> PublishedChanges {
        let models = try Self.models([publication])
        return try await write { db in
            let plan = try PublishingPlan(db, [publication], keeping: nil, since: nil)
            for publication in plan.changed {
                try db.writeRevision(publication, model: models[publication.key], now: now)
                let definition = publication.definition
                try db.audit(
                    .definitionPublished, "\(definition.kind.rawValue) \(definition.name)",
                    new: .string(publication.sha256), now: now)
            }
            return plan.changes
        }
    }

    /// Definitions as their column holds them, by `Publication.key`: made before the transaction.
    fileprivate static func models(_ publications: [Publication]) throws -> [String: String] {
        try publications.reduce(into: [:]) { $0[$1.key] = try Column.text($1.definition) }
    }

    /// A company's definitions in force as a catalog takes them, with what they name.
    /// - Parameter files: only what came from these; nil: all.
    package func catalogEntries(files: Set<String>? = nil) async throws -> [Catalog.Entry] {
        let (slug, rows) = try await read { session in
            (try session.companyRecord().slug, try session.publishedFiles())
        }
        var entries: [Catalog.Entry] = []
        for row in rows where files?.contains(row.file) ?? true {
            if let entry = try await site.revisions.entry(row, slug: slug, self) { entries.append(entry) }
        }
        return entries
    }
}

extension DefinitionRow {
    /// Those of a company's problems that concern this definition: its file's, and those of a directory above it.
    package func problems(among all: [Diagnostic]) -> [Diagnostic] {
        all.filter { $0.file == file || file.hasPrefix($0.file + "/") }
    }

    static func isOlder(_ left: DefinitionRow, _ right: DefinitionRow) -> Bool {
        if SemanticVersion.isLower(left.version, right.version) { return true }
        if SemanticVersion.isLower(right.version, left.version) { return false }
        // Versions that differ in their build alone: the one published later is the newer.
        return (left.updatedAtMs, left.id) < (right.updatedAtMs, right.id)
    }
}

extension DefinitionRow: RowReadable {
    package init(row: Row) throws {
        id = row["id"]
        kind = try Column.word(row["kind"])
        name = row["name"]
        version = row["version"]
        state = try Column.word(row["state"])
        file = row["file"]
        revisionID = row["revision_id"]
        sha256 = row["sha256"]
        source = row["source"]
        updatedAtMs = row["updated_at_ms"]
    }
}

extension RevisionRow: RowReadable {
    package init(row: Row) {
        id = row["id"]
        sha256 = row["sha256"]
        source = row["source"]
        publishedAtMs = row["published_at_ms"]
    }
}

extension PublishedFile: RowReadable {
    package init(row: Row) throws {
        id = row["id"]
        kind = try Column.word(row["kind"])
        name = row["name"]
        version = row["version"]
        state = try Column.word(row["state"])
        file = row["file"]
        sha256 = row["sha256"]
    }
}
