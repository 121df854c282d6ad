import Foundation

/// A program that a test may kill and start again; unchecked, since one test does so, one after the other.
package final class ProcessBox: @unchecked Sendable {
    private var process = Process()

    package init() {}

    package var isRunning: Bool { process.isRunning }

    /// - Parameters:
    ///   - path: of the program.
    ///   - log: a file to which its standard error is appended; nil: it is thrown away. Never on the terminal, where
    ///     what a test does on purpose would look like trouble.
    ///   - environment: variables beside those of the tests.
    package func start(
        _ path: String, _ arguments: [String], log: String? = nil, environment: [String: String] = [:]
    ) throws {
        process = Process()
        process.environment = ProcessInfo.processInfo.environment.merging(environment, uniquingKeysWith: { $1 })
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try log.map(Self.opened) ?? FileHandle.nullDevice
        try process.run()
    }

    /// SIGKILL: as if the power had gone.
    package func kill() {
        guard process.isRunning else { return }
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
