import NIOCore

/// Runs a connection's tasks on its own event loop.
///
/// On the cooperative pool each part of an answer, between two things that it waits for, would wake a thread of the pool,
/// and the loop again afterwards. What blocks or takes long has threads of its own.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
