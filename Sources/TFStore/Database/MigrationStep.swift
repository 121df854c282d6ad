/// A migration in the dialect of one engine.
struct MigrationStep: Sendable {
    /// The table that tells which ones were made.
    static let table = "CREATE TABLE migration (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)"

    /// What stands in the place of a digest, in a further row, once the record was moved away; its new place follows.
    static let movedMark = "moved to "

    let number: Int
    let sql: String
    let digest: String

    init(number: Int, sql: String) {
        self.number = number
        self.sql = sql
        digest = Migration.digest(of: sql)
    }

    /// Of this version.
    static func all(_ dialect: Dialect) -> [MigrationStep] {
        Migration.all.map { MigrationStep(number: $0.number, sql: $0.sql(dialect)) }
    }

    /// The number of the last migration that was made.
    ///
    /// The digests tell a store of this program from one made with a schema from before the first release: both have
    /// the same numbers.
    /// - Parameters:
    ///   - made: the rows of `migration`, ascending.
    ///   - steps: all that this version knows.
    /// - Throws: `StoreOpenError.otherSchema`.
    static func last(of made: [(number: Int, digest: String)], _ steps: [MigrationStep], path: String) throws -> Int {
        if let mark = made.last?.digest, mark.hasPrefix(movedMark) {
            throw StoreOpenError.moved(path, to: String(mark.dropFirst(movedMark.count)))
        }
        // The known migrations, then those of a newer version, without a gap.
        guard let last = made.last?.number, made.map(\.number).elementsEqual(1..<made.count + 1),
            zip(made, steps).allSatisfy({ $0.digest == $1.digest })
        else { throw StoreOpenError.otherSchema(path, number: nil) }
        guard last <= steps.count else { throw StoreOpenError.otherSchema(path, number: last) }
        return last
    }
}
