import Glibc

/// Tells the other processes of this machine that this one lives: it has a byte of a common file locked, and the kernel
/// frees the byte when the process ends, however it ends. So no clock is needed, and nothing has to be cleaned up.
///
/// The lock belongs to the open file (`F_OFD_SETLK`, fcntl(2)): the usual record locks would be lost as soon as any
/// code of the process closes another descriptor of the same file.
package struct LifeLock: Sendable {
    // As in <fcntl.h>, which shows them only to programs that ask for GNU's extensions.
    private static let query: Int32 = 36
    private static let set: Int32 = 37

    private let file: OpenFile
    /// The byte that is locked, which names this process.
    package let number: Int64

    /// Locks a byte that nobody else has. Creates the file if it is missing; nothing is written into it, and it is never
    /// removed.
    /// - Parameter places: the lowest of these that is free is taken, or the highest if none is; nil: any number, which
    ///   no process had before.
    /// - Throws: `FileFailure.refused`.
    package init(_ path: String, among places: Range<Int64>? = nil) throws(FileFailure) {
        file = try OpenFile(private: path, O_RDWR)
        var tries = places
        while true {
            if tries?.isEmpty == true {
                number = places.map { $0.upperBound - 1 } ?? 0
                return
            }
            let number = tries?.lowerBound ?? Int64.random(in: 1..<1 << 60)
            tries = tries.map { $0.dropFirst() }
            let code = file.use { descriptor in
                var lock = Self.lock(of: number)
                return fcntl(descriptor, Self.set, &lock) == 0 ? 0 : errno
            }
            switch code ?? EBADF {
            case 0:
                self.number = number
                return
            case EAGAIN, EACCES, EINTR: continue
            case let code: throw .refused(step: "lock", path: path, errno: code)
            }
        }
    }

    /// Whether the process lives that has locked this byte; true too if that cannot be found out.
    package func isHeld(_ number: Int64) -> Bool {
        if number == self.number { return true }
        return file.use { descriptor in
            var lock = Self.lock(of: number)
            return fcntl(descriptor, Self.query, &lock) != 0 || Int32(lock.l_type) != F_UNLCK
        } ?? true
    }

    /// The same for a process that has no byte of its own and only looks: nothing is made.
    /// - Returns: false too if there is no such file.
    package static func isHeld(_ number: Int64, in path: String) -> Bool { isHeld(lock(of: number), in: path) }

    /// Whether any process lives that has locked a byte of the file, for who only looks.
    /// - Returns: false too if there is no such file.
    package static func isAnyHeld(in path: String) -> Bool {
        var all = lock(of: 0)
        all.l_len = 0  // to the end of the file, wherever that is
        return isHeld(all, in: path)
    }

    private static func isHeld(_ asked: flock, in path: String) -> Bool {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var lock = asked
        return fcntl(descriptor, query, &lock) == 0 && Int32(lock.l_type) != F_UNLCK
    }

    /// As the end of the process would do.
    package func release() { file.close() }

    private static func lock(of number: Int64) -> flock {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = off_t(number)
        lock.l_len = 1
        return lock
    }
}
