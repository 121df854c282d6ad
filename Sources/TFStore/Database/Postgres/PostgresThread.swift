import Glibc
import TFSystem

/// Runs jobs that block one after another, away from the cooperative pool.
final class BlockingExecutor: SerialExecutor {
    private let thread = BlockingThreads("postgresql", count: 1)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        thread.run { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// One connection with a thread of its own, on which its transactions run and wait.
actor PostgresThread {
    /// A connection that is lost is made again, and its transaction tried again, for so long.
    private static let patience = Duration.seconds(10)
    /// A commit whose outcome is not known is asked for so long.
    private static let longPatience = Duration.seconds(30)
    /// Between two tries to connect, in microseconds.
    private static let pause: UInt32 = 200_000
    /// Of transactions that collide.
    private static let limitTries = 20
    /// A group takes no more changes after this time, so that the first one does not wait too long for its answer.
    private static let longestGroup = Duration.milliseconds(50)
    /// With more than 64 savepoints in a transaction, the server looks them up on its disk.
    private static let largestGroup = 30

    private let executor = BlockingExecutor()
    private let url: String
    private let isReadOnly: Bool
    /// Whether each transaction that reads makes sure that this program knows the schema; each that writes does anyway.
    private let isFenced: Bool
    private var connection: PostgresConnection?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ url: String, isReadOnly: Bool, isFenced: Bool = true) {
        self.url = url
        self.isReadOnly = isReadOnly
        self.isFenced = isFenced
    }

    func close() { connection = nil }

    /// Reads from one snapshot.
    func read<Value: Sendable>(_ body: @Sendable (Connection) throws -> Value) throws -> Value {
        try untilDone { connection in
            try connection.beginReading(isFenced: isFenced)
        } run: { transaction, connection in
            let value = try body(.postgres(transaction))
            try transaction.demandNoRefusal()
            if transaction.isOpen { try connection.endReading() } else { try connection.command("ROLLBACK") }
            return value
        } isWanted: {
            !Task.isCancelled
        }
    }

    /// Makes changes in one transaction, and answers each after its commit.
    /// - Returns: those that there was no time for; they are as they were.
    func write(_ lock: WriteLock, _ group: [WaitingChange]) -> [WaitingChange] {
        var entered = 0
        do {
            let answers = try untilDone { connection in
                try connection.beginWriting(lock)
            } run: { transaction, connection in
                entered = 0
                let answers = try make(group, in: transaction) { entered += 1 }
                // A closure has caught the error of a statement: nothing of it can be saved.
                guard transaction.isOpen else { throw TransactionLost(cause: transaction.failure?.failure) }
                if transaction.isChanged { CrashPoint.reach(.commit) }
                try commit(connection)
                if transaction.isChanged { CrashPoint.reach(.committed) }
                return answers
            } isWanted: {
                group.contains { !$0.isGivenUp() }
            }
            for answer in answers { answer() }
        } catch {
            // If not even the transaction could begin, all fail: waiting for the same error again would be of no use.
            if entered == 0 { entered = group.count }
            for change in group.prefix(entered) { change.fail(error) }
        }
        return Array(group.dropFirst(entered))
    }

    /// Makes as many changes as there is time for, each in a savepoint. What is alone is undone with its transaction, and
    /// needs none.
    /// - Returns: what gives each caller its value, or its change's own error.
    private func make(
        _ group: [WaitingChange], in transaction: PostgresTransaction, entering: () -> Void
    ) throws -> [@Sendable () -> Void] {
        let end = ContinuousClock.now + Self.longestGroup
        var answers: [@Sendable () -> Void] = []
        for change in group.prefix(Self.largestGroup) where answers.isEmpty || ContinuousClock.now < end {
            entering()
            guard group.count > 1 else { return [try make(change, in: transaction)] }
            transaction.endFence()
            do { answers.append(try transaction.savepoint { try make(change, in: transaction) }) } catch {
                // What was undone is this change's own failure, unless the whole transaction is tried again.
                guard transaction.isOpen, transaction.failure?.isRetried != true else { throw error }
                answers.append { change.fail(error) }
            }
        }
        return answers
    }

    /// - Throws: the change's own error, or a refusal that it has caught.
    private func make(
        _ change: WaitingChange, in transaction: PostgresTransaction
    ) throws -> @Sendable () -> Void {
        let answer = try change.run(.postgres(transaction))
        try transaction.demandNoRefusal()
        return answer
    }

    /// - Throws: `PostgresFailure` if it was certainly not committed, or if nobody could be asked.
    private func commit(_ connection: PostgresConnection) throws {
        do { _ = try connection.run("COMMIT", []) } catch let failure as PostgresFailure where !connection.isOpen {
            // It may be saved or not: its mark tells.
            let isSaved = try reconnecting { try $0.isCommitted(connection.transactions, of: connection.name) }
            guard isSaved else { throw failure }
        }
    }

    // MARK: Trying again

    /// Tries a transaction until it is done, fails for a reason of its own, or nobody waits for it any more.
    private func untilDone<Value>(
        _ begin: (PostgresConnection) throws -> PostgresTransaction,
        run: (PostgresTransaction, PostgresConnection) throws -> Value, isWanted: () -> Bool
    ) throws -> Value {
        let end = ContinuousClock.now + Self.patience
        var tries = 0
        while true {
            var transaction: PostgresTransaction?
            do {
                let connection = try opened()
                let begun = try begin(connection)
                transaction = begun
                defer { begun.end() }
                return try run(begun, connection)
            } catch {
                let failure = error as? PostgresFailure ?? transaction?.failure
                giveBack()
                if failure?.isLoss == true { self.connection = nil }
                tries += 1
                guard let failure, failure.isLoss ? ContinuousClock.now < end : failure.isCollision,
                    failure.isLoss || tries < Self.limitTries, isWanted()
                else { throw (error as? PostgresFailure)?.failure ?? error }
                // Two that collide wait for different times.
                usleep(failure.isLoss ? Self.pause : .random(in: 1_000...5_000) * UInt32(min(tries, 10)))
            }
        }
    }

    private func reconnecting<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        let end = ContinuousClock.now + Self.longPatience
        while true {
            do { return try body(try opened()) } catch let failure as PostgresFailure {
                giveBack()
                guard ContinuousClock.now < end else { throw failure }
                usleep(Self.pause)
            }
        }
    }

    private func opened() throws -> PostgresConnection {
        if let connection {
            // A connection that was lost since is seen here, and made again.
            try? connection.catchUp()
            if connection.isOpen, connection.isIdle { return connection }
        }
        let made = try PostgresConnection(url, isReadOnly: isReadOnly)
        if !isReadOnly { try made.sweepMarks() }
        connection = made
        return made
    }

    /// Leaves the connection without a transaction, or drops it.
    private func giveBack() {
        guard let connection else { return }
        // Whether this helped is seen in the last line.
        try? connection.catchUp()
        if connection.isOpen, !connection.isIdle { _ = try? connection.command("ROLLBACK") }
        if !connection.isOpen || !connection.isIdle { self.connection = nil }
    }
}
