/// A reply of Redis, in the types of RESP2.
public enum RedisValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case string(String)
    case array([RedisValue])
    case error(String)

    /// The text of a string, or of an integer.
    public var text: String? {
        switch self {
        case .string(let value): value
        case .integer(let value): String(value)
        case .null, .array, .error: nil
        }
    }

    /// The value of an integer, or of a string that is written as one.
    public var number: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .string(let value): Int(value)
        case .null, .array, .error: nil
        }
    }

    /// The elements of an array; empty for any other value.
    public var elements: [RedisValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    /// Whether it is an error of a server that takes no writes, since it is a replica. Before version 7, scripts wrap
    /// it into a sentence of theirs.
    var isRefusedByReplica: Bool {
        if case .error(let reason) = self { reason.contains("READONLY") } else { false }
    }
}
