import TFDefinition
import TFEngine
import TFExpression
import TFSystem

/// An uploaded file.
package struct Attachment: Sendable, Hashable {
    package let id: AttachmentID
    package let companyID: CompanyID
    /// The account that uploaded it.
    package let accountID: AccountID
    package let name: String
    package let mediaType: String
    /// In bytes.
    package let size: Int
    /// Milliseconds since 1970.
    package let createdAtMs: Int64
    /// The task whose form it answers; nil: none.
    package let taskID: TaskID?
    /// The id of the form's field that it answers; nil: it was added to the ticket itself, or is unused.
    package let field: String?

    var upload: FormUpload { FormUpload(id: id, name: name, mediaType: mediaType, size: size) }
}

extension CompanyReadSession {
    /// The files with these ids that a person may use in a form: their own unused ones and those of the ticket.
    /// - Returns: by id; files that the person may not use are missing.
    package func uploads(
        _ ids: Set<AttachmentID>, giver: AccountID, ticket: TicketID?
    ) throws -> [AttachmentID: FormUpload] {
        var found: [AttachmentID: FormUpload] = [:]
        for id in ids {
            let attachment = try first(
                Attachment.self,
                """
                SELECT * FROM attachment
                WHERE id = ? AND company_id = ? AND ((ticket_id IS NULL AND account_id = ?) OR ticket_id = ?)
                """, [id, company, giver, ticket])
            if let attachment { found[id] = attachment.upload }
        }
        return found
    }

    /// A file of a ticket, by its id.
    package func attachment(_ id: AttachmentID, ticket: TicketID) throws -> Attachment? {
        try first(
            Attachment.self, "SELECT * FROM attachment WHERE id = ? AND company_id = ? AND ticket_id = ?",
            [id, company, ticket])
    }
}

extension CompanyWriteSession {
    /// Adds an uploaded file whose content is kept already. Until a form or a ticket uses it, only its owner can.
    /// - Throws: `StoreError.conflict` if the person has too many unused files; `.invalid` for a name or media type
    ///   that does not fit.
    package func addUpload(_ upload: FormUpload, by account: AccountID, now: Int64) throws {
        try refuseUnfit(("file", upload.name, .fileName), ("file", upload.mediaType, .mediaType))

        let unused = try first(
            Row.self,
            """
            SELECT COUNT(*) AS files, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM attachment
            WHERE account_id = ? AND ticket_id IS NULL
            """, [account])
        let (files, bytes): (Int, Int) = unused.map { ($0["files"], $0["bytes"]) } ?? (0, 0)
        guard files < Store.limitUnusedFiles, bytes + upload.size <= Store.limitUnusedBytes else {
            throw StoreError.conflict("you have uploaded too many unused files; they are deleted after 24 hours")
        }
        try run(
            """
            INSERT INTO attachment (id, company_id, account_id, name, media_type, size, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, [upload.id, company, account, upload.name, upload.mediaType, upload.size, now])
    }

    /// Assigns the giver's own unused files among the answers of a form to the ticket.
    func attach(
        _ form: Form, _ answers: JSONObject, by giver: AccountID, ticket: TicketID, task: TaskID? = nil
    ) throws {
        for (id, _, _) in form.uploads {
            for file in (answers[id]?.arrayValue ?? []).compactMap(\.stringValue) {
                try run(
                    """
                    UPDATE attachment SET ticket_id = ?, task_id = ?, field = ?
                    WHERE id = ? AND company_id = ? AND account_id = ? AND ticket_id IS NULL
                    """, [ticket, task, id, file, company, giver])
            }
        }
    }
}

extension Store {
    /// Limits of one person's unused files: bytes of all, and their number.
    fileprivate static let limitUnusedBytes = 512 << 20
    fileprivate static let limitUnusedFiles = 200

    /// How many ids are looked for at once.
    private static let idsAtOnce = 500

    /// Removes content without a row of its file that was last changed before a moment, in milliseconds since 1970: a
    /// process ended between the two.
    /// - Parameter leader: the daemon that does it; nil: a test.
    /// - Returns: of how many files.
    /// - Throws: `StoreError.notLeader`; `FileFailure.refused` if the disk keeps one, when all others are gone.
    package func removeStrayFiles(before moment: Int64, leader: Leadership? = nil) async throws -> Int {
        switch attachments {
        case .files(let files): try await removeStrays(among: files, before: moment, leader)
        case .rows: try await removeStrayChunks(before: moment, leader: leader)
        }
    }

    func removeStrayChunks(before moment: Int64, leader: Leadership? = nil) async throws -> Int {
        var removed = 0
        while true {
            let strays = try await read { try $0.strayContent(before: moment, limit: Self.idsAtOnce) }
            for file in strays { try await inside(file.company).removeChunks(of: file.id, leader: leader) }
            removed += strays.count
            if strays.count < Self.idsAtOnce { return removed }
        }
    }

    private func removeStrays(
        among files: AttachmentFiles, before moment: Int64, _ leader: Leadership?
    ) async throws -> Int {
        let old = try files.ids(changedBefore: moment)
        var removed = 0
        var failure: FileFailure?
        for start in stride(from: 0, to: old.count, by: Self.idsAtOnce) {
            let ids = old[start..<min(start + Self.idsAtOnce, old.count)]
            let isOneOf = SQLCondition.isOneOf("id", Array(ids))
            let known = try await writeAside { session in
                if let leader { try session.check(leader) }
                return try Set(
                    session.all(AttachmentID.self, "SELECT id FROM attachment WHERE \(isOneOf.sql)", isOneOf.arguments))
            }
            for id in ids where !known.contains(id) {
                do {
                    try await files.remove(id)
                    removed += 1
                } catch let refusal as FileFailure { failure = failure ?? refusal }
            }
        }
        if let failure { throw failure }
        return removed
    }
}

extension Attachment: RowReadable {
    package init(row: Row) {
        id = row["id"]
        companyID = row["company_id"]
        accountID = row["account_id"]
        name = row["name"]
        mediaType = row["media_type"]
        size = row["size"]
        createdAtMs = row["created_at_ms"]
        taskID = row["task_id"]
        field = row["field"]
    }
}
