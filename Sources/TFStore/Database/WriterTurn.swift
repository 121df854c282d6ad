import Glibc
import Synchronization
import TFSystem

/// Whose turn it is to write to a SQLite file, among its processes.
///
/// SQLite has no queue: whoever asks at the right moment gets its lock, and a process that writes without a pause keeps
/// all others out. So whoever wants to write holds this file's lock while it waits for SQLite's: nobody else asks
/// meanwhile, and it comes next. Who cannot have the file's lock for a while asks SQLite all the same, and does not wait
/// for a turn again for a second: the other one may have been stopped while it waited.
final class WriterTurn: Sendable {
    /// Most transactions last less than this: 40 ms in all.
    private static let (tries, pause): (Int, UInt32) = (100, 300)
    private static let rest = Duration.seconds(1)

    private enum Try { case mine, others, impossible }

    private let file: OpenFile
    /// Until then nobody is waited for.
    private let goesOnUntil = Mutex(ContinuousClock.now)

    /// - Parameter path: of SQLite's file; the lock is on a file beside it.
    /// - Throws: `FileFailure`.
    init(beside path: String) throws(FileFailure) {
        file = try OpenFile(private: path + "-turn", O_RDWR)
    }

    /// For who never writes.
    init() { file = OpenFile() }

    /// Whether it goes on without a turn, since the last one did not come.
    var goesOn: Bool { goesOnUntil.withLock { $0 > .now } }

    /// Begins a transaction when it is this process's turn.
    func taking<Value>(_ begin: () throws -> Value) rethrows -> Value {
        let isMine = wait()
        defer { if isMine { file.use { _ = flock($0, LOCK_UN) } } }
        return try begin()
    }

    func close() { file.close() }

    /// - Returns: whether the turn came.
    private func wait() -> Bool {
        for _ in 0..<Self.tries {
            switch attempt() {
            case .mine: return true
            case .impossible: return false
            case .others:
                if goesOn { return false }
                usleep(Self.pause)
            }
        }
        goesOnUntil.withLock { $0 = .now + Self.rest }
        return false
    }

    private func attempt() -> Try {
        let code = file.use { flock($0, LOCK_EX | LOCK_NB) == 0 ? 0 : errno }
        return switch code {
        case 0: .mine
        case EWOULDBLOCK, EINTR: .others
        default: .impossible
        }
    }
}
