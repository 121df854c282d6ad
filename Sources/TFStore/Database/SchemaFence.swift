import GRDB

/// Keeps a program away from a schema that it does not know.
///
/// A newer version brings the store up to date while older programs run on it. Each of them must not touch it from then
/// on: it would leave out what the new schema asks for, and read columns by the names that they had before. So every
/// transaction that writes asks for the last migration before all else, and is refused if this program does not know it;
/// a migration is a transaction too, and comes before or after as a whole. With SQLite, which prepares kept statements
/// anew by itself, so does every transaction that reads; from PostgreSQL a program reads until it ends. `UpgradeWatch` ends
/// it, and its next start is refused (`StoreOpenError.otherSchema`).
enum SchemaFence {
    /// The number of the last migration that was made.
    static let question = "SELECT COALESCE(MAX(number), 0) FROM migration"

    /// - Throws: `DatabaseFailure` with the refusal `.upgraded` if this program does not know a migration.
    static func check(_ number: Int) throws {
        guard number > Migration.newest else { return }
        throw DatabaseFailure(kind: .unavailable, refusal: .upgraded, description: "schema \(number)")
    }

    /// The same in the open transaction of a connection.
    static func check(_ db: Database) throws {
        try check(SQLite.translated { try Int.fetchOne(db.cachedStatement(sql: question)) } ?? 0)
    }
}

extension Store {
    /// Makes sure that no newer version has brought the store up to date since this program opened it.
    /// - Throws: `DatabaseFailure` with the refusal `.upgraded`, whose text says what to do, or of a store that cannot be
    ///   read.
    package func demandKnownSchema() async throws {
        switch engine {
        case .sqlite(let file, _): try await file.read { _ in }
        case .postgres(let server):
            try await server.read { connection in
                for row in try connection.rows(SchemaFence.question, [], limit: 1) { try SchemaFence.check(row[0]) }
            }
        }
    }
}
