import Foundation
import TFConfiguration
import TFDefinition
import TFExpression
import TFSystem

/// Texts of definitions that ended the program when they were read. They are not read again until the text or the
/// program changes. They are kept in a file of the data directory.
struct FilesSetAside: Sendable {
    private struct Text: Sendable {
        let file: String
        let at: String
    }

    private static let fileName = "/definitions.aside"

    /// The texts, by the SHA-256 of their bytes.
    private var texts: [String: Text] = [:]

    init() {}

    /// Reads those of a data directory; none if another version of the program has set them aside.
    init(directory: String) {
        guard let bytes = FileManager.default.contents(atPath: directory + Self.fileName),
            let json = try? JSON(parsing: Array(bytes)),  // a file that was cut off is ignored
            json["program"].stringValue == Self.program
        else { return }
        for (revision, text) in json["texts"].objectValue ?? [:] {
            texts[revision] = Text(file: text["file"].displayText, at: text["at"].displayText)
        }
    }

    var isEmpty: Bool { texts.isEmpty }

    func contains(_ revision: String) -> Bool { texts[revision] != nil }

    /// The problem of a file with a text that is set aside.
    func problem(of revision: String, file: String) -> Diagnostic? {
        guard let text = texts[revision] else { return nil }
        return Diagnostic(
            file: file, position: .start, severity: .error,
            message: """
                set aside: reading this text ended tf-daemon (\(text.at)), which is a fault of tf-daemon; change the file to \
                have it tried again, and send the text with a report
                """)
    }

    mutating func add(_ revision: String, file: String) {
        texts[revision] = Text(file: file, at: Moment.iso8601(WallClock.now()))
    }

    /// - Throws: if the file cannot be written.
    func save(in directory: String) throws {
        var members: JSONObject = [:]
        for (revision, text) in texts.sorted(by: { $0.key < $1.key }) {
            members[revision] = ["file": .string(text.file), "at": .string(text.at)]
        }
        let json: JSON = ["program": .string(Self.program), "texts": .object(members)]
        try PrivateFile.write(json.bytes, to: directory + Self.fileName)
    }

    /// Which build of the program this is: another build may be able to read what this one cannot.
    private static let program: String = {
        var status = stat()
        guard stat("/proc/self/exe", &status) == 0 else { return "" }
        return "\(status.st_size) \(status.st_mtim.tv_sec)"
    }()
}

/// A file in the data directory that names the company whose definitions are being read. If reading ends the program,
/// the next start finds it.
struct LookMark: Sendable {
    /// A scan that did not finish because the program ended.
    struct CutOff: Sendable, Equatable {
        let company: String
        /// How many scans in a row were cut off without a culprit found.
        let times: Int
    }

    private let path: String

    init(directory: String) { path = directory + "/definitions.look" }

    /// - Parameter before: how many scans of the company in a row were cut off before, without a culprit found.
    func set(_ company: String, before: Int = 0) {
        // A mark that cannot be written only makes the diagnosis after a crash poorer.
        guard let descriptor = try? PrivateFile.open(path, O_WRONLY | O_TRUNC) else { return }
        RawBytes.write(Array("\(company) \(before)".utf8), to: descriptor)
        close(descriptor)
    }

    func clear() { unlink(path) }

    /// The scan that was cut off, if one was.
    func cutOff() -> CutOff? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard let company = words.first else { return nil }
        let before = words.count > 1 ? Int(words[1]) ?? 0 : 0
        return CutOff(company: String(company), times: min(max(0, before), 1_000) + 1)
    }
}
