import CPQ

/// What an operator has to know of the PostgreSQL that keeps the record.
package struct PostgresCondition: Sendable, Hashable {
    /// What hands out the server's sessions between it and the program.
    package enum Pooling: Sendable, Hashable {
        case none
        /// Something does, as far as is seen by whole sessions.
        case sessions
        /// Two sessions of ours were one of the server's.
        case transactions
    }

    /// A standby, as far as the account may look at it.
    package struct Standbys: Sendable, Hashable {
        package var all = 0
        /// Those for which a commit waits; nil: the account may not see it.
        package var synchronous: Int? = 0
    }

    /// Such as `15.18`.
    package let version: String
    /// The order of text, and its encoding.
    package let collation: String
    /// `synchronous_commit` for this account and database.
    package let synchronousCommit: String
    /// `synchronous_standby_names`; empty: no commit waits for a standby.
    package let standbyNames: String
    package let standbys: Standbys
    /// By how much the server's clock is ahead of this machine's, in milliseconds.
    package let clockAheadMs: Int64
    package let account: String
    /// Tables whose rows the account may not read, add, change and delete.
    package let closedTables: [String]
    /// Tables that the account may not change in an upgrade, since another one owns them.
    package let foreignTables: [String]
    /// Whether the account may make tables, as an upgrade does.
    package let mayCreate: Bool
    package let pooling: Pooling
}

extension Store {
    /// The version of PostgreSQL's library, such as `15.18`.
    package static var clientVersion: String { "\(PQlibVersion() / 10_000).\(PQlibVersion() % 10_000)" }

    /// Looks at the server, on this thread, as programs do before they begin.
    /// - Parameter clock: the time of this machine, in milliseconds since 1970.
    /// - Returns: nil: the record is in a file.
    /// - Throws: `StoreOpenError` or `DatabaseFailure`.
    package func serverCondition(clock: () -> Int64) throws -> PostgresCondition? {
        switch engine {
        case .sqlite: nil
        case .postgres(let server): try server.condition(clock: clock)
        }
    }
}

extension Postgres {
    fileprivate func condition(clock: () -> Int64) throws -> PostgresCondition {
        try opened { connection in
            let settings = try connection.settings()
            let database = try connection.run(
                """
                SELECT datcollate, pg_encoding_to_char(encoding) AS encoding, current_user AS account,
                    has_schema_privilege(current_schema(), 'CREATE') AS may_create
                FROM pg_database
                WHERE datname = current_database()
                """, []
            ).rows[0]
            let tables = try connection.tables()
            return PostgresCondition(
                version: settings["server_version"] ?? "?",
                collation: "\(database["datcollate"] as String), \(database["encoding"] as String)",
                synchronousCommit: settings["synchronous_commit"] ?? "?",
                standbyNames: settings["synchronous_standby_names"] ?? "",
                standbys: try connection.standbys(), clockAheadMs: try connection.clockAhead(of: clock),
                account: database["account"], closedTables: tables.filter { !$0.isOpen }.map(\.name),
                foreignTables: tables.filter { !$0.isOwn }.map(\.name), mayCreate: database["may_create"],
                pooling: try connection.pooling(besides: PostgresConnection(url)))
        }
    }
}

extension PostgresConnection {
    fileprivate func settings() throws -> [String: String] {
        let rows = try run(
            """
            SELECT name, setting FROM pg_settings
            WHERE name IN ('server_version', 'synchronous_commit', 'synchronous_standby_names')
            """, []
        ).rows
        return Dictionary(rows.map { ($0["name"], $0["setting"]) }) { first, _ in first }
    }

    /// The server tells an account that may not look at standbys only that they are there.
    fileprivate func standbys() throws -> PostgresCondition.Standbys {
        let states = try run("SELECT sync_state FROM pg_stat_replication", []).rows.map { $0[0] as String? }
        guard states.allSatisfy({ $0 != nil }) else {
            return PostgresCondition.Standbys(all: states.count, synchronous: nil)
        }
        return PostgresCondition.Standbys(
            all: states.count, synchronous: states.count { ["sync", "quorum"].contains($0) })
    }

    /// The question is sent twice: the first one is prepared as well, which takes longer.
    fileprivate func clockAhead(of clock: () -> Int64) throws -> Int64 {
        var ahead: Int64 = 0
        for _ in 0..<2 {
            let asked = clock()
            let row = try run("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)", []).rows[0]
            ahead = (row[0] as Int64) - (asked + clock()) / 2
        }
        return ahead
    }

    fileprivate func tables() throws -> [(name: String, isOpen: Bool, isOwn: Bool)] {
        let rows = try run(
            """
            SELECT tablename, pg_has_role(tableowner, 'USAGE') AS is_own,
                has_table_privilege(named, 'SELECT') AND has_table_privilege(named, 'INSERT')
                    AND has_table_privilege(named, 'UPDATE') AND has_table_privilege(named, 'DELETE') AS is_open
            FROM (
                SELECT tablename, tableowner, quote_ident(schemaname) || '.' || quote_ident(tablename) AS named
                FROM pg_tables
                WHERE schemaname = current_schema()) t
            ORDER BY tablename
            """, []
        ).rows
        return rows.map { ($0["tablename"], $0["is_open"], $0["is_own"]) }
    }

    /// A server tells each session the number of its process. A pooler tells another one, as it has sessions of its own
    /// with the server; if it gives one of these to two sessions of ours, it does so for each transaction.
    fileprivate func pooling(besides other: PostgresConnection) throws -> PostgresCondition.Pooling {
        func process(_ connection: PostgresConnection) throws -> Int64 {
            try connection.run("SELECT CAST(pg_backend_pid() AS BIGINT)", []).rows[0][0]
        }
        let own = try process(self)
        guard try own != process(other) else { return .transactions }
        return own == Int64(PQbackendPID(handle)) ? .none : .sessions
    }
}
