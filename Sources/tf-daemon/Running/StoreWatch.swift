import Glibc
import Logging

/// Wakes the loops when any process commits: a commit appends to the write-ahead log, which inotify reports.
///
/// A tick each second heals missed events and moves what depends on time.
struct StoreWatch {
    let directory: String
    let wakes: [Wake]
    let logger: Logger

    func run() async throws {
        let inotify = try Inotify()
        _ = try inotify.watch(directory, mask: Int32(IN_MODIFY) | Int32(IN_CREATE))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await inotify.deliver { events in
                    if events.contains(where: { $0.name == "store.db-wal" }) { ring() }
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(1))
                    ring()
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func ring() { for wake in wakes { wake.ring() } }
}
