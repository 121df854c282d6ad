import Foundation
import NIOPosix
import TFDefinition
import TFEngine
import TFStore
import TFSystem

/// Keeps the definitions' files of this host as new as the store, where each host has its own: what a page has saved, or
/// the daemon of another host has published, is written into them before they are read.
///
/// It is a merge of three: the file, the store, and a note of the text that both had when they were last the same. A file
/// that has the noted text while the store has another one is old, and gets that one. A file with a text of its own was
/// edited here, and is published.
struct DefinitionMirror: Sendable {
    let root: String
    let notes: DefinitionNotes

    /// - Parameter data: the data directory.
    init(root: String, data: String) {
        self.root = root
        notes = DefinitionNotes(directory: data + "/definitions")
    }

    /// Brings the files of a company up to date.
    /// - Throws: `FileFailure`, or what the store says: the files may be older than the store then.
    func bring(_ company: Company, from store: Store) async throws {
        let texts = try await store.read(in: company.id) { try $0.storedTexts() }
        let files = CompanyFiles(root: root, slug: company.slug)
        let (noted, changes) = try await NIOThreadPool.singleton.runIfActive {
            let noted = notes.read(company.slug)
            return (noted, files.changes(Self.byPlace(texts, files), noted))
        }
        let wanted = changes.compactMap(\.revision)
        let sources = try await store.read(in: company.id) { session in
            try wanted.reduce(into: [RevisionID: String]()) { $0[$1] = try session.source(of: $1) }
        }
        try await NIOThreadPool.singleton.runIfActive {
            var known = noted
            for change in changes where try files.make(change, sources) { known[change.place] = change.note }
            if known != noted { try notes.write(known, company.slug) }
        }
    }

    /// Notes that the store has now what stands in these files.
    func note(_ publications: [Publication], of company: Company) async throws {
        let files = CompanyFiles(root: root, slug: company.slug)
        try await NIOThreadPool.singleton.runIfActive {
            let noted = notes.read(company.slug)
            var known = noted
            for publication in publications {
                if let place = files.place(of: publication.file) { known[place] = .text(publication.sha256) }
            }
            if known != noted { try notes.write(known, company.slug) }
        }
    }

    private static func byPlace(_ texts: [StoredText], _ files: CompanyFiles) -> [String: StoredFile] {
        texts.reduce(into: [:]) { places, text in
            guard let place = files.place(of: text.file) else { return }
            places[place, default: StoredFile()].add(text)
        }
    }
}

/// A file as it is in the store.
struct StoredFile {
    /// nil: nothing that it defined is in force.
    private(set) var current: StoredText?
    /// The texts that it ever had.
    private(set) var texts: Set<String> = []

    mutating func add(_ text: StoredText) {
        texts.insert(text.sha256)
        // A page's new version is in force beside the one before, until a daemon has read the file.
        if text.isCurrent, current.map({ $0.updatedAtMs < text.updatedAtMs }) ?? true { current = text }
    }
}

/// A company's directory in the tree of definitions of this host.
private struct CompanyFiles: Sendable {
    let root: String
    let slug: String

    struct Change: Sendable {
        enum Kind: Sendable {
            case write(RevisionID)
            case remove
            /// The file is as it is in the store.
            case nothing
        }

        let place: String
        let kind: Kind
        /// What is noted of the file afterwards.
        let note: DefinitionNotes.Known

        /// The text to write.
        var revision: RevisionID? {
            if case .write(let revision) = kind { return revision }
            return nil
        }
    }

    /// The path of a file in the company's directory: the trees of other hosts may be in other places.
    /// - Returns: nil: it is in no company's directory.
    func place(of file: String) -> String? {
        let own = "\(root)/\(slug)/"
        let place =
            file.hasPrefix(own)
            ? String(file.dropFirst(own.count))
            : ("/" + file).range(of: "/\(slug)/", options: .backwards).map { String(("/" + file)[$0.upperBound...]) }
        let parts = place?.split(separator: "/", omittingEmptySubsequences: false) ?? []
        return parts.contains { ["", ".", ".."].contains($0) } ? nil : place
    }

    /// What is to be done so that no file is older than the store.
    func changes(_ stored: [String: StoredFile], _ noted: [String: DefinitionNotes.Known]) -> [Change] {
        Set(stored.keys).union(noted.keys).sorted().compactMap { place in
            change(place, stored[place] ?? StoredFile(), noted[place])
        }
    }

    /// - Returns: nil: the file has a text of its own, or was removed here.
    private func change(_ place: String, _ stored: StoredFile, _ noted: DefinitionNotes.Known?) -> Change? {
        let file = revision(of: place)
        guard let current = stored.current else {
            guard let file else { return Change(place: place, kind: .nothing, note: .gone) }
            let isOld = noted == .text(file) || noted == nil && stored.texts.contains(file)
            return isOld ? Change(place: place, kind: .remove, note: .gone) : nil
        }
        let note = DefinitionNotes.Known.text(current.sha256)
        if file == current.sha256 { return Change(place: place, kind: .nothing, note: note) }
        // The store is as it was when it was last the same as the file: so it is the file that was changed.
        guard noted != note else { return nil }
        let isOld = file.map { noted == .text($0) || stored.texts.contains($0) } ?? true
        return isOld ? Change(place: place, kind: .write(current.revision), note: note) : nil
    }

    /// The revision that a file's text would be; nil: there is no file, or none to read.
    private func revision(of place: String) -> String? {
        let path = "\(root)/\(slug)/\(place)"
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return FileManager.default.contents(atPath: path).map { Definition.revision(of: Array($0)) }
    }

    /// Writes and removes through no link: what one leads to is not ours.
    /// - Returns: whether it was done; not if the store has lost the text meanwhile.
    func make(_ change: Change, _ sources: [RevisionID: String]) throws -> Bool {
        let parts = [slug] + change.place.split(separator: "/").map(String.init)
        guard let name = parts.last else { return false }
        switch change.kind {
        case .nothing: return true
        case .write(let revision):
            guard let text = sources[revision] else { return false }
            try write(Array(text.utf8), as: name, in: parts.dropLast())
        case .remove:
            var directory = try OpenDirectory(root)
            for part in parts.dropLast() { directory = try directory?.directory(part) }
            try directory?.remove(name)
        }
        return true
    }

    private func write(_ bytes: [UInt8], as name: String, in directories: ArraySlice<String>) throws {
        var directory = try OpenDirectory(root)
        for part in directories {
            try directory?.makeDirectory(part)
            directory = try directory?.directory(part)
        }
        guard let directory else { throw FileFailure.refused(step: "open", path: root, errno: ENOENT) }
        if let status = try directory.status(name), status.st_mode & S_IFMT != S_IFREG {
            throw FileFailure.refused(step: "write", path: directory.path + "/" + name, errno: EINVAL)
        }
        try directory.write(bytes, as: name, mode: 0o644)
    }
}
