import TFDefinition
import TFEngine

/// A file of a definition that a page changes: first the definition in the store, then the file.
///
/// The store wins. If tf-web ends between the two, the daemon changes the file before it reads it: the text that the file
/// still has must not come into force again. It is the same change only as long as the file has that text; one that
/// somebody has edited since is read as it is.
package struct PendingFile: Sendable, Hashable {
    /// Its path.
    package let file: String
    /// The SHA-256 of the text that it had before; nil: there was no file.
    package let before: String?
    /// The revision whose text it is to have; nil: its definition is retired, and it is to be removed.
    package let revision: RevisionID?
    /// The SHA-256 of that text.
    package let after: String?
    /// When the definition was changed.
    package let updatedAtMs: Int64
}

extension PendingFile: RowReadable {
    package init(row: Row) throws {
        let (before, sha256, revision): (String, String, RevisionID) = (
            row["file_before"], row["sha256"], row["revision_id"]
        )
        let state: DefinitionRow.State = try Column.word(row["state"])
        let isRetired = state == .retired
        self.init(
            file: row["file"], before: before.isEmpty ? nil : before, revision: isRetired ? nil : revision,
            after: isRetired ? nil : sha256, updatedAtMs: row["updated_at_ms"])
    }
}

extension CompanyReadSession {
    /// The company's files that a page has begun to change, by path.
    package func pendingFiles() throws -> [PendingFile] {
        try all(
            PendingFile.self,
            """
            SELECT d.file, d.file_before, d.state, d.updated_at_ms, r.id AS revision_id, r.sha256
            FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.file_before IS NOT NULL ORDER BY d.file, d.id
            """, [company])
    }
}

extension CompanyWriteSession {
    /// Notes that a file is as its definition's change wanted it, or is not to be changed any more.
    /// - Parameter updatedAtMs: when the definition was changed; a later change of it has a file of its own to change.
    package func fileIsChanged(_ file: String, since updatedAtMs: Int64) throws {
        try run(
            "UPDATE definition SET file_before = NULL WHERE company_id = ? AND file = ? AND updated_at_ms = ?",
            [company, file, updatedAtMs])
    }
}
