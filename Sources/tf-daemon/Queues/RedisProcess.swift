import Foundation

/// A running redis-server that works in a data directory: it is known by that from its start to its end, whatever its
/// socket, its file with an id, and its answers are. Source: proc(5).
struct RedisProcess {
    private static let program = "redis-server"

    let id: Int32
    /// When it began, in the kernel's ticks: an id alone may be another process's later.
    private let start: UInt64

    /// nil unless it lives and is a redis-server.
    private init?(_ id: Int32) {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(id)/stat") else { return nil }
        // The id, the name in brackets, the state, which is Z if it has ended, and as the 22nd field when it began.
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: ") ", options: .backwards) else { return nil }
        let fields = text[end.upperBound...].split(separator: " ")
        guard text.contains("(\(Self.program)"), fields.count > 19, fields[0] != "Z", let start = UInt64(fields[19])
        else {
            return nil
        }
        self.id = id
        self.start = start
    }

    var isAlive: Bool { RedisProcess(id)?.start == start }

    /// All that work in a directory, the oldest first. Those of other users are not ours, and not seen.
    static func all(in directory: String) -> [RedisProcess] {
        let ours = URL(fileURLWithPath: directory).resolvingSymlinksInPath().path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []  // no /proc: none is found
        return names.compactMap { Int32($0).flatMap(RedisProcess.init) }
            .filter { $0.works(in: ours) || $0.isStarting(in: directory) }
            .sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }

    private func works(in directory: String) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")) == directory  // it ended
    }

    /// Whether it was told to work there and has not yet gone there.
    private func isStarting(in directory: String) -> Bool {
        let bytes = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
        let words = String(decoding: bytes, as: UTF8.self).split(separator: "\0").map(String.init)
        return zip(words, words.dropFirst()).contains { $0 == ("--dir", directory) }
    }
}
