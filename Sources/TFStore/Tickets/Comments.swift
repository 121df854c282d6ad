import Foundation
import TFDefinition
import TFEngine

extension CompanyWriteSession {
    fileprivate func insertComment(
        _ text: String, isInternal: Bool, ticket: Ticket, by account: Account, now: Int64
    ) throws -> CommentID {
        let id = try first(
            CommentID.self,
            """
            INSERT INTO comment (company_id, ticket_id, account_id, text, is_internal, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?) RETURNING id
            """, [company, ticket.id, account.id, text, isInternal, now])
        guard let id else { throw StoreError.notFound }
        try indexComment(text, isInternal: isInternal, of: ticket.id, by: account.id)
        try run("UPDATE ticket SET updated_at_ms = ? WHERE company_id = ? AND id = ?", [now, company, ticket.id])
        try followByComment(ticket.id, by: account.id, now: now)
        try NotificationWriter.commented(
            self, NewComment(id: id, ticket: ticket, author: account.id, isInternal: isInternal), now: now)
        return id
    }
}

extension CompanyStore {
    /// Adds a comment to a ticket and notifies the people concerned.
    /// - Parameter isInternal: whether only workers and ticket admins read it.
    /// - Returns: the comment's id.
    /// - Throws: `StoreError.invalid` for a text that is empty or too long.
    package func addComment(
        _ text: String, isInternal: Bool, ticket: Ticket, by account: Account, now: Int64
    ) async throws -> CommentID {
        try await write(.addComment(text, isInternal: isInternal, ticket: ticket, by: account, now: now))
    }
}

extension CompanyChange<CommentID> {
    /// The change that `CompanyStore.addComment` makes.
    package static func addComment(
        _ text: String, isInternal: Bool, ticket: Ticket, by account: Account, now: Int64
    ) -> CompanyChange {
        CompanyChange(
            checking: { _ in
                let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
                guard !trimmed.isEmpty else {
                    throw StoreError.invalid([FieldError(field: "text", message: "Enter a comment")])
                }
                if let error = FieldError.unfit(trimmed, .comment, field: "text", label: "Comment") {
                    throw StoreError.invalid([error])
                }
                return trimmed
            },
            { session, text in
                try session.insertComment(text, isInternal: isInternal, ticket: ticket, by: account, now: now)
            })
    }
}
