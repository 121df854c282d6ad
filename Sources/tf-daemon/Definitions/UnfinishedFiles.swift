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
        let wanted = pending.compactMap(\.revision)
        let sources = try await store.read(in: company.id) { session in
            try wanted.reduce(into: [RevisionID: String]()) { $0[$1] = try session.source(of: $1) }
        }
        let (done, stale) = try await NIOThreadPool.singleton.runIfActive { change(pending, files, sources) }
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

    /// - Returns: those about which nothing is left to be done, and the paths of those that cannot be changed.
    private func change(
        _ pending: [PendingFile], _ files: CompanyFiles, _ sources: [RevisionID: String]
    ) -> (done: [PendingFile], stale: Set<String>) {
        var (done, stale): ([PendingFile], Set<String>) = ([], [])
        for file in pending {
            guard let change = files.change(file) else { continue }
            let path = files.path(of: change.place)
            do {
                guard try files.make(change, sources) else { continue }
                done.append(file)
                if let deed = change.deed { logger.notice("\(deed)", metadata: ["file": "\(path)"]) }
            } catch {
                stale.insert(path)
                logger.error(
                    "a page has changed this file's definition, and the file cannot be changed",
                    metadata: ["file": "\(path)", "error": "\(error)"])
            }
        }
        return (done, stale)
    }
}
