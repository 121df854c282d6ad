import Foundation
import NIOPosix
import TFDefinition
import TFStore

/// Checks, publishes and retires definitions for the pages and the API alike, by the daemon's own rules.
struct DefinitionDesk: Sendable {
    let site: Site

    /// A text with all that was found wrong with it among the company's other definitions.
    struct Checked: Sendable {
        let source: [UInt8]
        /// Where it stands, or would.
        let path: String
        let parsed: ParsedDefinition
        let problems: [Diagnostic]

        /// nil where the text has errors of its own: only then can it not be published.
        var definition: Definition? { parsed.definition }
    }

    private var store: Store { site.store }

    func directory(_ company: Company) -> String { "\(site.settings.definitions)/\(company.slug)" }

    /// Where a new definition's file goes.
    func newPath(_ kind: DefinitionKind, _ name: String, _ company: Company) -> String {
        "\(directory(company))/\(name).\(kind.rawValue).yaml"
    }

    /// Where a definition's text is written: its own file, but for one that another definition has taken since.
    func path(_ row: DefinitionRow, _ company: Company) async throws -> String {
        let isTaken = try await store.publishedFiles(company.id).contains { file in
            file.file == row.file && file.id != row.id
        }
        return isTaken ? newPath(row.kind, row.name, company) : row.file
    }

    func check(_ source: [UInt8], path: String, _ company: Company) async throws -> Checked {
        let parsed = Definition.parse(source, file: path, company: company.slug)
        guard let definition = parsed.definition else {
            return Checked(source: source, path: path, parsed: parsed, problems: parsed.diagnostics)
        }
        var entries = try await store.catalogEntries(company).filter { entry in
            entry.file != path && entry.definition.identity != definition.identity
        }
        entries.append(Catalog.Entry(file: path, definition: definition, references: parsed.references))
        // A file with errors of which nothing was ever published is known by its problems alone.
        let known = Set(entries.map(\.file))
        let others = try await store.problems(company.id).filter { !known.contains($0.file) }
        let catalog = Catalog(
            entries, broken: Catalog.Broken.files(of: others), roles: try await store.companyRoles(company.id))
        let crossing = catalog.findings()
        // The causes that lie in such files are told before what follows from them here.
        let causes = others.filter { other in crossing.causes[path]?.contains(other.file) == true }
        return Checked(
            source: source, path: path, parsed: parsed,
            problems: crossing.ordered(of: [path], with: parsed.diagnostics + causes))
    }

    /// Publishes what was checked, then writes its file: the daemon finds the revision known when it sees the file.
    /// - Returns: the problems, with a warning where the version had other text before.
    /// - Parameter store: the store, working for who publishes. Publishing is idempotent by itself.
    func publish(_ checked: Checked, _ company: Company, _ store: Store) async throws -> [Diagnostic] {
        guard let definition = checked.definition else { throw Failure.diagnostics(checked.problems) }
        let changes = try await store.under(nil).publish(
            Publication(
                definition: definition, source: String(decoding: checked.source, as: UTF8.self),
                sha256: checked.parsed.revision, file: checked.path,
                isComplete: !checked.problems.contains { $0.severity == .error && $0.file == checked.path },
                versionPosition: checked.parsed.versionPosition),
            company: company.id, now: site.now)
        try await DefinitionFile.write(checked.source, to: checked.path)
        return checked.problems + changes.republished.map(\.knownVersionWarning)
    }

    /// Takes a definition's file away: nothing new starts, what runs finishes.
    func retire(_ row: DefinitionRow, _ company: Company, _ store: Store) async throws {
        try await store.retireDefinition(row.id, company: company.id, now: site.now)
        try await DefinitionFile.remove(row.file, under: directory(company))
    }
}

/// A file in the tree of definitions. All of it happens on the thread pool: a disk may be slow.
private enum DefinitionFile {
    /// Writes it so that a reader sees the old text or the new, never half of one.
    static func write(_ bytes: [UInt8], to path: String) async throws {
        let directory = (path as NSString).deletingLastPathComponent
        let temporary = directory + "/.\(Random.token()).tmp"
        let isSafe = try await NIOThreadPool.singleton.runIfActive {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let descriptor = open(temporary, O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { return false }
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
                }
                guard count > 0 else { break }
                written += count
            }
            let isWritten = written == bytes.count && fsync(descriptor) == 0
            guard close(descriptor) == 0, isWritten, rename(temporary, path) == 0 else {
                unlink(temporary)
                return false
            }
            let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { if folder >= 0 { close(folder) } }
            return folder >= 0 && fsync(folder) == 0
        }
        guard isSafe else { throw Failure.unavailable }
    }

    /// Removes it; one that is gone already is as good. Nothing outside the company's directory is ever touched.
    static func remove(_ path: String, under directory: String) async throws {
        guard path.hasPrefix(directory + "/"), !path.contains("/../") else { return }
        let isGone = try await NIOThreadPool.singleton.runIfActive { unlink(path) == 0 || errno == ENOENT }
        guard isGone else { throw Failure.unavailable }
    }
}
