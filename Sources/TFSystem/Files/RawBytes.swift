import Foundation

/// Reads and writes descriptors without Foundation's `FileHandle`, whose calls end the program if the disk is full, a
/// pipe has no reader, or a file cannot be read.
package enum RawBytes {
    /// Reads a descriptor to its end.
    /// - Parameter limit: how many bytes are read at most.
    /// - Returns: nil if reading failed; `errno` then says why.
    package static func read(_ descriptor: Int32, limit: Int = .max) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < limit {
            let wanted = min(buffer.count, limit - bytes.count)
            let count = Glibc.read(descriptor, &buffer, wanted)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Reads a file to its end, or the pipe of that name.
    /// - Parameter limit: how many bytes are read at most.
    /// - Throws: `FileFailure` with the system's reason.
    package static func file(_ path: String, limit: Int = .max) throws(FileFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .refused(step: "read", path: path, errno: errno) }
        defer { close(descriptor) }
        guard let bytes = read(descriptor, limit: limit) else {
            throw .refused(step: "read", path: path, errno: errno)
        }
        return bytes
    }

    /// Writes bytes until the descriptor takes no more.
    /// - Returns: whether all bytes were written.
    @discardableResult
    package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
