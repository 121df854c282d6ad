import Foundation

/// A file that a command is given: `-` is standard input, and a pipe will do as well.
enum InputFile {
    /// nil where there is none that can be read.
    static func bytes(_ path: String) -> [UInt8]? {
        if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
            let handle = FileHandle(forReadingAtPath: path)
        else { return nil }
        return Array(handle.readDataToEndOfFile())
    }
}
