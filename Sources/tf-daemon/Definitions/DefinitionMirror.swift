import Logging
import NIOPosix
import TFEngine
import TFStore

/// Keeps the definitions' files of this host as new as the store, where each host has its own: what a page has saved, or
/// the daemon of another host has published, is written into them before they are read.
///
/// It is a merge of three: the file, the store, and a note of the text that both had when they were last the same. A file
/// is old if the note or the store's history says so, and only if the store has its text: nothing is overwritten or removed
/// that exists nowhere else. A file with a text of its own was edited here, and is published.
struct DefinitionMirror: Sendable {
    let root: String
    let notes: DefinitionNotes
    let logger: Logger

    /// - Parameter data: the data directory.
    init(root: String, data: String, logger: Logger) {
        self.root = root
        notes = DefinitionNotes(directory: data + "/definitions")
        self.logger = logger
    }

    /// Brings the files of a company up to date.
    /// - Parameter isFirst: whether nothing was seen of the company's directory before: if it is empty then, it was not
    ///   emptied by hand. One that is missing never was.
    /// - Returns: the paths of files that are older than the store all the same, because they cannot be changed.
    /// - Throws: what the store says.
    @discardableResult
    func bring(_ company: Company, from store: Store, isFirst: Bool = false) async throws -> Set<String> {
        let texts = try await store.read(in: company.id) { try $0.storedTexts() }
        let files = CompanyFiles(root: root, slug: company.slug)
        let (noted, changes) = try await NIOThreadPool.singleton.runIfActive {
            let noted = files.areLost(isFirst) ? [:] : notes.read(company.slug)
            return (noted, files.changes(Self.byPlace(texts, files), noted, known: Set(texts.map(\.sha256))))
        }
        let wanted = changes.compactMap(\.revision)
        let sources = try await store.read(in: company.id) { try $0.sources(of: wanted) }
        return try await NIOThreadPool.singleton.runIfActive {
            let (made, stale) = files.make(changes, sources, logger)
            let known = made.reduce(into: noted) { $0[$1.place] = $1.note }
            write(known, company.slug, insteadOf: noted)
            return stale
        }
    }

    /// Notes what the files and the store have in common now.
    /// - Parameters:
    ///   - published: what the store has as these files have it.
    ///   - retired: files that are no more, and whose definitions are retired.
    func note(_ published: [Publication], retired: [String], of company: Company) async throws {
        let files = CompanyFiles(root: root, slug: company.slug)
        try await NIOThreadPool.singleton.runIfActive {
            let noted = notes.read(company.slug)
            var known = noted
            for file in retired { if let place = files.place(of: file) { known[place] = .gone } }
            for publication in published {
                if let place = files.place(of: publication.file) { known[place] = .text(publication.sha256) }
            }
            write(known, company.slug, insteadOf: noted)
        }
    }

    /// Without a new note, the old one and the store's history tell what is old.
    private func write(
        _ known: [String: DefinitionNotes.Known], _ slug: String, insteadOf noted: [String: DefinitionNotes.Known]
    ) {
        guard known != noted else { return }
        do { try notes.write(known, slug) } catch {
            logger.warning(
                "it could not be noted what the definitions' files have in common with the store",
                metadata: ["company": "\(slug)", "error": "\(error)"])
        }
    }

    private static func byPlace(_ texts: [StoredText], _ files: CompanyFiles) -> [String: StoredText] {
        texts.reduce(into: [:]) { places, text in
            guard text.isCurrent, let place = files.place(of: text.file) else { return }
            // A file defines one thing; of several, such as from before it was renamed, the last one counts.
            if let other = places[place], other.updatedAtMs >= text.updatedAtMs { return }
            places[place] = text
        }
    }
}
