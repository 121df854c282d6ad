import GRDB
import TFSystem

extension SQLite {
    /// A migration in SQLite's dialect.
    struct Step: Sendable {
        let number: Int
        let sql: String
        let digest: String

        init(number: Int, sql: String) {
            self.number = number
            self.sql = sql
            digest = Migration.digest(of: sql)
        }

        /// Of this version.
        static let all = Migration.all.map { Step(number: $0.number, sql: $0.sql(.sqlite)) }
    }

    /// Brings the schema up to date, each migration in a transaction of its own: whoever kills this process leaves the
    /// schema before or after one. The caller makes sure that no other process does the same meanwhile.
    /// - Parameters:
    ///   - steps: all that this version knows; only tests have others.
    ///   - number: the last migration to make; only tests stop before the last one.
    /// - Throws: `StoreOpenError.otherSchema` for a file of another program, of a version before the first release, or
    ///   of a newer version.
    func migrate(_ steps: [Step] = Step.all, upTo number: Int = .max) throws {
        let done = try schema(steps)
        for step in steps where step.number > done && step.number <= number {
            try Self.translated {
                try pool.write { db in
                    if done == 0, step.number == steps.first?.number {
                        try db.execute(sql: "CREATE TABLE migration (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)")
                    }
                    try db.execute(sql: step.sql)
                    try db.execute(
                        sql: "INSERT INTO migration (number, sha256) VALUES (?, ?)",
                        arguments: [step.number, step.digest])
                    CrashPoint.reach(.migration)
                }
            }
        }
    }

    /// The number of the last migration that was made; 0 for an empty file. Changes nothing.
    func schema(_ steps: [Step] = Step.all) throws -> Int {
        try Self.translated { try pool.read { db in try Self.schema(of: db, path: pool.path, steps) } }
    }

    /// The number of the last migration that was made in a file; 0 for an empty file. Changes nothing.
    ///
    /// The digests tell a store of this program from one made with a schema from before the first release: both have
    /// the same numbers.
    /// - Throws: `StoreOpenError.otherSchema`.
    static func schema(of db: Database, path: String, _ steps: [Step] = Step.all) throws -> Int {
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
