import TFEngine

/// A key in Redis that another program had changed and that the daemon repaired.
package struct MendedKey: Sendable, Hashable {
    package let name: String
    /// The company's slug; nil: a key of the whole site.
    package let company: String?
    package let finding: Finding
    /// Redis's names of the type that the key had and of the type that it must have.
    package let foundType: String
    package let expectedType: String
    /// When it was repaired last, in milliseconds since 1970.
    package let atMs: Int64

    /// What was wrong: the column `mended_key.finding`.
    package enum Finding: String, Sendable, Hashable, CaseIterable {
        /// It had another type.
        case type
        /// It held text instead of a number, or a number that this program never writes.
        case content
        /// It had an expiry.
        case expiry
    }

    /// - Parameter types: the type that it had and the type that it must have.
    package init(
        name: String, company: String?, finding: Finding, types: (found: String, expected: String), atMs: Int64
    ) {
        self.name = name
        self.company = company
        self.finding = finding
        foundType = types.found
        expectedType = types.expected
        self.atMs = atMs
    }
}

extension MendedKey: RowReadable {
    package init(row: Row) throws {
        name = row["name"]
        company = row["company"]
        finding = try Column.word(row["finding"])
        foundType = row["found_type"]
        expectedType = row["expected_type"]
        atMs = row["at_ms"]
    }
}

extension ReadSession {
    /// The keys that were repaired since a moment, in milliseconds since 1970, the latest first, at most 100.
    package func mendedKeys(since moment: Int64) throws -> [MendedKey] {
        try all(
            MendedKey.self,
            """
            SELECT m.name, c.slug AS company, m.finding, m.found_type, m.expected_type, m.at_ms
            FROM mended_key m LEFT JOIN company c ON c.id = m.company_id
            WHERE m.at_ms >= ? ORDER BY m.at_ms DESC, m.name LIMIT 100
            """, [moment])
    }
}

extension CompanyReadSession {
    /// The ids of the company's jobs that are in a Redis list or counted there.
    package func queuedJobs() throws -> [String] {
        try all(
            Row.self,
            """
            SELECT k.id, k.attempt FROM task k WHERE k.company_id = ? AND \(TaskSQL.isQueued)
            """, [company]
        ).map { TaskRecord.jobID(task: $0["id"], attempt: $0["attempt"]) }
    }
}

extension WriteSession {
    /// Records repaired keys, one row per key however often it is repaired.
    /// - Throws: `StoreError.notLeader`.
    package func noteMended(_ keys: [MendedKey], leader: Leadership) throws {
        guard !keys.isEmpty else { return }
        try check(leader)
        for key in keys {
            try run(
                """
                INSERT INTO mended_key (name, company_id, finding, found_type, expected_type, at_ms)
                VALUES (?, (SELECT id FROM company WHERE slug = ?), ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET finding = excluded.finding, found_type = excluded.found_type,
                    expected_type = excluded.expected_type, at_ms = excluded.at_ms
                """,
                [key.name, key.company, key.finding.rawValue, key.foundType, key.expectedType, key.atMs])
        }
    }
}

extension Store {
    /// How long a repaired key is shown to the operator, in milliseconds.
    package static let mendedKeyLifetime: Int64 = 86_400_000
}
