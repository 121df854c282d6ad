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
