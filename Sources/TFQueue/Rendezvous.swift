/// Which of several servers has a key, such as a company's slug: the one whose name makes the largest number together
/// with the key.
///
/// The order of the names does not matter. Of n servers, one that comes takes about 1/(n+1) of the keys from the others,
/// and one that goes leaves its own to them; no other key moves. It is the same in every process and on every machine.
/// Source: Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates" (1998): rendezvous hashing. The
/// number is FNV-1a, whose last bytes hardly reach its high bits, through the finalizer of MurmurHash3.
public struct Rendezvous: Sendable, Hashable {
    private let names: [String]

    /// - Parameter names: at least one; no two are equal.
    public init(_ names: [String]) {
        precondition(!names.isEmpty, "somebody has every key")
        self.names = names
    }

    /// The index in the list of names.
    public func index(for key: String) -> Int {
        let weights = names.map { Self.weight(of: $0, for: key) }
        var best = 0
        // Equal numbers, should they ever come, are decided by the names: never by their order in the list.
        for index in weights.indices.dropFirst()
        where (weights[index], names[index]) > (weights[best], names[best]) {
            best = index
        }
        return best
    }

    private static func weight(of name: String, for key: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        // No slug and no name of a server holds a NUL: no two pairs make the same text.
        for byte in name.utf8 + [0] + key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ (hash >> 33)
    }
}
