import Foundation

/// A path of this site to continue at, given by a form or a query.
enum LocalPath {
    /// The path if it starts with one slash and has no host and no control characters; else `/`. Whether it is one of a
    /// page, the route table says (`page(after:)`).
    static func checked(_ next: String?) -> String {
        guard let next, next.hasPrefix("/"), !next.hasPrefix("//"), !next.hasPrefix("/\\"), next.utf8.count <= 2_000,
            next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return next
    }

    /// The address of the sign-in page, which leads to `page` afterwards.
    /// - Parameter hasEnded: whether to say there that the visitor's session has ended.
    static func login(leadingTo page: String, hasEnded: Bool = false) -> String {
        "/login?next=\(page.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
            + (hasEnded ? "&ended=true" : "")
    }
}
