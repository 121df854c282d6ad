import Foundation
import GRDB
import Synchronization
import TFSystem

/// The single writer of a process. All changes that wait when it becomes free are committed together (group commit).
///
/// A commit costs one sync of the disk, however large it is. So all waiting changes run in one transaction, each in a
/// savepoint, and are answered after its sync. A change that throws is rolled back alone. If that is impossible, or the
/// commit fails, all changes of the group fail. A single change is committed at once.
final class GroupCommit: Sendable {
    /// A group takes no more changes after this time, so that the first one does not wait too long for its answer.
    private static let longestGroup = Duration.milliseconds(50)

    private struct Line {
        var changes: [WaitingChange] = []
        var isServed = false
    }

    private let pool: DatabasePool
    private let turn: WriterTurn
    private let isFenced: Bool
    private let log: LogBound
    private let ended: @Sendable () -> Void
    private let line = Mutex(Line())
    private let writer = BlockingThreads("sqlite-writer", count: 1)

    /// - Parameters:
    ///   - log: bounds the write-ahead log; nil: as the disk has room.
    ///   - ended: called after each transaction, committed or rolled back, before the next one begins.
    init(_ database: SQLite, log: LogBound? = nil, ended: @escaping @Sendable () -> Void = {}) {
        pool = database.pool
        turn = database.turn
        isFenced = database.isFenced
        self.log = log ?? LogBound(of: database)
        self.ended = ended
    }

    /// The number of changes in the queue.
    var waiting: Int { line.withLock { $0.changes.count } }

    /// Runs a change in a transaction, and returns after its commit.
    /// - Throws: what the change throws, or why the commit failed; nothing is written then.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { enter(WaitingChange($0, body)) }
    }

    private func enter(_ change: WaitingChange) {
        let isFirst = line.withLock { line in
            line.changes.append(change)
            defer { line.isServed = true }
            return !line.isServed
        }
        if isFirst { serve() }
    }

    /// Commits one group on the writer's own thread, then enqueues the next one, behind other work for that thread.
    private func serve() {
        writer.run { [self] in pool.writeWithoutTransaction(commitGroup) }
    }

    private func commitGroup(_ db: Database) {
        let hasFailed = commit(db)
        let isDone = line.withLock { line in
            line.isServed = !line.changes.isEmpty
            return !line.isServed
        }
        log.keep(db, hasFailed: hasFailed)
        if !isDone { serve() }
    }

    /// Commits what waits when the transaction has begun, also what came while it waited for that, as far as there is time.
    /// - Returns: whether the commit failed.
    private func commit(_ db: Database) -> Bool {
        let connection = SQLiteConnection(db: db)
        let changes = db.totalChangesCount
        let early = waiting
        var group: [WaitingChange] = []
        var entered = 0
        var answers: [@Sendable () -> Void] = []
        do {
            try SQLite.translated { try turn.taking { try db.beginTransaction(.immediate) } }
            if isFenced { try SchemaFence.check(db) }
            group = taken()
            let end = ContinuousClock.now + Self.longestGroup
            for change in group where entered == 0 || ContinuousClock.now < end {
                entered += 1
                answers.append(try answer(change, connection, isAlone: group.count == 1))
            }
            let isChanged = db.totalChangesCount > changes
            if isChanged { CrashPoint.reach(.commit) }
            try SQLite.translated { try db.commit() }
            if isChanged { CrashPoint.reach(.committed) }
        } catch {
            // A rollback fails only if there is no memory for it. GRDB then ends the process, because a transaction is
            // left open, and SQLite drops that transaction at the next start.
            if db.isInsideTransaction { try? db.rollback() }
            ended()
            // What a lonely change throws is its own, unless the store itself refused it.
            let isOwn = group.count == 1 && entered == 1 && !StoreError.isTemporary(error)
            if entered == 0 {
                // If not even the transaction could begin, whoever has waited for it all the time fails.
                group = taken()
                entered = min(early, group.count)
            }
            putBack(group.dropFirst(entered))
            for change in group.prefix(entered) { change.fail(error) }
            // A newer version's store has not failed, and its log is not this program's to empty.
            return !isOwn && (error as? DatabaseFailure)?.refusal?.endsProgram != true
        }
        putBack(group.dropFirst(entered))
        ended()
        for answer in answers { answer() }
        return false
    }

    private func taken() -> [WaitingChange] {
        line.withLock { line in
            defer { line.changes = [] }
            return line.changes
        }
    }

    private func putBack(_ changes: ArraySlice<WaitingChange>) {
        if !changes.isEmpty { line.withLock { $0.changes = changes + $0.changes } }
    }

    /// Makes one change in a savepoint. What is alone is undone with its transaction, and needs none: a savepoint copies
    /// each page first.
    /// - Returns: gives its caller the value, or the change's own error, after the commit.
    /// - Throws: `TransactionLost`, which ends the whole group; what is alone throws its own error.
    private func answer(
        _ change: WaitingChange, _ connection: SQLiteConnection, isAlone: Bool
    ) throws -> @Sendable () -> Void {
        guard !isAlone else { return try change.run(.sqlite(connection)) }
        do {
            return try connection.savepoint { try change.run(.sqlite(connection)) }
        } catch let lost as TransactionLost {
            throw lost
        } catch {
            return { change.fail(error) }
        }
    }
}
