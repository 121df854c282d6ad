/// A part of the daemon's work, which fails and is started again alone: `failing_part.name`.
package enum DaemonPart: String, Sendable, Hashable, CaseIterable {
    /// Its own redis-server.
    case redis
    /// The signals that something was committed.
    case watch
    case definitions
    case diagrams
    case engine
    case queues
    /// The HTTP requests of workflows.
    case requests
    /// Leases, holds and planned absences.
    case clock
    /// Messages of programs by way of Redis.
    case hints
    case checkpoints
    case sweep
    case metrics
}

/// A part that failed and is started again.
package struct FailingPart: Sendable, Hashable {
    package let part: DaemonPart
    /// The error, for operators.
    package let error: String
    package let sinceMs: Int64

    package init(_ part: DaemonPart, error: String, sinceMs: Int64) {
        self.part = part
        self.error = error
        self.sinceMs = sinceMs
    }
}

extension FailingPart {
    fileprivate init(_ row: Row) throws {
        self.init(try Column.word(row["name"]), error: row["error"], sinceMs: row["since_ms"])
    }
}

extension ReadSession {
    /// The parts of all daemons' work that fail at present.
    package func failingParts() throws -> [FailingPart] {
        try all(Row.self, "SELECT * FROM failing_part ORDER BY name, daemon").map { try FailingPart($0) }
    }

    fileprivate func failingParts(of daemon: String) throws -> [FailingPart] {
        try all(Row.self, "SELECT * FROM failing_part WHERE daemon = ? ORDER BY name", [daemon])
            .map { try FailingPart($0) }
    }
}

extension WriteSession {
    /// Stores which parts of a daemon fail, if that has changed.
    package func noteFailing(_ parts: [FailingPart], of daemon: String) throws {
        guard try Set(failingParts(of: daemon)) != Set(parts) else { return }
        try run("DELETE FROM failing_part WHERE daemon = ?", [daemon])
        for part in parts {
            try run(
                "INSERT INTO failing_part (daemon, name, error, since_ms) VALUES (?, ?, ?, ?)",
                [daemon, part.part.rawValue, part.error, part.sinceMs])
        }
    }
}
