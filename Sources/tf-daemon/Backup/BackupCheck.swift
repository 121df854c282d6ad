import Foundation
import TFStore
import TFSystem

/// Holds a backup's files against its manifest.
struct BackupCheck {
    private static let limitFaults = 20

    let directory: String
    let manifest: BackupManifest

    /// - Throws: `BackupError.none` or `.unreadable`.
    init(_ directory: String) throws(BackupError) {
        self.directory = directory
        manifest = try BackupManifest(in: directory)
    }

    /// Reads every file.
    /// - Throws: `BackupError.damaged`.
    func run(_ progress: ProgressLine) throws(BackupError) {
        var faults: [String] = []
        var done: Int64 = 0
        let length = manifest.length
        for file in manifest.files where faults.count < Self.limitFaults {
            do throws(FileFailure) {
                let digest = try FileDigest(of: "\(directory)/\(file.path)") { bytes in
                    done += Int64(bytes)
                    progress.show("verify", bytes: done, of: length)
                }
                if digest != file.digest { faults.append("\(file.path) has other bytes than when it was made") }
            } catch {
                faults.append("\(error)")
            }
        }
        progress.clear()
        if faults.isEmpty { faults = storeFaults }
        guard faults.isEmpty else { throw .damaged(directory, faults: faults) }
    }

    /// Files that lie in the backup and are not in its manifest, so that a restore leaves them out: at most 20.
    func foreign() -> [String] {
        let known = Set(manifest.files.map(\.path) + [BackupManifest.name])
        guard let all = FileManager.default.enumerator(atPath: directory) else { return [] }
        var foreign: [String] = []
        while let path = all.nextObject() as? String, foreign.count < Self.limitFaults {
            let isDirectory = all.fileAttributes?[.type] as? FileAttributeType == .typeDirectory
            if !isDirectory, !known.contains(path) { foreign.append(path) }
        }
        return foreign.sorted()
    }

    /// What is wrong with the store in itself, and with files that it names.
    private var storeFaults: [String] {
        do {
            let copy = try StoreCopy(at: "\(directory)/\(BackupManifest.store)")
            let known = Set(manifest.files.map(\.path))
            let missing = copy.files.filter { $0.isUsed && !known.contains("attachments/\($0.id)") }.map {
                "attachments/\($0.id) belongs to a ticket, and was not there when the backup was made"
            }
            return Array((try copy.faults() + missing).prefix(Self.limitFaults))
        } catch {
            return ["\(error)"]
        }
    }
}
