#if DEBUG
    import Foundation

    /// Ends the process as a mistake would, for tests of what happens afterwards; in debug builds only.
    package enum TestCrash {
        /// - Parameter title: of the ticket, or the name of the schedule's workflow, that is being handled;
        ///   `TF_TEST_CRASH_TICKET` names the one to die at.
        static func dieIfAsked(at title: String) {
            guard let wanted = ProcessInfo.processInfo.environment["TF_TEST_CRASH_TICKET"], wanted == title else {
                return
            }
            // A trap and nothing milder: what is tested is a process that ends without a word to its own code.
            fatalError("TF_TEST_CRASH_TICKET names this ticket")
        }

        /// - Parameter key: of the request whose change was just committed; `TF_TEST_CRASH_REQUEST` names the one to die
        ///   behind.
        package static func dieIfAsked(behind key: RequestKey) {
            guard let wanted = ProcessInfo.processInfo.environment["TF_TEST_CRASH_REQUEST"], wanted == key.name else {
                return
            }
            // A trap, as above: nothing may run behind the commit, or the test would prove nothing.
            fatalError("TF_TEST_CRASH_REQUEST names this request")
        }
    }
#endif
