import TFEngine

/// One snapshot of the record: nothing moves while it is read.
///
/// A session lives in its closure only, on the engine's own thread. Its queries block, and so are no business of the
/// cooperative pool or an event loop.
/// SQL is for this library alone: programs call the methods of its subjects.
package class ReadSession {
    let connection: SQLiteConnection
    /// Whose session it is: who acts, and what is known of definitions.
    let store: Store

    init(_ connection: SQLiteConnection, of store: Store) {
        self.connection = connection
        self.store = store
        note("BEGIN")
    }

    /// The same snapshot or transaction, for somebody who was found in it.
    fileprivate init(of session: ReadSession, for caller: Caller) {
        connection = session.connection
        store = session.store.acting(for: caller)
    }

    /// The same snapshot, for somebody who was found in it.
    package func acting(for caller: Caller) -> ReadSession { ReadSession(of: self, for: caller) }

    var caller: Caller? { store.caller }
    var revisions: RevisionCache { store.revisions }
    var baseURL: String { store.baseURL }
    var mark: HandlingMark { store.mark }

    /// The same snapshot, of one company: for what looks at several of them.
    package func inside(_ company: CompanyID) -> CompanyReadSession { CompanyReadSession(of: self, company) }

    /// The first row of an answer.
    func first<Value: RowReadable>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> Value? {
        note(sql)
        return try connection.rows(sql, arguments, limit: 1).first.map(Value.init(row:))
    }

    /// The single value that an answer has; nil where there is no row, or NULL.
    func first<Value: RowReadable & SQLConvertible>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> Value? {
        note(sql)
        return try connection.rows(sql, arguments, limit: 1).first.flatMap { $0[0] as Value? }
    }

    /// All rows of an answer.
    func all<Value: RowReadable>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> [Value] {
        note(sql)
        return try connection.rows(sql, arguments, limit: nil).map(Value.init(row:))
    }

    /// Tells a test that counts.
    func note(_ statement: String) {
        #if DEBUG
            store.tally.note(statement)
        #endif
    }
}

/// One transaction. It is answered after its commit; one that throws has changed nothing.
package final class WriteSession: ReadSession {
    /// The same transaction, on one company: for what changes several of them.
    package override func inside(_ company: CompanyID) -> CompanyWriteSession { CompanyWriteSession(of: self, company) }

    /// The same transaction, for somebody who was found in it.
    package override func acting(for caller: Caller) -> WriteSession { WriteSession(of: self, for: caller) }

    /// Changes rows.
    /// - Returns: how many.
    @discardableResult
    func run(_ sql: String, _ arguments: Arguments = []) throws -> Int {
        note(sql)
        return try connection.run(sql, arguments)
    }

    /// Runs several statements without values, such as a migration's.
    func script(_ sql: String) throws { try connection.script(sql) }

    /// A part that is undone alone where it throws.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try connection.savepoint(body)
    }
}
