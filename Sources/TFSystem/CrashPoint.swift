import Glibc
import Synchronization

/// A place at which a process may be killed: directly before or after it changes something that outlives it.
///
/// There is one call for each of these changes, so that a test can go through all moments at which a crash makes a
/// difference: it counts how often a run comes by, and kills the next runs at the first, the second, the third. In
/// release builds the calls do nothing.
package enum CrashPoint: String, CaseIterable, Sendable {
    /// Before a commit of the store that changes something, and after it, before anybody is told.
    case commit, committed
    /// Before Redis is changed, and after it.
    case redis
    case redisChanged = "redis-changed"
    /// Before a workflow's request is sent, and after its answer has come.
    case request, answered
    /// Before a file takes the place of another, and after it.
    case rename, renamed
    /// At the end of a migration of the schema, before its commit.
    case migration
    /// Before a file that somebody uploads is safe on the disk, and after it, before its row is written.
    case upload, uploaded
    /// Before a file is deleted or emptied, and after it.
    case remove, removed

    /// Comes by. If `TF_TEST_CRASH_AT` names this place and this number (`commit:3`), the process is killed. If
    /// `TF_TEST_CRASH_LOG` names a file, the place is added to it.
    package static func reach(_ point: CrashPoint) {
        #if DEBUG
            plan?.reach(point)
        #endif
    }

    #if DEBUG
        private static let plan: Plan? = Plan()

        private final class Plan: Sendable {
            private let fatal: (point: CrashPoint, number: Int)?
            private let log: OpenFile?
            private let counts = Mutex<[CrashPoint: Int]>([:])

            init?() {
                let parts = getenv("TF_TEST_CRASH_AT").map { String(cString: $0).split(separator: ":") } ?? []
                if parts.count == 2, let point = CrashPoint(rawValue: String(parts[0])), let number = Int(parts[1]) {
                    fatal = (point, number)
                } else {
                    fatal = nil
                }
                let path = getenv("TF_TEST_CRASH_LOG").map { String(cString: $0) }
                log = try? path.map { try OpenFile(private: $0, O_WRONLY | O_APPEND) }  // a test then finds it empty
                if fatal == nil, log == nil { return nil }
            }

            func reach(_ point: CrashPoint) {
                let number = counts.withLock { counts in
                    counts[point, default: 0] += 1
                    return counts[point] ?? 0
                }
                if let log {
                    let line = Array("\(point.rawValue)\n".utf8)
                    _ = log.use { write($0, line, line.count) }
                }
                if let fatal, fatal.point == point, fatal.number == number { kill(getpid(), SIGKILL) }
            }
        }
    #endif
}
