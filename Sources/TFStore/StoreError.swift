import TFDefinition
import TFExpression

/// Why a store method changed nothing.
package enum StoreError: Error, Sendable, CustomStringConvertible {
    /// There is no such thing, or not in this company.
    case notFound
    /// Somebody was faster, or it is in another state; the sentence says who did what.
    case conflict(String)
    /// The caller may not do this; the sentence names what is missing.
    case forbidden(String)
    /// What was typed does not fit, field by field.
    case invalid([FieldError])
    /// The form that was filled in is not the one in force any more.
    case formChanged
    /// The id of the request was used for another one.
    case otherRequest
    /// Another daemon leads.
    case notLeader

    package var description: String {
        switch self {
        case .notFound: "there is no such thing"
        case .conflict(let sentence), .forbidden(let sentence): sentence
        case .invalid(let errors): errors.map(\.message).joined(separator: "; ")
        case .formChanged: "the form was changed while it was filled in"
        case .otherRequest: "this id was used before, for another request"
        case .notLeader: "another daemon leads; this one changes nothing"
        }
    }
}

/// What a change was checked against is another by now; never seen outside this library.
struct CheckIsStale: Error {}

/// - Throws: `StoreError.invalid` for texts that are longer than their limits, for those with U+0000, where SQLite would
///   cut them, and for those with other characters that are not seen.
func refuseUnfit(_ fields: (field: String, text: String?, limit: TextLimit)...) throws {
    let errors = fields.compactMap { field in
        field.text.flatMap { FieldError.unfit($0, field.limit, field: field.field) }
    }
    guard errors.isEmpty else { throw StoreError.invalid(errors) }
}

extension StoreError {
    /// What is said of a ticket that another one shall be a duplicate of.
    package static func noOther(ticket number: Int) -> FieldError {
        FieldError(field: "duplicate_of", message: "There is no other ticket #\(number) in this company")
    }

    /// Whether the disk or a lock refused a write that may work later, or the transaction was lost: nothing was
    /// acknowledged, nothing is broken.
    package static func isTemporary(_ error: any Error) -> Bool {
        if error is TransactionLost { return true }
        return switch (error as? DatabaseFailure)?.kind {
        case .unavailable?: true
        case .constraint?, .other?, nil: false
        }
    }
}
