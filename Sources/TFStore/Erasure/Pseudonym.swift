import TFEngine

/// What a person is called after they were erased. It tells nothing of them, and is the same everywhere, so that what
/// happened to a ticket stays readable.
package struct Pseudonym: Sendable, Hashable {
    private static let prefix = "erased-"

    package let login: String
    package let name: String

    /// Of an account; its id tells nothing outside of the store.
    init(_ account: AccountID) {
        login = "\(Self.prefix)\(account)"
        name = "Erased person \(account)"
    }
}
