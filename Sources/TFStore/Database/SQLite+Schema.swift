import GRDB

extension SQLite {
    /// A migration in SQLite's dialect.
    private struct Step {
        let number: Int
        let sql: String
        let digest: String

        init(_ migration: Migration) {
            number = migration.number
            sql = migration.sql(.sqlite)
            digest = Migration.digest(of: sql)
        }
    }

    private static let steps = Migration.all.map(Step.init)

    /// Brings the schema up to date. The caller makes sure that no other process does the same meanwhile.
    /// - Parameter number: the last migration to make; only tests stop before the last one.
    /// - Throws: `StoreOpenError.otherSchema` for a file of another program, of a version before the first release, or
    ///   of a newer version.
    func migrate(upTo number: Int = .max) throws {
        try Self.translated {
            try pool.write { db in
                let done = try completed(db)
                for step in Self.steps where step.number > done && step.number <= number {
                    try db.execute(sql: step.sql)
                    try db.execute(
                        sql: "INSERT INTO migration (number, sha256) VALUES (?, ?)",
                        arguments: [step.number, step.digest])
                }
            }
        }
    }

    /// The number of the last migration that was made; 0 for an empty file, in which this creates the table of
    /// migrations.
    private func completed(_ db: Database) throws -> Int {
        let number = try Self.schema(of: db, path: pool.path)
        if number == 0 {
            try db.execute(sql: "CREATE TABLE migration (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)")
        }
        return number
    }

    /// The number of the last migration that was made in a file; 0 for an empty file. Changes nothing.
    ///
    /// The digests tell a store of this program from one made with a schema from before the first release: both have
    /// the same numbers.
    /// - Throws: `StoreOpenError.otherSchema`.
    static func schema(of db: Database, path: String) throws -> Int {
        if try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master") == 0 { return 0 }
        let columns = try db.tableExists("migration") ? db.columns(in: "migration").map(\.name) : []
        guard columns == ["number", "sha256"] else { throw StoreOpenError.otherSchema(path, number: nil) }
        let rows = try GRDB.Row.fetchAll(db, sql: "SELECT number, sha256 FROM migration ORDER BY number")
        let (numbers, digests): ([Int], [String]) = (rows.map { $0["number"] }, rows.map { $0["sha256"] })
        // The known migrations, then those of a newer version, without a gap.
        guard let last = numbers.last, numbers.elementsEqual(1..<numbers.count + 1),
            zip(digests, steps).allSatisfy({ $0 == $1.digest })
        else { throw StoreOpenError.otherSchema(path, number: nil) }
        guard last <= steps.count else { throw StoreOpenError.otherSchema(path, number: last) }
        return last
    }
}
