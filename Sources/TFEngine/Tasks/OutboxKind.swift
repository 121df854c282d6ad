/// What Redis has yet to be told: the column `outbox.kind`.
package enum OutboxKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Find somebody for a task that nobody has, or put it into the pool.
    case assign
    /// Put a task into the list of the person or program who has it.
    case place
    /// Take the job of a task and attempt out of wherever it is.
    case remove
    /// A program has the job: out of its list, and still counted as its.
    case take
    /// A worker's roles, availability or membership changed.
    case worker
}
