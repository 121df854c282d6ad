import Foundation

/// The directory of the definitions' files, as `status` and `doctor` look at it.
enum DefinitionsDirectory {
    static let remedy = "put it back, or name the right one with --definitions or TF_DEFINITIONS"

    /// Why its files cannot be read; nil: they can.
    static func problem(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return "\(path): \(String(cString: strerror(errno)))" }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "\(path) is no directory" }
        return access(path, R_OK | X_OK) == 0 ? nil : "\(path): \(String(cString: strerror(errno)))"
    }
}
