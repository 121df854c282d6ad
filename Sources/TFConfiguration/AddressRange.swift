import Foundation
import TFSystem

/// An IP address or network: `10.1.2.3`, `10.1.0.0/16`, `fd00::/8`.
package struct AddressRange: Sendable, Hashable {
    private let bytes: [UInt8]
    private let bits: Int
    /// As it was written.
    package let text: String

    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        self.bytes = bytes
        self.text = text
        if parts.count == 2 {
            guard let bits = Int(parts[1]), (0...(bytes.count * 8)).contains(bits) else { return nil }
            self.bits = bits
        } else {
            bits = bytes.count * 8
        }
    }

    package func contains(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        for index in 0..<bits where (address[index / 8] ^ bytes[index / 8]) >> (7 - UInt8(index % 8)) & 1 == 1 {
            return false
        }
        return true
    }

    /// The four or sixteen bytes of a written address; nil if the text is not an address.
    package static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var sixteen = in6_addr()
        if inet_pton(AF_INET6, text, &sixteen) == 1 { return withUnsafeBytes(of: &sixteen) { Array($0) } }
        return nil
    }

    /// Writes an IPv6 address that maps an IPv4 one as that IPv4 address; a server that listens for both families gets
    /// its clients' addresses in the mapped form. Any other text stays as it is.
    package static func plain(_ text: String) -> String {
        guard let bytes = bytes(of: text), bytes.count == 16,
            bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
        else { return text }
        return bytes.suffix(4).map(String.init).joined(separator: ".")
    }

    /// Whether the text is an address of this machine alone: 127.0.0.0/8 (also when an IPv6 address maps it), or ::1.
    package static func isLoopback(_ text: String) -> Bool {
        guard let bytes = bytes(of: plain(text)) else { return false }
        return bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// The network by which clients are counted: an IPv4 address itself (also when an IPv6 one maps it), or the /64 of
    /// an IPv6 address, which is the least that one customer is given.
    ///
    /// A text that is not an address is returned as it is.
    package static func network(of text: String) -> String {
        let text = plain(text)
        guard let bytes = bytes(of: text), bytes.count == 16 else { return text }
        return bytes.prefix(8).hexadecimal + "::/64"
    }
}
