import Foundation
import Logging
import NIOPosix
import TFConfiguration
import TFDefinition
import TFStore
import TFSystem
import TFWatch

/// Watches the tree of definitions and publishes what changes, company by company.
///
/// inotify says when to scan; a scan goes over the company's whole directory (unchanged files are neither read nor
/// parsed again), so a missed event costs time, never correctness. A rescan every 30 s heals what inotify lost. The
/// store's wake tells of new companies and new roles. A tree or directory that cannot be listed retires nothing.
struct DefinitionPublisher {
    /// The events of one save come close together; this long is waited for all of them.
    private static let settling = Duration.milliseconds(50)
    /// The store is asked for its companies at most this often, however much is committed.
    private static let companyInterval = Duration.milliseconds(200)
    /// After this many scans in a row that the program's end cut off without a culprit found, texts are set aside
    /// anyway.
    private static let limitCutOffs = 3

    let root: String
    let store: Store
    /// The data directory, for marks that outlive the program.
    let data: String
    /// Rung when anything is committed.
    let storeWake: Wake
    let logger: Logger
    /// Whether each host has a tree of its own, which the store's definitions are brought into.
    var isMirroring = false
    /// How often everything is scanned, whatever inotify says.
    var rescan = Duration.seconds(30)

    /// What the last scans saw.
    private struct Memory {
        /// The contents of each company's directory.
        var trees: [String: CompanyTree] = [:]
        var problems: [String: [Diagnostic]] = [:]
        var strangers: Set<String> = []
        var isTreeMissing = false
        /// For each company, how many scans in a row were cut off without a culprit found; reset when one finishes.
        var cutOff: [String: Int] = [:]
        /// For each company, what was in the store when the files were last brought up to date, and which could not be.
        var brought: [String: (standing: DefinitionsMark, stale: Set<String>)] = [:]
    }

    func run(_ term: LeaderTerm) async throws {
        // Made at the start only: a tree that is missing later is being replaced by somebody.
        try PrivateFile.makeDirectory(root, mode: PrivateFile.sharedDirectoryMode)
        let root = root.plainPath
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
            group.addTask { try await ringForCompanies(watch, term) }
            group.addTask { try await publishOnRings(watch, term, aside, unexplained) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Asks for a scan of companies that are new here, whose roles have changed, or whose definitions somebody else may have
    /// changed in the store alone.
    private func ringForCompanies(_ watch: DefinitionWatch, _ term: LeaderTerm) async throws {
        struct Standing: Sendable, Hashable {
            let roles: Set<String>
            let publications: Int64?
        }
        var known: [String: Standing]?
        for await _ in storeWake.rings {
            let current = try await store.read { session in
                let own = Set(try session.companies().filter { term.leads($0.id) }.map(\.slug))
                let publications = isMirroring ? try session.publicationsByCompany() : [:]
                return try session.rolesByCompany().filter { own.contains($0.key) }.reduce(into: [String: Standing]()) {
                    $0[$1.key] = Standing(roles: $1.value, publications: publications[$1.key])
                }
            }
            if let known {
                let changed = Set(current.keys.filter { current[$0] != known[$0] })
                if !changed.isEmpty { watch.ring(changed) }
            }
            known = current
            try await Task.sleep(for: Self.companyInterval)
        }
    }

    private func publishOnRings(
        _ watch: DefinitionWatch, _ term: LeaderTerm, _ aside: FilesSetAside, _ unexplained: LookMark.CutOff?
    ) async throws {
        var memory = Memory()
        if let unexplained { memory.cutOff[unexplained.company] = unexplained.times }
        for await _ in watch.wake.rings {
            try await Task.sleep(for: max(Self.settling, watch.settling()))
            let changes = watch.takeChanges()
            // Watched first, scanned then: what changes in between asks for another scan.
            watch.watch(watch.root.parentPath, followingLinks: true)
            watch.watch(watch.root, followingLinks: true)
            guard let names = companyDirectories(watch.root, &memory) else { continue }
            let companies = try await store.read { try $0.companies() }
            warn(names, companies, watch.root, &memory)
            for company in companies where term.leads(company.id) {
                if case .some(let slugs) = changes, !slugs.contains(company.slug) { continue }
                try await publish(company, as: term.leadership, watch, aside, &memory)
            }
        }
    }

    /// - Returns: nil if the tree cannot be listed; then everything stays in force.
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
        // A tree that cannot be listed has been told of.
        for stray in (try? DefinitionTree.strays(root)) ?? [] where memory.strangers.insert(stray.file).inserted {
            logger.warning("\(stray)")
        }
    }

    private func publish(
        _ company: Company, as leader: Leadership, _ watch: DefinitionWatch, _ aside: FilesSetAside,
        _ memory: inout Memory
    ) async throws {
        // Read before the first file: what the pages publish during this scan is newer than what the scan reads.
        let (published, standing, pending) = try await store.read(in: company.id) {
            (try $0.publishedFiles(), try $0.definitionsMark(), try $0.pendingFiles())
        }
        let stale =
            isMirroring
            ? try await bring(company, standing, watch.root, &memory)
            : try await UnfinishedFiles(root: watch.root, logger: logger).finish(
                pending, among: published, before: memory.trees[company.slug], of: company, in: store, as: leader)
        let (roles, retired, versions) = try await store.read(in: company.id) {
            (try $0.companyRoles(), try $0.retiredNames(), try $0.versionTexts())
        }
        let (writing, appeared) = watch.inFlight()
        let look = DefinitionTree.Look(
            before: memory.trees[company.slug], inFlight: writing, appeared: appeared, aside: aside,
            entering: { watch.watch($0) }, meeting: { watch.watchFile($0) })
        let mark = LookMark(directory: data)
        mark.set(company.slug, before: memory.cutOff[company.slug] ?? 0)
        // A thrown error does not end the program, so the mark goes.
        defer { mark.clear() }
        let tree = try await DefinitionTree.read(watch.root, company: company.slug, look)
        memory.trees[company.slug] = tree
        let current = tree.without(stale)
        let kept = Set(current.kept(published).map(\.file))
        let lastGood = kept.isEmpty ? [] : try await store.inside(company.id).catalogEntries(files: kept)
        let check = CompanyCheck(
            current, roles: roles, published: published, lastGood: lastGood, retired: retired, versions: versions)
        mark.clear()
        memory.cutOff[company.slug] = nil
        let changes = try await store.inside(company.id).publish(
            check.publications, keeping: kept, since: DefinitionsLook(leader: leader, mark: standing),
            problems: check.problems, now: WallClock.now())
        if !changes.overtaken.isEmpty { watch.ring([company.slug]) }
        report(changes, check, company, &memory)
        if isMirroring { try await note(changes, check, published, company, watch.root) }
    }

    /// Brings the files up to date with the store, if it has changed since.
    /// - Returns: the files that are older than the store all the same.
    private func bring(
        _ company: Company, _ standing: DefinitionsMark, _ root: String, _ memory: inout Memory
    ) async throws -> Set<String> {
        if let brought = memory.brought[company.slug], brought.standing == standing { return brought.stale }
        let stale = try await DefinitionMirror(root: root, data: data, logger: logger).bring(
            company, from: store, isFirst: memory.trees[company.slug] == nil)
        // What could not be changed is tried again at each look.
        memory.brought[company.slug] = stale.isEmpty ? (standing, stale) : nil
        return stale
    }

    /// Notes what the files and the store have in common after a publication.
    private func note(
        _ changes: PublishedChanges, _ check: CompanyCheck, _ before: [PublishedFile], _ company: Company,
        _ root: String
    ) async throws {
        guard !changes.published.isEmpty || !changes.retired.isEmpty else { return }
        let retired = before.filter { changes.retired.contains("\($0.kind.rawValue) \($0.name)") }.map(\.file)
        try await DefinitionMirror(root: root, data: data, logger: logger).note(
            check.publications.filter { !changes.overtaken.contains($0.name) }, retired: retired, of: company)
    }

    /// Finds and sets aside the texts that ended the program, if the last scan was cut off by its end.
    ///
    /// A single scan may have been cut off by an operator. After several in a row without a culprit, the texts that are
    /// not in force are set aside, or all if there are none: the program must not end again and again.
    /// - Returns: the texts set aside, and the scan that was cut off without a culprit found.
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
            found.isEmpty && cutOff.times >= Self.limitCutOffs ? try await suspects(among: texts, company) : found
        for text in culprits {
            logger.error("set aside: reading it ended the program", metadata: ["file": "\(text.file)"])
            aside.add(Definition.revision(of: text.bytes), file: text.file)
        }
        do { try aside.save(in: data) } catch {
            // The disk may be full: they stay set aside as long as this program runs.
            logger.error("what was set aside could not be written down", metadata: ["error": "\(error)"])
        }
        mark.clear()
        return (aside, found.isEmpty ? cutOff : nil)
    }

    /// The texts that are not in force; all texts if each of them is.
    private func suspects(
        among texts: [DefinitionTrial.Text], _ slug: String
    ) async throws -> [DefinitionTrial.Text] {
        guard let company = try await store.read({ try $0.companies() }).first(where: { $0.slug == slug }) else {
            return texts
        }
        let inForce = Set(try await store.read(in: company.id) { try $0.publishedFiles() }.map(\.sha256))
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
        let republished = changes.republished.map(\.knownVersionWarning)
        for warning in republished { logger.warning("\(warning)") }
        for name in changes.retired {
            logger.notice("definition retired", metadata: ["company": "\(company.slug)", "definition": "\(name)"])
        }
        let before = Set(memory.problems.updateValue(check.problems, forKey: company.slug) ?? [])
        for problem in check.problems where !before.contains(problem) && !republished.contains(problem) {
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
