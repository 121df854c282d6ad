/// The kind of a change that has yet to reach Redis: the column `outbox.kind`.
package enum OutboxKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Choose a worker for a task, or leave it unassigned.
    case assign
    /// Put a task into the list of the person or program who has it.
    case place
    /// Write the job of a task's attempt again, because the task's priority has changed.
    case rewrite
    /// Remove the job of a task's attempt from its list.
    case remove
    /// Take a job out of a program's list because the program has it; it still counts as the program's.
    case take
    /// A worker's roles, availability or membership changed.
    case worker
}
