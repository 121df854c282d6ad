import TFEngine

/// An id is stored as its number.
extension SQLConvertible where Self: RowID {
    package var sqlValue: SQLValue { .integer(rawValue) }
    package init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self.init(rawValue: number)
    }
}

extension CompanyID: SQLConvertible, RowReadable {}
extension AccountID: SQLConvertible, RowReadable {}
extension DefinitionID: SQLConvertible, RowReadable {}
extension RevisionID: SQLConvertible, RowReadable {}
extension TicketID: SQLConvertible, RowReadable {}
extension TaskID: SQLConvertible, RowReadable {}
extension InstanceID: SQLConvertible, RowReadable {}
extension HTTPCallID: SQLConvertible, RowReadable {}
extension HistoryID: SQLConvertible, RowReadable {}
extension CommentID: SQLConvertible, RowReadable {}
extension NotificationID: SQLConvertible, RowReadable {}
extension AuditID: SQLConvertible, RowReadable {}
