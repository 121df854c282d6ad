import GRDB
import TFSystem

extension SQLite {
    typealias Step = MigrationStep

    /// Brings the schema up to date, each migration in a transaction of its own: whoever kills this process leaves the
    /// schema before or after one. The caller makes sure that no other process does the same meanwhile.
    /// - Parameters:
    ///   - steps: all that this version knows; only tests have others.
    ///   - number: the last migration to make; only tests stop before the last one.
    /// - Throws: `StoreOpenError.otherSchema` for a file of another program, of a version before the first release, or
    ///   of a newer version.
    func migrate(_ steps: [Step] = Step.all(.sqlite), upTo number: Int = .max) throws {
        let done = try schema(steps)
        for step in steps where step.number > done && step.number <= number {
            try Self.translated {
                try pool.write { db in
                    try Self.make(step, isFirst: done == 0 && step.number == steps.first?.number, db)
                    CrashPoint.reach(.migration)
                }
            }
        }
    }

    /// Carries out a migration in the open transaction.
    static func make(_ step: Step, isFirst: Bool, _ db: Database) throws {
        if isFirst { try db.execute(sql: Step.table) }
        try db.execute(sql: step.sql)
        try db.execute(
            sql: "INSERT INTO migration (number, sha256) VALUES (?, ?)", arguments: [step.number, step.digest])
    }

    /// The number of the last migration that was made; 0 for an empty file. Changes nothing.
    func schema(_ steps: [Step] = Step.all(.sqlite)) throws -> Int {
        try Self.translated { try pool.read { db in try Self.schema(of: db, path: pool.path, steps) } }
    }

    /// The number of the last migration that was made in a file; 0 for an empty file. Changes nothing.
    /// - Throws: `StoreOpenError.otherSchema`.
    static func schema(of db: Database, path: String, _ steps: [Step] = Step.all(.sqlite)) throws -> Int {
        if try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master") == 0 { return 0 }
        let columns = try db.tableExists("migration") ? db.columns(in: "migration").map(\.name) : []
        guard columns == ["number", "sha256"] else { throw StoreOpenError.otherSchema(path, number: nil) }
        let rows = try GRDB.Row.fetchAll(db, sql: "SELECT number, sha256 FROM migration ORDER BY number")
        return try Step.last(of: rows.map { ($0["number"], $0["sha256"]) }, steps, path: path)
    }
}
