/// What a child process may take, so that it ends whatever it was given.
package struct ProcessLimits: Sendable {
    private let processorSeconds: Int
    private let kilobytes: Int
    private let patience: Duration

    /// - Parameters:
    ///   - kilobytes: of address space, libraries included.
    ///   - patience: how long it may take by the clock; a process that waits for something uses no processor.
    package init(processorSeconds: Int, kilobytes: Int, patience: Duration) {
        self.processorSeconds = processorSeconds
        self.kilobytes = kilobytes
        self.patience = patience
    }

    /// The arguments of `/bin/sh` that make it the program, with the kernel's limits on it.
    package func shellArguments(_ program: String, _ arguments: [String]) -> [String] {
        // At the hard limit the kernel sends a SIGKILL, as others may; SIGXCPU, at the soft one, comes from nobody else.
        let processor = "ulimit -S -t \(processorSeconds); ulimit -H -t \(processorSeconds + 1)"
        let limits = "ulimit -c 0; \(processor); ulimit -v \(kilobytes)"
        return ["-c", "\(limits); exec \"$0\" \"$@\"", program] + arguments
    }

    /// Runs a process, and ends it by cancelling its task when it takes too long.
    /// - Returns: nil where it took too long.
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
