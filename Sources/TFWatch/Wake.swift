/// A signal that wakes a loop; any number of signals while the loop is busy wake it once.
package struct Wake: Sendable {
    package let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (rings, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        ring()
    }

    package func ring() { continuation.yield() }

    /// Lets a loop rest after it has looked, so that a site with some hundred commits a second is not searched at each
    /// of them for what rarely comes. A ring meanwhile is kept; one after it is heard at once.
    package static func rest(_ pause: Duration = .milliseconds(50)) async throws { try await Task.sleep(for: pause) }
}
