import CSQLite
import Foundation
import GRDB
import TFSystem

/// The default engine: one file, one writer at a time, and readers that never wait for it.
struct SQLite: Sendable {
    /// Each takes two descriptors: a process that may have few of them open has few readers.
    private static let limitReaders: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 4 }
        return limit.rlim_cur < 128 ? 2 : 4
    }()
    /// Carried out once, before the first connection. Who has used SQLite before only loses some speed.
    static let countsNoMemory: Void = { _ = tf_sqlite_count_no_memory() }()

    let pool: DatabasePool
    let patience = LockPatience()
    let log = LogLength()
    let turn: WriterTurn
    /// Whether each transaction makes sure that this program knows the schema: of a store's file, not while it is made.
    let isFenced: Bool
    private let readers = BlockingThreads("sqlite-reader", count: limitReaders)

    init(path: String, isFenced: Bool = false) throws {
        Self.countsNoMemory
        let patience = patience
        let pool = try Self.translated { try DatabasePool(path: path, configuration: Self.configuration(patience)) }
        // Opening a pool sets `synchronous` to NORMAL; only with FULL does a commit survive a power cut.
        let synchronous = try Self.translated {
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                return try Int.fetchOne(db, sql: "PRAGMA synchronous")
            }
        }
        guard synchronous == 2 else { throw StoreOpenError.notSynchronous }
        self.pool = pool
        self.isFenced = isFenced
        turn = try WriterTurn(beside: path)
        pool.writeWithoutTransaction(log.follow)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws -> Value
    ) async throws -> Value {
        try await readers.value { [pool, isFenced] in
            try Self.translated {
                try pool.read { db in
                    if isFenced { try SchemaFence.check(db) }
                    return try body(SQLiteConnection(db: db))
                }
            }
        }
    }

    /// Moves the log into the file, unless another process reads just now, and closes the connections.
    func close() throws {
        // What stays in the log is read from there by the next process.
        if !pool.configuration.readonly {
            try? pool.writeWithoutTransaction { db in try patience.giving { try Self.emptyLog(db) } }
        }
        try Self.translated { try pool.close() }
        turn.close()
    }

    static func configuration(_ patience: LockPatience) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .callback { tries in patience.wait(tries) }
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = limitReaders
        configuration.prepareDatabase { db in
            // SQLite before 3.51.3 can lose the write-ahead log if a checkpoint and a commit coincide, so automatic
            // checkpoints are off and we checkpoint under the writer's lock.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try db.execute(sql: "PRAGMA journal_size_limit = \(LogBound.restartedBytes)")
            // A savepoint keeps the pages as they were before it; in a file those cost as much as the log itself.
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            // Otherwise a statement with a value that a partial index's condition could hold is prepared anew each time
            // it is given one, which costs more than to run it.
            _ = tf_sqlite_keep_plans(db.sqliteConnection)
        }
        return configuration
    }

    // MARK: The write-ahead log

    /// Moves the write-ahead log into the file while no reader of this process is active.
    func checkpoint() async throws {
        try await Self.translated {
            try await pool.barrierWriteWithoutTransaction { db in
                try checkpoint(db)
            }
        }
    }

    /// Moves the write-ahead log into the file under the writer's lock, so that no commit of any process can coincide
    /// with it.
    /// - Parameter db: the writer, outside of a transaction.
    func checkpoint(_ db: Database) throws {
        try Self.translated {
            try turn.taking { try db.execute(sql: "BEGIN IMMEDIATE") }
            defer { try? db.execute(sql: "ROLLBACK") }  // nothing was written; this only releases the lock
            let other = try DatabaseQueue(path: pool.path, configuration: Self.configuration(patience))
            try other.inDatabase { other in _ = try GRDB.Row.fetchOne(other, sql: "PRAGMA wal_checkpoint(PASSIVE)") }
            try other.close()
        }
    }

    /// Moves the whole log into the file, so that the log starts again from its beginning. Waits for every reader of an
    /// older snapshot, in any process, as long as for a lock. SQLite itself holds the writer's lock meanwhile.
    /// Source: sqlite.org/c3ref/wal_checkpoint_v2.html, SQLITE_CHECKPOINT_RESTART.
    /// - Parameter db: the writer, outside of a transaction.
    static func restartLog(_ db: Database) throws { try checkpoint(db, "RESTART") }

    /// The same, and the log's file is empty afterwards.
    static func emptyLog(_ db: Database) throws { try checkpoint(db, "TRUNCATE") }

    /// - Throws: `DatabaseFailure`, also if readers or writers did not end in time.
    private static func checkpoint(_ db: Database, _ mode: String) throws {
        let row = try translated { try GRDB.Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(\(mode))") }
        guard row?["busy"] == 0 else {
            throw DatabaseFailure(
                kind: .unavailable, refusal: .locked, description: "the write-ahead log is being read")
        }
    }

    // MARK: Errors

    static func translated<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as DatabaseError { throw DatabaseFailure(error) }
    }

    static func translated<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async throws -> Value {
        do { return try await body() } catch let error as DatabaseError { throw DatabaseFailure(error) }
    }
}

/// A connection inside a transaction. Its statements are prepared once and kept.
struct SQLiteConnection {
    /// A statement with more values than this is not kept: its length depends on its values, so it is hardly used
    /// again.
    private static let limitKeptArguments = 60

    let db: Database

    /// - Parameter limit: the number of rows to read at most; nil: all.
    func rows(_ sql: String, _ arguments: Arguments, limit: Int?) throws -> [Row] {
        try inTransaction { try prepared(sql, arguments).rows(arguments.values, limit: limit) }
    }

    func run(_ sql: String, _ arguments: Arguments) throws -> Int {
        try inTransaction {
            try prepared(sql, arguments).run(arguments.values)
            return db.changesCount
        }
    }

    func script(_ sql: String) throws { try inTransaction { try db.execute(sql: sql) } }

    /// - Throws: `TransactionLost` if the transaction was rolled back: a further write would commit on its own.
    private func inTransaction<Value>(_ body: () throws -> Value) throws -> Value {
        guard db.isInsideTransaction else { throw TransactionLost(cause: nil) }
        return try SQLite.translated(body)
    }

    /// Runs a block in a savepoint: if it throws, only its own changes are undone.
    /// - Throws: what the block throws, after it was undone; `TransactionLost` if that is impossible.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        _ = try run("SAVEPOINT part", [])
        do {
            let value = try body()
            _ = try run("RELEASE part", [])
            return value
        } catch let lost as TransactionLost {
            throw lost
        } catch {
            try undoPart(because: error)
            throw error
        }
    }

    private func undoPart(because cause: any Error) throws {
        // If the disk is full, SQLite may have rolled back the whole transaction already.
        guard db.isInsideTransaction else { throw TransactionLost(cause: cause) }
        do {
            _ = try run("ROLLBACK TO part", [])
            _ = try run("RELEASE part", [])
        } catch { throw TransactionLost(cause: cause) }
    }

    private func prepared(_ sql: String, _ arguments: Arguments) throws -> SQLiteStatement {
        #if DEBUG
            StatementLog.note(sql, arguments)
        #endif
        return SQLiteStatement(
            arguments.values.count > Self.limitKeptArguments
                ? try db.makeStatement(sql: sql) : try db.cachedStatement(sql: sql))
    }
}

extension DatabaseFailure {
    init(_ error: DatabaseError) {
        let kind: Kind =
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN:
                .unavailable
            case .SQLITE_CONSTRAINT: .constraint
            default: .other
            }
        let refusal: Refusal? =
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: .locked
            case .SQLITE_FULL: .full
            case .SQLITE_READONLY, .SQLITE_CANTOPEN: .readOnly
            case .SQLITE_NOTADB, .SQLITE_CORRUPT: .damaged
            default: nil
            }
        self.init(kind: kind, refusal: refusal, description: error.description)
    }
}
