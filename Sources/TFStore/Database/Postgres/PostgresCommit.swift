import TFEngine

/// What a transaction that writes locks before everything else.
///
/// One inside a company locks the company's row: within a company it is as if there were one writer, and companies run
/// side by side. One of the whole site takes the site's lock, so that these are one after another too; it locks the row
/// of each company that it looks into. Nobody who holds a company waits for the site's lock.
enum WriteLock: Sendable, Hashable {
    case site
    case company(CompanyID)
    /// Nothing yet: each company is locked when the transaction looks into it. For daemons, which share the companies.
    case companies
    /// The company of this slug; the site, if there is none.
    case slug(String)
}

extension PostgresConnection {
    /// Any number will do that nobody else takes in this database.
    private static let siteLock: Int64 = 0x5446_5349_5445
    /// The last transaction of each connection that writes, written with it: after a connection was lost while it
    /// committed, this tells whether it did. A row goes a day after its last change.
    static let markTable =
        "CREATE TABLE commit_mark (connection TEXT PRIMARY KEY, number BIGINT NOT NULL, at_ms BIGINT NOT NULL)"
    private static let mark = """
        INSERT INTO commit_mark (connection, number, at_ms)
        VALUES (?, ?, CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT))
        ON CONFLICT (connection) DO UPDATE SET number = excluded.number, at_ms = excluded.at_ms
        """

    /// Changes nothing if there is a mark, and waits for whoever writes it.
    private static let keptMark = """
        INSERT INTO commit_mark (connection, number, at_ms) VALUES (?, ?, 0)
        ON CONFLICT (connection) DO UPDATE SET number = commit_mark.number RETURNING number
        """

    /// The last migration, asked for together with the first lock. Nothing migrates between: `Postgres.migrate` waits for
    /// the marks.
    private static let lastMigration = "(\(SchemaFence.question)) AS last_migration"
    private static let lockedSite = "SELECT pg_advisory_xact_lock(?), \(lastMigration)"

    /// Begins a transaction that writes, leaves its mark, and takes its first lock.
    /// - Throws: `DatabaseFailure` with the refusal `.upgraded` or `.moved` if this program does not know the schema.
    func beginWriting(_ lock: WriteLock) throws -> PostgresTransaction {
        let transaction = PostgresTransaction(self)
        transactions += 1
        try runLater("BEGIN ISOLATION LEVEL READ COMMITTED")
        // By itself: a kept statement locks all its tables before it runs, in an order of the server's own. Whoever waits
        // here for a migration must hold none that the migration may want, or one of the two is ended as a deadlock.
        try runLater(Self.mark, [.text(name), .integer(transactions)])
        let site = SQLValue.integer(Self.siteLock)
        switch lock {
        case .site: _ = try first(Self.lockedSite, [site])
        case .companies: _ = try first("SELECT \(Self.lastMigration)", [])
        case .company(let company):
            let row = try first(
                "SELECT leader_epoch, \(Self.lastMigration) FROM company WHERE id = ? FOR UPDATE", [company.sqlValue])
            try transaction.note(locked: company, epoch: row?[0] ?? 0)
        case .slug(let slug):
            let row = try first(
                "SELECT id, leader_epoch, \(Self.lastMigration) FROM company WHERE slug = ? FOR UPDATE", [.text(slug)])
            guard let row, let company = row[0] as CompanyID? else {
                _ = try first(Self.lockedSite, [site])
                break
            }
            try transaction.note(locked: company, epoch: row[1])
        }
        return transaction
    }

    /// The first row of a statement that asks for the last migration, too.
    private func first(_ sql: String, _ values: [SQLValue]) throws -> Row? {
        let row = try run(sql, values).rows.first
        if let row { try SchemaFence.check(row["last_migration"] as String?) }
        return row
    }

    /// Whether another connection's transaction was committed, after that connection was lost while it committed.
    ///
    /// The mark's row is locked by that transaction as long as the server has not ended it, so this waits for its end.
    func isCommitted(_ number: Int64, of connection: String) throws -> Bool {
        let rows = try run("\(Self.keptMark)", [.text(connection), .integer(0)]).rows
        guard let last = rows.first?[0] as Int64? else { return false }
        return last == number
    }

    /// Deletes the marks of connections that have ended.
    func sweepMarks() throws {
        try command(
            """
            DELETE FROM commit_mark
            WHERE at_ms < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) - 86400000
            """)
    }
}
