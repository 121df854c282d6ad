import CSQLite
import Foundation
import GRDB
import Synchronization
import TFSystem

/// Keeps the write-ahead log small. Every process does so after each of its transactions, so that it needs neither a
/// leader nor a clock.
///
/// The log is moved into the database file when it has grown, and starts again from its beginning. Its file keeps its
/// length meanwhile: writing over it is several times as fast as making it longer. It is emptied by a process that has
/// not written much for a while, and when the disk has little room: what is in the log must find room in the file beside
/// it, or a full disk could not be left any more.
final class LogBound: Sendable {
    /// A log in which more than this is used is moved into the database file.
    private static let movedBytes: Int64 = 16 << 20
    /// Overlapping readers keep SQLite from starting the log again from its beginning. If more than this is used, the
    /// writer waits for them. Its file is cut to this length when it starts again.
    static let restartedBytes: Int64 = 40 << 20
    /// The log's file keeps this length though nobody writes much.
    private static let restingBytes: Int64 = 4 << 20
    /// A process that has moved no log for so long writes little.
    private static let quietTime = Duration.seconds(60)
    /// After a reader did not end in time, writers have at least so much time before the next try.
    private static let pause = Duration.seconds(1)
    /// And at most so much: a backup reads one snapshot for minutes, which nobody can wait for.
    private static let longestPause = Duration.seconds(60)

    private let database: SQLite
    private let quietTime: Duration
    private let room: @Sendable () -> Int64
    private let next = Mutex((time: ContinuousClock.now, pause: LogBound.pause))
    private let moved = Mutex(ContinuousClock.now)

    /// - Parameters:
    ///   - quietTime: how long after it was last moved the log is emptied.
    ///   - room: the bytes that are free beside the log; nil: as the file system says.
    init(of database: SQLite, quietTime: Duration = LogBound.quietTime, room: (@Sendable () -> Int64)? = nil) {
        self.database = database
        self.quietTime = quietTime
        // If the room is not known, there is enough.
        self.room = room ?? { [path = database.pool.path] in DiskSpace(at: path)?.free ?? .max }
    }

    /// Moves or empties the log if its size asks for it. If that fails, it is tried again after the next transaction.
    /// - Parameters:
    ///   - db: the writer, outside of a transaction.
    ///   - hasFailed: whether its transaction could not be committed, for which the disk may be the reason.
    func keep(_ db: Database, hasFailed: Bool) {
        let size = DiskSpace.length(of: database.pool.path + "-wal")
        guard size > 0 else { return }
        if hasFailed || size > room() / 2 { return waiting(moments: 25) { try SQLite.emptyLog(db) } }
        let used = database.log.usedBytes
        if used <= Self.movedBytes {
            guard size > Self.restingBytes, moved.withLock({ $0 + quietTime <= .now }) else { return }
            // Readers are in the way for a moment only, and it is tried again after the same time.
            try? database.patience.giving(LockPatience.moment) { try SQLite.emptyLog(db) }
        } else if used <= Self.restartedBytes {
            try? database.checkpoint(db)
        } else {
            // Readers who overlap without a gap take a while to be waited for.
            waiting(moments: 100) { try SQLite.restartLog(db) }
        }
        database.log.isLookedAt()
        moved.withLock { $0 = .now }
    }

    /// Tries some work several times in a row, each time for a moment. SQLite waits for the place of one reader, and
    /// goes on waiting when others have taken it over who read the newest snapshot and are in nobody's way; begun anew,
    /// it sees that.
    /// - Parameter moments: how often it is tried.
    private func waiting(moments: Int, _ work: () throws -> Void) {
        guard next.withLock({ $0.time <= .now }) else { return }
        for _ in 0..<moments {
            do {
                try database.patience.giving(LockPatience.moment, work)
                return next.withLock { $0.pause = Self.pause }
            } catch {
                guard (error as? DatabaseFailure)?.refusal == .locked else { break }
            }
        }
        next.withLock {
            $0 = (.now + $0.pause, min($0.pause * 2, Self.longestPause))
        }
    }
}

/// How much of the write-ahead log's file is used, as of the last commit of a connection. The file may be longer.
final class LogLength: Sendable {
    /// A page of SQLite's standard size with its header. Source: sqlite.org/fileformat2.html, "WAL File Format".
    private static let frameBytes: Int64 = 4_096 + 24

    private let frames = Atomic<Int64>(0)

    /// In bytes; 0 after `isLookedAt`, until the next commit.
    var usedBytes: Int64 { frames.load(ordering: .relaxed) * Self.frameBytes }

    /// What is used is moved once for each commit, not again after transactions that write nothing.
    func isLookedAt() { frames.store(0, ordering: .relaxed) }

    /// Counts the commits of a connection, which must end before this does.
    func follow(_ db: Database) {
        // Returns SQLITE_OK: what is returned becomes the result of the commit.
        let hook: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, CInt) -> CInt = {
            length, _, _, frames in
            if let length {
                Unmanaged<LogLength>.fromOpaque(length).takeUnretainedValue()
                    .frames.store(Int64(frames), ordering: .relaxed)
            }
            return SQLITE_OK
        }
        sqlite3_wal_hook(db.sqliteConnection, hook, Unmanaged.passUnretained(self).toOpaque())
    }
}

/// How long a connection waits for a lock of another one.
///
/// It tries every 2 ms, and more often for as long as most transactions last: under load the two programs take turns, and
/// what one sleeps too long, both lose. SQLite's own handler sleeps up to 100 ms between two tries, and so misses the gaps
/// that a busy engine leaves. Only the connection's own thread sleeps.
final class LockPatience: Sendable {
    /// In microseconds.
    private static let (pause, firstPause): (UInt32, UInt32) = (2_000, 300)
    private static let firstTries = 100
    /// 30 s.
    private static let long = 15_000
    /// 1 s, for what can be given up.
    static let little = 600
    /// Some 40 ms: the frequent tries.
    static let moment = firstTries

    private let tries = Atomic(long)

    /// Waits a moment.
    /// - Returns: whether to try again after so many tries.
    func wait(_ tries: Int) -> Bool {
        usleep(tries < Self.firstTries ? Self.firstPause : Self.pause)
        return tries < self.tries.load(ordering: .relaxed)
    }

    /// Does something that is given up soon if others are in the way. The pool's readers have the same patience for that
    /// time, but never wait for locks.
    /// - Parameter tries: for how many tries; what was not done by then fails.
    func giving<Value>(_ tries: Int = little, _ work: () throws -> Value) rethrows -> Value {
        self.tries.store(tries, ordering: .relaxed)
        defer { self.tries.store(Self.long, ordering: .relaxed) }
        return try work()
    }
}
