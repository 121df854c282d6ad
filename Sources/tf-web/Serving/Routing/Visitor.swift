import TFStore

/// Who sends a request and for which action, as of the request's session.
struct Visitor: Sendable {
    /// nil on pages without a sign-in.
    let signedIn: SignedIn?
    let action: Action
    /// The values of the route's path parameters.
    let parts: PathParts
    /// Whether a page's form is sent, in which something was typed.
    var sendsForm = false
    /// Whether a page itself is asked for: not a part of it, and not in answer to its form.
    var opensPage = false
    let now: Int64

    /// The same visitor with another action.
    func wanting(_ action: Action) -> Visitor {
        var visitor = Visitor(signedIn: signedIn, action: action, parts: parts, now: now)
        (visitor.sendsForm, visitor.opensPage) = (sendsForm, opensPage)
        return visitor
    }

    func requireSignedIn() throws -> SignedIn {
        guard let signedIn else { throw Failure.unauthorized }
        return signedIn
    }
}

/// The values of a route's path parameters, percent-decoded.
struct PathParts: Sendable {
    private let values: [String: String]

    /// - Parameters:
    ///   - pattern: the route's path, such as `/c/{company}/tasks/{id}`.
    ///   - path: the path of the request's address.
    init(_ pattern: String, _ path: String) {
        var values: [String: String] = [:]
        let slash = UInt8(ascii: "/")
        for (parameter, part) in zip(pattern.utf8.split(separator: slash), path.utf8.split(separator: slash))
        where parameter.first == UInt8(ascii: "{") {
            // A value with U+0000 names nothing that can exist.
            values[String(Substring(parameter.dropFirst().dropLast()))] = Substring(part).percentDecoded?.withoutNUL
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }

    /// A parameter as a number; nil unless it is written as the site writes it: each thing has one address.
    func number(_ name: String) -> Int? {
        guard let text = values[name], text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return text == "0" || !text.hasPrefix("0") ? Int(text) : nil
    }
}
