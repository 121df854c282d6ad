import Foundation
import Subprocess
import TFProcess
import TestSupport
import Testing

/// Both programs as a person starts them, on a directory of their own.
struct Processes: Sendable {
    let directory: String
    let port: Int
    let daemon: ProcessBox
    let web: ProcessBox
    /// What the programs write to their log.
    let logLevel: String
    /// `redis.url`; nil: the daemon's own.
    var redisURL: String?
    /// Of the PostgreSQL that keeps the record; nil: SQLite does.
    var storeURL: String?

    /// A ticket with one field and one task, for `plain.ticket.yaml`.
    static let plain = """
        name: Plain
        description: For a test.
        title: Plain
        outcomes: [done]
        body: [ { type: input, id: n, attributes: { label: N } } ]
        """

    var address: String { "http://localhost:\(port)" }
    /// The daemon's figures.
    var metrics: String { "http://127.0.0.1:\(port + 1)/metrics" }
    var socket: String { "\(directory)/var/redis.sock" }
    /// What the programs say, workers too.
    var log: String { "\(directory)/log" }

    private var arguments: [String] {
        (storeURL.map { ["--store-url", $0] } ?? []) + [
            "--data", "\(directory)/var", "--definitions", "\(directory)/workflows", "--http-bind", "127.0.0.1:\(port)",
            "--http-allow", "127.0.0.1,::1",
        ] + (redisURL.map { ["--redis-url", $0] } ?? [])
            + ["--metrics-bind", "127.0.0.1:\(port + 1)", "--log-level", logLevel]
    }

    /// The project's directory.
    static let root = ProjectFolder.path

    /// That of the tests, with their folder for what is temporary.
    private static let environment = Environment.inherit.updating(["TMPDIR": TestFolder.root])

    /// Fills the demo, starts both, runs the body when the pages are served, and stops them.
    /// - Parameters:
    ///   - descriptors: how many files each of them may have open; nil: as many as the test.
    ///   - environment: variables beside those of the test, such as settings.
    ///   - logLevel: of the programs.
    ///   - tickets: whether the demo has tickets.
    ///   - redisURL: `redis.url`; nil: the daemon's own.
    ///   - storeURL: of the PostgreSQL that keeps the record; nil: SQLite does.
    static func with(
        descriptors: Int? = nil, environment: [String: String] = [:], logLevel: String = "warning",
        tickets: Bool = false, redisURL: String? = nil, storeURL: String? = nil,
        _ body: @escaping @Sendable (Processes) async throws -> Void
    ) async throws {
        let directory = TestFolder.path("site")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: root + "/workflows", toPath: directory + "/workflows")
        let daemon = ProcessBox()
        let web = ProcessBox()
        defer {
            web.stop()
            daemon.stop()
        }
        do {
            // The second port is for the daemon's figures.
            let processes = try await onFreePort { port in
                let processes = Processes(
                    directory: directory, port: port, daemon: daemon, web: web, logLevel: logLevel,
                    redisURL: redisURL, storeURL: storeURL)
                return try await processes.start(descriptors, environment, tickets: tickets) ? processes : nil
            }
            try await body(processes)
        } catch {
            Issue.record("\(error)\n\(log(in: directory))")
            return
        }
        // Before their directory goes: without it, the daemon would leave its redis-server to a successor.
        web.stop()
        let isEnded = daemon.isRunning && !daemon.wasKilled
        daemon.stop()
        let left = endServers(in: directory)
        // One that was killed leaves its server to a successor, which does not lead at once.
        if isEnded { #expect(left == 0, "redis-server is left behind") }
        // A redis-server that ends may still write its log; what is left goes with the temporary directory.
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Ends every redis-server that a daemon has left, so that none stays on the machine.
    /// - Parameter directory: in which `var` is the data directory.
    /// - Returns: how many there were: none where the leader was told to stop, whenever that was.
    static func endServers(in directory: String) -> Int {
        let data = URL(fileURLWithPath: "\(directory)/var").resolvingSymlinksInPath().path
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let left = processes.compactMap(Int32.init).filter { id in
            let name = try? String(contentsOfFile: "/proc/\(id)/comm", encoding: .utf8)  // it may have ended
            guard name?.hasPrefix("redis-server") == true else { return false }
            let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")
            return place == data
        }
        for id in left { kill(id, SIGKILL) }
        return left.count
    }

    /// - Returns: whether both run and the pages are served; false: one of them ended.
    private func start(
        _ descriptors: Int?, _ environment: [String: String], tickets: Bool
    ) async throws -> Bool {
        // It refuses a store that is filled already, as on a second try.
        _ = try await run("tf-web", ["demo"] + (tickets ? [] : ["--without-tickets"]))
        try start("tf-daemon", daemon, descriptors: descriptors, environment: environment)
        try start("tf-web", web, descriptors: descriptors, environment: environment)
        let visitor = Visitor(address)
        let isUp = try await eventually("tf-web serves") {
            guard web.isRunning, daemon.isRunning else { return false }
            return try await visitor.get("/login").status == 200 ? true : nil
        }
        if !isUp {
            web.stop()
            daemon.stop()
        }
        return isUp
    }

    /// The end of what the programs said.
    private static func log(in directory: String) -> String {
        let text = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""  // there may be none
        return text.split(separator: "\n").suffix(30).joined(separator: "\n")
    }

    /// Writes a file into the tree of definitions.
    func write(_ text: String, to path: String) throws {
        try text.write(toFile: "\(directory)/workflows/\(path)", atomically: true, encoding: .utf8)
    }

    /// Runs a command to its end.
    /// - Parameter passed: behind `--`.
    func run(
        _ program: String, _ command: [String], input: String = "", withSettings: Bool = true, passed: [String] = []
    ) async throws -> String {
        let settings = Array(arguments.dropLast(2))
        let passed = passed.isEmpty ? [] : ["--"] + passed
        let result = try await TFProcess.run(
            Configuration(
                executable: .path(.init(Self.path(program))),
                arguments: .init(command + (withSettings ? settings : []) + passed), environment: Self.environment),
            feeding: Array(input.utf8), output: .string(limit: 1 << 20), error: .discarded)
        return result.standardOutput
    }

    /// The exit status of a command.
    static func status(_ program: String, _ command: [String]) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(.init(path(program))), arguments: .init(command), environment: environment, output: .discarded,
            error: .discarded
        ).terminationStatus
    }

    /// A command with what it prints, and standard input.
    static func result(
        _ program: String, _ command: [String], input: String = "", crashAt place: String? = nil
    ) async throws -> (status: TerminationStatus, output: String, error: String) {
        let result = try await TFProcess.run(
            Configuration(
                executable: .path(.init(path(program))), arguments: .init(command),
                environment: environment.updating(["TF_TEST_CRASH_AT": place])),
            feeding: Array(input.utf8), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus, result.standardOutput, result.standardError)
    }

    /// - Parameter umask: of the program, in octal digits; nil: the test's.
    func start(
        _ program: String, _ box: ProcessBox, descriptors: Int? = nil, environment: [String: String] = [:],
        umask: String? = nil
    ) throws {
        let limit = (descriptors.map { "ulimit -n \($0); " } ?? "") + (umask.map { "umask \($0); " } ?? "")
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let command = ["-c", "\(limit)exec /usr/bin/env \"$0\" \"$@\""]
        try box.start("/bin/sh", command + variables + [Self.path(program)] + arguments, log: log)
    }

    /// Starts tf-web on a socket that listens already, handed over as systemd does.
    func startWeb(_ box: ProcessBox, on socket: FileHandle) throws {
        let command = ["-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\" 3<&0 0</dev/null"]
        try box.start("/bin/sh", command + [Self.path("tf-web")] + arguments, log: log, input: socket)
    }

    /// Starts a command before somebody at a terminal.
    func start(_ program: String, _ command: [String], _ box: ProcessBox, on terminal: PseudoTerminal) throws {
        try box.start(
            Self.path(program), command + arguments.dropLast(2), log: log, input: terminal.programSide,
            output: terminal.programSide)
    }

    func redis(_ command: String...) async throws -> String { try await redis(command) }

    func redis(_ command: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .name("redis-cli"), arguments: .init(["-s", socket] + command), output: .string(limit: 1 << 20),
            error: .discarded)
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The programs lie beside the test runner, or in `TF_TEST_PROGRAMS`, such as those that were built for release.
    static func path(_ program: String) -> String {
        if let folder = ProcessInfo.processInfo.environment["TF_TEST_PROGRAMS"] { return "\(folder)/\(program)" }
        let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: runner).deletingLastPathComponent().appendingPathComponent(program).path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return root + "/.build/debug/\(program)"
    }
}
