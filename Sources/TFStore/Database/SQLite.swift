import Foundation
import GRDB

/// The default engine: one file, one writer, and readers that never wait for it.
struct SQLite: Sendable {
    /// The most that a write-ahead log keeps of its size when it begins anew.
    private static let keptLogBytes = 4 << 20

    let pool: DatabasePool

    init(path: String) throws {
        let pool = try Self.translated { try DatabasePool(path: path, configuration: Self.configuration) }
        // Opening a pool puts `synchronous` back to NORMAL; FULL is what makes a commit survive a power cut.
        let synchronous = try Self.translated {
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                return try Int.fetchOne(db, sql: "PRAGMA synchronous")
            }
        }
        guard synchronous == 2 else { throw StoreOpenError.notSynchronous }
        self.pool = pool
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws -> Value
    ) async throws -> Value {
        try await Self.translated { try await pool.read { db in try body(SQLiteConnection(db: db)) } }
    }

    func close() throws { try Self.translated { try pool.close() } }

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
            // SQLite before 3.51.3 may lose the WAL when a checkpoint meets a commit: we checkpoint under the writer's lock.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try db.execute(sql: "PRAGMA journal_size_limit = \(keptLogBytes)")
        }
        return configuration
    }

    // MARK: The write-ahead log

    /// Moves the log into the file, with no reader of this process meanwhile.
    func checkpoint() async throws {
        try await Self.translated {
            try await pool.barrierWriteWithoutTransaction { db in try Self.checkpoint(db, path: pool.path) }
        }
    }

    /// Moves what is in the write-ahead log into the file, with the writer's lock held: no commit, of any process, can
    /// meet it.
    /// - Parameter db: the writer, outside of a transaction.
    static func checkpoint(_ db: Database, path: String) throws {
        try translated {
            try db.execute(sql: "BEGIN IMMEDIATE")
            defer { try? db.execute(sql: "ROLLBACK") }  // nothing was written; the lock alone is to be given back
            let other = try DatabaseQueue(path: path, configuration: configuration)
            try other.inDatabase { other in _ = try GRDB.Row.fetchOne(other, sql: "PRAGMA wal_checkpoint(PASSIVE)") }
            try other.close()
        }
    }

    /// Moves all of the log into the file and lets it begin anew: waits for every reader of an older snapshot, of any
    /// process, for as long as a busy database is waited for. SQLite itself holds the writer's lock meanwhile.
    /// Source: sqlite.org/c3ref/wal_checkpoint_v2.html, SQLITE_CHECKPOINT_RESTART.
    /// - Parameter db: the writer, outside of a transaction.
    static func restartLog(_ db: Database) throws {
        try translated { _ = try GRDB.Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(RESTART)") }
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

/// The statements of one session, prepared once on each connection.
struct SQLiteConnection {
    /// A statement with more values than this is made for one occasion, and not kept.
    private static let mostKeptArguments = 60

    let db: Database

    /// - Parameter limit: where to stop; nil: at the end.
    func rows(_ sql: String, _ arguments: Arguments, limit: Int?) throws -> [Row] {
        try inTransaction {
            let statement = try prepared(sql, arguments)
            let cursor = try GRDB.Row.fetchCursor(statement, arguments: StatementArguments(arguments))
            var rows: [Row] = []
            let columns = statement.columnNames
            while rows.count < limit ?? .max, let row = try cursor.next() {
                rows.append(Row(columns: columns, values: columns.indices.map { SQLValue(row[$0] as DatabaseValue) }))
            }
            return rows
        }
    }

    func run(_ sql: String, _ arguments: Arguments) throws -> Int {
        try inTransaction {
            try prepared(sql, arguments).execute(arguments: StatementArguments(arguments))
            return db.changesCount
        }
    }

    func script(_ sql: String) throws { try inTransaction { try db.execute(sql: sql) } }

    /// - Throws: `TransactionLost` where the transaction is gone: what is written then would be a commit of its own.
    private func inTransaction<Value>(_ body: () throws -> Value) throws -> Value {
        guard db.isInsideTransaction else { throw TransactionLost(cause: nil) }
        return try SQLite.translated(body)
    }

    /// A part of the transaction that is undone alone where it throws.
    /// - Throws: what the part throws once it is undone; `TransactionLost` where it cannot be undone alone.
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
        // Where the disk is full, SQLite may have undone the whole transaction already.
        guard db.isInsideTransaction else { throw TransactionLost(cause: cause) }
        do {
            _ = try run("ROLLBACK TO part", [])
            _ = try run("RELEASE part", [])
        } catch { throw TransactionLost(cause: cause) }
    }

    private func prepared(_ sql: String, _ arguments: Arguments) throws -> Statement {
        #if DEBUG
            StatementLog.note(sql, arguments)
        #endif
        return arguments.values.count > Self.mostKeptArguments
            ? try db.makeStatement(sql: sql) : try db.cachedStatement(sql: sql)
    }
}

extension SQLValue {
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .real(number)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(Array(data))
        }
    }

    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}

extension StatementArguments {
    fileprivate init(_ arguments: Arguments) { self.init(arguments.values.map(\.databaseValue)) }
}

extension DatabaseFailure {
    init(_ error: DatabaseError) {
        description = error.description
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN:
            kind = .unavailable
        case .SQLITE_CONSTRAINT: kind = .constraint
        default: kind = .other
        }
    }
}
