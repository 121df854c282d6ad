import Foundation
import Logging
import TFConfiguration
import TFDefinition
import TFStore

/// Watches the tree and publishes what it says, company by company.
///
/// inotify tells when to look, the look itself reads the company's whole directory (unchanged files are not parsed
/// again): so a missed event costs time, never correctness. A rescan every 30 s heals what inotify lost, and finds new
/// companies.
struct DefinitionPublisher {
    private static let rescan = Duration.seconds(30)
    /// Events of one save come together; one look serves them all.
    private static let settling = Duration.milliseconds(50)
    private static let mask =
        Int32(IN_CLOSE_WRITE) | Int32(IN_MOVED_TO) | Int32(IN_MOVED_FROM) | Int32(IN_CREATE) | Int32(IN_DELETE)
        | Int32(IN_DELETE_SELF) | Int32(IN_MOVE_SELF) | Int32(IN_ATTRIB)

    let root: String
    let store: Store
    let logger: Logger

    func run(_ leader: Leadership) async throws {
        let inotify = try Inotify()
        let wake = Wake()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await inotify.deliver { _ in wake.ring() } }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.rescan)
                    wake.ring()
                }
            }
            group.addTask { try await publishOnRings(wake, inotify) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func publishOnRings(_ wake: Wake, _ inotify: Inotify) async throws {
        var known: [String: [String: DefinitionFile]] = [:]
        var published: [String: [Diagnostic]] = [:]
        var unknown: Set<String> = []
        for await _ in wake.rings {
            try await Task.sleep(for: Self.settling)
            // Watches first, then the look: what changes in between rings again.
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            watch(root, inotify)
            let names = DefinitionTree.companies(root)
            let companies = try await store.companies()
            for name in names where !companies.contains(where: { $0.slug == name }) {
                if unknown.insert(name).inserted {
                    logger.warning(
                        "a directory of definitions has no company; make it with tf-web company add",
                        metadata: ["directory": "\(root)/\(name)"])
                }
            }
            for company in companies {
                let tree = look(company.slug, inotify, known: known[company.slug] ?? [:])
                known[company.slug] = Dictionary(uniqueKeysWithValues: tree.files.map { ($0.path, $0) })
                try await publish(tree, company, &published)
            }
        }
    }

    /// Reads a company's directory, with every directory in it watched before it is read.
    private func look(_ company: String, _ inotify: Inotify, known: [String: DefinitionFile]) -> CompanyTree {
        var watched: Set<String> = []
        while true {
            let tree = DefinitionTree.read(root, company: company, known: known)
            let new = Set(tree.directories).subtracting(watched)
            if new.isEmpty { return tree }
            for directory in new { watch(directory, inotify) }
            watched.formUnion(new)
        }
    }

    private func watch(_ directory: String, _ inotify: Inotify) {
        do { _ = try inotify.watch(directory, mask: Self.mask) } catch {
            logger.debug("not watched; the rescan will find it", metadata: ["error": "\(error)"])
        }
    }

    private func publish(
        _ tree: CompanyTree, _ company: Company, _ published: inout [String: [Diagnostic]]
    ) async throws {
        let rows = try await store.definitions(company.id)
        let check = CompanyCheck(
            tree, roles: try await store.companyRoles(company.id), owners: Self.owners(rows),
            lastGood: { path in Self.lastGood(path, rows, company.slug) })
        let changes = try await store.publish(
            check.publications, keeping: check.kept, problems: check.problems, company: company.id, now: WallClock.now()
        )
        for name in changes.published {
            logger.notice("definition published", metadata: ["company": "\(company.slug)", "definition": "\(name)"])
        }
        for name in changes.retired {
            logger.notice("definition retired", metadata: ["company": "\(company.slug)", "definition": "\(name)"])
        }
        let before = published.updateValue(check.problems, forKey: company.slug) ?? []
        for problem in check.problems where !before.contains(problem) {
            logger.log(level: problem.severity == .error ? .error : .warning, "\(problem)")
        }
    }

    private static func owners(_ rows: [DefinitionRow]) -> [String: String] {
        rows.filter { $0.state != .retired }.reduce(into: [:]) { owners, row in
            owners["\(row.kind.rawValue) \(row.name) \(row.version)"] = row.file
        }
    }

    private static func lastGood(_ path: String, _ rows: [DefinitionRow], _ company: String) -> [Catalog.Entry] {
        rows.filter { $0.file == path && $0.state != .retired }.compactMap { row in
            let parsed = Definition.parse(Array(row.source.utf8), file: path, company: company)
            return parsed.definition.map {
                Catalog.Entry(file: path, definition: $0, references: parsed.references)
            }
        }
    }
}
