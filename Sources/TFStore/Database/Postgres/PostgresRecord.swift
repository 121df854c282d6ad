import TFSystem

/// A record in a database of PostgreSQL, in one transaction on one connection.
struct PostgresRecord: MovedRecord, RecordTarget {
    private let connection: PostgresConnection
    /// The path of the master key's file.
    private let masterKey: String
    /// What was taken away to fill the tables faster, as the statements that bring it back.
    private let late: [String]

    private init(_ connection: PostgresConnection, _ masterKey: String, late: [String] = []) {
        (self.connection, self.masterKey, self.late) = (connection, masterKey, late)
    }

    /// For a transaction that may take hours.
    private static func prepare(_ connection: PostgresConnection) throws {
        try connection.command(
            """
            SET statement_timeout = 0; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = 0;
            SET default_transaction_read_only = off
            """)
        // Programs that start meanwhile wait for the end, as for a migration.
        let isLocked = try connection.run("SELECT pg_advisory_lock(?)", [.integer(Postgres.migrationLock)])
        precondition(isLocked.rows.count == 1)
    }

    // MARK: From here

    /// Holds a record so that nobody changes it, and reads it as it is at this moment.
    /// - Throws: `MoveError.inUse` if programs are connected; `StoreOpenError` if it is of another version.
    static func held<Value>(
        _ url: String, masterKey: String, _ body: (PostgresRecord) throws -> Value
    ) throws -> Value {
        let (server, place) = (Postgres(url: url), DatabaseAddress.withoutPassword(url))
        return try server.opened { connection in
            try prepare(connection)
            let number = try server.schema(connection)
            guard number > 0 else { throw StoreOpenError.missing(place) }
            guard number == Migration.newest else { throw StoreOpenError.olderSchema(place, number: number) }
            let others = try connection.run(
                """
                SELECT 1 FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'ticketflower' AND pid <> pg_backend_pid()
                LIMIT 1
                """, [])
            guard others.rows.isEmpty else { throw MoveError.inUse(place) }
            try connection.command("BEGIN ISOLATION LEVEL REPEATABLE READ")
            let tables = try server.tables(connection).joined(separator: ", ")
            // Before the snapshot, which the first statement that reads rows takes.
            do { try connection.command("LOCK TABLE \(tables) IN SHARE MODE NOWAIT") } catch let failure
                as PostgresFailure
            {
                throw failure.code == "55P03" ? MoveError.inUse(place) : failure
            }
            let value = try body(PostgresRecord(connection, masterKey))
            CrashPoint.reach(.commit)
            try connection.command("COMMIT")
            CrashPoint.reach(.committed)
            return value
        }
    }

    /// Notes that work goes on elsewhere: no program opens it any more.
    func close(movedTo place: String) throws {
        _ = try translated {
            try connection.run(
                "INSERT INTO migration (number, sha256) VALUES (?, ?)",
                [.integer(Int64(Migration.newest) + 1), .text(MigrationStep.movedMark + place)])
        }
    }

    func count(_ table: RecordTable) throws -> Int {
        try translated { try connection.run("SELECT COUNT(*) FROM \(table.name)", []).rows.first?[0] ?? 0 }
    }

    /// How many bytes the database has.
    func bytes() throws -> Int64 {
        try translated {
            try connection.run("SELECT pg_database_size(current_database())", []).rows.first?[0] ?? 0
        }
    }

    func rows(of table: RecordTable, _ row: ([SQLValue]) throws -> Void) throws {
        if table.name == MovedKeys.table { return try MovedKeys.rows(keys(), row) }
        try translated { try connection.copyOut(table.select, types: table.types, row) }
    }

    /// The site's keys, open.
    /// - Throws: `MasterKeyError` or `FileFailure` if they cannot be opened.
    func keys() throws -> KeyHome.Keys {
        let sealed: [String: String] = try translated {
            try connection.run("SELECT name, sealed FROM site_key", []).rows.reduce(into: [:]) {
                $0[$1[0]] = $1[1] as String
            }
        }
        return sealed.isEmpty ? [:] : try MasterKey(file: masterKey, for: sealed).open(sealed)
    }

    func lastNumbers(of tables: [RecordTable]) throws -> [String: Int64] {
        try translated {
            try tables.filter(\.isNumbered).reduce(into: [:]) { numbers, table in
                let row = try connection.run(
                    """
                    SELECT last_value FROM pg_sequences
                    WHERE schemaname || '.' || sequencename = pg_get_serial_sequence(?, 'id')
                    """, [.text(table.name)]
                ).rows.first
                if let last = row?[0] as Int64? { numbers[table.name] = last }
            }
        }
    }

    // MARK: To here

    /// Makes a record in an empty database, and commits it when the body is done: what is interrupted leaves nothing.
    static func made<Value>(
        in url: String, masterKey: String, _ body: (PostgresRecord) throws -> Value
    ) throws -> Value {
        let (server, place) = (Postgres(url: url), DatabaseAddress.withoutPassword(url))
        return try server.opened { connection in
            try prepare(connection)
            guard try server.tables(connection).isEmpty else {
                // A newer version's, or of another program, says so first.
                _ = try server.schema(connection)
                throw MoveError.notEmpty(
                    place, remedy: "make the database anew with dropdb and createdb, or name another one")
            }
            try connection.command("BEGIN")
            for (number, step) in MigrationStep.all(.postgres).enumerated() {
                try server.make(step, isFirst: number == 0, connection)
            }
            let late = try unhinged(connection)
            let value = try body(PostgresRecord(connection, masterKey, late: late))
            CrashPoint.reach(.commit)
            try connection.command("COMMIT")
            CrashPoint.reach(.committed)
            return value
        }
    }

    /// Takes away references and indexes, which are made in one go when the rows are there, many times as fast.
    /// - Returns: the statements that bring them back.
    private static func unhinged(_ connection: PostgresConnection) throws -> [String] {
        let references = try connection.run(
            """
            SELECT CAST(conrelid::regclass AS TEXT), CAST(conname AS TEXT), pg_get_constraintdef(oid) FROM pg_constraint
            WHERE contype = 'f' AND connamespace = to_regnamespace(CAST(current_schema() AS TEXT))
            """, []
        ).rows
        let indexes = try connection.run(
            """
            SELECT CAST(i.indexrelid::regclass AS TEXT), pg_get_indexdef(i.indexrelid)
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE c.relnamespace = to_regnamespace(CAST(current_schema() AS TEXT))
                AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
            """, []
        ).rows
        for row in references {
            try connection.command("ALTER TABLE \(row[0] as String) DROP CONSTRAINT \(row[1] as String)")
        }
        for row in indexes { try connection.command("DROP INDEX \(row[0] as String)") }
        return indexes.map { $0[1] }
            + references.map { "ALTER TABLE \($0[0] as String) ADD CONSTRAINT \($0[1] as String) \($0[2] as String)" }
    }

    func add(to table: RecordTable, _ give: ((([SQLValue]) throws -> Void)) throws -> Void) throws {
        try translated {
            // What the schema begins with.
            try connection.command("DELETE FROM \(table.name)")
            if table.name == MovedKeys.table { return try addKeys(give) }
            try connection.copyIn(table.name, types: table.types, columns: table.list, give)
        }
    }

    private func addKeys(_ give: ((([SQLValue]) throws -> Void)) throws -> Void) throws {
        var master: MasterKey?
        try give { row in
            let (name, bytes) = try MovedKeys.key(row)
            // Made only if there is something for it.
            let key = try master ?? MasterKey(file: masterKey, for: [:])
            master = key
            _ = try connection.run(
                "INSERT INTO site_key (name, sealed) VALUES (?, ?)", [.text(name), .text(key.seal(bytes, as: name))])
        }
    }

    func complete(after numbers: [String: Int64]) throws {
        try translated {
            for statement in late { try connection.command(statement) }
            for (table, number) in numbers {
                _ = try connection.run(
                    "SELECT setval(CAST(pg_get_serial_sequence(?, 'id') AS regclass), ?)",
                    [.text(table), .integer(number)])
            }
            // Nobody waits for the server to find out by itself what is in the tables.
            try connection.command("ANALYZE")
        }
    }

    private func translated<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let failure as PostgresFailure { throw failure.failure }
    }
}

extension RecordTable {
    /// As PostgreSQL has the columns.
    fileprivate var types: [PostgresType] {
        columns.map { column in
            switch column.kind {
            case .integer: .int8
            case .text: .text
            case .bytes: .bytes
            }
        }
    }
}
