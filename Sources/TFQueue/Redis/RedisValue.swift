/// A reply of Redis, in RESP2's types.
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

    /// An integer, or a string that is one.
    public var number: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .string(let value): Int(value)
        case .null, .array, .error: nil
        }
    }

    /// The elements of an array; of anything else none.
    public var elements: [RedisValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }
}
