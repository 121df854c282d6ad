import Logging
import NIOPosix
import TFEngine
import TFStore

/// Does to files what a page began and did not end, since its program ended in between. A page changes the definition in
/// the store first: without this, the text that its file still has would come into force again.
struct UnfinishedFiles: Sendable {
    let root: String
    let logger: Logger

    /// Writes or removes the files, as long as each has the text that it had when its definition was changed: whoever
    /// edited it since has another one. Those in a directory that is lost wait: nothing is known of them.
    /// - Parameters:
    ///   - published: the company's definitions that are not retired.
    ///   - before: the company's directory at the last look.
    /// - Returns: the paths of files that are as they were, because they wait or cannot be changed.
    /// - Throws: `StoreError.notLeader`, or what the store says.
    func finish(
        _ pending: [PendingFile], among published: [PublishedFile], before: CompanyTree?, of company: Company,
        in store: Store, as leader: Leadership
    ) async throws -> Set<String> {
        guard !pending.isEmpty else { return [] }
        let files = CompanyFiles(root: root, slug: company.slug)
        let hadFiles = Self.hadFiles(pending, published)
        let (changes, waiting) = try await NIOThreadPool.singleton.runIfActive {
            let lost = lostDirectories(company.slug, before, hadFiles: hadFiles).map { $0 + "/" }
            let waits = Dictionary(grouping: pending) { file in
                files.place(of: file.file).map { place in lost.contains { files.path(of: place).hasPrefix($0) } }
                    ?? false
            }
            let waiting = (waits[true] ?? []).compactMap { files.place(of: $0.file).map(files.path(of:)) }
            return ((waits[false] ?? []).compactMap { files.change($0) }, Set(waiting))
        }
        let wanted = changes.compactMap(\.revision)
        let sources = try await store.read(in: company.id) { try $0.sources(of: wanted) }
        let (made, stale) = try await NIOThreadPool.singleton.runIfActive { files.make(changes, sources, logger) }
        let places = Set(made.map(\.place))
        let done = pending.filter { file in files.place(of: file.file).map(places.contains) ?? false }
        if !done.isEmpty {
            try await store.write(leading: leader, in: company.id) { session in
                let session = session.inside(company.id)
                for file in done { try session.fileIsChanged(file.file, since: file.updatedAtMs) }
            }
        }
        return stale.union(waiting)
    }

    /// The directories of a company that are missing, or empty as one is whose file system is not mounted.
    private func lostDirectories(_ slug: String, _ before: CompanyTree?, hadFiles: Bool) -> [String] {
        let tree = TreeWalk.over(root, company: slug, .init(before: before)).tree
        // A company whose first files these are has had no directory yet.
        return tree.unread.filter { [.missing, .emptied].contains($0.obstacle) && (hadFiles || $0.path != tree.path) }
            .map(\.path)
    }

    /// Whether the company has had files besides the new ones that a page was about to write.
    private static func hadFiles(_ pending: [PendingFile], _ published: [PublishedFile]) -> Bool {
        let own = Set(pending.map(\.file))
        return pending.contains { $0.before != nil } || published.contains { !own.contains($0.file) }
    }
}
