import TFEngine

/// What carries out a session's statements: a connection of one of the two engines, inside a transaction.
enum Connection {
    case sqlite(SQLiteConnection)
    case postgres(PostgresTransaction)

    var dialect: Dialect {
        switch self {
        case .sqlite: .sqlite
        case .postgres: .postgres
        }
    }

    /// Whether the index of words has to be told of new texts; PostgreSQL's keeps itself up to date.
    var indexesByMark: Bool { dialect == .sqlite }

    /// Whether everybody who writes goes by one clock: SQLite's are on one machine.
    var hasOneClock: Bool { dialect == .sqlite }

    /// - Parameter limit: the number of rows to read at most; nil: all.
    func rows(_ sql: String, _ arguments: Arguments, limit: Int?) throws -> [Row] {
        switch self {
        case .sqlite(let connection): try connection.rows(sql, arguments, limit: limit)
        case .postgres(let transaction): try transaction.rows(sql, arguments, limit: limit)
        }
    }

    /// On a server nobody waits for the answer: an error may be thrown by a later statement, at the latest by the end of the
    /// savepoint or of the transaction.
    func run(_ sql: String, _ arguments: Arguments) throws {
        switch self {
        case .sqlite(let connection): _ = try connection.run(sql, arguments)
        case .postgres(let transaction): try transaction.run(sql, arguments)
        }
    }

    func changedRows(_ sql: String, _ arguments: Arguments) throws -> Int {
        switch self {
        case .sqlite(let connection): try connection.run(sql, arguments)
        case .postgres(let transaction): try transaction.changedRows(sql, arguments)
        }
    }

    func script(_ sql: String) throws {
        switch self {
        case .sqlite(let connection): try connection.script(sql)
        case .postgres(let transaction): try transaction.script(sql)
        }
    }

    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        switch self {
        case .sqlite(let connection): try connection.savepoint(body)
        case .postgres(let transaction): try transaction.savepoint(body)
        }
    }

    /// Runs a block, and undoes it if it waits for a lock that somebody keeps; SQLite's locks are waited for before.
    /// - Returns: nil: it was undone.
    func unlessLocked<Value>(_ body: () throws -> Value) throws -> Value? {
        switch self {
        case .sqlite: try body()
        case .postgres(let transaction): try transaction.unlessLocked(body)
        }
    }

    /// Lets nobody else write in a company before the end of this transaction. SQLite has one writer at a time anyway.
    func lock(_ company: CompanyID) throws {
        switch self {
        case .sqlite: break
        case .postgres(let transaction): try transaction.lock(company)
        }
    }

    /// Lets nobody take leadership before the end of this transaction.
    func lockLeader() throws {
        switch self {
        case .sqlite: break
        case .postgres(let transaction): try transaction.lockLeader()
        }
    }

    /// Lets the transaction write only in companies whose epoch is this one, as far as it is not one writer's anyway.
    func fence(_ epochs: [CompanyID: Int64]) throws {
        switch self {
        case .sqlite(let connection):
            for (company, epoch) in epochs {
                let rows = try connection.rows(LedCompany.isLed, [company, epoch], limit: 1)
                guard !rows.isEmpty else { throw StoreError.notLeader }
            }
        case .postgres(let transaction): try transaction.fence(epochs)
        }
    }

    /// The companies in which the transaction may have changed something, where other machines have to be told; SQLite's
    /// processes are all on one.
    var changedCompanies: Set<CompanyID> {
        switch self {
        case .sqlite: []
        case .postgres(let transaction): transaction.changedCompanies
        }
    }

    /// Does something when the transaction has ended, if transactions end one by one; SQLite's end in groups.
    func whenEnded(_ work: @escaping () -> Void) {
        switch self {
        case .sqlite: break
        case .postgres(let transaction): transaction.whenEnded(work)
        }
    }
}
