import Hummingbird
import NIOCore
import TFStore

extension ResponseBody {
    /// The content of an uploaded file, read piece by piece while it is sent.
    /// - Throws: `Failure.notFound` or an `HTTPError` if it is gone.
    static func content(
        of attachment: Attachment, in store: Store, _ context: WebContext
    ) async throws -> ResponseBody {
        switch store.attachments {
        case .files(let files): return try await FileIO().loadFile(path: files.path(attachment.id), context: context)
        case .rows:
            let company = store.inside(attachment.companyID)
            // Before the answer begins: what is gone is not found.
            guard let first = try await company.chunk(0, of: attachment.id) ?? (attachment.size == 0 ? [] : nil) else {
                throw Failure.notFound
            }
            return ResponseBody(contentLength: attachment.size) { writer in
                try await writer.write(ByteBuffer(bytes: first))
                var (sent, place) = (first.count, 1)
                while sent < attachment.size {
                    // It was erased meanwhile; the connection is cut, so that nobody takes a part for the whole.
                    guard let chunk = try await company.chunk(place, of: attachment.id) else { throw Failure.notFound }
                    try await writer.write(ByteBuffer(bytes: chunk))
                    (sent, place) = (sent + chunk.count, place + 1)
                }
                try await writer.finish(nil)
            }
        }
    }
}
