import TFEngine

/// For whom a copy of the store works: it stands in the audit log.
package struct Caller: Sendable, Hashable {
    /// The login, or the command that acts.
    package let name: String
    package let account: AccountID?
    /// Where the request came from; empty: from this machine.
    package let address: String

    package init(name: String, account: AccountID? = nil, address: String = "") {
        self.name = name
        self.account = account
        self.address = address
    }
}

extension Store {
    /// A copy that works for somebody.
    package func acting(for caller: Caller) -> Store {
        var copy = self
        copy.caller = caller
        return copy
    }
}
