import Glibc
import Subprocess

/// Runs a program to its end with these bytes as its standard input; bytes that it does not read are dropped.
///
/// A program may end before it has read everything: a faulty one, a missing one, one ended by a limit. Subprocess's own
/// byte inputs (1.0.2) close their pipe only after the last byte, and otherwise trap in this process ("FileDescriptor
/// was not closed"), so this project does not use them.
/// - Throws: `SubprocessError`.
package func run<Output: OutputProtocol, ErrorOutput: ErrorOutputProtocol>(
    _ configuration: Configuration, feeding input: [UInt8], output: Output, error: ErrorOutput
) async throws -> ExecutionResult<Void, Output, ErrorOutput> {
    _ = ignoredBrokenPipes
    return try await run(configuration, input: .inputWriter, output: output, error: error) { execution in
        // Fails if the program has already ended; its exit status tells more.
        _ = try? await execution.standardInputWriter.write(input)
        try? await execution.standardInputWriter.finish()  // fails if the write failed, which closed it
    }
}

/// Ignores SIGPIPE, once: writing to a pipe without a reader is then an error and does not end this process.
private let ignoredBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
