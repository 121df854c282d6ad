import Foundation
import TestSupport
import Testing

/// Every place at which a program changes something that outlives it has a `CrashPoint`, so that `CrashPointTests` kills
/// there. The places are found in the sources; the list is printed.
@Suite struct CrashPlaceTests {
    /// What changes the world.
    private static let changes = [
        "db.commit()", "command(\"COMMIT\")", "renameat(", "unlink(", "unlinkat(descriptor, name", "queues.apply(",
        "queues.rebuild(", "queues.mend(", "queues.mendKeys(", "queues.announce(", "queues.acknowledge(",
        "queues.markSeen(", "client.execute(", "fsync($0)", "truncate(", "O_TRUNC",
    ]
    /// Lines that change nothing that counts after a crash, with the reason.
    private static let exceptions = [
        "Sources/TFSystem/Files/OpenDirectory.swift: unlinkat(descriptor, temporary": "a file that nobody knows of yet",
        "Sources/tf-daemon/Definitions/FilesSetAside.swift: unlink(path)": "a mark that is only of use after a crash",
        "Sources/tf-daemon/Definitions/FilesSetAside.swift: O_TRUNC": "the same mark, which may be half written",
        "Sources/TFSystem/Files/PrivateFile.swift: rmdir(path) : unlink(path)": "old copies, which are no use in parts",
        "Sources/tf-daemon/Status/WebCondition.swift: client.execute(": "a question whether a web serves",
        "Sources/tf-web/Serving/Bodies/FileSink.swift: unlink(path)": "a file that no row names; the sweep removes it",
    ]
    /// Lines by which a change comes behind its hook at most.
    private static let distance = 30

    @Test func `each commit and each change of Redis, files and other servers can be crashed at`() throws {
        var places: [String] = []
        for directory in ["TFStore", "TFSystem", "tf-daemon", "tf-web"] {
            let base = "Sources/\(directory)"
            let files = FileManager.default.enumerator(atPath: ProjectFolder.url(base).path)
            // Backups are made of copies and renamed as a whole; `BackupTests` interrupts them.
            for file in files?.compactMap({ $0 as? String }) ?? []
            where file.hasSuffix(".swift") && !file.hasPrefix("Backup/") {
                places += try look(in: "\(base)/\(file)")
            }
        }
        print("places that have a hook:\n" + places.sorted().joined(separator: "\n"))
        #expect(places.count >= 12)
    }

    private func look(in file: String) throws -> [String] {
        let text = try String(contentsOf: ProjectFolder.url(file), encoding: .utf8)
        let lines = text.components(separatedBy: "\n")
        var places: [String] = []
        for (number, line) in lines.enumerated() {
            let code = line.trimmingCharacters(in: .whitespaces)
            guard !code.hasPrefix("//"), Self.changes.contains(where: line.contains) else { continue }
            let isException = Self.exceptions.keys.contains { key in
                let parts = key.components(separatedBy: ": ")
                return parts[0] == file && line.contains(parts[1])
            }
            guard !isException else { continue }
            let before = lines[max(0, number - Self.distance)..<number]
            let isHooked = before.contains { $0.contains("CrashPoint.reach(") || $0.contains("await touch()") }
            #expect(isHooked, "\(file):\(number + 1): \(code)")
            places.append("\(file):\(number + 1): \(code)")
        }
        return places
    }
}
