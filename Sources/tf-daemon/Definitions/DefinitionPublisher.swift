import Foundation
import Logging
import TFConfiguration
import TFDefinition
import TFStore

/// Watches the tree and publishes what it says, company by company.
///
/// inotify tells when to look, the look itself goes over the company's whole directory (unchanged files are neither read
/// nor parsed again): so a missed event costs time, never correctness. A rescan every 30 s heals what inotify lost, and
/// finds new companies. A tree or directory that cannot be listed takes nothing away.
struct DefinitionPublisher {
    private static let rescan = Duration.seconds(30)
    /// Events of one save come together; one look serves them all.
    private static let settling = Duration.milliseconds(50)

    let root: String
    let store: Store
    let logger: Logger

    /// What was seen at the last look.
    private struct Memory {
        /// By company, by path.
        var files: [String: [String: DefinitionFile]] = [:]
        var problems: [String: [Diagnostic]] = [:]
        var strangers: Set<String> = []
        var isTreeMissing = false
    }

    func run(_ leader: Leadership) async throws {
        // Only at the start: later a missing tree is one that somebody is about to replace.
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let root = root.hasSuffix("/") ? String(root.dropLast()) : root
        let watch = DefinitionWatch(root: root, inotify: try Inotify(), wake: Wake(), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watch.inotify.deliver { watch.note($0) } }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.rescan)
                    watch.ringAll()
                }
            }
            group.addTask { try await publishOnRings(watch) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func publishOnRings(_ watch: DefinitionWatch) async throws {
        var memory = Memory()
        for await _ in watch.wake.rings {
            try await Task.sleep(for: Self.settling)
            let changes = watch.takeChanges()
            // Watches first, then the look: what changes in between rings again.
            watch.watch((watch.root as NSString).deletingLastPathComponent)
            watch.watch(watch.root)
            guard let names = companyDirectories(watch.root, &memory) else { continue }
            let companies = try await store.companies()
            warn(names, companies, watch.root, &memory)
            for company in companies {
                if case .some(let slugs) = changes, !slugs.contains(company.slug) { continue }
                let tree = try await DefinitionTree.read(
                    watch.root, company: company.slug, known: memory.files[company.slug] ?? [:],
                    inFlight: watch.inFlight(), entering: watch.watch)
                memory.files[company.slug] = Dictionary(
                    tree.files.map { ($0.path, $0) }, uniquingKeysWith: { _, last in last })
                try await publish(tree, company, &memory)
            }
        }
    }

    /// - Returns: nil where the tree cannot be listed: then everything stays as it is.
    private func companyDirectories(_ root: String, _ memory: inout Memory) -> [String]? {
        do {
            let names = try DefinitionTree.companies(root)
            memory.isTreeMissing = false
            return names
        } catch {
            if !memory.isTreeMissing {
                logger.error(
                    "the tree of definitions cannot be read; what it published stays in force",
                    metadata: ["directory": "\(root)", "error": "\(error)"])
            }
            memory.isTreeMissing = true
            return nil
        }
    }

    private func warn(_ names: [String], _ companies: [Company], _ root: String, _ memory: inout Memory) {
        for name in names where !companies.contains(where: { $0.slug == name }) {
            guard memory.strangers.insert(name).inserted else { continue }
            logger.error("\(CompanyCheck.stranger(root, name, known: companies.map(\.slug)))")
        }
    }

    private func publish(_ tree: CompanyTree, _ company: Company, _ memory: inout Memory) async throws {
        let published = try await store.publishedFiles(company.id)
        let broken = Set(tree.files.filter { $0.parsed.definition == nil }.map(\.path))
        let kept = published.filter { row in
            broken.contains(row.file) || tree.unread.contains { row.file == $0 || row.file.hasPrefix($0 + "/") }
        }
        let lastGood = kept.isEmpty ? [] : try await store.catalogEntries(company, files: Set(kept.map(\.file)))
        let check = CompanyCheck(
            tree, roles: try await store.companyRoles(company.id),
            owners: published.reduce(into: [:]) { $0[$1.identity] = $1.file }, lastGood: lastGood)
        let changes = try await store.publish(
            check.publications, keeping: Set(kept.map(\.file)), problems: check.problems, company: company.id,
            now: WallClock.now())
        report(changes, check, company, &memory)
    }

    private func report(
        _ changes: PublishedChanges, _ check: CompanyCheck, _ company: Company, _ memory: inout Memory
    ) {
        if changes.published.count > 20 {
            logger.notice(
                "definitions published",
                metadata: ["company": "\(company.slug)", "count": "\(changes.published.count)"])
        } else {
            for name in changes.published {
                logger.notice(
                    "definition published", metadata: ["company": "\(company.slug)", "definition": "\(name)"])
            }
        }
        for publication in changes.republished { logger.warning("\(publication.knownVersionWarning)") }
        for name in changes.retired {
            logger.notice("definition retired", metadata: ["company": "\(company.slug)", "definition": "\(name)"])
        }
        let before = Set(memory.problems.updateValue(check.problems, forKey: company.slug) ?? [])
        for problem in check.problems where !before.contains(problem) {
            logger.log(level: problem.logLevel, "\(problem)")
        }
    }
}

extension Diagnostic {
    fileprivate var logLevel: Logger.Level {
        switch severity {
        case .error: .error
        case .warning: .warning
        case .notice: .notice
        }
    }
}
