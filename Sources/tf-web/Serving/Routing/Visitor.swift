import TFStore

/// Who sends a request, and what for, as it is known inside the request's session.
struct Visitor: Sendable {
    /// nil on pages that need nobody.
    let signedIn: SignedIn?
    let action: Action
    /// What stands in the address for the parameters of the route's path.
    let parts: PathParts
    let now: Int64

    /// The same, who only wants to read.
    func wanting(_ action: Action) -> Visitor {
        Visitor(signedIn: signedIn, action: action, parts: parts, now: now)
    }

    func requireSignedIn() throws -> SignedIn {
        guard let signedIn else { throw Failure.unauthorized }
        return signedIn
    }
}

/// What stands in an address for the parameters of a route's path, without percent signs.
struct PathParts: Sendable {
    private let values: [String: String]

    /// - Parameters:
    ///   - pattern: the route's path, such as `/c/{company}/tasks/{id}`.
    ///   - path: the address's.
    init(_ pattern: String, _ path: String) {
        var values: [String: String] = [:]
        for (parameter, part) in zip(pattern.split(separator: "/"), path.split(separator: "/"))
        where parameter.utf8.first == UInt8(ascii: "{") {
            // With U+0000 in it, it names nothing that there is.
            values[String(parameter.dropFirst().dropLast())] = part.removingPercentEncoding?.withoutNUL
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }

    /// A number as it stands in an address: digits alone.
    func number(_ name: String) -> Int? {
        guard let text = values[name], text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
