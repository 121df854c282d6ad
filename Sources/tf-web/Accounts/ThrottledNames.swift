import TFConfiguration

/// The names under which failed sign-ins are counted: the login, and the client's network.
struct ThrottledNames: Sendable {
    let login: String
    let network: String

    /// - Parameter address: an IPv6 address counts as its /64, the smallest block that one customer gets.
    init(login: String, address: String) {
        self.login = "login \(login)"
        network = "address \(AddressRange.network(of: address))"
    }

    var all: [String] { [login, network] }
}
