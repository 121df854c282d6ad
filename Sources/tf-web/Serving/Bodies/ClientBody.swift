import Hummingbird
import NIOCore

// Inside the sequence, `Failure` means its associated error type.
private let unreadable = Failure.unreadable

/// Asks for the body that a client holds back.
struct BodyIsWanted: Sendable {}

/// A request's body; any error while it is read, such as an early end, is the client's fault.
struct ClientBody: AsyncSequence, Sendable {
    let body: RequestBody
    /// Of a client that sends the body only when it is asked for it; nil: of any other.
    let asking: (any Channel)?

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var iterator: RequestBody.AsyncIterator
        fileprivate var asking: (any Channel)?

        /// - Throws: `Failure.unreadable` for a body that is malformed or cut off.
        mutating func next() async throws -> ByteBuffer? {
            asking?.triggerUserOutboundEvent(BodyIsWanted(), promise: nil)
            asking = nil
            do {
                return try await iterator.next()
            } catch let error as CancellationError {
                // The server stops.
                throw error
            } catch {
                throw unreadable
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(iterator: body.makeAsyncIterator(), asking: asking) }
}
