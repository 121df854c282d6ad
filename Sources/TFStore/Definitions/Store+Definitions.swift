import GRDB
import TFDefinition

/// A definition's row with its current revision.
package struct DefinitionRow: StoredRecord, Hashable {
    package enum State: String, Sendable, Codable {
        case active
        case incomplete
        case retired
    }

    package let id: Int64
    package let kind: DefinitionKind
    package let name: String
    package let version: String
    package let state: State
    package let file: String
    package let revisionID: Int64
    package let sha256: String
    package let source: String
    package let updatedAtMs: Int64

    private enum CodingKeys: String, CodingKey {
        case id
        case kind
        case name
        case version
        case state
        case file
        case revisionID = "revisionId"
        case sha256
        case source
        case updatedAtMs
    }

    static let select = """
        SELECT d.id, d.kind, d.name, d.version, d.state, d.file, d.revision_id, r.sha256, r.source, d.updated_at_ms
        FROM definition d JOIN revision r ON r.id = d.revision_id
        """
}

/// One file's definition, ready to be published.
package struct Publication: Sendable {
    package let definition: Definition
    package let source: String
    package let sha256: String
    package let file: String
    package let isComplete: Bool

    package init(definition: Definition, source: String, sha256: String, file: String, isComplete: Bool) {
        self.definition = definition
        self.source = source
        self.sha256 = sha256
        self.file = file
        self.isComplete = isComplete
    }
}

extension Store {
    /// Makes a company's definitions what its files say, in one transaction.
    ///
    /// Idempotent: bytes that are current already change nothing. A revision that was published before becomes current
    /// again.
    /// - Parameters:
    ///   - publications: the definitions that are to be current.
    ///   - kept: files that cannot be read at present; what they published last stays.
    ///   - problems: all problems of the company's files, in the order to show.
    /// - Returns: what changed, for the log: the names of published and of retired definitions.
    package func publish(
        _ publications: [Publication], keeping kept: Set<String>, problems: [Diagnostic], company: Int64, now: Int64
    ) async throws -> (published: [String], retired: [String]) {
        try await write { db in
            var published: [String] = []
            var current: Set<Int64> = []
            for publication in publications {
                let (id, isNew) = try publish(db, publication, company: company, now: now)
                current.insert(id)
                if isNew { published.append("\(publication.definition.kind.rawValue) \(publication.definition.name)") }
            }
            let retired = try retire(db, except: current, keeping: kept, company: company, now: now)
            try replaceProblems(db, problems, company: company)
            return (published, retired)
        }
    }

    /// Publishes one definition without looking at the others: what an upload or an edit on the web does.
    package func publish(_ publication: Publication, company: Int64, now: Int64) async throws {
        _ = try await write { db in try publish(db, publication, company: company, now: now) }
    }

    private func publish(
        _ db: Database, _ publication: Publication, company: Int64, now: Int64
    ) throws -> (id: Int64, isNew: Bool) {
        let definition = publication.definition
        let state = publication.isComplete ? DefinitionRow.State.active : .incomplete
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT d.id, d.state, d.file, r.sha256
                FROM definition d LEFT JOIN revision r ON r.id = d.revision_id
                WHERE d.company_id = ? AND d.kind = ? AND d.name = ? AND d.version = ?
                """, arguments: [company, definition.kind.rawValue, definition.name, definition.version])
        if let row, row["sha256"] == publication.sha256, row["state"] == state.rawValue, row["file"] == publication.file
        {
            return (row["id"], false)
        }
        let id: Int64 =
            try row.map { $0["id"] }
            ?? Int64.fetchOne(
                db,
                sql: """
                    INSERT INTO definition (company_id, kind, name, version, state, file, updated_at_ms)
                    VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id
                    """,
                arguments: [
                    company, definition.kind.rawValue, definition.name, definition.version, state.rawValue,
                    publication.file, now,
                ]) ?? 0
        try db.execute(
            sql: """
                INSERT INTO revision (definition_id, sha256, source, model, published_at_ms) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (definition_id, sha256) DO NOTHING
                """,
            arguments: [id, publication.sha256, publication.source, try Column.text(definition), now])
        try db.execute(
            sql: """
                UPDATE definition SET state = ?, file = ?, updated_at_ms = ?,
                    revision_id = (SELECT id FROM revision WHERE definition_id = ? AND sha256 = ?)
                WHERE id = ?
                """, arguments: [state.rawValue, publication.file, now, id, publication.sha256, id])
        return (id, row?["sha256"] != publication.sha256)
    }

    private func retire(
        _ db: Database, except current: Set<Int64>, keeping kept: Set<String>, company: Int64, now: Int64
    ) throws -> [String] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT id, kind, name, file FROM definition WHERE company_id = ? AND state <> 'retired'",
            arguments: [company])
        var retired: [String] = []
        for row in rows where !current.contains(row["id"]) && !kept.contains(row["file"]) {
            try db.execute(
                sql: "UPDATE definition SET state = 'retired', updated_at_ms = ? WHERE id = ?",
                arguments: [now, row["id"] as Int64])
            retired.append("\(row["kind"] as String) \(row["name"] as String)")
        }
        return retired
    }

    private func replaceProblems(_ db: Database, _ problems: [Diagnostic], company: Int64) throws {
        // Every look at the directory ends here; only what changed is written.
        guard try fetchProblems(db, company) != problems else { return }
        try db.execute(sql: "DELETE FROM problem WHERE company_id = ?", arguments: [company])
        for problem in problems {
            try db.execute(
                sql: """
                    INSERT INTO problem
                        (company_id, file, line_number, column_number, severity, message, suggestion)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    company, problem.file, problem.position.line, problem.position.column, problem.severity.rawValue,
                    problem.message, problem.suggestion,
                ])
        }
    }

    // MARK: Reading

    /// All definitions of a company, by kind and name.
    package func definitions(_ company: Int64) async throws -> [DefinitionRow] {
        try await pool.read { db in
            try DefinitionRow.fetchAll(
                db, sql: DefinitionRow.select + " WHERE d.company_id = ? ORDER BY d.kind, d.name, d.version",
                arguments: [company])
        }
    }

    /// The newest version of a definition, whatever its state.
    package func definition(_ company: Int64, _ kind: DefinitionKind, _ name: String) async throws -> DefinitionRow? {
        try await pool.read { db in
            try DefinitionRow.fetchAll(
                db, sql: DefinitionRow.select + " WHERE d.company_id = ? AND d.kind = ? AND d.name = ?",
                arguments: [company, kind.rawValue, name]
            ).max(by: DefinitionRow.isOlder)
        }
    }

    /// The problems of a company's files, by file and place.
    package func problems(_ company: Int64) async throws -> [Diagnostic] {
        try await pool.read { db in try fetchProblems(db, company) }
    }

    private func fetchProblems(_ db: Database, _ company: Int64) throws -> [Diagnostic] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM problem WHERE company_id = ? ORDER BY id", arguments: [company]
        ).map { row in
            Diagnostic(
                file: row["file"], position: Position(line: row["line_number"], column: row["column_number"]),
                severity: Diagnostic.Severity(rawValue: row["severity"]) ?? .error, message: row["message"],
                suggestion: row["suggestion"])
        }
    }

    /// The ticket types that are offered: active, with an active workflow or the built-in one.
    package func ticketTypes(_ company: Int64) async throws -> [TicketDefinition] {
        try await pool.read { db in
            let ids = try Int64.fetchAll(
                db,
                sql: """
                    SELECT revision_id FROM definition
                    WHERE company_id = ? AND kind = 'ticket' AND state = 'active' ORDER BY name
                    """, arguments: [company])
            return try ids.map { try revisions.ticket($0, db) }.filter { !$0.isRetired }
        }
    }

    /// One ticket type that is offered, with the revision that a form shown now belongs to.
    package func ticketType(
        _ company: Int64, _ name: String
    ) async throws -> (definition: TicketDefinition, revision: Int64)? {
        try await pool.read { db in
            guard
                let id = try Int64.fetchOne(
                    db,
                    sql: """
                        SELECT revision_id FROM definition
                        WHERE company_id = ? AND kind = 'ticket' AND state = 'active' AND name = ?
                        """, arguments: [company, name])
            else { return nil }
            let definition = try revisions.ticket(id, db)
            return definition.isRetired ? nil : (definition, id)
        }
    }

    /// Any revision, decoded.
    package func revision(_ id: Int64) async throws -> Definition {
        try await pool.read { db in try revisions.definition(id, db) }
    }

    /// The newest active revision of a name, of its version or of the highest.
    func newestRevision(
        _ db: Database, company: Int64, kind: DefinitionKind, name: DefinitionName
    ) throws -> Int64? {
        try DefinitionRow.fetchAll(
            db,
            sql: DefinitionRow.select
                + " WHERE d.company_id = ? AND d.kind = ? AND d.name = ? AND d.state = 'active'",
            arguments: [company, kind.rawValue, name.name]
        )
        .filter { name.version == nil || name.version == $0.version }
        .max(by: DefinitionRow.isOlder)?.revisionID
    }
}

extension DefinitionRow {
    static func isOlder(_ left: DefinitionRow, _ right: DefinitionRow) -> Bool {
        guard let first = SemanticVersion(left.version), let second = SemanticVersion(right.version) else {
            return left.version < right.version
        }
        return first < second
    }
}
