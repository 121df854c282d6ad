import Foundation
import Subprocess
import Testing

/// Both programs as a person starts them, on a directory of their own.
struct Processes: Sendable {
    let directory: String
    let port: Int
    let daemon: ProcessBox
    let web: ProcessBox

    var address: String { "http://localhost:\(port)" }
    /// The daemon's figures.
    var metrics: String { "http://127.0.0.1:\(port + 1)/metrics" }
    var socket: String { "\(directory)/var/redis.sock" }

    private var arguments: [String] {
        [
            "--data", "\(directory)/var", "--definitions", "\(directory)/workflows", "--http-bind", "127.0.0.1:\(port)",
            "--http-allow", "127.0.0.1,::1", "--metrics-bind", "127.0.0.1:\(port + 1)", "--log-level", "warning",
        ]
    }

    /// The project's directory.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Fills the demo, starts both, runs the body and stops them.
    static func with(_ body: @escaping @Sendable (Processes) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "tfs-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: root + "/workflows", toPath: directory + "/workflows")
        // Below the ports that the kernel gives to clients, and two for each.
        let processes = Processes(
            directory: directory, port: 2 * Int.random(in: 10_000..<16_000), daemon: ProcessBox(), web: ProcessBox())
        _ = try await processes.run("tf-web", ["demo"])
        try processes.start("tf-daemon", processes.daemon)
        try processes.start("tf-web", processes.web)
        defer {
            processes.web.stop()
            processes.daemon.stop()
        }
        try await body(processes)
    }

    /// Runs a command to its end.
    func run(
        _ program: String, _ command: [String], input: String = "", withSettings: Bool = true
    ) async throws -> String {
        let settings = Array(arguments.dropLast(2))
        let result = try await Subprocess.run(
            .path(.init(Self.path(program))), arguments: .init(command + (withSettings ? settings : [])),
            input: .string(input), output: .string(limit: 1 << 20), error: .discarded)
        return result.standardOutput
    }

    /// The exit status of a command.
    static func status(_ program: String, _ command: [String]) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(.init(path(program))), arguments: .init(command), output: .discarded, error: .discarded
        ).terminationStatus
    }

    /// A command with what it prints, and standard input.
    static func result(
        _ program: String, _ command: [String], input: String = ""
    ) async throws -> (status: TerminationStatus, output: String, error: String) {
        let result = try await Subprocess.run(
            .path(.init(path(program))), arguments: .init(command), input: .string(input),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus, result.standardOutput, result.standardError)
    }

    func start(_ program: String, _ box: ProcessBox) throws {
        try box.start(Self.path(program), arguments)
    }

    func redis(_ command: String...) async throws -> String {
        let result = try await Subprocess.run(
            .name("redis-cli"), arguments: .init(["-s", socket] + command), output: .string(limit: 1 << 20),
            error: .discarded)
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The programs lie beside the test runner.
    private static func path(_ program: String) -> String {
        let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: runner).deletingLastPathComponent().appendingPathComponent(program).path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return root + "/.build/debug/\(program)"
    }
}

/// A running program that a test may kill; unchecked, since one test starts and stops it, one after the other.
final class ProcessBox: @unchecked Sendable {
    private var process = Process()

    func start(_ path: String, _ arguments: [String]) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    /// SIGKILL: as if the power had gone.
    func kill() {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }
}
