#if DEBUG
    import Foundation
    import Synchronization
    import TFSystem

    /// Logs each statement of a test run, for the test that prepares all of them on PostgreSQL; in debug builds only.
    ///
    /// If `TF_TEST_STATEMENTS` names a directory, every process writes a file of its own there, with each statement
    /// once: a line with the types of its values, one letter each (read by `LoggedStatement` of the tests), then the
    /// statement, then a NUL.
    enum StatementLog {
        private static let file = File()

        static func note(_ sql: String, _ arguments: Arguments) {
            file?.note(arguments.values.map(\.letter).joined() + "\n" + sql + "\0")
        }

        private final class File: Sendable {
            private let descriptor: Int32
            private let known = Mutex<Set<String>>([])

            /// nil: `TF_TEST_STATEMENTS` is not set.
            init?() {
                guard let directory = ProcessInfo.processInfo.environment["TF_TEST_STATEMENTS"] else { return nil }
                descriptor = open("\(directory)/\(getpid())", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
                precondition(descriptor >= 0, "TF_TEST_STATEMENTS names no directory to write into")
            }

            func note(_ entry: String) {
                known.withLock { known in
                    guard known.insert(entry).inserted else { return }
                    // A test may let every write fail for a while: then it is noted when it is carried out again.
                    if !RawBytes.write(Array(entry.utf8), to: descriptor) { known.remove(entry) }
                }
            }
        }
    }

    extension SQLValue {
        fileprivate var letter: String {
            switch self {
            case .null: "n"
            case .integer: "i"
            case .real: "r"
            case .text: "t"
            case .blob: "b"
            }
        }
    }
#endif
