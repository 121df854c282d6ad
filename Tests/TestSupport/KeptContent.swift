import Foundation
import TFDefinition
import TFEngine
import TFStore

/// How tests keep the content of uploaded files, and look whether it is there.
extension Store {
    package func keep(_ content: String, as id: AttachmentID, in company: CompanyID, now: Int64 = 1_000) async throws {
        switch attachments {
        case .files(let files): try Data(content.utf8).write(to: URL(fileURLWithPath: files.path(id)))
        case .rows: try await inside(company).addChunk(Array(content.utf8), 0, of: id, now: now)
        }
    }

    /// nil: it is gone.
    package func keptContent(of id: AttachmentID, in company: CompanyID) async throws -> String? {
        let bytes =
            switch attachments {
            case .files(let files): FileManager.default.contents(atPath: files.path(id)).map { Array($0) }
            case .rows: try await inside(company).chunk(0, of: id)
            }
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }
}
