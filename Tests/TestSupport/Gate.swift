import Dispatch
import Synchronization

/// Keeps the writer's thread until it is opened.
package final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let held = Mutex(false)

    package init() {}

    package var isHeld: Bool { held.withLock { $0 } }

    package func hold() {
        held.withLock { $0 = true }
        semaphore.wait()
    }

    package func open() { semaphore.signal() }
}
