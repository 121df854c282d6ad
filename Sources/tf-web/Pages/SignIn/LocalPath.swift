import Foundation

/// A path of this site to which somebody goes on, as a form or an address named it.
enum LocalPath {
    /// One slash, no host, no control characters; anything else becomes `/`.
    static func checked(_ next: String?) -> String {
        guard let next, next.hasPrefix("/"), !next.hasPrefix("//"), !next.hasPrefix("/\\"), next.utf8.count <= 2_000,
            next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return next
    }

    /// The address that signs in, and leads to a page of this site afterwards.
    static func login(leadingTo page: String) -> String {
        "/login?next=\(page.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
    }
}
