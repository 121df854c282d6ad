import Foundation

/// A program that a test may kill and start again; unchecked, since one test does so, one after the other.
package final class ProcessBox: @unchecked Sendable {
    private var process = Process()
    /// Whether it was ever killed, so that what it had started may have been left.
    package private(set) var wasKilled = false
    /// The file to which its standard error goes, and how long that was when the program was started last.
    private var log: (path: String, start: UInt64)?

    package init() {}

    package var isRunning: Bool { process.isRunning }

    /// Of the program that has ended: 0, or what it says; of one that a signal has ended, the signal's number.
    package var exitStatus: Int32? { process.isRunning ? nil : process.terminationStatus }

    /// Of the running program.
    package var id: Int32 { process.processIdentifier }

    /// The names of the programs that it has started and that run at this moment.
    package var children: [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []  // without it, no children
        return entries.compactMap { entry in
            // A process may end meanwhile.
            guard entry.allSatisfy(\.isNumber),
                let line = try? String(contentsOfFile: "/proc/\(entry)/stat", encoding: .utf8),
                let start = line.firstIndex(of: "("), let end = line.lastIndex(of: ")")
            else { return nil }
            // proc_pid_stat(5): the name in brackets, the state, the parent.
            let rest = line[line.index(after: end)...].split(separator: " ")
            guard rest.count > 1, Int32(rest[1]) == process.processIdentifier else { return nil }
            return String(line[line.index(after: start)..<end])
        }
    }

    /// - Parameters:
    ///   - path: of the program.
    ///   - log: a file to which its standard error is appended; nil: it is thrown away. Never on the terminal, where
    ///     what a test does on purpose would look like trouble.
    ///   - environment: variables beside those of the tests.
    ///   - input: its standard input; nil: the test's.
    ///   - output: its standard output; nil: it is thrown away.
    package func start(
        _ path: String, _ arguments: [String], log: String? = nil, environment: [String: String] = [:],
        input: FileHandle? = nil, output: FileHandle? = nil
    ) throws {
        process = Process()
        process.environment = ProcessInfo.processInfo.environment
            .merging(["TMPDIR": TestFolder.root]) { $1 }
            .merging(environment) { $1 }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if let input { process.standardInput = input }
        process.standardOutput = output ?? FileHandle.nullDevice
        let errors = try log.map(Self.opened)
        defer { try? errors?.close() }  // the program has its own by then
        self.log = try log.flatMap { path in try errors.map { (path: path, start: try $0.seekToEnd()) } }
        process.standardError = errors ?? FileHandle.nullDevice
        try process.run()
    }

    /// The end of its log, from the line on that was the next when the program was started last. What others wrote there
    /// since is in it too.
    package func logSinceStart() throws -> String {
        guard let log else { return "" }
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: log.path))
        defer { try? file.close() }  // it was only read
        try file.seek(toOffset: log.start)
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }

    /// Runs a program to its end.
    /// - Parameter log: a file to which its standard error is appended.
    /// - Returns: what it wrote to its standard output; nil: it failed.
    package static func output(_ path: String, _ arguments: [String], log: String) async throws -> String? {
        let file = TestFolder.path("output")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let (written, errors) = (try opened(file), try opened(log))
        // Foundation keeps a process, and its files, longer than we do; and it reads beyond its buffer when it starts
        // another one while some 1,400 files are open.
        defer { for file in [written, errors] { try? file.close() } }
        process.standardOutput = written
        process.standardError = errors
        defer { unlink(file) }
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return status == 0 ? try String(contentsOfFile: file, encoding: .utf8) : nil
    }

    /// SIGKILL: as if the power had gone.
    package func kill() {
        guard process.isRunning else { return }
        wasKilled = true
        signal(SIGKILL)
        process.waitUntilExit()
    }

    package func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    package func signal(_ number: Int32) { Glibc.kill(process.processIdentifier, number) }

    /// Several programs write the same file: each line goes to its end.
    private static func opened(_ log: String) throws -> FileHandle {
        let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
