import Foundation
import Synchronization

/// The process's file descriptors.
///
/// Libraries end the process when they run out of descriptors: libdispatch if its first timer gets none for epoll
/// (`DISPATCH_INTERNAL_CRASH` in event_epoll.c), swift-subprocess if it got one pipe of a child process and not the
/// next (`IODescriptor.deinit`). So a server limits its connections to leave enough for the rest, opens at the start
/// what is needed once, and starts a child process only if enough descriptors are free.
package enum Descriptors {
    /// The least number with which a program starts.
    package static let fewest = 48
    /// The limit that is asked for. The usual soft limit is 1,024, and the hard one is mostly higher.
    private static let wanted: rlim_t = 16_384
    private static let limitConnections = 1_000
    /// What a child process takes at its start: the ends of three pipes, one for its errors, and one to watch it.
    private static let ofChildProcess = 16

    private static let promised = Mutex(0)

    /// How many descriptors this process may have open, after the soft limit is raised as far as the hard one allows.
    package static let limit: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, wanted))
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }()

    /// How many connections a server keeps open; the other descriptors are for the store, files, Redis and child
    /// processes.
    package static func connections(of limit: Int = limit) -> Int {
        max(4, min(limitConnections, limit - max(48, min(200, limit / 4))))
    }

    /// How many threads wait for the network; each takes three descriptors.
    package static func eventLoops(of limit: Int = limit, cores: Int) -> Int { max(1, min(cores, limit / 32)) }

    /// Opens the descriptors that the system's libraries would open at their first use and keep for ever.
    /// - Throws: `SettingsError` if there are too few descriptors.
    package static func prepare() async throws {
        guard limit >= fewest, areFree(ofChildProcess) else {
            throw SettingsError(
                description: "the process may open \(limit) files, and \(fewest) are needed at least, with "
                    + "\(ofChildProcess) of them free; raise it, as by: ulimit -n 1024")
        }
        // One timer of each clock makes libdispatch open its descriptors.
        try await Task.sleep(for: .milliseconds(1), clock: .continuous)
        try await Task.sleep(for: .milliseconds(1), clock: .suspending)
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(wallDeadline: .now() + .milliseconds(1)) { continuation.resume() }
        }
    }

    /// Starts a child process if enough descriptors are free beside those of other children that are being started.
    /// - Throws: `DescriptorsUsedUp`.
    package static func startingProcess<Value>(_ start: () async throws -> Value) async throws -> Value {
        let needed = promised.withLock { promised in
            promised += ofChildProcess
            return promised
        }
        defer { promised.withLock { $0 -= ofChildProcess } }
        guard areFree(needed) else { throw DescriptorsUsedUp() }
        return try await start()
    }

    /// Whether this many descriptors can be opened now.
    package static func areFree(_ count: Int) -> Bool {
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        while opened.count < count {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            opened.append(descriptor)
        }
        return true
    }
}

/// The process has too many files open to start another program.
package struct DescriptorsUsedUp: Error, CustomStringConvertible {
    package var description: String { "too many files are open to start another program; raise `ulimit -n`" }
}
