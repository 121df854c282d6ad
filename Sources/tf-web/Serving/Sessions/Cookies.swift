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
        var wanted = fullName(name) + "="
        for var header in request.headers[values: .cookie] {
            // By bytes, and from one name to the next: several cookies are looked for in each request, and tokens are long.
            let found = wanted.withUTF8 { wanted in header.withUTF8 { Self.value(wanted, $0) } }
            if let found { return found }
        }
        return nil
    }

    /// - Parameter wanted: the cookie's name and `=`.
    private static func value(
        _ wanted: UnsafeBufferPointer<UInt8>, _ header: UnsafeBufferPointer<UInt8>
    ) -> String? {
        var rest = header[...]
        while !rest.isEmpty {
            rest = rest.drop { $0 == UInt8(ascii: " ") }
            let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
            let pair = rest[..<end]
            if pair.starts(with: wanted) { return String(decoding: pair.dropFirst(wanted.count), as: UTF8.self) }
            rest = rest[end...].dropFirst()
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
