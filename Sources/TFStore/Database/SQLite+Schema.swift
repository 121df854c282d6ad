import GRDB

extension SQLite {
    /// Brings the schema up to date. The caller sees to it that no other process does at the same time.
    /// - Parameter number: the last migration to make; only tests stop before the end.
    /// - Throws: `StoreOpenError.otherSchema` for a file of another program, or of a newer version of this one.
    func migrate(upTo number: Int = .max) throws {
        try Self.translated {
            try pool.write { db in
                let done = try Self.schemaNumber(db)
                let last = Migration.all.last?.number ?? 0
                guard let done, done <= last else { throw StoreOpenError.otherSchema(pool.path, number: done) }
                for migration in Migration.all where migration.number > done && migration.number <= number {
                    try db.execute(sql: migration.sql(id: "INTEGER PRIMARY KEY AUTOINCREMENT"))
                    if migration.number == 1 {
                        try db.execute(sql: String(decoding: PackageResources.sqlite_sql, as: UTF8.self))
                    }
                    try db.execute(sql: "INSERT INTO migration (number) VALUES (?)", arguments: [migration.number])
                }
            }
        }
    }

    /// The last migration that was made; 0 for an empty file; nil for one with other tables.
    private static func schemaNumber(_ db: Database) throws -> Int? {
        if try db.tableExists("migration") {
            return try Int.fetchOne(db, sql: "SELECT MAX(number) FROM migration") ?? 0
        }
        let tables = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
        guard tables == 0 else { return nil }
        try db.execute(sql: "CREATE TABLE migration (number INTEGER PRIMARY KEY)")
        return 0
    }
}
