import Foundation
import GRDB
import Synchronization

/// The one writer of a process: what waits when it becomes free is committed together.
///
/// A commit costs a sync of the disk, however much it holds. So all changes that wait run in one transaction, each in a
/// savepoint, and are answered after its one sync. One that fails is undone alone; one that cannot be, and a commit that
/// fails, fails them all. A change that finds nobody waiting waits for nobody.
final class GroupCommit: Sendable {
    /// A group is closed after so long, so that what came first is not kept from its answer by what came last.
    private static let longestGroup = Duration.milliseconds(50)
    /// The write-ahead log is moved into the file when it is larger.
    private static let checkpointedLogBytes: Int64 = 16 << 20
    /// Readers that overlap keep the log from beginning anew; when it is larger than this, the writer waits for them.
    private static let restartedLogBytes: Int64 = 40 << 20

    /// A change that waits for its turn.
    private struct Change: Sendable {
        /// Runs it in the open transaction.
        /// - Returns: how its caller hears that it is committed.
        let run: @Sendable (SQLiteConnection) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct Line {
        var changes: [Change] = []
        var isServed = false
    }

    private let pool: DatabasePool
    private let ended: @Sendable () -> Void
    private let line = Mutex(Line())

    /// - Parameter ended: called after each transaction, committed or undone, before the next one begins.
    init(_ pool: DatabasePool, ended: @escaping @Sendable () -> Void = {}) {
        self.pool = pool
        self.ended = ended
    }

    /// How many changes wait for the writer.
    var waiting: Int { line.withLock { $0.changes.count } }

    /// Runs a change in a transaction.
    func write<Value: Sendable>(_ body: @escaping @Sendable (SQLiteConnection) throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            enter(
                Change(
                    run: { connection in
                        let value = try body(connection)
                        return { continuation.resume(returning: value) }
                    }, fail: { continuation.resume(throwing: $0) }))
        }
    }

    private func enter(_ change: Change) {
        let isFirst = line.withLock { line in
            line.changes.append(change)
            defer { line.isServed = true }
            return !line.isServed
        }
        if isFirst { serve() }
    }

    /// One group, on the writer's own thread; then the next, behind whatever else waits for the writer.
    private func serve() {
        pool.asyncWriteWithoutTransaction { [self] db in
            let group = line.withLock { line in
                defer { line.changes = [] }
                return line.changes
            }
            let left = commit(group, db)
            let isDone = line.withLock { line in
                line.changes = left + line.changes
                line.isServed = !line.changes.isEmpty
                return !line.isServed
            }
            boundLog(db)
            if !isDone { serve() }
        }
    }

    /// Commits what can be committed in time.
    /// - Returns: the changes that are still to be made.
    private func commit(_ group: [Change], _ db: Database) -> [Change] {
        let connection = SQLiteConnection(db: db)
        var entered = 0
        var answers: [@Sendable () -> Void] = []
        do {
            try SQLite.translated { try db.beginTransaction(.immediate) }
            let end = ContinuousClock.now + Self.longestGroup
            for change in group where entered == 0 || ContinuousClock.now < end {
                entered += 1
                answers.append(try answer(change, connection))
            }
            try SQLite.translated { try db.commit() }
        } catch {
            // A rollback fails only where there is no memory for it. GRDB ends a process that leaves a transaction open, and
            // the next one finds nothing of it.
            if db.isInsideTransaction { try? db.rollback() }
            ended()
            // Where not even the transaction began, nobody needs to wait for the same once more.
            let failed = entered == 0 ? group.count : entered
            for change in group.prefix(failed) { change.fail(error) }
            return Array(group.dropFirst(failed))
        }
        ended()
        for answer in answers { answer() }
        return Array(group.dropFirst(entered))
    }

    /// Makes one change.
    /// - Returns: what is said to its caller after the commit: its value, or its own error.
    /// - Throws: `TransactionLost`, which ends all of the group.
    private func answer(_ change: Change, _ connection: SQLiteConnection) throws -> @Sendable () -> Void {
        do {
            return try connection.savepoint { try change.run(connection) }
        } catch let lost as TransactionLost {
            throw lost
        } catch {
            return { change.fail(error) }
        }
    }

    private func boundLog(_ db: Database) {
        var status = stat()
        guard stat(pool.path + "-wal", &status) == 0 else { return }
        // What fails here is tried again by the next group.
        switch Int64(status.st_size) {
        case ...Self.checkpointedLogBytes: break
        case ...Self.restartedLogBytes: try? SQLite.checkpoint(db, path: pool.path)
        default: try? SQLite.restartLog(db)
        }
    }
}
