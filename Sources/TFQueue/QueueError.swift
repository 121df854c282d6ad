/// Why the queues could not be used. No error loses work: the store's outbox keeps what Redis has not received.
public enum QueueError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The setting is not an address of Redis; without its password, and why.
    case badAddress(String, reason: String)
    /// Neither a password nor TLS protects a server that is not on this machine.
    case openToTheNetwork(address: String)
    /// Nobody answers at the address.
    case unreachable(address: String, reason: String)
    /// The server does not take the user or the password of the setting.
    case badCredentials(address: String, reason: String)
    /// The connection broke, or the deadline passed, before the reply came: the command may have been carried out.
    case connectionLost(String)
    /// The server that Sentinel named is a replica.
    case noPrimary(address: String)
    /// Redis answered a command with an error.
    case refused(command: String, reason: String)
    /// Redis holds another epoch than expected: the company's queues must be rebuilt.
    case otherEpoch(company: String)

    /// Whether waiting helps: Redis is away, full, loading or a replica. Other errors come from its content.
    public var isTemporary: Bool {
        switch self {
        case .unreachable, .badCredentials, .connectionLost, .noPrimary, .openToTheNetwork: true
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
        case .badAddress(let text, let reason): "\"\(text)\" is no address of Redis: \(reason)"
        case .openToTheNetwork(let address):
            "\(address) has neither a password nor TLS and is not on this machine; write user:password@ before its host, "
                + "or rediss for redis"
        case .unreachable(let address, let reason): "Redis does not answer at \(address): \(reason)"
        case .noPrimary(let address): "\(address) is a replica by now; Sentinel is asked again"
        case .connectionLost(let reason): "the connection to Redis was lost: \(reason)"
        case .badCredentials(let address, let reason):
            "Redis refuses the sign-in at \(address): \(reason); correct the user and the password in redis.url"
        case .refused(let command, let reason):
            "Redis refused \(command): \(reason)"
                + (reason.hasPrefix("NOAUTH") ? "; write user:password@ before its host in redis.url" : "")
        case .otherEpoch(let company): "the queues of \(company) are of another generation; they must be rebuilt"
        }
    }
}
