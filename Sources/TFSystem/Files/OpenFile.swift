import Glibc
import Synchronization

/// An open file that is closed only once, even by several calls, and cannot be used afterwards: by then its
/// descriptor's number may belong to another file.
package final class OpenFile: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Parameter descriptor: open, and used by nothing else.
    package init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    /// A file that was never open: nothing is read from it or written to it.
    package init() { descriptor = Mutex(nil) }

    /// Opens a private file (`PrivateFile.open`).
    package convenience init(private path: String, _ flags: Int32) throws(FileFailure) {
        self.init(try PrivateFile.open(path, flags))
    }

    deinit { close() }

    /// Uses the descriptor; a call of `close` waits until the body returns.
    /// - Returns: nil if the file is closed.
    package func use<Value: Sendable>(_ body: (Int32) -> Value) -> Value? {
        descriptor.withLock { $0.map(body) }
    }

    /// Closes the file.
    /// - Returns: whether the system reported no error; true if it was already closed.
    @discardableResult
    package func close() -> Bool {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return true }
            descriptor = nil
            return Glibc.close(open) == 0
        }
    }
}
