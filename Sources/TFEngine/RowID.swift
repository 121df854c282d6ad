import TFExpression

/// What identifies a row of one table: an id of another table in its place does not compile.
///
/// Ids only identify. They say nothing about order or time, except where a page of a list goes by them. In JSON, in
/// addresses and in logs they are bare numbers.
package protocol RowID: RawRepresentable<Int64>, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    init(rawValue: Int64)
}

extension RowID {
    package init(_ number: some BinaryInteger) { self.init(rawValue: Int64(number)) }

    /// - Returns: nil for a text that is no number.
    package init?(_ text: some StringProtocol) {
        guard let number = Int64(text) else { return nil }
        self.init(rawValue: number)
    }

    package var description: String { String(rawValue) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension JSON {
    /// An id, as its number.
    package static func id(_ id: some RowID) -> JSON { .int(id.rawValue) }
}

/// Of a company.
package struct CompanyID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of a person or a program.
package struct AccountID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of a definition, whatever its text.
package struct DefinitionID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of one text of a definition.
package struct RevisionID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of a ticket, beside its number, which its company gives.
package struct TicketID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of a task.
package struct TaskID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of a running workflow.
package struct InstanceID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of a workflow's request to another server.
package struct HTTPCallID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of a line of a ticket's history.
package struct HistoryID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of a comment.
package struct CommentID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of something that somebody is told.
package struct NotificationID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Of a line of the audit log.
package struct AuditID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}
