import Foundation
import Logging
import NIOPosix
import TFConfiguration
import TFDefinition
import TFStore

/// Watches the tree and publishes what it says, company by company.
///
/// inotify tells when to look, the look itself goes over the company's whole directory (unchanged files are neither read
/// nor parsed again): so a missed event costs time, never correctness. A rescan every 30 s heals what inotify lost. A new
/// company, or a new role of one, rings by the store's own wake. A tree or directory that cannot be listed takes nothing
/// away.
struct DefinitionPublisher {
    /// Events of one save come together; one look serves them all.
    private static let settling = Duration.milliseconds(50)
    /// Companies are asked for at most this often, however much is committed.
    private static let companyInterval = Duration.milliseconds(200)
    /// Looks cut off in a row, for no reason that is found, after which texts are set aside without one.
    private static let mostCutOffs = 3

    let root: String
    let store: Store
    /// The data directory, for what has to outlive the program's end.
    let data: String
    /// Rung when anything is committed.
    let storeWake: Wake
    let logger: Logger
    /// How often everything is looked at, whatever inotify says.
    var rescan = Duration.seconds(30)

    /// What was seen at the last look.
    private struct Memory {
        /// By company.
        var trees: [String: CompanyTree] = [:]
        var problems: [String: [Diagnostic]] = [:]
        var strangers: Set<String> = []
        var isTreeMissing = false
        /// How often in a row looks at a company were cut off for no reason that was found, until one is finished.
        var cutOff: [String: Int] = [:]
    }

    func run(_ leader: Leadership) async throws {
        // Only at the start: later a missing tree is one that somebody is about to replace.
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
        let (aside, unexplained) = try await setAsideWhatEndedTheLast(root)
        let watch = DefinitionWatch(root: root, inotify: try Inotify(), wake: Wake(), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watch.inotify.deliver { watch.note($0) } }
            group.addTask {
                while true {
                    try await Task.sleep(for: rescan)
                    watch.ringAll()
                }
            }
            group.addTask { try await ringForCompanies(watch) }
            group.addTask { try await publishOnRings(watch, aside, unexplained) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Rings for companies that are new, and for those whose roles have changed.
    private func ringForCompanies(_ watch: DefinitionWatch) async throws {
        var known: [String: Set<String>]?
        for await _ in storeWake.rings {
            let current = try await store.read { try $0.rolesByCompany() }
            if let known {
                let changed = Set(current.keys.filter { current[$0] != known[$0] })
                if !changed.isEmpty { watch.ring(changed) }
            }
            known = current
            try await Task.sleep(for: Self.companyInterval)
        }
    }

    private func publishOnRings(
        _ watch: DefinitionWatch, _ aside: FilesSetAside, _ unexplained: LookMark.CutOff?
    ) async throws {
        var memory = Memory()
        if let unexplained { memory.cutOff[unexplained.company] = unexplained.times }
        for await _ in watch.wake.rings {
            try await Task.sleep(for: max(Self.settling, watch.settling()))
            let changes = watch.takeChanges()
            // Watches first, then the look: what changes in between rings again.
            watch.watch((watch.root as NSString).deletingLastPathComponent, followingLinks: true)
            watch.watch(watch.root, followingLinks: true)
            guard let names = companyDirectories(watch.root, &memory) else { continue }
            let companies = try await store.read { try $0.companies() }
            warn(names, companies, watch.root, &memory)
            for company in companies {
                if case .some(let slugs) = changes, !slugs.contains(company.slug) { continue }
                try await publish(company, watch, aside, &memory)
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
        memory.strangers.subtract(companies.map(\.slug))
        for name in names where !companies.contains(where: { $0.slug == name }) {
            guard memory.strangers.insert(name).inserted else { continue }
            logger.error("\(CompanyCheck.stranger(root, name, known: companies.map(\.slug)))")
        }
    }

    private func publish(
        _ company: Company, _ watch: DefinitionWatch, _ aside: FilesSetAside, _ memory: inout Memory
    ) async throws {
        // Before the first file is read: what is published on the web while this look lasts is newer than what it reads.
        let (published, standing) = try await store.read {
            (try $0.publishedFiles(company.id), try $0.definitionsMark(company.id))
        }
        let roles = try await store.read { try $0.companyRoles(company.id) }
        let (writing, appeared) = watch.inFlight()
        let look = DefinitionTree.Look(
            before: memory.trees[company.slug], inFlight: writing, appeared: appeared, aside: aside,
            entering: { watch.watch($0) }, meeting: { watch.watchFile($0) })
        let mark = LookMark(directory: data)
        mark.set(company.slug, before: memory.cutOff[company.slug] ?? 0)
        // An error that is thrown is no end of the program.
        defer { mark.clear() }
        let tree = try await DefinitionTree.read(watch.root, company: company.slug, look)
        watch.follow(tree.links, of: company.slug)
        memory.trees[company.slug] = tree
        let kept = Set(tree.kept(published).map(\.file))
        let lastGood = kept.isEmpty ? [] : try await store.catalogEntries(company, files: kept)
        let check = CompanyCheck(tree, roles: roles, published: published, lastGood: lastGood)
        mark.clear()
        memory.cutOff[company.slug] = nil
        let changes = try await store.publish(
            check.publications, keeping: kept, since: standing, problems: check.problems, company: company.id,
            now: WallClock.now())
        if !changes.overtaken.isEmpty { watch.ring([company.slug]) }
        report(changes, check, company, &memory)
    }

    /// Where reading definitions has ended the program last time, the texts that do so are found and set aside.
    ///
    /// One look may have been cut off by somebody. After several in a row for which no text is found, those that are not
    /// in force are set aside, and all when none is left: the program must not end for ever.
    /// - Returns: also the look that was cut off for no reason that was found.
    private func setAsideWhatEndedTheLast(_ root: String) async throws -> (FilesSetAside, LookMark.CutOff?) {
        var aside = FilesSetAside(directory: data)
        let mark = LookMark(directory: data)
        guard let cutOff = mark.cutOff() else { return (aside, nil) }
        let company = cutOff.company
        let known = aside
        let texts = try await NIOThreadPool.singleton.runIfActive {
            DefinitionTree.texts(root, company: company).filter { !known.contains(Definition.revision(of: $0.bytes)) }
        }
        logger.warning(
            "the last look at definitions was cut off; they are read in a process of its own",
            metadata: ["company": "\(company)", "count": "\(texts.count)"])
        let found = try await DefinitionTrial(company: company).culprits(among: texts)
        let culprits =
            found.isEmpty && cutOff.times >= Self.mostCutOffs ? try await suspects(among: texts, company) : found
        for text in culprits {
            logger.error("set aside: reading it ended the program", metadata: ["file": "\(text.file)"])
            aside.add(Definition.revision(of: text.bytes), file: text.file)
        }
        do { try aside.save(in: data) } catch {
            // As on a full disk: they are aside as long as this program runs.
            logger.error("what was set aside could not be written down", metadata: ["error": "\(error)"])
        }
        mark.clear()
        return (aside, found.isEmpty ? cutOff : nil)
    }

    /// The texts that are not in force; all where each of them is.
    private func suspects(
        among texts: [DefinitionTrial.Text], _ slug: String
    ) async throws -> [DefinitionTrial.Text] {
        guard let company = try await store.read({ try $0.companies() }).first(where: { $0.slug == slug }) else {
            return texts
        }
        let inForce = Set(try await store.read { try $0.publishedFiles(company.id) }.map(\.sha256))
        let fresh = texts.filter { !inForce.contains(Definition.revision(of: $0.bytes)) }
        return fresh.isEmpty ? texts : fresh
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
