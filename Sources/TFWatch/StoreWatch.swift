import Glibc
import TFStore

/// Wakes the loops when any process commits: each commit sets the time of a file, which inotify reports.
///
/// A tick each second makes up for missed events, and for everything that depends on time.
package struct StoreWatch {
    private let directory: String
    package let wakes: [Wake]

    /// - Parameter directory: the data directory.
    package init(directory: String, wakes: [Wake]) {
        self.directory = directory
        self.wakes = wakes
    }

    package func run() async throws {
        let inotify = try Inotify()
        _ = try inotify.watch("\(directory)/\(Store.bellName)", mask: Int32(IN_ATTRIB))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await inotify.deliver { _ in ring() }
            }
            group.addTask { try await tick() }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Only wakes the loops each second, as where nothing can be watched.
    package func tick() async throws {
        while true {
            try await Task.sleep(for: .seconds(1))
            ring()
        }
    }

    private func ring() { for wake in wakes { wake.ring() } }
}
