import Foundation
import TFEngine
import TFSystem

/// Records in a file what the engine is handling at this moment, so that it is known after a crash.
///
/// A daemon that is ended by a signal cannot report the cause; the next daemon reads it here. The mark is written
/// before each event and cleared when the events are done, by `pwrite` without a sync: the kernel keeps it when the
/// process dies. A power cut may lose it, but is not the fault of an instance. What makes requests works beside the engine,
/// and has a mark of its own.
struct HandlingMark: Sendable {
    enum Subject: Sendable, Hashable {
        case instance(InstanceID)
        /// The definition whose schedule may start something.
        case schedule(DefinitionID)
    }

    /// The size of the record: a letter, and a number of at most twenty digits.
    private static let length = 24

    private let file: OpenFile
    /// Where the record begins, in bytes.
    private let start: Int

    private init(_ file: OpenFile, start: Int = 0) {
        self.file = file
        self.start = start
    }

    /// Opens the file, or makes it if it is missing. It stays open as long as the process runs.
    init(path: String) throws {
        self.init(try OpenFile(private: path, O_RDWR))
    }

    /// A mark that is not kept, for a store that is only read.
    init() { self.init(OpenFile()) }

    /// The mark of what makes requests.
    var ofRequests: HandlingMark { HandlingMark(file, start: Self.length) }

    func set(_ subject: Subject) {
        switch subject {
        case .instance(let id): write("i\(id)")
        case .schedule(let id): write("s\(id)")
        }
    }

    func clear() { write("") }

    /// What was being handled when the last process that wrote here died.
    func subjects() -> [Subject] { [read(), ofRequests.read()].compactMap { $0 } }

    private func read() -> Subject? {
        let bytes = file.use { descriptor in
            var bytes = [UInt8](repeating: 0, count: Self.length)
            return pread(descriptor, &bytes, Self.length, start) > 1 ? bytes : []
        }
        let text = String(decoding: (bytes ?? []).prefix { $0 > 0x20 }, as: UTF8.self)
        guard let id = Int64(text.dropFirst()) else { return nil }
        switch text.first {
        case "i": return .instance(InstanceID(id))
        case "s": return .schedule(DefinitionID(id))
        default: return nil
        }
    }

    func close() { file.close() }

    private func write(_ text: String) {
        var bytes = Array(text.utf8.prefix(Self.length))
        bytes += [UInt8](repeating: 0x20, count: Self.length - bytes.count)
        // If this fails, only the diagnosis after a crash is worse.
        file.use { [bytes] in _ = pwrite($0, bytes, Self.length, start) }
    }
}
