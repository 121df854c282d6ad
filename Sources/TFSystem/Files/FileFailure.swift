import Glibc

/// What the system refused to do with a file, or what a program of ours refuses to read.
package enum FileFailure: Error, CustomStringConvertible {
    /// - step: a verb with its object's kind, such as `open` or `make the directory`.
    case refused(step: String, path: String, errno: Int32)
    /// A secret that others may know by now.
    case readableByOthers(String)

    package var description: String {
        switch self {
        case .refused(let step, let path, let code): "cannot \(step) \(path): \(String(cString: strerror(code)))"
        case .readableByOthers(let path): "\(path) can be read by others; run: chmod 600 \(path)"
        }
    }
}
