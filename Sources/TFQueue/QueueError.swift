/// Why the queues could not be used. Nothing is lost by any of these: the store knows what Redis has yet to be told.
public enum QueueError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address is none of ours; the text says what it may be.
    case badAddress(String)
    /// Nobody answers at the address.
    case unreachable(address: String, reason: String)
    /// The connection broke, or a command's deadline passed, before the reply; it may have been carried out.
    case connectionLost(String)
    /// Redis answered a command with an error.
    case refused(command: String, reason: String)
    /// The content of Redis is of another generation than expected: rebuild.
    case otherEpoch(company: String)

    /// Whether waiting helps: Redis is away, full, loading or a replica, and its content is not to blame.
    public var isTemporary: Bool {
        switch self {
        case .unreachable, .connectionLost: true
        case .refused(_, let reason):
            [
                "OOM", "READONLY", "LOADING", "BUSY", "MASTERDOWN", "MISCONF", "NOAUTH", "NOPERM", "WRONGPASS",
                "max number",
            ]
            .contains { reason.contains($0) }
        case .badAddress, .otherEpoch: false
        }
    }

    /// What failed, on what, and what to do.
    public var description: String {
        switch self {
        case .badAddress(let text):
            "\"\(text)\" is no address of Redis; write redis://[user:password@]host:port, rediss://… or redis+unix:///path"
        case .unreachable(let address, let reason): "Redis does not answer at \(address): \(reason)"
        case .connectionLost(let reason): "the connection to Redis was lost: \(reason)"
        case .refused(let command, let reason): "Redis refused \(command): \(reason)"
        case .otherEpoch(let company): "the queues of \(company) are of another generation; they must be rebuilt"
        }
    }
}
