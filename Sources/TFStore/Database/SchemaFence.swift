import GRDB

/// Keeps a program away from a schema that it does not know.
///
/// A newer version brings the store up to date while older programs run on it. Each of them must not touch it from then
/// on: it would leave out what the new schema asks for, and read columns by the names that they had before. So every
/// transaction asks for the last migration before all else, and is refused if this program does not know it; one that reads
/// from PostgreSQL hears so with the first answer that it waits for. A migration is a transaction too, and comes before or
/// after as a whole. `UpgradeWatch` ends the program, and its next start is refused (`StoreOpenError.otherSchema`).
enum SchemaFence {
    /// The number of the last migration that was made and its digest, with a space between; no row: there is none.
    static let question = "SELECT CAST(number AS TEXT) || ' ' || sha256 FROM migration ORDER BY number DESC LIMIT 1"

    /// - Parameter last: the answer to the question.
    /// - Throws: `DatabaseFailure` with the refusal `.upgraded` if this program does not know the migration, `.moved` if it
    ///   is the mark of a record that was moved away.
    static func check(_ last: String?) throws {
        let parts = last?.split(separator: " ", maxSplits: 1) ?? []
        guard let number = parts.first.flatMap({ Int($0) }), number > Migration.newest else { return }
        guard let mark = parts.last, mark.hasPrefix(MigrationStep.movedMark) else {
            throw DatabaseFailure(kind: .unavailable, refusal: .upgraded, description: "schema \(number)")
        }
        throw DatabaseFailure(kind: .unavailable, refusal: .moved, description: String(mark))
    }

    /// The same in the open transaction of a connection.
    static func check(_ db: Database) throws {
        try check(SQLite.translated { try String.fetchOne(db.cachedStatement(sql: question)) })
    }
}

extension Store {
    /// Makes sure that no newer version has brought the store up to date since this program opened it.
    /// - Throws: `DatabaseFailure`, whose text says what to do: with the refusal `.upgraded` or `.moved`, or of a store that
    ///   cannot be read.
    package func demandKnownSchema() async throws {
        switch engine {
        case .sqlite(let file, _): try await file.read { _ in }
        case .postgres(let server):
            // Any answer will do: that to the fence's own question comes with it.
            try await server.read { connection in _ = try connection.rows(SchemaFence.question, [], limit: 1) }
        }
    }
}
