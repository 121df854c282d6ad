/// What a Redis server says of itself.
struct RedisFacts: Sendable {
    /// Why it cannot be reached; nil: it answers.
    var problem: String?
    /// The server that Sentinel names; nil without Sentinel.
    var primary: String?
    private(set) var version: String?
    /// Bytes of memory that its data takes.
    private(set) var memory: Int64?

    /// Reads an answer to INFO.
    mutating func read(_ info: String) {
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "redis_version": version = String(parts[1])
            case "used_memory": memory = Int64(parts[1])
            default: break
            }
        }
    }
}

extension [RedisFacts] {
    /// Of all servers that answer; nil: none does.
    var memory: Int64? {
        let known = compactMap(\.memory)
        return known.isEmpty ? nil : known.reduce(0, +)
    }

    /// Each version once.
    var version: String {
        let known = Set(compactMap(\.version)).sorted()
        return known.isEmpty ? "unknown" : known.joined(separator: ", ")
    }
}
