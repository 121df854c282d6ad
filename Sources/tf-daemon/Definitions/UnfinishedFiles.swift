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
    /// edited it since has another one. As long as the company's directory is lost, all of them wait.
    /// - Parameters:
    ///   - published: the company's definitions that are not retired.
    ///   - isFirst: whether nothing was seen of the company's directory before.
    /// - Returns: the paths of files that are as they were, because they cannot be changed.
    /// - Throws: `StoreError.notLeader`, or what the store says.
    func finish(
        _ pending: [PendingFile], among published: [PublishedFile], isFirst: Bool, of company: Company,
        in store: Store, as leader: Leadership
    ) async throws -> Set<String> {
        guard !pending.isEmpty else { return [] }
        let files = CompanyFiles(root: root, slug: company.slug)
        // A company whose first files these are has had no directory yet.
        if Self.hadFiles(pending, published),
            try await NIOThreadPool.singleton.runIfActive({ files.areLost(isFirst) })
        {
            return []
        }
        let changes = try await NIOThreadPool.singleton.runIfActive { pending.compactMap { files.change($0) } }
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
        return stale
    }

    /// Whether the company has had files besides the new ones that a page was about to write.
    private static func hadFiles(_ pending: [PendingFile], _ published: [PublishedFile]) -> Bool {
        let own = Set(pending.map(\.file))
        return pending.contains { $0.before != nil } || published.contains { !own.contains($0.file) }
    }
}
