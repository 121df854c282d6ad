import Hummingbird
import NIOCore

// Inside the sequence, `Failure` is the type of what it throws.
private let unreadable = Failure.unreadable

/// A request's body; where it ends before its time, that is the client's doing, however the connection tells it.
struct ClientBody: AsyncSequence, Sendable {
    let body: RequestBody

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var iterator: RequestBody.AsyncIterator

        /// - Throws: `Failure.unreadable` for a body that is not what its head says, or that is cut off.
        mutating func next() async throws -> ByteBuffer? {
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

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(iterator: body.makeAsyncIterator()) }
}
