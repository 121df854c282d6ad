import Foundation
import Logging
import Subprocess
import Synchronization
import TFConfiguration
import TFProcess
import TFQueue
import TFStore

/// The daemon's own `redis-server`, on a unix socket in the data directory and nowhere else.
///
/// A server that still answers there with our directory is adopted: a daemon that was killed, or that does not lead any
/// more, has left it. So a server outlives the daemon that started it, and is ended only by a leader that stops. The
/// server keeps nothing on disk, since its content follows from the store.
struct RedisServer {
    let directory: String
    let socket: String
    let store: Store
    let leader: Leadership
    let logger: Logger
    private let birth = Birth()

    /// Whether a server is about to be started: its process cannot be found yet, and nothing cancels it any more.
    private final class Birth: Sendable {
        private let state = Mutex(false)

        var isUnderWay: Bool { state.withLock { $0 } }

        func set(_ isUnderWay: Bool) { state.withLock { $0 = isUnderWay } }
    }

    func run() async throws {
        do {
            try await supervise()
        } catch {
            if Task.isCancelled { await shutDown() }
            throw error
        }
    }

    private func supervise() async throws {
        var failures = 0
        while true {
            try Task.checkCancellation()
            if let process = try await running() {
                logger.notice(
                    "adopted a running redis-server", metadata: ["socket": "\(socket)", "pid": "\(process.id)"])
                // Only the end of its process counts: a server that hangs may recover, and a second one would take its
                // socket.
                while process.isAlive { try await Task.sleep(for: .milliseconds(500)) }
                logger.warning("the adopted redis-server is gone")
            }
            let started = ContinuousClock.now
            let status = try await untilEnd()
            failures = started.duration(to: .now) > .seconds(10) ? 0 : failures + 1
            logger.error(
                "redis-server ended and is started again",
                metadata: ["status": "\(status)", "hint": "is redis-server installed? apt-get install redis-server"])
            try await Task.sleep(for: .milliseconds(min(5_000, 100 << min(failures, 6))))
        }
    }

    /// The server that a daemon before this one has left; nil if there is none.
    ///
    /// Where two are there, since one of them had no socket yet when daemon and server were killed together, the newer
    /// one has taken the socket: the older one is ended, and one that does not get a socket as well.
    private func running() async throws -> RedisProcess? {
        let processes = RedisProcess.all(in: directory)
        // By force: one that stops by itself takes the socket's file along, which is the other one's by now.
        for old in processes.dropLast() { try await signal(SIGKILL, old) }
        guard let process = processes.last else { return nil }
        for _ in 0..<500 where process.isAlive {
            if FileManager.default.fileExists(atPath: socket) { return process }
            try await Task.sleep(for: .milliseconds(10))
        }
        if process.isAlive { try await end(process) }
        return nil
    }

    /// Starts a server and waits for its end.
    ///
    /// It is awaited in a task of its own, which is not cancelled with this one: the library ends a process whose task
    /// is cancelled, and by then the server may be a successor's.
    /// - Returns: its exit status.
    private func untilEnd() async throws -> String {
        let (ends, end) = AsyncStream.makeStream(of: Result<String, any Error>.self)
        birth.set(true)
        Task {
            defer { birth.set(false) }
            do { end.yield(.success(try await start())) } catch { end.yield(.failure(error)) }
            end.finish()
        }
        for await result in ends { return try result.get() }
        throw CancellationError()
    }

    private func start() async throws -> String {
        var options = PlatformOptions()
        // A session of its own, so that Ctrl-C in the terminal reaches only the daemon, which then stops the server.
        options.createSession = true
        do {
            let debugOptions = try await Self.debugOptions()
            // The server lives as long as the daemon, so its descriptors are checked, but not reserved, at its start.
            try await Descriptors.startingProcess {}
            let result = try await Subprocess.run(
                .name("redis-server"),
                arguments: .init(
                    [
                        "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", directory,
                        "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--daemonize", "no",
                        // Jobs are much alike, so all but the ends of a long list are compressed. A job's hash is kept
                        // in one block of memory; a set of some hundred workers is not, since it changes with every
                        // assignment.
                        "--list-compress-depth", "1", "--hash-max-listpack-value", "4096",
                        "--zset-max-listpack-entries", "32",
                        "--pidfile", directory + "/redis.pid", "--logfile", directory + "/redis.log",
                        "--set-proc-title", "yes", "--proc-title-template", "{title} TicketFlower",
                    ] + debugOptions), platformOptions: options, input: .none, output: .discarded, error: .discarded
            ) { _ in birth.set(false) }
            return "\(result.terminationStatus)"
        } catch let error as SubprocessError {
            return "\(error)"
        } catch let error as DescriptorsUsedUp {
            return "\(error)"
        }
    }

    /// Allows DEBUG on the socket, by which tests make the server hang. Before version 7 that needs no option, and a
    /// server does not start with an option that it does not know.
    private static func debugOptions() async throws -> [String] {
        let limits = ProcessLimits(processorSeconds: 5, kilobytes: 4_000_000, patience: .seconds(5))
        let ended = try await limits.run {
            try await Descriptors.startingProcess {
                try await Subprocess.run(
                    .name("redis-server"), arguments: ["--version"], platformOptions: .endingAll,
                    output: .string(limit: 1_024), error: .discarded)
            }
        }
        // nil: it took too long, which its start will tell.
        let version = (ended?.standardOutput ?? "").split(separator: " ").first { $0.hasPrefix("v=") }?.dropFirst(2)
        let major = version?.split(separator: ".").first.flatMap { Int($0) } ?? 0
        return major >= 7 ? ["--enable-debug-command", "local"] : []
    }

    /// Ends the server if this daemon still leads; else it is the successor's. Nobody can become the successor between
    /// the check and the signal, since both are one write. In a task of its own, since this one is cancelled.
    private func shutDown() async {
        await Task {
            do {
                for _ in 0..<500 where birth.isUnderWay { try await Task.sleep(for: .milliseconds(10)) }
                for process in RedisProcess.all(in: directory) { try await end(process) }
            } catch {
                logger.notice("redis-server is left running for the next leader", metadata: ["reason": "\(error)"])
            }
        }.value
    }

    private func end(_ process: RedisProcess) async throws {
        try await signal(SIGTERM, process)
        // It has nothing to save, and ends at once unless it hangs.
        for _ in 0..<200 where process.isAlive { try await Task.sleep(for: .milliseconds(10)) }
        if process.isAlive { try await signal(SIGKILL, process) }
    }

    private func signal(_ number: Int32, _ process: RedisProcess) async throws {
        try await store.writeAside { [leader] in try $0.asLeader(leader) { kill(process.id, number) } }
    }
}
