import Foundation
import Logging
import Subprocess
import TFConfiguration
import TFQueue

/// The daemon's own `redis-server`, on a unix socket in the data directory and nowhere else.
///
/// A server that still answers there with our directory, left by a daemon that was killed, is adopted. The server keeps
/// nothing on disk, since its content follows from the store.
struct RedisServer {
    let directory: String
    let socket: String
    let client: RedisClient
    let logger: Logger

    func run() async throws {
        do {
            try await supervise()
        } catch {
            await shutDown()
            throw error
        }
    }

    private func supervise() async throws {
        var failures = 0
        while true {
            try Task.checkCancellation()
            if let process = await running() {
                logger.notice(
                    "adopted a running redis-server", metadata: ["socket": "\(socket)", "pid": "\(process)"])
                // Only the end of its process counts: a server that hangs may recover, and a second one would take its
                // socket.
                while Self.isAlive(process) { try await Task.sleep(for: .milliseconds(500)) }
                logger.warning("the adopted redis-server is gone")
            }
            let started = ContinuousClock.now
            let status = try await start()
            try Task.checkCancellation()
            failures = started.duration(to: .now) > .seconds(10) ? 0 : failures + 1
            logger.error(
                "redis-server ended and is started again",
                metadata: ["status": "\(status)", "hint": "is redis-server installed? apt-get install redis-server"])
            try await Task.sleep(for: .milliseconds(min(5_000, 100 << min(failures, 6))))
        }
    }

    private func start() async throws -> String {
        var options = PlatformOptions()
        // A session of its own, so that Ctrl-C in the terminal reaches only the daemon, which then stops the server.
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
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
                    ] + debugOptions), platformOptions: options, output: .discarded, error: .discarded)
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
        let result = try await Descriptors.startingProcess {
            try await Subprocess.run(
                .name("redis-server"), arguments: ["--version"], output: .string(limit: 1_024), error: .discarded)
        }
        let version = result.standardOutput.split(separator: " ").first { $0.hasPrefix("v=") }?.dropFirst(2)
        let major = version?.split(separator: ".").first.flatMap { Int($0) } ?? 0
        return major >= 7 ? ["--enable-debug-command", "local"] : []
    }

    /// The process of a running server that a killed daemon has left; nil if there is none.
    private func running() async -> Int32? {
        let file = directory + "/redis.pid"
        let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)), Self.isAlive(process),
            FileManager.default.fileExists(atPath: socket)
        else { return nil }
        // A server that does not answer hangs. One that answers must have our directory.
        guard let reply = try? await client.send("CONFIG", "GET", "dir") else { return process }
        let servedDirectory = reply.elements.last?.text.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
        return servedDirectory == URL(fileURLWithPath: directory).resolvingSymlinksInPath().path ? process : nil
    }

    /// Whether a process lives and is a redis-server; its id may belong to another program by now.
    private static func isAlive(_ process: Int32) -> Bool {
        guard let name = FileManager.default.contents(atPath: "/proc/\(process)/comm") else { return false }
        return String(decoding: name, as: UTF8.self).hasPrefix("redis-server")
    }

    /// Ends an adopted server; a server that we started ends with its task.
    private func shutDown() async {
        let client = client
        // SHUTDOWN is answered by the closing of the connection. In a task of its own, since this one is cancelled.
        await Task { _ = try? await client.send("SHUTDOWN", "NOSAVE") }.value
    }
}
