import GRDB

extension SQLite {
    /// Settings of connections that change nothing.
    static var readingConfiguration: Configuration {
        var configuration = configuration(LockPatience())
        configuration.readonly = true
        return configuration
    }

    /// Opens a file to read it.
    /// - Throws: `StoreOpenError.otherSchema` or `.olderSchema` if its schema is not the one of this version.
    init(reading path: String) throws {
        Self.countsNoMemory
        turn = WriterTurn()
        isFenced = true
        pool = try Self.translated { try DatabasePool(path: path, configuration: Self.readingConfiguration) }
        let number = try Self.translated { try pool.read { db in try Self.schema(of: db, path: path) } }
        guard number == Migration.newest else { throw StoreOpenError.olderSchema(path, number: number) }
    }

    /// The version of the SQLite library, such as `3.40.1`.
    package static var version: String {
        get throws { try DatabaseQueue().read { db in try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "" } }
    }

    /// What is wrong with the file of a connection: damaged pages and indexes, and rows that refer to missing ones. It
    /// reads the whole file.
    /// - Returns: sentences, at most twenty; empty: the file is in order.
    static func faults(_ db: Database) throws -> [String] {
        let damage = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
        let strays = try GRDB.Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(20).map { row in
            "a row of \(row["table"] as String) refers to a row of \(row["parent"] as String) that is not there"
        }
        return Array((damage + strays).prefix(20))
    }
}

extension Store {
    /// What is wrong with the store's file; empty: it is in order. It reads the whole file.
    package func faults() async throws -> [String] { try await engine.faults() }

    /// The version of SQLite.
    package static var engineVersion: String { get throws { try SQLite.translated { try SQLite.version } } }
}
