import TFDefinition
import TFEngine

/// An id is stored as its text.
extension SQLConvertible where Self: TextID {
    package var sqlValue: SQLValue { .text(rawValue) }
    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(rawValue: text)
    }
}

extension SessionID: SQLConvertible {}
extension APIKeyID: SQLConvertible {}
extension AttachmentID: SQLConvertible, RowReadable {}
