import TFDefinition
import TFExpression

/// Why a method of the store changed nothing.
package enum StoreError: Error, Sendable, CustomStringConvertible {
    /// The row does not exist, or not in this company.
    case notFound
    /// Somebody else was faster, or the row is in a state that does not allow this; the text says which.
    case conflict(String)
    /// The caller may not do this; the text names the missing right.
    case forbidden(String)
    /// The input is invalid: one error or more, each with its field.
    case invalid([FieldError])
    /// The form was filled in for a revision that is no longer current.
    case formChanged
    /// The idempotency key was used before, for another request.
    case otherRequest
    /// Another daemon has become the leader.
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

/// The data that a change was checked against has changed since: `Store.untilChecked` repeats the check.
package struct CheckIsStale: Error {
    package init() {}
}

/// Checks texts from outside before they are stored.
/// - Throws: `StoreError.invalid` for texts over their limit, with U+0000 (SQLite would cut the text there), or with
///   other invisible characters.
func refuseUnfit(_ fields: (field: String, text: String?, limit: TextLimit)...) throws {
    let errors = fields.compactMap { field in
        field.text.flatMap { FieldError.unfit($0, field.limit, field: field.field) }
    }
    guard errors.isEmpty else { throw StoreError.invalid(errors) }
}

extension StoreError {
    /// The error for a duplicate's original that does not exist in the company, or is the ticket itself.
    package static func noOther(ticket number: Int) -> FieldError {
        FieldError(field: "duplicate_of", message: "There is no other ticket #\(number) in this company")
    }

    /// The error of an end that a task does not have, or of none where it can end in several ways.
    /// - Parameters:
    ///   - given: what was named; nil: nothing.
    ///   - field: where it was named.
    package static func noOutcome(_ given: String?, among names: [String], field: String = "outcome") -> StoreError {
        let nearest = given.flatMap { nearestName(to: $0, among: names) }.map { "; did you mean \"\($0)\"?" } ?? ""
        return .invalid([
            FieldError(field: field, message: "Choose an outcome: \(names.joined(separator: ", "))\(nearest)")
        ])
    }

    /// - Parameter name: by which people know who is not eligible; a login that is nobody's.
    package static func noWorker(_ name: String) -> FieldError {
        FieldError(
            field: "assignee",
            message: "\(name) cannot have this task: they are not eligible for it here, or excluded from it")
    }

    /// Whether the store takes no change for as long as nobody mends its disk or its server.
    package static func needsOperator(_ error: any Error) -> Bool {
        if let lost = error as? TransactionLost { return lost.cause.map(needsOperator) ?? false }
        return switch (error as? DatabaseFailure)?.refusal {
        case .full?, .readOnly?, .away?: true
        case .locked?, .damaged?, .upgraded?, .moved?, nil: false
        }
    }

    /// Whether the same write may succeed later: a lock or the disk refused it, or its transaction was lost. Nothing
    /// was acknowledged, nothing is broken.
    package static func isTemporary(_ error: any Error) -> Bool {
        if error is TransactionLost { return true }
        return switch (error as? DatabaseFailure)?.kind {
        case .unavailable?: true
        case .constraint?, .other?, nil: false
        }
    }
}
