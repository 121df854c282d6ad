import Glibc

/// A file operation that the system refused, or a file that this project refuses to read.
package enum FileFailure: Error, CustomStringConvertible {
    /// - step: a verb with the kind of its object, such as `open` or `make the directory`.
    case refused(step: String, path: String, errno: Int32)
    /// A secret in this file may be known to others.
    case readableByOthers(String)

    package var description: String {
        switch self {
        case .refused(let step, let path, let code):
            "cannot \(step) \(path): \(String(cString: strerror(code)))"
                + (code == EACCES ? "; run this as the account to which it belongs" : "")
        case .readableByOthers(let path): "\(path) can be read by others; run: chmod 600 \(path)"
        }
    }
}
