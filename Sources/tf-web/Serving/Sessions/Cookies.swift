import HTTPTypes
import Hummingbird

/// The cookies of the pages, whose names say how they are protected.
///
/// Behind https they carry the `__Host-` prefix and `Secure`; on a loopback http address neither is possible.
struct Cookies: Sendable {
    let isSecure: Bool

    enum Name: String {
        case access = "tf_at"
        case refresh = "tf_rt"
        case preLogin = "tf_pre"
        case flash = "tf_flash"
        /// `light` or `dark`; without it the system's theme counts.
        case theme = "tf_theme"
        /// `1`: single letters do something.
        case keys = "tf_keys"
    }

    func value(_ name: Name, _ request: Request) -> String? {
        let wanted = (fullName(name) + "=").utf8
        for header in request.headers[values: .cookie] {
            // By bytes: several cookies are looked for in each request, and tokens are long.
            for pair in header.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = pair.drop { $0 == UInt8(ascii: " ") }
                if pair.starts(with: wanted) { return String(Substring(pair.dropFirst(wanted.count))) }
            }
        }
        return nil
    }

    /// A `Set-Cookie` value. Values are base64url and dots, so nothing has to be quoted.
    func header(_ name: Name, _ value: String, maxAge: Int64) -> String {
        "\(fullName(name))=\(value); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(maxAge)\(isSecure ? "; Secure" : "")"
    }

    func deletion(_ name: Name) -> String { header(name, "", maxAge: 0) }

    private func fullName(_ name: Name) -> String { (isSecure ? "__Host-" : "") + name.rawValue }
}
