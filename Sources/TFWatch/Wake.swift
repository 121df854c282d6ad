/// A signal that wakes a loop; any number of signals while the loop is busy wake it once.
package struct Wake: Sendable {
    package let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (rings, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        ring()
    }

    package func ring() { continuation.yield() }
}
