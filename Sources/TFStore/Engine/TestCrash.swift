#if DEBUG
    import Foundation

    /// Ends the process as a bug would, for tests of what happens afterwards; in debug builds only.
    package enum TestCrash {
        /// - Parameter title: the title of the ticket, or the name of the schedule's workflow, that is being handled.
        ///   The process ends if `TF_TEST_CRASH_TICKET` is equal to it.
        static func dieIfAsked(at title: String) {
            guard let wanted = ProcessInfo.processInfo.environment["TF_TEST_CRASH_TICKET"], wanted == title else {
                return
            }
            // A trap, because the test is about a process that ends without running any more of its code.
            fatalError("TF_TEST_CRASH_TICKET names this ticket")
        }

        /// - Parameter key: the key of the request whose change was just committed. The process ends if
        ///   `TF_TEST_CRASH_REQUEST` is equal to its name.
        package static func dieIfAsked(behind key: IdempotencyKey) {
            guard let wanted = ProcessInfo.processInfo.environment["TF_TEST_CRASH_REQUEST"], wanted == key.name else {
                return
            }
            // A trap, as above: nothing may run after the commit, or the test would prove nothing.
            fatalError("TF_TEST_CRASH_REQUEST names this request")
        }
    }
#endif
