import Glibc
import Subprocess

/// Runs a program to its end, with bytes as its standard input; what it does not read is dropped.
///
/// A program may end before it has read everything: a faulty one, one that is missing, one that is ended by a limit.
/// Subprocess's own inputs of bytes (1.0.2) close their pipe only behind the last byte, and trap in this process
/// otherwise ("FileDescriptor was not closed"), so they are used nowhere.
/// - Throws: `SubprocessError`.
package func run<Output: OutputProtocol, ErrorOutput: ErrorOutputProtocol>(
    _ configuration: Configuration, feeding input: [UInt8], output: Output, error: ErrorOutput
) async throws -> ExecutionResult<Void, Output, ErrorOutput> {
    _ = ignoredBrokenPipes
    return try await run(configuration, input: .inputWriter, output: output, error: error) { execution in
        // It fails where the program has ended, whose status tells more.
        _ = try? await execution.standardInputWriter.write(input)
        try? await execution.standardInputWriter.finish()  // closed by the failure
    }
}

/// Writing to a pipe that nobody reads any more is an error, and no signal that ends this process; once for all.
private let ignoredBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
