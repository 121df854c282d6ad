import Dispatch
import Testing

extension Trait where Self == OwnThread {
    /// For a suite or test that computes for more than half a second without waiting for anything.
    ///
    /// Swift runs all asynchronous code on as many threads as there are cores. Two such checks side by side would hold
    /// both threads of a small machine, and nothing that waits (for Redis, a program, a file) would be asked to go on.
    package static var onItsOwnThread: OwnThread { OwnThread() }
}

/// Runs a test and all that it awaits on a thread of its own, beside those of the other tests.
package struct OwnThread: TestTrait, SuiteTrait, TestScoping {
    package let isRecursive = true

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Self.run(function)
    }

    /// Runs code, and what it awaits, on a thread that no other code uses.
    package static func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async rethrows -> Value {
        try await withTaskExecutorPreference(SerialThread()) { try await body() }
    }
}

/// A serial queue: the system gives each a thread that does not count among the cores.
private final class SerialThread: TaskExecutor {
    private let queue = DispatchQueue(label: "test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
