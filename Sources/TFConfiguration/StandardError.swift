import Glibc
import TFSystem

/// Messages of the programs beside their output.
package enum StandardError {
    /// Writes a text to standard error. If the disk is full or the reader has gone, the text is lost and the program
    /// goes on; Foundation's `FileHandle.write` would trap.
    package static func write(_ text: String) { write(Array(text.utf8)) }

    package static func write(_ bytes: [UInt8]) { RawBytes.write(bytes, to: STDERR_FILENO) }
}
