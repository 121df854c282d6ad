import Dispatch
import GRDB
import Glibc
import Synchronization
import TFSystem

extension Store {
    /// How long a command that tells how the site is waits for whoever has locked the store, in seconds.
    private static let shortWait = 1.5
    /// The bytes of SQLite's file that are locked by who has it for themselves alone: SHARED_FIRST and its neighbours
    /// in https://sqlite.org/src/file/src/os.h
    private static let sharedByte: Int64 = 0x4000_0002
    /// The byte of its shared memory that is locked by who writes to the log: WAL_WRITE_LOCK behind UNIX_SHM_BASE in
    /// https://sqlite.org/src/file/src/os_unix.c
    private static let writerByte: Int64 = 120

    /// The other process for which an opening waits; nil: none that can be found.
    static func lockHolder(_ directory: String) -> RunningProcess? {
        let path = directory + "/store.db"
        let holders = [
            RunningProcess.lockHolder(of: path, byte: sharedByte),
            RunningProcess.lockHolder(of: path + "-shm", byte: writerByte),
            RunningProcess.holder(ofLockOn: directory + "/store.lock"),
        ]
        return holders.compactMap { $0 }.first { $0.id != getpid() }
    }

    /// Makes sure that the record can be read now. Whoever opens it otherwise waits for half a minute.
    /// - Throws: `StoreOpenError.locked`, with the process that keeps it. What else is wrong is left to who opens it.
    package static func demandUnlocked(_ directory: String, at location: StoreLocation) throws(StoreOpenError) {
        guard location == .file else { return }
        let path = directory + "/store.db"
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(shortWait)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            _ = try queue.read { db in try db.tableExists("ticket") }
            try queue.close()
        } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {
            throw .locked(directory, holder: RunningProcess.lockHolder(of: path, byte: sharedByte))
        } catch {
            return
        }
    }
}

/// Tells whom the opening of a store waits for: soon, and again every half minute. The opening itself blocks its thread.
final class StoreWait: Sendable {
    private static let (first, pause) = (1.5, 30.0)

    private let directory: String
    private let tell: @Sendable (String) -> Void
    private let isOver = Atomic(false)

    init(_ directory: String, tell: @escaping @Sendable (String) -> Void) {
        self.directory = directory
        self.tell = tell
        look(in: Self.first)
    }

    private func look(in seconds: Double) {
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in
            guard !isOver.load(ordering: .relaxed) else { return }
            // Without one it takes its time by itself, as to bring the schema up to date.
            if let holder = Store.lockHolder(directory) {
                tell("waiting for the store, which process \(holder.id) (\(holder.name ?? "?")) keeps locked")
            }
            look(in: Self.pause)
        }
    }

    func end() { isOver.store(true, ordering: .relaxed) }
}
