import Foundation
import TFSystem

/// An IP address or network: `10.1.2.3`, `10.1.0.0/16`, `fd00::/8`.
package struct AddressRange: Sendable, Hashable {
    private let bytes: [UInt8]
    private let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        self.bytes = bytes
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

    /// The four or sixteen bytes of an address as it is written; nil for anything else.
    package static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var sixteen = in6_addr()
        if inet_pton(AF_INET6, text, &sixteen) == 1 { return withUnsafeBytes(of: &sixteen) { Array($0) } }
        return nil
    }

    /// An IPv4 address as itself where it is written as the IPv6 one that maps it, as a server that listens for both
    /// families is told it; any other text as it is.
    package static func plain(_ text: String) -> String {
        guard let bytes = bytes(of: text), bytes.count == 16,
            bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
        else { return text }
        return bytes.suffix(4).map(String.init).joined(separator: ".")
    }

    /// What stands for whoever has an address, when something is counted by address: the address itself, of an IPv6
    /// address its /64 (the least that one customer is given), and the IPv4 address that an IPv6 one maps.
    ///
    /// A text that is no address stands for itself.
    package static func network(of text: String) -> String {
        let text = plain(text)
        guard let bytes = bytes(of: text), bytes.count == 16 else { return text }
        return bytes.prefix(8).hexadecimal + "::/64"
    }
}
