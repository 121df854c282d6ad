import Glibc
import Synchronization

/// An open file, closed once, however often that is asked, and never used afterwards: by then its number may be another
/// file's.
package final class OpenFile: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Parameter descriptor: open, and nobody else's.
    package init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    /// Opens a private file (`PrivateFile.open`).
    package convenience init(private path: String, _ flags: Int32) throws(FileFailure) {
        self.init(try PrivateFile.open(path, flags))
    }

    deinit { close() }

    /// Works with the descriptor; whoever closes meanwhile waits.
    /// - Returns: nil where the file is closed.
    package func use<Value: Sendable>(_ body: (Int32) -> Value) -> Value? {
        descriptor.withLock { $0.map(body) }
    }

    /// - Returns: whether the system took all of it; true where it is closed already.
    @discardableResult
    package func close() -> Bool {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return true }
            descriptor = nil
            return Glibc.close(open) == 0
        }
    }
}
