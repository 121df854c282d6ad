import TFSystem

/// Where the record is kept.
package enum StoreLocation: Sendable, Hashable {
    /// In the file `store.db` of the data directory, by SQLite.
    case file
    /// In a database of PostgreSQL; the address is one that libpq takes.
    case server(url: String)

    /// - Parameter url: nil: there is no server.
    package init(_ url: String?) { self = url.map { .server(url: $0) } ?? .file }
}

/// How much room the record takes on its disk.
package struct StoreRoom: Sendable, Hashable {
    /// The store's file, or the database on the server.
    package let bytes: Int64
    /// SQLite's write-ahead log beside the file; nil on a server, whose log serves other databases too.
    package let logBytes: Int64?
}

/// What keeps the record: one of two engines, and never a third.
enum DatabaseEngine: Sendable {
    case sqlite(SQLite, GroupCommit)
    case postgres(Postgres)

    /// Reads from one snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        switch self {
        case .sqlite(let file, _): try await file.read { try body(.sqlite($0)) }
        case .postgres(let server): try await server.read(body)
        }
    }

    /// Writes in one transaction.
    /// - Parameters:
    ///   - lock: what is locked first, where there are several writers.
    ///   - body: may run several times, if transactions collide or the server is lost.
    func write<Value: Sendable>(
        _ lock: WriteLock, _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        switch self {
        case .sqlite(_, let commits): try await commits.write(body)
        case .postgres(let server): try await server.write(lock, body)
        }
    }

    /// How long a long change should keep others waiting at most. On a server it keeps only those of the same companies
    /// waiting, and its commit, and each statement, take longer.
    var longestTransaction: Duration {
        switch self {
        case .sqlite: .milliseconds(10)
        case .postgres: .milliseconds(50)
        }
    }

    /// How long a snapshot is worked on before its results are written. It keeps nobody waiting; what comes meanwhile
    /// waits for the next one.
    var longestLook: Duration {
        switch self {
        case .sqlite: longestTransaction
        case .postgres: longestTransaction * 4
        }
    }

    /// How long the engine goes on with what it has found before it looks again. On a server it has looked longer before,
    /// and each company has one transaction.
    var longestTurn: Duration {
        switch self {
        case .sqlite: longestTransaction * 5
        case .postgres: .zero
        }
    }

    /// Whether changes of different companies run side by side.
    var locksCompanies: Bool {
        switch self {
        case .sqlite: false
        case .postgres: true
        }
    }

    /// How many changes wait for this process's writers.
    var waitingWrites: Int {
        switch self {
        case .sqlite(_, let commits): commits.waiting
        case .postgres(let server): server.waitingWrites
        }
    }

    /// Moves SQLite's write-ahead log into its file; a server sees to its own.
    func checkpoint() async throws {
        switch self {
        case .sqlite(let file, _): try await file.checkpoint()
        case .postgres: break
        }
    }

    /// What is wrong with SQLite's file; a server is looked after by its own tools.
    func faults() async throws -> [String] {
        switch self {
        case .sqlite(let file, _): try await file.read { try SQLite.faults($0.db) }
        case .postgres: []
        }
    }

    /// How much room the record takes.
    func room() async throws -> StoreRoom {
        switch self {
        case .sqlite(let file, _):
            StoreRoom(
                bytes: DiskSpace.length(of: file.pool.path), logBytes: DiskSpace.length(of: file.pool.path + "-wal"))
        case .postgres(let server):
            try await server.read { connection in
                let rows = try connection.rows(
                    "SELECT pg_database_size(current_database()) AS bytes", [], limit: 1)
                return StoreRoom(bytes: rows.first?["bytes"] ?? 0, logBytes: nil)
            }
        }
    }

    func close() throws {
        switch self {
        case .sqlite(let file, _): try file.close()
        // Its connections end with the last copy of the store.
        case .postgres: break
        }
    }
}
