import Foundation
import Synchronization
import TFConfiguration
import TFDefinition
import TFStore
import TFSystem

/// Checks files and directories, for `tf-daemon check`.
struct TreeCheck {
    /// The configured tree; a file in it is checked together with the company's other files.
    let tree: String
    /// The store, which knows companies, roles and definitions in force; nil if there is none.
    let store: Store?
    /// Texts that are not read because they have ended the daemon.
    var aside = FilesSetAside()
    var progress: ProgressLine?

    /// - Returns: nil if the path does not exist.
    func problems(of path: String) async throws -> [Diagnostic]? {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        var isDirectory: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        let isStray = isThere && !isDirectory.boolValue && same(path.parentPath, tree)
        if !isStray, let company = company(of: path), isThere || isLink(path) {
            let all = try await problems(in: tree, company)
            return isDirectory.boolValue && absolute(path) == absolute("\(tree)/\(company)")
                ? all : all.filter { same($0.file, path) || absolute($0.file).hasPrefix(absolute(path) + "/") }
        }
        guard isThere else { return nil }
        guard isDirectory.boolValue else {
            guard let bytes = InputFile.bytes(path, limit: YAMLLimits.bytes + 1) else { return nil }
            let strays = isStray ? try DefinitionTree.strays(tree).filter { same($0.file, path) } : []
            return strays
                + DefinitionFile(path: path, bytes: bytes, company: nil, stamp: nil, aside: aside).parsed.diagnostics
        }
        var diagnostics = try DefinitionTree.strays(path)
        var companies = Set(try DefinitionTree.companies(path))
        // A company's missing directory is a problem if definitions of it are in force.
        if absolute(path) == absolute(tree) {
            companies.formUnion(try await store?.read { try $0.companies() }.map(\.slug) ?? [])
        }
        for company in companies.sorted() { diagnostics += try await problems(in: path, company) }
        return diagnostics
    }

    private func problems(in root: String, _ company: String) async throws -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        // The store describes only the configured tree.
        let known = absolute(root) == absolute(tree) ? store : nil
        let owner = try await known?.read { try $0.company(company) }
        if let known, owner == nil {
            diagnostics.append(
                CompanyCheck.stranger(root, company, known: try await known.read { try $0.companies() }.map(\.slug)))
        }
        let read = try await DefinitionTree.read(
            root, company: company,
            .init(aside: aside, progress: { done, all in progress?.show(company, done, all) }))
        guard let known, let owner else {
            return diagnostics + CompanyCheck(read, roles: known == nil ? nil : []).problems
        }
        let (published, roles, retired, versions) = try await known.read(in: owner.id) {
            (try $0.publishedFiles(), try $0.companyRoles(), try $0.retiredNames(), try $0.versionTexts())
        }
        let kept = Set(read.kept(published).map(\.file))
        let lastGood = kept.isEmpty ? [] : try await known.inside(owner.id).catalogEntries(files: kept)
        return diagnostics
            + CompanyCheck(
                read, roles: roles, published: published, lastGood: lastGood, retired: retired, versions: versions
            ).problems
    }

    private func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The company in whose directory the path lies.
    private func company(of path: String) -> String? {
        let prefix = absolute(tree) + "/"
        guard absolute(path).hasPrefix(prefix) else { return nil }
        return absolute(path).dropFirst(prefix.count).split(separator: "/").first.map(String.init)
    }

    private func same(_ left: String, _ right: String) -> Bool { absolute(left) == absolute(right) }

    private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
