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

    func fetchProblems() throws -> [Diagnostic] {
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

extension CompanyStore {
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
