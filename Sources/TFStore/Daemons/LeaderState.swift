import TFSystem

/// What the daemon does that leads the site, as far as people can tell who look from outside.
package enum LeaderState: Sendable, Hashable {
    /// It renews its lease.
    case leads
    /// Its process lives, and has not renewed its lease for so many milliseconds.
    case hangs(RunningProcess, silentMs: Int64)
    /// A daemon runs, and none leads: it has just started, or something keeps it from writing to the store.
    case waits
    /// No daemon runs that could lead.
    case absent

    /// - Parameters:
    ///   - lease: nil: no daemon has ever led.
    ///   - directory: the data directory. Of daemons on other machines no process is known in it.
    package init(_ lease: LeaderLease?, directory: String, now: Int64) {
        if let lease, lease.isFresh(now: now) {
            self = .leads
        } else if let lease, let process = DaemonPresence.livingProcess(lease.holder, directory: directory) {
            self = .hangs(RunningProcess(process), silentMs: max(0, now - lease.renewedAtMs))
        } else if DaemonPresence.isAnyLiving(directory: directory) {
            self = .waits
        } else {
            self = .absent
        }
    }

    /// What keeps a daemon from working with the record in a directory, or would keep one that is started; nil: nothing
    /// that can be seen.
    package func obstacle(directory: String) -> String? {
        if self == .leads { return nil }
        if case .hangs(let process, _) = self, process.isStopped {
            return "it is stopped: kill -CONT \(process.id) lets it go on"
        }
        guard let holder = Self.lockHolder(directory: directory) else { return nil }
        let name = "process \(holder.id) (\(holder.name ?? "?"))"
        if holder.isStopped {
            return "\(name) has locked the store and is stopped: kill -CONT \(holder.id) lets it go on"
        }
        // Our own programs have it locked for some milliseconds at a time, whoever leads; a daemon that hangs waits longer.
        if case .hangs(let process, _) = self, process.id != holder.id { return "\(name) has locked the store" }
        return Self.programs.contains(holder.name ?? "") ? nil : "\(name) has locked the store"
    }

    private static let programs: Set = ["tf-daemon", "tf-web"]

    /// The process that has the writer's lock of a record in a directory; nil: nobody has it.
    private static func lockHolder(directory: String) -> RunningProcess? {
        // The byte that SQLite's writers lock in the index of the log: WAL_WRITE_LOCK in https://sqlite.org/walformat.html
        RunningProcess.lockHolder(of: "\(directory)/store.db-shm", byte: 120)
    }
}
