import Foundation
import GRDB
import TFExpression
import TFSystem

/// Copies of the store's file from before its schema was changed: `<data>/upgrades/schema-1-20261127T043012.123Z.db`.
///
/// An older version can go on with one, in place of `store.db`; what happened after the upgrade is not in it.
struct UpgradeBackup {
    static let folder = "upgrades"
    private static let unfinished = ".unfinished"

    /// The data directory.
    let directory: String
    /// How many copies are kept; 0: none is made.
    let count: Int

    private var folder: String { directory + "/" + Self.folder }

    /// Copies the store, and removes the oldest copies. The caller holds the lock of the data directory.
    /// - Parameter schema: the number of its last migration.
    /// - Throws: `StoreOpenError.noRoom`, `DatabaseFailure` or `FileFailure`; the schema is not to be changed then.
    func make(of store: SQLite, schema: Int) throws {
        guard count > 0 else { return }
        try PrivateFile.makeDirectory(folder)
        let draft = folder + "/" + Self.unfinished
        try PrivateFile.removeAll(draft)
        try checkRoom()
        // SQLite would make it with another mode.
        close(try PrivateFile.open(draft, O_RDWR | O_EXCL))
        try SQLite.translated {
            let copy = try DatabaseQueue(path: draft)
            try store.pool.read { from in try copy.inDatabase { to in try from.backup(to: to) } }
            try copy.inDatabase { db in _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE") }
            try copy.close()
        }
        let path = "\(folder)/schema-\(schema)-\(Moment.stamp(Int64(Date.now.timeIntervalSince1970 * 1_000))).db"
        try PrivateFile.publish(draft, as: path)
        try prune(besides: path)
    }

    private func checkRoom() throws {
        let store = DiskSpace.length(of: directory + "/store.db")
        // The copy, and what the migration itself may write.
        let needed = 2 * store + DiskSpace.length(of: directory + "/store.db-wal") + (1 << 20)
        guard let free = DiskSpace(at: directory)?.free, free < needed else { return }
        throw StoreOpenError.noRoom(folder, needed: needed, free: free)
    }

    private func prune(besides path: String) throws {
        func changed(_ path: String) -> Int {
            var status = stat()
            return stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
        }
        let others = try PrivateFile.names(in: folder).filter { $0.hasPrefix("schema-") && $0.hasSuffix(".db") }
            .map { folder + "/" + $0 }.filter { $0 != path }.sorted { changed($0) < changed($1) }
        for old in others.dropLast(count - 1) { try PrivateFile.removeAll(old) }
    }
}
