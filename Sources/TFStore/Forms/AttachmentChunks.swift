import TFDefinition
import TFEngine

/// The content of uploaded files in rows (`AttachmentHome.rows`). Each chunk has a transaction of its own, so that a slow
/// sender holds no connection, and a file is never in memory as a whole.
extension CompanyStore {
    /// How many bytes a chunk has; the last one may have less.
    package static let chunkBytes = 256 << 10

    /// Adds the next chunk of a file.
    /// - Parameter place: its place in the file, from 0.
    package func addChunk(_ bytes: [UInt8], _ place: Int, of file: AttachmentID, now: Int64) async throws {
        try await site.writeAside(in: company) { session in
            try session.run(
                """
                INSERT INTO attachment_chunk (company_id, attachment_id, place, content, created_at_ms)
                VALUES (?, ?, ?, ?, ?)
                """, [session.company, file, place, bytes, now])
        }
    }

    /// A chunk of a file; nil: the file has less, or is gone.
    package func chunk(_ place: Int, of file: AttachmentID) async throws -> [UInt8]? {
        try await read { session in
            try session.first(
                Row.self,
                "SELECT content FROM attachment_chunk WHERE company_id = ? AND attachment_id = ? AND place = ?",
                [session.company, file, place]
            ).map { $0["content"] as [UInt8] }
        }
    }

    /// Removes the content of a file; nothing happens if there is none.
    /// - Parameter leader: the daemon that looks for content of no file; nil: whoever removes the file itself.
    /// - Throws: `StoreError.notLeader`.
    package func removeChunks(of file: AttachmentID, leader: Leadership? = nil) async throws {
        try await site.writeAside(in: company) { session in
            if let leader { try session.site.check(leader) }
            try session.run(
                "DELETE FROM attachment_chunk WHERE company_id = ? AND attachment_id = ?", [session.company, file])
        }
    }
}

extension ReadSession {
    /// Content that was begun before a moment and is no file's.
    func strayContent(before moment: Int64, limit: Int) throws -> [AttachmentKey] {
        try all(
            AttachmentKey.self,
            """
            SELECT c.company_id, c.attachment_id AS id FROM attachment_chunk c
            WHERE c.place = 0 AND c.created_at_ms < ?
                AND NOT EXISTS (
                    SELECT 1 FROM attachment a WHERE a.company_id = c.company_id AND a.id = c.attachment_id)
            ORDER BY c.created_at_ms LIMIT ?
            """, [moment, limit])
    }
}
