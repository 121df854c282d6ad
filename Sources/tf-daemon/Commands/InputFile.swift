import Foundation
import TFConfiguration
import TFSystem

/// A file that is named on the command line; `-` is standard input, and a pipe works too.
enum InputFile {
    /// - Parameters:
    ///   - limit: how many bytes are read at most.
    ///   - onlyFiles: whether pipes and devices are refused.
    /// - Returns: nil if the file cannot be read, such as a directory.
    static func bytes(_ path: String, limit: Int = .max, onlyFiles: Bool = false) -> [UInt8]? {
        if path == "-" { return RawBytes.read(STDIN_FILENO, limit: limit) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (onlyFiles ? O_NONBLOCK : 0))
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        if onlyFiles, fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG { return nil }
        return RawBytes.read(descriptor, limit: limit)
    }
}
