import TFSystem

/// The engine for sites that outgrow one machine: a database of PostgreSQL, with several writers.
struct Postgres: Sendable {
    /// Connections of a process for each purpose. Writers do not take the readers' ones, and the other way round.
    private static let poolSize = 4
    /// Of the server, as libpq numbers them.
    static let oldestVersion = 150_000

    private let readers: PostgresPool
    private let writers: PostgresWriters
    let url: String

    /// - Parameter isFenced: whether each read makes sure that this program knows the schema; only tests look at others.
    init(url: String, isFenced: Bool = true) {
        self.url = url
        readers = PostgresPool(url, size: Self.poolSize, isFenced: isFenced)
        writers = PostgresWriters(url, size: Self.poolSize)
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        try await readers.with { thread in try await thread.read(body) }
    }

    func write<Value: Sendable>(
        _ lock: WriteLock, _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await writers.write(lock, body)
    }

    var waitingWrites: Int { writers.waiting }

    // MARK: The schema

    /// Serializes the migrations of all processes; any number will do that nobody else takes in this database.
    static let migrationLock: Int64 = 0x5446_4d49_4752
    /// How often a migration is tried that collides with what others do.
    private static let mostTries = 20

    /// Brings the schema up to date, each migration in a transaction of its own.
    /// - Throws: `StoreOpenError`.
    func migrate(_ steps: [MigrationStep] = MigrationStep.all(.postgres)) throws {
        try opened { connection in
            _ = try connection.run("SELECT pg_advisory_lock(?)", [.integer(Self.migrationLock)])
            let done = try schema(connection, steps)
            for step in steps where step.number > done {
                try carryOut(step, isFirst: step.number == steps.first?.number, connection)
            }
        }
    }

    /// Carries out a migration in a transaction of its own. Somebody else, such as pg_dump, may hold a table and wait for
    /// another one: of two that wait for each other's the server ends one, and if that is the migration, it begins anew.
    private func carryOut(_ step: MigrationStep, isFirst: Bool, _ connection: PostgresConnection) throws {
        var tries = 1
        while true {
            do {
                try connection.command("BEGIN")
                // Every transaction that writes leaves its mark first (`beginWriting`), and every one that reads locks the table
                // of migrations (`beginReading`): those that have begun end before the schema changes, and those that wait here
                // see that it has.
                if !isFirst { try connection.command("LOCK TABLE commit_mark IN SHARE MODE") }
                if !isFirst { try connection.command("LOCK TABLE migration IN ACCESS EXCLUSIVE MODE") }
                try make(step, isFirst: isFirst, connection)
                CrashPoint.reach(.migration)
                try connection.command("COMMIT")
                return
            } catch let failure as PostgresFailure where failure.isCollision && tries < Self.mostTries {
                tries += 1
                try connection.command("ROLLBACK")
            }
        }
    }

    /// Carries out a migration in the open transaction.
    func make(_ step: MigrationStep, isFirst: Bool, _ connection: PostgresConnection) throws {
        if isFirst { try connection.command("\(MigrationStep.table); \(PostgresConnection.markTable)") }
        try connection.command(step.sql)
        _ = try connection.run(
            "INSERT INTO migration (number, sha256) VALUES (?, ?)",
            [.integer(Int64(step.number)), .text(step.digest)])
    }

    /// - Throws: `StoreOpenError`, also if the schema is not the one of this version.
    func demandNewestSchema() throws {
        try opened { connection in
            let number = try schema(connection, MigrationStep.all(.postgres))
            guard number > 0 else { throw StoreOpenError.missing(DatabaseAddress.withoutPassword(url)) }
            guard number == Migration.newest else {
                throw StoreOpenError.olderSchema(DatabaseAddress.withoutPassword(url), number: number)
            }
        }
    }

    /// The number of the last migration that was made; 0 for a database without tables.
    func schema(_ connection: PostgresConnection, _ steps: [MigrationStep] = MigrationStep.all(.postgres)) throws -> Int
    {
        let tables = try tables(connection)
        if tables.isEmpty { return 0 }
        let place = DatabaseAddress.withoutPassword(url)
        let columns = try connection.run(
            """
            SELECT attname FROM pg_attribute
            WHERE attrelid = to_regclass('migration') AND attnum > 0 ORDER BY attnum
            """, []
        ).rows.map { $0[0] as String }
        guard columns == ["number", "sha256"] else { throw StoreOpenError.otherSchema(place, number: nil) }
        let rows = try connection.run("SELECT number, sha256 FROM migration ORDER BY number", []).rows
        return try MigrationStep.last(of: rows.map { ($0["number"], $0["sha256"]) }, steps, path: place)
    }

    /// The names of the tables in the database's schema.
    func tables(_ connection: PostgresConnection) throws -> [String] {
        try connection.run(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename", []
        ).rows.map { $0[0] as String }
    }

    /// Runs some work on a connection of its own, on this thread, as programs do before they begin.
    func opened<Value>(_ work: (PostgresConnection) throws -> Value) throws -> Value {
        do {
            let connection = try PostgresConnection(url)
            // A migration takes its time, and a second program waits for it.
            try connection.command("SET statement_timeout = 0; SET lock_timeout = 0")
            try checkServer(connection)
            return try work(connection)
        } catch let failure as PostgresFailure {
            guard failure.isLoss else { throw failure.failure }
            throw StoreOpenError.noServer(failure.message)
        }
    }

    private func checkServer(_ connection: PostgresConnection) throws {
        guard connection.version >= Self.oldestVersion else {
            throw StoreOpenError.olderServer(connection.version / 10_000)
        }
        let row = try connection.run(
            """
            SELECT datcollate, datctype, CAST(datlocprovider AS TEXT) AS provider,
                pg_encoding_to_char(encoding) AS encoding
            FROM pg_database
            WHERE datname = current_database()
            """, []
        ).rows.first
        let (collation, kind, encoding): (String, String, String) =
            (row?["datcollate"] ?? "", row?["datctype"] ?? "", row?["encoding"] ?? "")
        // ICU's order comes before that of the C library.
        let isOfC: Bool = (row?["provider"] as String?) == "c"
        guard isOfC, ["C", "POSIX"].contains(collation), ["C", "POSIX"].contains(kind), encoding == "UTF8" else {
            let order = isOfC ? collation : "ICU"
            throw StoreOpenError.otherCollation(DatabaseAddress.withoutPassword(url), "\(order), \(encoding)")
        }
    }

    func close() async {
        await readers.close()
        await writers.close()
    }
}
