import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import TFDefinition
import TFEngine
import TFStore

/// Hands out a file of a ticket. It is never shown inside the site: it comes from a stranger.
struct Download {
    let site: Site

    /// - Throws: `Failure.notFound` for a file of another ticket, and for one that answers a question whose answer this
    ///   person may not read.
    func response(_ id: String?, of found: Access.OfTicket, _ context: WebContext) async throws -> Response {
        guard let id, let attachment = try await found.store.read({ try $0.attachment(id, ticket: found.ticket.id) }),
            try await maySee(attachment, found)
        else { throw Failure.notFound }
        let path = site.store.files.path(id)
        let body = try await FileIO().loadFile(path: path, context: context)
        return Response(
            status: .ok,
            headers: [
                // Whatever the sender called it, a browser shall not take it for a page of ours.
                .contentType: "application/octet-stream",
                .contentDisposition: ContentDisposition.attachment(attachment.name),
                .contentSecurityPolicy: "default-src 'none'; sandbox",
                .cacheControl: "private, no-store",
            ], body: body)
    }

    private func maySee(_ attachment: Attachment, _ found: Access.OfTicket) async throws -> Bool {
        var fields = found.ticket.fields
        var giver: AccountID? = found.ticket.requesterID
        if let task = attachment.taskID,
            let record = try await found.store.read({ try $0.task(id: task) })
        {
            if found.told([record]).isEmpty {
                // Of a task that they are not told of, the ticket's own answers show what the task put there.
                let shown = attachment.field.map { found.ticket.form[$0].arrayValue ?? [] } ?? []
                if !shown.contains(.string(attachment.id)) { fields = [] }
            } else {
                fields = record.fields + fields
                giver = attachment.accountID
            }
        }
        guard let field = fields.first(where: { $0.id == attachment.field }) else {
            // A draft's file, or one that the answers do not name any more: for its sender alone.
            return attachment.accountID == found.signedIn.account.id
        }
        return AnswerReader(actor: found.actor, giver: giver).maySee(field)
    }
}
