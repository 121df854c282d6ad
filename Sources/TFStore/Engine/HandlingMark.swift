import Foundation
import TFEngine
import TFSystem

/// What the engine is handling at this moment, in a file that outlives the process.
///
/// A daemon that dies by a signal cannot say what killed it; the next one reads it here. The mark is written before
/// each event and wiped when the events are done, by `pwrite` without a sync: the kernel keeps it when a process dies,
/// and a power cut, which may lose it, is no fault of an instance.
struct HandlingMark: Sendable {
    enum Subject: Sendable, Hashable {
        case instance(InstanceID)
        /// The definition whose schedule may start something.
        case schedule(DefinitionID)
    }

    /// One record: a letter, and a number of twenty digits at most.
    private static let length = 24

    private let file: OpenFile

    /// Opens the file, and makes it where it is missing. It stays open as long as the process runs.
    init(path: String) throws {
        file = try OpenFile(private: path, O_RDWR)
    }

    func set(_ subject: Subject) {
        switch subject {
        case .instance(let id): write("i\(id)")
        case .schedule(let id): write("s\(id)")
        }
    }

    func clear() { write("") }

    /// What was being handled when the process died that wrote here last; nil: nothing.
    func read() -> Subject? {
        let bytes = file.use { descriptor in
            var bytes = [UInt8](repeating: 0, count: Self.length)
            return pread(descriptor, &bytes, Self.length, 0) > 1 ? bytes : []
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
        // A mark that cannot be written only makes the diagnosis after a crash poorer.
        file.use { [bytes] in _ = pwrite($0, bytes, Self.length, 0) }
    }
}
