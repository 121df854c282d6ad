/// A hint that something was committed in a company, for processes on other machines.
///
/// It may be lost with a connection, so whoever waits for one also looks from time to time.
public struct CommitHint: Sendable, Hashable {
    /// The company's id in the store.
    public let company: Int64
    /// The names of the loops that it concerns.
    public let listeners: Set<String>
    /// Names the sender's data directory, whose processes know of the commit already.
    public let origin: String

    /// A hint of a commit in a company.
    public init(company: Int64, listeners: Set<String>, origin: String) {
        self.company = company
        self.listeners = listeners
        self.origin = origin
    }

    /// Reads a message; nil: it came on another channel, or is none of ours.
    public init?(channel: String, text: String) {
        let parts = text.split(separator: " ", maxSplits: 2)
        guard QueueKeys.isOfCommits(channel), parts.count == 3, let company = Int64(parts[0]) else { return nil }
        self.init(
            company: company, listeners: Set(parts[1].split(separator: ",").map(String.init)), origin: String(parts[2]))
    }

    var text: String { "\(company) \(listeners.sorted().joined(separator: ",")) \(origin)" }
}

extension TaskQueues {
    /// Publishes hints on the channels of their companies.
    /// - Parameter hints: by the companies' slugs.
    public func publish(_ hints: [String: CommitHint]) async throws(QueueError) {
        _ = try await client.send(
            hints.sorted { $0.key < $1.key }.map { ["PUBLISH", QueueKeys(company: $0.key).commits, $0.value.text] })
    }
}
