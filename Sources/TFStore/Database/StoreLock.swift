import GRDB
import TFSystem

extension Store {
    /// How long a command that tells how the site is waits for whoever has locked the store, in seconds.
    private static let shortWait = 1.5
    /// The bytes of SQLite's file that are locked by who has it for themselves alone: SHARED_FIRST and its neighbours
    /// in https://sqlite.org/src/file/src/os.h
    private static let sharedByte: Int64 = 0x4000_0002

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
