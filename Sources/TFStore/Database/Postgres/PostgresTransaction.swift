import TFEngine

/// An open transaction on PostgreSQL, for the sessions.
///
/// A statement that fails aborts the whole transaction there, unless it is undone by a savepoint.
final class PostgresTransaction {
    private let connection: PostgresConnection
    /// The companies whose rows it has locked, and the epochs of their leaders.
    private var locked: [CompanyID: Int64] = [:]
    /// The companies that it may look into, in these epochs; nil: it is no leader's.
    private var fence: [CompanyID: Int64]?
    /// The first error that aborted it, or its part in a savepoint.
    private(set) var failure: PostgresFailure?
    /// Why it refuses everything that is still asked of it: this program does not know the schema, or another daemon leads
    /// the company. The server knows nothing of that, and would go on for whoever has caught the error.
    private var refusal: (any Error)?
    /// Whether it has changed something.
    private(set) var isChanged = false
    /// Called when it has been committed or rolled back.
    private var atEnd: [() -> Void] = []

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// The companies in which it may have changed something: it locks each that it looks into.
    var changedCompanies: Set<CompanyID> { isChanged ? Set(locked.keys) : [] }

    var isOpen: Bool { connection.isInTransaction }

    func whenEnded(_ work: @escaping () -> Void) { atEnd.append(work) }

    /// Tells those who wait for the end.
    func end() { for work in atEnd { work() } }

    /// Makes sure that nobody has caught a refusal and gone on.
    /// - Throws: the refusal.
    func demandNoRefusal() throws { if let refusal { throw refusal } }

    func rows(_ sql: String, _ arguments: Arguments, limit: Int?) throws -> [Row] {
        try inTransaction { try connection.run(sql, arguments.values, limit: limit).rows }
    }

    /// Its error may come with a later statement.
    func run(_ sql: String, _ arguments: Arguments) throws {
        isChanged = true
        try inTransaction { try connection.runLater(sql, arguments.values) }
    }

    func changedRows(_ sql: String, _ arguments: Arguments) throws -> Int {
        isChanged = true
        return try inTransaction { try connection.run(sql, arguments.values, limit: 0).count }
    }

    func script(_ sql: String) throws {
        isChanged = true
        _ = try inTransaction { try connection.command(sql) }
    }

    /// Runs a block in a savepoint: if it throws, only its own changes are undone.
    /// - Throws: what the block throws, after it was undone; `TransactionLost` if that is impossible.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        // An error of what came before belongs outside of this part.
        try inTransaction { try connection.catchUp() }
        try inTransaction { try connection.runLater("SAVEPOINT part") }
        let lockedBefore = locked
        do {
            let value = try body()
            // Now an error of the block's statements comes at the latest.
            _ = try inTransaction { try connection.run("RELEASE part", []) }
            return value
        } catch let lost as TransactionLost where !connection.isOpen {
            throw lost
        } catch {
            // What the block has left to be sent is undone too, whether it fails or not.
            do { try whileOpen { try connection.catchUp() } } catch {}
            do { try connection.command("ROLLBACK TO part; RELEASE part") } catch {
                throw TransactionLost(cause: error)
            }
            // What was locked in the savepoint is not any more.
            locked = lockedBefore
            throw error
        }
    }

    /// Runs a block in a savepoint, and undoes it if it waits for a lock that somebody keeps.
    /// - Returns: nil: it was undone.
    func unlessLocked<Value>(_ body: () throws -> Value) throws -> Value? {
        try inTransaction { try connection.runLater("SET LOCAL lock_timeout = '\(Self.shortTimeout)'") }
        let value: Value?
        do { value = try savepoint(body) } catch let failure as DatabaseFailure where failure.refusal == .locked {
            value = nil
        }
        try inTransaction {
            try connection.runLater("SET LOCAL lock_timeout = '\(PostgresConnection.lockTimeout)'")
        }
        return value
    }

    /// Those who work keep a company's lock for much less.
    private static let shortTimeout = "1s"

    // MARK: Locks

    /// Locks the row of a company until the end, if it is not locked yet: within a company there is one writer at a time.
    /// - Throws: `StoreError.notLeader` if the transaction is a leader's, and the company in another's epoch.
    func lock(_ company: CompanyID) throws {
        guard locked[company] == nil else { return }
        let rows = try inTransaction {
            try connection.run("SELECT leader_epoch FROM company WHERE id = ? FOR UPDATE", [company.sqlValue]).rows
        }
        try note(locked: company, epoch: rows.first?[0] ?? 0)
    }

    /// Notes that the row of a company is locked.
    func note(locked company: CompanyID, epoch: Int64) throws {
        locked[company] = epoch
        if let fence, fence[company] != epoch { throw refused(StoreError.notLeader) }
    }

    /// Lets the transaction look only into companies of these epochs: a locked row keeps its epoch until the end.
    /// - Throws: `StoreError.notLeader` if it has looked into another one already.
    func fence(_ epochs: [CompanyID: Int64]) throws {
        fence = epochs
        guard locked.allSatisfy({ epochs[$0.key] == $0.value }) else { throw refused(StoreError.notLeader) }
    }

    /// Ends that limit and what it has refused, where changes of several callers follow each other.
    func endFence() { (fence, refusal) = (nil, nil) }

    /// Locks the row of the leader against a change until the end: a take-over comes before this transaction, or behind
    /// it.
    func lockLeader() throws {
        try inTransaction { try connection.runLater("SELECT id FROM leader WHERE id = 1 FOR SHARE") }
    }

    /// - Throws: the refusal, if there was one; `TransactionLost` if an earlier statement failed and nothing has undone it.
    private func inTransaction<Value>(_ body: () throws -> Value) throws -> Value {
        try demandNoRefusal()
        return try whileOpen(body)
    }

    /// The same for what undoes a part, also after a refusal.
    private func whileOpen<Value>(_ body: () throws -> Value) throws -> Value {
        guard connection.isInTransaction else { throw TransactionLost(cause: failure?.failure) }
        do { return try body() } catch let error as PostgresFailure {
            if failure == nil || error.isLoss || error.isCollision { failure = error }
            throw error.failure
        } catch let error as DatabaseFailure where error.refusal?.endsProgram == true {
            throw refused(error)
        }
    }

    private func refused(_ error: any Error) -> any Error {
        refusal = error
        return error
    }
}
