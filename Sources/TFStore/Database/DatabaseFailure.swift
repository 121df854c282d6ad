/// What the database answered instead of doing what it was asked.
package struct DatabaseFailure: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// A lock, the disk or the server refused it: it may work later, and nothing is broken.
        case unavailable
        /// A rule of the schema refused it.
        case constraint
        case other
    }

    package let kind: Kind
    package let description: String
}

/// The transaction is gone, or a part of it that failed cannot be undone alone: nothing of it may be committed, and nothing
/// more written.
///
/// Whoever goes on after the failure of a part has to let this one through, as every temporary one
/// (`StoreError.isTemporary`).
struct TransactionLost: Error, CustomStringConvertible {
    /// What the part failed of; nil: it is not known here.
    let cause: (any Error)?

    var description: String {
        let reason = cause.map { ": \($0)" } ?? ""
        return "the transaction was lost, and nothing of it is saved\(reason)"
    }
}
