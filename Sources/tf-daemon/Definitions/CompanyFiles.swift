import Foundation
import Logging
import TFDefinition
import TFEngine
import TFStore
import TFSystem

/// A company's directory in the tree of definitions of this host.
struct CompanyFiles: Sendable {
    let root: String
    let slug: String

    /// What stands at a file's path.
    private enum Standing: Hashable {
        case missing
        /// The SHA-256 of a file's text.
        case text(String)
        /// What is no file, or cannot be read: nothing is known of it, and it stays.
        case unknown
    }

    struct Change: Sendable {
        enum Kind: Sendable {
            case write(RevisionID)
            case remove
            /// The file is as it is in the store.
            case nothing
            /// The file was edited here, while the store got another text.
            case left
        }

        let place: String
        let kind: Kind
        /// The text that the file has; nil: there is none.
        let before: String?
        /// What is noted of the file afterwards.
        let note: DefinitionNotes.Known

        /// The text to write.
        var revision: RevisionID? {
            if case .write(let revision) = kind { return revision }
            return nil
        }

        /// For the log; nil: nothing is done.
        var deed: String? {
            switch kind {
            case .write: "the file has the store's text now"
            case .remove: "the file is removed, since its definition is retired"
            case .nothing: nil
            case .left: "the file was edited here while the store got another text; the file's comes into force"
            }
        }
    }

    /// Whether the company's directory is missing, or empty at the first look, as one is whose file system is not
    /// mounted: then nobody has removed its files one by one.
    func areLost(_ isFirst: Bool) -> Bool {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path(of: ""))  // nil: missing
        return names.map { $0.isEmpty && isFirst } ?? true
    }

    func path(of place: String) -> String { "\(root)/\(slug)/\(place)" }

    /// The path of a file in the company's directory: the trees of other hosts may be in other places.
    /// - Returns: nil: it is in no company's directory.
    func place(of file: String) -> String? {
        let own = path(of: "")
        let place =
            file.hasPrefix(own)
            ? String(file.dropFirst(own.count))
            : ("/" + file).range(of: "/\(slug)/", options: .backwards).map { String(("/" + file)[$0.upperBound...]) }
        let parts = place?.split(separator: "/", omittingEmptySubsequences: false) ?? []
        return parts.contains { ["", ".", ".."].contains($0) } ? nil : place
    }

    /// What is to be done so that no file is older than the store.
    /// - Parameter known: all texts that the store has of the company.
    func changes(
        _ stored: [String: StoredText], _ noted: [String: DefinitionNotes.Known], known: Set<String>
    ) -> [Change] {
        Set(stored.keys).union(noted.keys).sorted().compactMap { change($0, stored[$0], noted[$0], known) }
    }

    /// - Returns: nil: the file has a text of its own, or was removed here.
    private func change(
        _ place: String, _ current: StoredText?, _ noted: DefinitionNotes.Known?, _ known: Set<String>
    ) -> Change? {
        let note = current.map { DefinitionNotes.Known.text($0.sha256) } ?? .gone
        switch standing(of: place) {
        case .unknown: return nil
        case .missing:
            guard let current else { return Change(place: place, kind: .nothing, before: nil, note: note) }
            // The store is as it was when it was last the same as the file: so it is the file that was removed.
            return noted == note
                ? nil : Change(place: place, kind: .write(current.revision), before: nil, note: note)
        case .text(let file):
            if file == current?.sha256 { return Change(place: place, kind: .nothing, before: file, note: note) }
            guard noted != note else { return nil }
            guard known.contains(file) else {
                return noted.map { Change(place: place, kind: .left, before: file, note: $0) }
            }
            if let current { return Change(place: place, kind: .write(current.revision), before: file, note: note) }
            return noted == nil || noted == .text(file)
                ? Change(place: place, kind: .remove, before: file, note: note) : nil
        }
    }

    /// What is to be done about a file that a page has begun to change.
    /// - Returns: nil: nobody can tell what stands there.
    func change(_ pending: PendingFile) -> Change? {
        guard let place = place(of: pending.file) else { return nil }
        let file: String?
        switch standing(of: place) {
        case .unknown: return nil
        case .missing: file = nil
        case .text(let sha256): file = sha256
        }
        let kind: Change.Kind =
            switch file {
            case pending.after: .nothing
            case pending.before: pending.revision.map { Change.Kind.write($0) } ?? .remove
            case _: .left
            }
        let note = pending.after.map { DefinitionNotes.Known.text($0) } ?? .gone
        return Change(place: place, kind: kind, before: file, note: note)
    }

    private func standing(of place: String) -> Standing {
        var status = stat()
        guard stat(path(of: place), &status) == 0 else { return errno == ENOENT ? .missing : .unknown }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= YAMLLimits.bytes,
            let bytes = FileManager.default.contents(atPath: path(of: place))
        else { return .unknown }
        return .text(Definition.revision(of: Array(bytes)))
    }

    /// Makes changes; one that cannot be made is told, and keeps no other.
    /// - Returns: those after which nothing is left to be done, and the paths of files that cannot be changed.
    func make(
        _ changes: [Change], _ sources: [RevisionID: String], _ logger: Logger
    ) -> (made: [Change], stale: Set<String>) {
        var (made, stale): ([Change], Set<String>) = ([], [])
        for change in changes {
            let path = path(of: change.place)
            do {
                guard try make(change, sources) else { continue }
                made.append(change)
                if let deed = change.deed { logger.notice("\(deed)", metadata: ["file": "\(path)"]) }
            } catch {
                stale.insert(path)
                logger.error(
                    "the store has a newer text of this file, which cannot be changed here",
                    metadata: ["file": "\(path)", "error": "\(error)"])
            }
        }
        return (made, stale)
    }

    /// Writes and removes through no link: what one leads to is not ours.
    /// - Returns: whether it was done; not if the file or the store has changed meanwhile.
    private func make(_ change: Change, _ sources: [RevisionID: String]) throws -> Bool {
        let parts = [slug] + change.place.split(separator: "/").map(String.init)
        guard let name = parts.last else { return false }
        switch change.kind {
        case .nothing, .left: return true
        case .write, .remove: break
        }
        var directory = try OpenDirectory(root)
        for part in parts.dropLast() {
            if change.revision != nil { try directory?.makeDirectory(part) }
            directory = try directory?.directory(part)
        }
        guard let directory else { throw FileFailure.refused(step: "open", path: root, errno: ENOENT) }
        if let status = try directory.status(name), status.st_mode & S_IFMT != S_IFREG {
            throw FileFailure.refused(step: "change", path: directory.path + "/" + name, errno: EINVAL)
        }
        // Somebody may have saved it since it was looked at.
        guard standing(of: change.place) == (change.before.map { .text($0) } ?? .missing) else { return false }
        switch change.kind {
        case .write(let revision):
            guard let text = sources[revision] else { return false }
            try directory.write(Array(text.utf8), as: name, mode: 0o644)
        case .remove: try directory.remove(name)
        case .nothing, .left: break
        }
        return true
    }
}
