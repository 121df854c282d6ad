import CThread
import Foundation
import Synchronization

/// A few threads for work that blocks, such as a database's, away from the cooperative pool and the event loops.
///
/// Work is given straight to the thread that became idle last, whose data is still in the processor's cache, and only
/// that one wakes. A queue of Dispatch wakes several threads for each piece of work; for short work, as a snapshot's, that
/// costs more than the work itself. A thread is started when it is first needed, and all end with the last reference.
package final class BlockingThreads: Sendable {
    private let state: ThreadState

    /// - Parameters:
    ///   - name: of the threads, at most 15 bytes, as `top -H` shows it.
    ///   - count: how many run at most.
    package init(_ name: String, count: Int) { state = ThreadState(name: name, limit: count) }

    deinit { state.end() }

    /// Runs some work; with a single thread, one after the other in the order of the calls.
    package func run(_ work: @escaping @Sendable () -> Void) { state.run(work) }

    /// Runs some work, and returns what it returns.
    package func value<Value: Sendable>(of work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            state.run { continuation.resume(with: Result(catching: work)) }
        }
    }
}

/// What the threads share. They keep it for as long as they run.
private final class ThreadState: Sendable {
    private struct Line {
        var work: [@Sendable () -> Void] = []
        /// The one that became idle last is the last.
        var idle: [IdleThread] = []
        var started = 0
        var isEnded = false
    }

    private let name: String
    private let limit: Int
    private let line = Mutex(Line())

    init(name: String, limit: Int) {
        self.name = name
        self.limit = limit
    }

    func run(_ work: @escaping @Sendable () -> Void) {
        let (thread, isNew) = line.withLock { line -> (IdleThread?, Bool) in
            if let thread = line.idle.popLast() { return (thread, false) }
            if line.started < limit {
                line.started += 1
                return (nil, true)
            }
            line.work.append(work)
            return (nil, false)
        }
        thread?.wake(for: work)
        if isNew { start(with: work) }
    }

    /// Ends the threads that are idle at once, and the others after their work.
    func end() {
        let idle = line.withLock { line in
            line.isEnded = true
            defer { line.idle = [] }
            return line.idle
        }
        for thread in idle { thread.wake(for: nil) }
    }

    private func start(with work: @escaping @Sendable () -> Void) {
        let me = IdleThread()
        me.wake(for: work)
        Thread.detachNewThread { [self] in
            // Foundation's name does not arrive if the thread is faster than who starts it.
            pthread_setname_np(pthread_self(), name)
            // Nothing that was done is kept while the thread waits: it may hold what holds these threads, and neither
            // would ever end.
            if let work = me.wait() { work() }
            while let work = taken(by: me) { work() }
        }
    }

    /// The next piece of work, for which the thread waits; nil: there is no more.
    private func taken(by thread: IdleThread) -> (@Sendable () -> Void)? {
        enum Next {
            case work(@Sendable () -> Void)
            case wait, end
        }
        let next = line.withLock { line -> Next in
            if !line.work.isEmpty { return .work(line.work.removeFirst()) }
            if line.isEnded { return .end }
            line.idle.append(thread)
            return .wait
        }
        switch next {
        case .work(let work): return work
        case .wait: return thread.wait()
        case .end: return nil
        }
    }
}

/// A thread that waits to be given work.
private final class IdleThread: Sendable {
    private let signal = DispatchSemaphore(value: 0)
    private let work = Mutex<(@Sendable () -> Void)?>(nil)

    /// - Parameter work: nil: it is to end.
    func wake(for work: (@Sendable () -> Void)?) {
        self.work.withLock { $0 = work }
        signal.signal()
    }

    func wait() -> (@Sendable () -> Void)? {
        signal.wait()
        return work.withLock { work in
            defer { work = nil }
            return work
        }
    }
}
