/// Why the queues could not be used. No error loses work: the store's outbox keeps what Redis has not received.
public enum QueueError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The setting is not an address of Redis.
    case badAddress(String)
    /// Nobody answers at the address.
    case unreachable(address: String, reason: String)
    /// The connection broke, or the deadline passed, before the reply came: the command may have been carried out.
    case connectionLost(String)
    /// Redis answered a command with an error.
    case refused(command: String, reason: String)
    /// Redis holds another epoch than expected: the company's queues must be rebuilt.
    case otherEpoch(company: String)

    /// Whether waiting helps: Redis is away, full, loading or a replica. Other errors come from its content.
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
