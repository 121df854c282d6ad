// Only one task writes to it when a command ends.
@preconcurrency import Glibc

/// What a command prints.
enum StandardOutput {
    /// Writes what is left of it.
    /// - Returns: whether all of it was written, also what was printed before.
    static func end() -> Bool { fflush(stdout) == 0 && ferror(stdout) == 0 }
}
