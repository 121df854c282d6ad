import Foundation

/// The target of a request. Its URL is read once, so that the host that is checked is the host that is connected to.
///
/// Two parsers may read different hosts in one text (percent signs, international names, a user name with an `@`): then
/// one host would be checked and another called. So the HTTP client gets a text written anew from what was read here.
struct RequestTarget: Sendable, Hashable {
    private static let defaultPorts = ["http": 80, "https": 443]

    /// The host in ASCII and lower case; an IPv6 address without its brackets.
    let host: String
    /// Scheme, host and port. A redirect to another origin loses most headers.
    let origin: String
    /// The URL without user name, password and fragment.
    let text: String

    /// - Returns: nil if the text is not an http or https URL with a valid host.
    init?(_ text: String, relativeTo base: RequestTarget? = nil) {
        guard let url = URL(string: text, relativeTo: base.flatMap { URL(string: $0.text) })?.absoluteURL,
            let scheme = url.scheme?.lowercased(), let defaultPort = Self.defaultPorts[scheme],
            let host = url.host?.lowercased(), Self.isHost(host)
        else { return nil }
        let port = url.port ?? defaultPort
        guard (1...65_535).contains(port) else { return nil }
        let written = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        let authority = port == defaultPort ? written : "\(written):\(port)"
        let path = url.path(percentEncoded: true)
        let query = url.query(percentEncoded: true).map { "?\($0)" } ?? ""
        self.host = host
        origin = "\(scheme)://\(authority)"
        self.text = origin + (path.utf8.starts(with: "/".utf8) ? path : "/\(path)") + query
        guard URL(string: self.text)?.host == host else { return nil }
    }

    /// A name of letters, digits, dots, hyphens and underscores, or an address.
    private static func isHost(_ host: String) -> Bool {
        !host.isEmpty && host.utf8.count <= 253
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"): true
                default: false
                }
            }
    }
}
