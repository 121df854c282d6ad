import TFDefinition
import TFExpression

/// The words in a ticket's status that no workflow has chosen. People see them.
package enum TicketStatus {
    /// Of an open ticket whose workflow says none.
    package static let usual = "in progress"
    /// Of a ticket that was opened again, until its workflow says one.
    package static let reopened = "reopened"
    /// Of a ticket whose workflow ended without a `status` in its output.
    package static let done = "done"
    /// Of a ticket whose workflow cannot go on.
    package static let failed = "failed"
    /// Of a ticket whose workflow somebody ended.
    package static let cancelled = "cancelled"

    /// The resolution that the output of a workflow gives to its ticket, in its full length: its `status`, a number by its
    /// digits, and `done` where there is none or a blank one.
    package static func resolution(of output: JSON) -> String {
        let status = output["status"]
        return switch status {
        case .string(let text): text.allSatisfy(\.isWhitespace) ? done : text
        case .number, .bool: status.displayText
        case .null, .array, .object: done
        }
    }

    /// A status at the end as a ticket keeps it.
    package static func shortened(_ status: String) -> String { TextLimit.status.shortened(status).withoutNUL }
}
