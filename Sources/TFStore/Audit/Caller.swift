import Foundation
import TFEngine

/// On whose behalf the store acts; it is written to the audit log.
package struct Caller: Sendable, Hashable {
    /// The login, or the name of the command.
    package let name: String
    /// nil: a command or the program itself.
    package let account: AccountID?
    /// The client's address; empty: this machine.
    package let address: String

    package init(name: String, account: AccountID? = nil, address: String = "") {
        self.name = name
        self.account = account
        self.address = address
    }

    /// Whoever runs a command, under the name that the system has for them.
    package static var commandLine: Caller { Caller(name: "command line (\(NSUserName()))") }
}

extension Store {
    /// A copy that acts on behalf of a caller.
    package func acting(for caller: Caller) -> Store {
        var copy = self
        copy.caller = caller
        return copy
    }
}
