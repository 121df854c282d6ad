import TFDefinition
import TFEngine

/// A definition with its current revision.
package struct DefinitionRow: Sendable, Hashable {
    /// `incomplete`: it names another definition or a role that does not exist. `retired`: it is out of force.
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
    /// The path of its file, as it was when it was published.
    package let file: String
    package let revisionID: RevisionID
    package let sha256: String
    /// The text of its file.
    package let source: String
    /// When its text was first published, in milliseconds since 1970.
    package let publishedAtMs: Int64
    /// When its text, its state or its file changed last, in milliseconds since 1970.
    package let updatedAtMs: Int64

    static let select = """
        SELECT d.id, d.kind, d.name, d.version, d.state, d.file, r.id AS revision_id, r.sha256, r.source,
            r.published_at_ms, d.updated_at_ms
        FROM definition d JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
        """
}

/// A revision: one text of a definition.
package struct RevisionRow: Sendable, Hashable {
    package let id: RevisionID
    package let sha256: String
    package let source: String
    /// Milliseconds since 1970.
    package let publishedAtMs: Int64
}

/// A definition and the file that it came from.
package struct PublishedFile: Sendable, Hashable {
    package let id: DefinitionID
    package let kind: DefinitionKind
    package let name: String
    package let version: String
    package let state: DefinitionRow.State
    package let file: String
    package let sha256: String

    /// Kind, name and version in one key.
    package var identity: String { Definition.identity(kind, name, version) }

    static let select = """
        SELECT d.id, d.kind, d.name, d.version, d.state, d.file, r.sha256
        FROM definition d
        JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
        WHERE d.company_id = ?
        """
}

/// What a company's texts are checked against: where it is the same, a check would find the same.
package struct DefinitionsBasis: Sendable, Hashable {
    /// The definitions in force, by their ids.
    let files: [PublishedFile]
    /// The diagnostics of the company's files, in the order to show them.
    package let problems: [Diagnostic]
    /// The names of its roles.
    package let roles: Set<String>
    /// The kinds and names of what is out of force, each as `task approve`.
    package let retired: Set<String>
}

extension ReadSession {
    /// The company roles that each company declares, by its slug. Besides the files, they decide which definitions are
    /// complete.
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
    /// All definitions of the company, retired ones too, by kind, name and version.
    package func definitions() throws -> [DefinitionRow] {
        try all(
            DefinitionRow.self, DefinitionRow.select + " WHERE d.company_id = ? ORDER BY d.kind, d.name, d.version",
            [company])
    }

    /// The present state of the company's definitions, to be taken before its files are read; see
    /// `CompanyStore.publish`.
    package func definitionsMark() throws -> DefinitionsMark {
        try DefinitionsMark(self)
    }

    /// The company's definitions that are not retired, with their files.
    package func publishedFiles() throws -> [PublishedFile] {
        try all(PublishedFile.self, PublishedFile.select + " AND d.state <> 'retired'", [company])
    }

    /// The texts of every version of the company's definitions, retired ones included, by the definition's identity.
    package func versionTexts() throws -> [String: VersionTexts] {
        let rows = try all(
            Row.self,
            """
            SELECT d.kind, d.name, d.version, r.sha256, CASE WHEN EXISTS (
                SELECT 1 FROM revision o
                WHERE o.company_id = d.company_id AND o.definition_id = d.id AND o.is_current = 0
            ) THEN 1 ELSE 0 END AS has_older
            FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ?
            """, [company])
        return try rows.reduce(into: [:]) { texts, row in
            let identity = Definition.identity(try Column.word(row["kind"]), row["name"], row["version"])
            texts[identity] = VersionTexts(newest: row["sha256"], hasOlder: row["has_older"])
        }
    }

    /// What a company's texts are checked against, besides themselves.
    package func definitionsBasis() throws -> DefinitionsBasis {
        DefinitionsBasis(
            files: try publishedFiles().sorted { $0.id < $1.id }, problems: try problems(), roles: try companyRoles(),
            retired: try retiredNames())
    }

    /// The kinds and names of retired definitions, each as `task approve`; of some another version is in force.
    package func retiredNames() throws -> Set<String> {
        let rows = try all(
            Row.self, "SELECT DISTINCT kind, name FROM definition WHERE company_id = ? AND state = 'retired'", [company]
        )
        return Set(rows.map { row in "\(row["kind"] as String) \(row["name"] as String)" })
    }

    /// The newest version of a definition in any state; nil: there is none.
    package func definition(_ kind: DefinitionKind, _ name: String) throws -> DefinitionRow? {
        try all(
            DefinitionRow.self, DefinitionRow.select + " WHERE d.company_id = ? AND d.kind = ? AND d.name = ?",
            [company, kind.rawValue, name]
        ).max { $0.age < $1.age }
    }

    /// The diagnostics of the company's files, in the order to show them.
    package func problems() throws -> [Diagnostic] { try fetchProblems() }

    func fetchProblems() throws -> [Diagnostic] {
        try all(Row.self, "SELECT * FROM problem WHERE company_id = ? ORDER BY id", [company]).map { row in
            Diagnostic(
                file: row["file"], position: Position(line: row["line_number"], column: row["column_number"]),
                severity: try Column.word(row["severity"]), message: row["message"],
                suggestion: row["suggestion"])
        }
    }

    /// The ticket types that can be chosen for a new ticket, by name.
    package func ticketTypes() throws -> [TicketDefinition] {
        let ids = try all(
            RevisionID.self,
            """
            SELECT r.id FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind = 'ticket' AND d.state = 'active' ORDER BY d.name
            """, [company])
        return try ids.map { try revisions.ticket($0, self) }.filter { !$0.isRetired }
    }

    /// A ticket type that can be chosen for a new ticket, with its current revision, which the form has to name; nil:
    /// there is none.
    package func ticketType(_ name: String) throws -> (definition: TicketDefinition, revision: RevisionID)? {
        guard
            let id = try first(
                RevisionID.self,
                """
                SELECT r.id FROM definition d
                JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
                WHERE d.company_id = ? AND d.kind = 'ticket' AND d.state = 'active' AND d.name = ?
                """, [company, name])
        else { return nil }
        let definition = try revisions.ticket(id, self)
        return definition.isRetired ? nil : (definition, id)
    }

    /// All revisions of a definition, the newest first.
    package func revisions(ofDefinition id: DefinitionID) throws -> [RevisionRow] {
        try all(
            RevisionRow.self,
            """
            SELECT id, sha256, source, published_at_ms FROM revision
            WHERE company_id = ? AND definition_id = ?
            ORDER BY published_at_ms DESC, id DESC
            """, [company, id])
    }

    /// Whether a text was ever published under a name, in whichever version.
    package func hasPublished(_ sha256: String, as kind: DefinitionKind, _ name: String) throws -> Bool {
        try first(
            RevisionID.self,
            """
            SELECT r.id FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id
            WHERE d.company_id = ? AND d.kind = ? AND d.name = ? AND r.sha256 = ? LIMIT 1
            """, [company, kind.rawValue, name, sha256]) != nil
    }

    /// A revision of the company, decoded.
    /// - Throws: `StoreError.notFound`.
    package func revision(_ id: RevisionID) throws -> Definition { try revisions.definition(id, self) }

    /// A definition in force with the names that it refers to, as an entry of a catalog; nil: this version of the
    /// programs rejects its text.
    package func catalogEntry(_ row: DefinitionRow) throws -> Catalog.Entry? {
        revisions.entry(row, slug: try companyRecord().slug)
    }

    /// The current revision of an active definition: of the named version, or of the highest one; nil: there is none.
    func newestRevision(kind: DefinitionKind, name: DefinitionName) throws -> RevisionID? {
        try newestRevisions(kind: kind, names: [name])[name]
    }

    /// The same of several definitions; those that have none are missing.
    func newestRevisions(
        kind: DefinitionKind, names: some Collection<DefinitionName>
    ) throws -> [DefinitionName: RevisionID] {
        guard !names.isEmpty else { return [:] }
        let named = SQLCondition.isOneOf("d.name", Set(names.map(\.name)).sorted())
        let rows = try all(
            Row.self,
            """
            SELECT d.id, d.name, d.version, d.updated_at_ms, r.id AS revision_id
            FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind = ? AND d.state = 'active' AND \(named.sql)
            """, [company, kind.rawValue] + named.arguments)
        let known = rows.map { row in
            let age = DefinitionAge(version: row["version"], updatedAtMs: row["updated_at_ms"], id: row["id"])
            return (name: row["name"] as String, age: age, revision: row["revision_id"] as RevisionID)
        }
        return names.reduce(into: [:]) { newest, name in
            newest[name] =
                known.filter { $0.name == name.name && (name.version == nil || name.version == $0.age.version) }
                .max { $0.age < $1.age }?.revision
        }
    }
}

extension CompanyStore {
    /// The company's definitions that are not retired, with the names that they refer to, as entries of a catalog.
    /// - Parameter files: only definitions from these files; nil: all.
    package func catalogEntries(files: Set<String>? = nil) async throws -> [Catalog.Entry] {
        let rows = try await read { try $0.publishedFiles() }
        return try await catalogEntries(of: rows.filter { files?.contains($0.file) ?? true })
    }

    /// The definitions that texts are checked against.
    package func catalogEntries(of basis: DefinitionsBasis) async throws -> [Catalog.Entry] {
        try await catalogEntries(of: basis.files)
    }

    private func catalogEntries(of files: [PublishedFile]) async throws -> [Catalog.Entry] {
        let slug = try await read { try $0.companyRecord().slug }
        var entries: [Catalog.Entry] = []
        for row in files {
            if let entry = try await site.revisions.entry(row, slug: slug, self) { entries.append(entry) }
        }
        return entries
    }
}

extension DefinitionRow {
    /// The diagnostics that concern this definition: those of its file, and of the directories above it.
    package func problems(among all: [Diagnostic]) -> [Diagnostic] {
        all.filter { $0.file == file || file.hasPrefix($0.file + "/") }
    }

    fileprivate var age: DefinitionAge { DefinitionAge(version: version, updatedAtMs: updatedAtMs, id: id) }
}

/// Which of several versions of a definition is the newest.
private struct DefinitionAge: Comparable {
    let version: String
    let updatedAtMs: Int64
    let id: DefinitionID

    static func < (left: DefinitionAge, right: DefinitionAge) -> Bool {
        if SemanticVersion.isLower(left.version, right.version) { return true }
        if SemanticVersion.isLower(right.version, left.version) { return false }
        // The versions differ only in their build metadata: the one that was published later counts as newer.
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
        publishedAtMs = row["published_at_ms"]
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
