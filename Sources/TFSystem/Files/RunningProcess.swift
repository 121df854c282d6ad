import Glibc

/// What the kernel tells of another process of this machine.
package struct RunningProcess: Sendable, Hashable {
    package let id: Int32

    package init(_ id: Int32) { self.id = id }

    /// Its program's name, of at most 15 bytes; nil: there is no such process.
    package var name: String? {
        Self.text("/proc/\(id)/comm").map { String($0.split(separator: "\n").first ?? "") }
    }

    /// Whether it was stopped by a signal and waits to be continued.
    package var isStopped: Bool {
        // Behind the name in parentheses, which may itself hold any sign.
        guard let text = Self.text("/proc/\(id)/stat"), let end = text.lastIndex(of: ")") else { return false }
        return text[end...].dropFirst(2).first == "T"
    }

    /// The process that has a byte of a file locked for itself alone with fcntl(2), as SQLite does; nil: nobody has.
    ///
    /// It is read from /proc/locks: to ask the file, it would have to be opened, and closing it would take this process's
    /// own locks on it away.
    package static func lockHolder(of path: String, byte: Int64) -> RunningProcess? {
        holder(of: path, "POSIX") { first, last in first <= byte && (last ?? .max) >= byte }
    }

    /// The process that has a file locked for itself alone with flock(2); nil: nobody has.
    package static func holder(ofLockOn path: String) -> RunningProcess? { holder(of: path, "FLOCK") { _, _ in true } }

    private static func holder(
        of path: String, _ kind: String, _ isMeant: (_ first: Int64, _ last: Int64?) -> Bool
    ) -> RunningProcess? {
        var status = stat()
        guard stat(path, &status) == 0, let locks = text("/proc/locks") else { return nil }
        // As the kernel writes them there; the parts of a device's number are those of makedev(3).
        let device = UInt64(status.st_dev)
        let (major, minor) = (device >> 8 & 0xFFF | device >> 32 & ~0xFFF, device & 0xFF | device >> 12 & 0xFFFF_FF00)
        for line in locks.split(separator: "\n") {
            // 1: POSIX  ADVISORY  WRITE 1234 fe:00:5678 120 120; with an arrow, someone waits for the one above.
            let words = line.split(separator: " ")
            guard words.count == 8, words[1] == kind, words[3] == "WRITE", let process = Int32(words[4]),
                isSame(words[5], major, minor, UInt64(status.st_ino)), let first = Int64(words[6]),
                isMeant(first, words[7] == "EOF" ? nil : Int64(words[7]) ?? -1)
            else { continue }
            return RunningProcess(process)
        }
        return nil
    }

    /// Whether `fe:00:5678` is the file with this number on this device.
    private static func isSame(_ file: Substring, _ major: UInt64, _ minor: UInt64, _ number: UInt64) -> Bool {
        let parts = file.split(separator: ":")
        return parts.count == 3 && UInt64(parts[0], radix: 16) == major && UInt64(parts[1], radix: 16) == minor
            && UInt64(parts[2]) == number
    }

    /// A file of /proc, which tells no length.
    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return RawBytes.read(descriptor).map { String(decoding: $0, as: UTF8.self) }
    }
}
