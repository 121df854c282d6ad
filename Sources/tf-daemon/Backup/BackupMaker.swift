import Foundation
import TFConfiguration
import TFExpression
import TFStore
import TFSystem

/// Copies a site into an empty directory while its programs run.
///
/// The store comes first, as one snapshot. Attachments never change once they are written, and each was written before
/// its row, so all that the snapshot knows can be copied afterwards.
struct BackupMaker {
    enum Attachments {
        /// They are copied, or linked to those of an older backup that have the same bytes.
        case copied(like: String?)
        /// Those that tickets use are only read: an archiver takes them from the data directory. The others are copied,
        /// since they may go meanwhile.
        case listed
    }

    struct Result: Sendable {
        let manifest: BackupManifest
        /// How many attachments share their bytes with an older backup.
        let linked: Int
        /// Files of tickets that are not there, by their ids.
        let missing: [String]
        /// What of the definitions' tree cannot be read, by its path there.
        let unread: [CompanyTree.Unread]
    }

    let data: String
    let definitions: String
    let includesKeys: Bool
    let progress: ProgressLine

    /// - Parameters:
    ///   - directory: an empty directory, which is synced afterwards.
    ///   - moment: in milliseconds since 1970.
    /// - Throws: `BackupError`, `StoreOpenError` or `FileFailure`.
    func fill(_ directory: String, _ attachments: Attachments, at moment: Int64) throws -> Result {
        try checkRoom(in: directory)
        let progress = progress
        let copy = try StoreCopy(of: data, to: directory + "/" + BackupManifest.store) { done, all in
            progress.show("store", bytes: Int64(done) << 12, of: Int64(all) << 12)
        }
        let faults = try copy.faults()
        guard faults.isEmpty else { throw BackupError.damagedStore(faults) }
        var manifest = BackupManifest(madeAtMs: moment, schema: copy.schema, files: [])
        let digest = try FileDigest(of: copy.path)
        guard fsynced(copy.path) else {
            throw FileFailure.refused(step: "write", path: copy.path, errno: errno)
        }
        manifest.files.append(.init(path: BackupManifest.store, digest: digest))
        manifest.files += try keys(to: directory)
        let (texts, unread) = try definitions(to: directory)
        manifest.files += texts
        let (files, linked, missing) = try self.attachments(copy.files, to: directory, attachments)
        manifest.files += files
        progress.clear()
        for folder in BackupManifest.Folder.allCases { try OpenDirectory("\(directory)/\(folder.rawValue)")?.sync() }
        try PrivateFile.write(manifest.bytes, to: directory + "/" + BackupManifest.name)
        return Result(manifest: manifest, linked: linked, missing: missing, unread: unread)
    }

    /// - Throws: `BackupError.noRoom` if not even the store fits.
    private func checkRoom(in directory: String) throws {
        let store = DiskSpace.length(of: data + "/store.db")
        let needed = store + DiskSpace.length(of: data + "/store.db-wal") + store / 10
        guard let free = DiskSpace(at: directory)?.free, free < needed else { return }
        throw BackupError.noRoom(directory, needed: needed, free: free)
    }

    private func fsynced(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        return descriptor >= 0 && fsync(descriptor) == 0
    }

    private func keys(to directory: String) throws -> [BackupManifest.File] {
        guard includesKeys else { return [] }
        let names = try PrivateFile.isThere(data + "/keys") ? PrivateFile.names(in: data + "/keys").sorted() : []
        // The lock has no content, and is made when it is missing.
        let keys = try names.filter { try $0 != "lock" && isFile("\(data)/keys/\($0)") }.map { "keys/\($0)" }
        let token = try isFile("\(data)/\(BackupManifest.token)") ? [BackupManifest.token] : []
        return try (keys + token).map { try copied($0, from: data, to: directory) }
    }

    private func definitions(
        to directory: String
    ) throws -> (files: [BackupManifest.File], unread: [CompanyTree.Unread]) {
        guard let files = try DefinitionFiles(in: definitions) else { return ([], []) }
        let listing = files.listing
        var (copied, unread): ([BackupManifest.File], [CompanyTree.Unread]) = ([], listing.unread)
        for path in listing.paths {
            let target = "definitions/\(path)"
            try PrivateFile.makeDirectory("\(directory)/\(target)".parentPath)
            do {
                guard let digest = try files.copy(path, to: "\(directory)/\(target)") else { continue }
                copied.append(BackupManifest.File(path: target, digest: digest))
            } catch let obstacle as Obstacle {
                unread.append(CompanyTree.Unread(path: path, obstacle: obstacle))
            }
        }
        return (copied, unread)
    }

    private func copied(_ path: String, from root: String, to directory: String) throws -> BackupManifest.File {
        let target = "\(directory)/\(path)"
        try PrivateFile.makeDirectory(target.parentPath)
        return .init(path: path, digest: try FileDigest.copying("\(root)/\(path)", to: target))
    }

    private func isFile(_ path: String) throws(FileFailure) -> Bool {
        guard try PrivateFile.isThere(path) else { return false }
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    // MARK: Attachments

    private func attachments(
        _ known: [StoreCopy.File], to directory: String, _ attachments: Attachments
    ) throws -> (files: [BackupManifest.File], linked: Int, missing: [String]) {
        var (files, linked, missing, done): ([BackupManifest.File], Int, [String], Int64) = ([], 0, [], 0)
        try PrivateFile.makeDirectory(directory + "/attachments")
        let older = older(attachments)
        for file in known {
            let (path, source) = ("attachments/\(file.id)", "\(data)/attachments/\(file.id)")
            guard BackupManifest.isUsable(path), try isFile(source) else {
                // What no ticket uses may have gone meanwhile.
                if file.isUsed { missing.append(file.id) }
                continue
            }
            func step(_ bytes: Int) {
                done += Int64(bytes)
                progress.show("attachments", bytes: done, of: nil)
            }
            let target = "\(directory)/\(path)"
            if case .copied(let newest?) = attachments, let digest = older[path],
                isLinked("\(newest)/\(path)", digest, target, step)
            {
                files.append(.init(path: path, digest: digest))
                linked += 1
                continue
            }
            do throws(FileFailure) {
                let isListed = if case .listed = attachments { file.isUsed } else { false }
                let digest =
                    try isListed
                    ? FileDigest(of: source, progress: step) : FileDigest.copying(source, to: target, progress: step)
                files.append(.init(path: path, digest: digest))
            } catch {
                guard try !isFile(source), !file.isUsed else { throw error }
                unlink(target)
            }
        }
        return (files, linked, missing)
    }

    /// The attachments of the backup that can be linked to.
    private func older(_ attachments: Attachments) -> [String: FileDigest] {
        guard case .copied(let newest?) = attachments,
            let manifest = try? BackupManifest(in: newest)  // one that cannot be read gives nothing to link to
        else { return [:] }
        return manifest.files(in: .attachments).reduce(into: [:]) { $0[$1.path] = $1.digest }
    }

    /// Gives an older backup's file a second name, if it still has its bytes. The one in the data directory has the same
    /// bytes by its random id, as long as its length says nothing else.
    private func isLinked(
        _ old: String, _ digest: FileDigest, _ target: String, _ step: (Int) -> Void
    ) -> Bool {
        let name = target.lastPathName
        guard DiskSpace.length(of: "\(data)/attachments/\(name)") == digest.length,
            let present = try? FileDigest(of: old, progress: step), present == digest  // else it is copied anew
        else { return false }
        return link(old, target) == 0
    }
}
