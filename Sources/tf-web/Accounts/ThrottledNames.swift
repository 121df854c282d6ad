import TFConfiguration

/// The names under which failed sign-ins are counted: the login, and the network that they come from.
struct ThrottledNames: Sendable {
    let login: String
    let network: String

    /// - Parameter address: an IPv6 address counts with all of its /64, the least that one customer is given.
    init(login: String, address: String) {
        self.login = "login \(login)"
        network = "address \(AddressRange.network(of: address))"
    }

    var all: [String] { [login, network] }
}
