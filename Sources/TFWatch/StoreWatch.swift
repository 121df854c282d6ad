import Foundation
import TFStore

/// Wakes the loops when any process commits something that concerns them: the commit sets the time of a file of theirs, which
/// inotify reports.
///
/// A tick each second makes up for missed events, and for everything that depends on time.
package struct StoreWatch {
    private let directory: String
    private let wakes: [CommitListener: [Wake]]
    private let ticking: [Wake]
    private let interval: Duration

    /// - Parameters:
    ///   - directory: the data directory.
    ///   - wakes: of the loops that a commit may concern.
    ///   - ticking: of loops that only wait for moments.
    ///   - interval: between two ticks.
    package init(
        directory: String, wakes: [CommitListener: [Wake]], ticking: [Wake] = [],
        interval: Duration = StoreWatch.interval
    ) {
        self.directory = directory
        self.wakes = wakes
        self.ticking = ticking
        self.interval = interval
    }

    /// A second. In a debug build `TF_TEST_TICK` is another number of seconds, for a test of what comes without ticks.
    package static var interval: Duration {
        #if DEBUG
            if let seconds = ProcessInfo.processInfo.environment["TF_TEST_TICK"].flatMap({ Int($0) }) {
                return .seconds(seconds)
            }
        #endif
        return .seconds(1)
    }

    package func run() async throws {
        let inotify = try Inotify()
        _ = try inotify.watch("\(directory)/\(Store.bellName)", mask: Int32(IN_ATTRIB))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await inotify.deliver { events in for event in events { heard(event) } }
            }
            group.addTask { try await tick() }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Only wakes the loops at each tick, as where nothing can be watched.
    package func tick() async throws {
        while true {
            try await Task.sleep(for: interval)
            ring()
        }
    }

    private func heard(_ event: InotifyEvent) {
        // With too many events at once, the names of some are lost.
        guard !event.has(IN_Q_OVERFLOW) else { return ring() }
        if let listener = CommitListener(rawValue: event.name) { ring([listener]) }
    }

    /// Wakes the loops that a commit concerns.
    package func ring(_ listeners: Set<CommitListener>) {
        for listener in listeners { for wake in wakes[listener] ?? [] { wake.ring() } }
    }

    /// Wakes all loops.
    package func ring() { for wake in wakes.values.joined() + ticking { wake.ring() } }
}
