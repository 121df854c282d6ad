import TFDefinition
import TFEngine

/// A text that a file of a company has, or had, in the store.
package struct StoredText: Sendable, Hashable {
    package let revision: RevisionID
    /// The path of the file, as whoever published it last has written it.
    package let file: String
    package let sha256: String
    /// Whether it is the text in force.
    package let isCurrent: Bool
    /// When its definition was changed last.
    package let updatedAtMs: Int64
}

extension StoredText: RowReadable {
    package init(row: Row) {
        let (number, state): (Int64, String) = (row["is_current"], row["state"])
        self.init(
            revision: row["id"], file: row["file"], sha256: row["sha256"],
            isCurrent: number == 1 && state != DefinitionRow.State.retired.rawValue, updatedAtMs: row["updated_at_ms"])
    }
}

extension ReadSession {
    /// For each company a number that is another one after each publication, by slug.
    package func publicationsByCompany() throws -> [String: Int64] {
        try all(
            Row.self,
            """
            SELECT c.slug, CAST(SUM(d.updated_at_ms) AS BIGINT) AS changes
            FROM definition d JOIN company c ON c.id = d.company_id GROUP BY c.slug
            """
        ).reduce(into: [:]) { $0[$1["slug"]] = $1["changes"] as Int64 }
    }
}

extension CompanyReadSession {
    /// Every text that a file of the company ever had.
    package func storedTexts() throws -> [StoredText] {
        try all(
            StoredText.self,
            """
            SELECT r.id, d.file, d.state, d.updated_at_ms, r.sha256, r.is_current FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id WHERE d.company_id = ?
            """, [company])
    }

    /// The text of a revision.
    package func source(of revision: RevisionID) throws -> String? {
        try first(String.self, "SELECT source FROM revision WHERE company_id = ? AND id = ?", [company, revision])
    }

    /// The texts of revisions, without those that are not there.
    package func sources(of revisions: [RevisionID]) throws -> [RevisionID: String] {
        try revisions.reduce(into: [:]) { $0[$1] = try source(of: $1) }
    }
}
