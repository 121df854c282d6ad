import Dispatch
import Synchronization

/// Keeps the writer's thread until it is opened.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let held = Mutex(false)

    var isHeld: Bool { held.withLock { $0 } }

    func hold() {
        held.withLock { $0 = true }
        semaphore.wait()
    }

    func open() { semaphore.signal() }
}
