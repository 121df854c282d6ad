import Foundation
import GRDB
import TFDefinition
import TFExpression

/// The record: everything that was acknowledged is in this SQLite file.
///
/// One method is one transaction. The statements are SQL that PostgreSQL accepts too. Times are milliseconds since
/// 1970, UTC, given by the caller; nothing here reads a clock.
package struct Store: Sendable {
    let pool: DatabasePool
    let revisions = RevisionCache()
    private let bell: StoreBell
    let mark: HandlingMark
    /// The bytes of what people sent.
    package let files: AttachmentFiles
    /// The public address, without a slash at its end, for the links in tickets and jobs.
    package let baseURL: String
    /// For whom this copy works; nil: for the program itself.
    var caller: Caller?

    /// Opens the store in `directory` and brings its schema up to date.
    ///
    /// Both programs open it at any moment, so opening and migrating happen under a lock on `store.lock`: two
    /// processes that create the same file would race on its journal mode.
    /// - Parameters:
    ///   - directory: made with mode 0700 where it is missing.
    ///   - baseURL: for links.
    /// - Throws: `StoreOpenError`, or GRDB's `DatabaseError`.
    package init(directory: String, baseURL: String) throws {
        try DataDirectory.prepare(directory)
        let lock = try FileLock(path: directory + "/store.lock")
        defer { lock.release() }
        let pool = try DatabasePool(path: directory + "/store.db", configuration: Self.configuration)
        // Opening a pool puts `synchronous` back to NORMAL; FULL is what makes a commit survive a power cut.
        let synchronous = try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            return try Int.fetchOne(db.cachedStatement(sql: "PRAGMA synchronous"))
        }
        guard synchronous == 2 else { throw StoreOpenError.notSynchronous }
        try Self.migrator.migrate(pool)
        self.pool = pool
        self.baseURL = baseURL
        files = try AttachmentFiles(directory: directory + "/attachments")
        bell = try StoreBell(path: directory + "/" + Self.bellName)
        mark = try HandlingMark(path: directory + "/engine.mark")
    }

    /// The file in the data directory whose time changes after every commit, for inotify's IN_ATTRIB.
    package static let bellName = "store.wake"

    /// Closes the connections.
    package func close() throws {
        try pool.close()
        bell.close()
        mark.close()
    }

    /// One transaction; when it is committed, whoever waits for work is woken.
    ///
    /// A request that was sent before changes nothing and gets what the first one got.
    func write<Value: Sendable>(_ updates: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let value = try await pool.write { db in
            if let earlier: Value = try earlierResult(db) { return earlier }
            let value = try updates(db)
            try remember(db, value)
            return value
        }
        bell.ring()
        return value
    }

    /// One transaction that is no part of what the caller asked for, such as counting a failed sign-in.
    func writeAside<Value: Sendable>(_ updates: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await pool.write(updates)
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        // 30 s, looking every 2 ms: SQLite's own way sleeps up to 100 ms between two looks, and misses every gap that a
        // busy engine leaves. It is the connection's own thread that sleeps.
        configuration.busyMode = .callback { tries in
            usleep(2_000)
            return tries < 15_000
        }
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            // SQLite before 3.51.3 may lose the WAL when a checkpoint meets a commit; only the daemon checkpoints.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        }
        return configuration
    }

    /// Moves what is in the write-ahead log into the database file.
    ///
    /// A write transaction is held meanwhile, so that no commit can meet the checkpoint.
    package func checkpoint() async throws {
        try await pool.barrierWriteWithoutTransaction { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            defer { try? db.execute(sql: "ROLLBACK") }  // nothing was written; the lock alone is to be given back
            let other = try DatabaseQueue(path: pool.path, configuration: Self.configuration)
            try other.inDatabase { other in _ = try Row.fetchOne(other, sql: "PRAGMA wal_checkpoint(PASSIVE)") }
            try other.close()
        }
    }
}

/// Why a store did not open.
package enum StoreOpenError: Error, CustomStringConvertible {
    case locked(String, errno: Int32)
    case notSynchronous
    case foreignDirectory(String, owner: String)

    package var description: String {
        switch self {
        case .locked(let path, let code):
            "cannot lock \(path): \(String(cString: strerror(code))); the data directory must be writable"
        case .foreignDirectory(let path, let owner):
            "the data directory \(path) belongs to \(owner); run this as \(owner), or name a directory of your own"
        case .notSynchronous: "SQLite does not take synchronous = FULL; acknowledged work would not survive a power cut"
        }
    }
}

/// An advisory lock on a file, held until `release`.
private struct FileLock {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
            throw StoreOpenError.locked(path, errno: errno)
        }
    }

    func release() { close(descriptor) }
}
