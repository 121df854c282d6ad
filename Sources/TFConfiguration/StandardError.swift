import Glibc

/// What the programs tell beside their output.
package enum StandardError {
    /// Writes a text to standard error. A disk that is full, or a reader that has gone, loses it and ends nobody:
    /// Foundation's `FileHandle.write` traps then.
    package static func write(_ text: String) { write(Array(text.utf8)) }

    package static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
