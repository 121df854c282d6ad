import TFDefinition
import TFEngine

/// Tests write the ids that they know as numbers; the programs never do.
extension RowID where Self: ExpressibleByIntegerLiteral {
    package init(integerLiteral number: Int64) { self.init(rawValue: number) }
}

extension CompanyID: ExpressibleByIntegerLiteral {}
extension AccountID: ExpressibleByIntegerLiteral {}
extension DefinitionID: ExpressibleByIntegerLiteral {}
extension RevisionID: ExpressibleByIntegerLiteral {}
extension TicketID: ExpressibleByIntegerLiteral {}
extension TaskID: ExpressibleByIntegerLiteral {}
extension InstanceID: ExpressibleByIntegerLiteral {}
extension HTTPCallID: ExpressibleByIntegerLiteral {}
extension HistoryID: ExpressibleByIntegerLiteral {}
extension CommentID: ExpressibleByIntegerLiteral {}
extension NotificationID: ExpressibleByIntegerLiteral {}
extension AuditID: ExpressibleByIntegerLiteral {}

/// The same for ids that are texts.
extension TextID where Self: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(rawValue: text) }
}

extension SessionID: ExpressibleByStringLiteral {}
extension APIKeyID: ExpressibleByStringLiteral {}
extension AttachmentID: ExpressibleByStringLiteral {}
