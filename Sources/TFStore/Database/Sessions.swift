import TFEngine

/// A session that reads from one snapshot of the store.
///
/// It is valid only in its closure, on the database's own thread. Its queries block, so they must not run on the
/// cooperative pool or an event loop. SQL is used in this library only; programs call the methods of the extensions.
package class ReadSession {
    let connection: Connection
    /// The store of the session, with the caller and the caches.
    let store: Store

    init(_ connection: Connection, of store: Store) {
        self.connection = connection
        self.store = store
        note("BEGIN")
    }

    /// The same snapshot or transaction on behalf of a caller who was identified in it.
    fileprivate init(of session: ReadSession, for caller: Caller) {
        connection = session.connection
        store = session.store.acting(for: caller)
    }

    var caller: Caller? { store.caller }
    var revisions: RevisionCache { store.revisions }
    var baseURL: String { store.baseURL }
    var mark: HandlingMark { store.mark }

    /// The same snapshot, limited to one company.
    package func inside(_ company: CompanyID) -> CompanyReadSession { CompanyReadSession(of: self, company) }

    /// The first row of the result; nil: there is none.
    func first<Value: RowReadable>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> Value? {
        note(sql)
        return try connection.rows(sql, arguments, limit: 1).first.map(Value.init(row:))
    }

    /// The first column of the first row; nil if there is no row, or it is NULL.
    func first<Value: RowReadable & SQLConvertible>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> Value? {
        note(sql)
        return try connection.rows(sql, arguments, limit: 1).first.flatMap { $0[0] as Value? }
    }

    /// All rows of the result.
    func all<Value: RowReadable>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> [Value] {
        note(sql)
        return try connection.rows(sql, arguments, limit: nil).map(Value.init(row:))
    }

    /// Notes a statement that is run.
    func note(_ statement: String) {
        #if DEBUG
            // For a test that counts statements.
            store.tally.note(statement)
        #endif
    }
}

/// A session that changes the store in one transaction. Its caller continues after the commit; if the closure throws,
/// nothing is changed.
package final class WriteSession: ReadSession {
    private final class Concerned {
        var listeners: Set<CommitListener> = []
    }

    /// Of the transaction, whoever makes its changes.
    private let concerned: Concerned

    override init(_ connection: Connection, of store: Store) {
        concerned = Concerned()
        super.init(connection, of: store)
    }

    private init(of session: WriteSession, for caller: Caller) {
        concerned = session.concerned
        super.init(of: session, for: caller)
    }

    /// Who is to be woken after the commit.
    var listeners: Set<CommitListener> { concerned.listeners }

    /// The same transaction, limited to one company.
    package override func inside(_ company: CompanyID) -> CompanyWriteSession { CompanyWriteSession(of: self, company) }

    /// The same transaction on behalf of a caller who was identified in it.
    package func acting(for caller: Caller) -> WriteSession { WriteSession(of: self, for: caller) }

    override func note(_ statement: String) {
        super.note(statement)
        concerned.listeners.formUnion(CommitListener.concerned(by: statement))
    }

    /// Runs a statement that changes rows, without waiting for a server's answer: an error may be thrown by a later
    /// statement, at the latest by the end of the savepoint or of the transaction.
    func run(_ sql: String, _ arguments: Arguments = []) throws {
        note(sql)
        try connection.run(sql, arguments)
    }

    /// Runs a statement that changes rows, and tells how many it has changed.
    func changedRows(_ sql: String, _ arguments: Arguments = []) throws -> Int {
        note(sql)
        return try connection.changedRows(sql, arguments)
    }

    /// Runs a block in a savepoint: if it throws, only its own changes are undone.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try connection.savepoint(body)
    }
}
