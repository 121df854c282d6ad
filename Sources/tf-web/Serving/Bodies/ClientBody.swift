import Hummingbird
import NIOCore

// Inside the sequence, `Failure` means its associated error type.
private let unreadable = Failure.unreadable

/// A request's body; any error while it is read, such as an early end, is the client's fault.
struct ClientBody: AsyncSequence, Sendable {
    let body: RequestBody

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var iterator: RequestBody.AsyncIterator

        /// - Throws: `Failure.unreadable` for a body that is malformed or cut off.
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
