import Glibc
import TFSystem

/// What the programs tell beside their output.
package enum StandardError {
    /// Writes a text to standard error. A disk that is full, or a reader that has gone, loses it and ends nobody:
    /// Foundation's `FileHandle.write` traps then.
    package static func write(_ text: String) { write(Array(text.utf8)) }

    package static func write(_ bytes: [UInt8]) { RawBytes.write(bytes, to: STDERR_FILENO) }
}
