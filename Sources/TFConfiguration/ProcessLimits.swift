/// Limits of a child process, so that it ends whatever its input is.
package struct ProcessLimits: Sendable {
    /// The shell's exit statuses for a program that is missing or cannot be run. Source: POSIX, 2.8.2.
    package static let noProgram: [Int32] = [126, 127]

    private let processorSeconds: Int
    private let kilobytes: Int
    private let patience: Duration

    /// - Parameters:
    ///   - kilobytes: the address space, libraries included.
    ///   - patience: how long it may take by the clock, since a process that waits uses no processor time.
    package init(processorSeconds: Int, kilobytes: Int, patience: Duration) {
        self.processorSeconds = processorSeconds
        self.kilobytes = kilobytes
        self.patience = patience
    }

    /// The arguments for `/bin/sh` to set the kernel's limits and become the program.
    package func shellArguments(_ program: String, _ arguments: [String]) -> [String] {
        // At the soft limit the kernel sends SIGXCPU, which nobody else sends. SIGKILL, at the hard limit, may be
        // others'.
        let processor = "ulimit -S -t \(processorSeconds); ulimit -H -t \(processorSeconds + 1)"
        let limits = "ulimit -c 0; \(processor); ulimit -v \(kilobytes)"
        return ["-c", "\(limits); exec \"$0\" \"$@\"", program] + arguments
    }

    /// Runs a process, and cancels its task, which ends it, when it takes too long.
    /// - Returns: nil if it took too long.
    package func run<Value: Sendable>(_ process: @escaping @Sendable () async throws -> Value) async throws -> Value? {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await process() }
            group.addTask {
                try await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { return nil }
            return first
        }
    }
}
