import TFSystem

/// What the daemon does that leads the site, as far as people can tell who look from outside.
package enum LeaderState: Sendable, Hashable {
    /// It renews its lease.
    case leads
    /// Its process lives, and has not renewed its lease for so many milliseconds.
    case hangs(RunningProcess, silentMs: Int64)
    /// No daemon leads.
    case absent

    /// - Parameters:
    ///   - lease: nil: no daemon has ever run.
    ///   - directory: the data directory. Of daemons on other machines no process is known in it.
    package init(_ lease: LeaderLease?, directory: String, now: Int64) {
        guard let lease, !lease.isGivenUp else {
            self = .absent
            return
        }
        if lease.isFresh(now: now) {
            self = .leads
        } else if let process = DaemonPresence.livingProcess(lease.holder, directory: directory) {
            self = .hangs(RunningProcess(process), silentMs: max(0, now - lease.renewedAtMs))
        } else {
            self = .absent
        }
    }

    /// What keeps a daemon that hangs from working with the record in a directory; nil: nothing that can be seen.
    package func obstacle(directory: String) -> String? {
        guard case .hangs(let process, _) = self else { return nil }
        if process.isStopped { return "it is stopped: kill -CONT \(process.id) lets it go on" }
        // The byte that SQLite's writers lock in the index of the log: WAL_WRITE_LOCK in https://sqlite.org/walformat.html
        guard let holder = RunningProcess.lockHolder(of: "\(directory)/store.db-shm", byte: 120), holder != process
        else { return nil }
        return "process \(holder.id) (\(holder.name ?? "?")) has locked the store"
    }
}
