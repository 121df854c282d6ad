import Glibc
import TFSystem

/// Whose turn it is to write to a SQLite file, among its processes.
///
/// SQLite has no queue: whoever asks at the right moment gets its lock, and a process that writes without a pause keeps
/// all others out. So whoever wants to write holds this file's lock while it waits for SQLite's: nobody else
/// asks meanwhile, and it comes next. Who cannot have the file's lock for a while asks SQLite all the same: a process that
/// was stopped while it waited stands in nobody's way.
struct WriterTurn: Sendable {
    private let file: OpenFile

    /// - Parameter path: of SQLite's file; the lock is on a file beside it.
    /// - Throws: `FileFailure`.
    init(beside path: String) throws(FileFailure) {
        file = try OpenFile(private: path + "-turn", O_RDWR)
    }

    /// For who never writes.
    init() { file = OpenFile() }

    /// Begins a transaction when it is this process's turn.
    func taking<Value>(_ begin: () throws -> Value) rethrows -> Value {
        var tries = 0
        while !lock(), LockPatience.waitBriefly(tries) { tries += 1 }
        defer { unlock() }
        return try begin()
    }

    func close() { file.close() }

    private func lock() -> Bool { file.use { flock($0, LOCK_EX | LOCK_NB) == 0 } ?? false }

    private func unlock() { file.use { _ = flock($0, LOCK_UN) } }
}
