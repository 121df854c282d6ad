import Foundation
import Synchronization
import TFConfiguration
import TFDefinition

/// What `tf-daemon check` finds in files and directories.
struct TreeCheck {
    /// The configured tree: a file in it is checked among its neighbours.
    let tree: String
    /// The companies with their roles; nil where there is no store that knows them.
    let roles: [String: Set<String>]?
    var progress: ProgressLine?

    /// - Returns: nil where there is nothing at the path.
    func problems(of path: String) async throws -> [Diagnostic]? {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return nil }
        if let company = company(of: path) {
            let all = try await problems(in: tree, company)
            return isDirectory.boolValue && absolute(path) == absolute("\(tree)/\(company)")
                ? all : all.filter { same($0.file, path) || absolute($0.file).hasPrefix(absolute(path) + "/") }
        }
        guard isDirectory.boolValue else {
            guard case .file(let file) = DefinitionTree.read(path, company: nil) else { return nil }
            return file.parsed.diagnostics
        }
        var found: [Diagnostic] = []
        for company in try DefinitionTree.companies(path) { found += try await problems(in: path, company) }
        return found
    }

    private func problems(in root: String, _ company: String) async throws -> [Diagnostic] {
        var found: [Diagnostic] = []
        if let roles, roles[company] == nil, absolute(root) == absolute(tree) {
            found.append(CompanyCheck.stranger(root, company, known: roles.keys.sorted()))
        }
        let read = try await DefinitionTree.read(root, company: company) { _ in
        } progress: { done, all in
            progress?.show(company, done, all)
        }
        return found + CompanyCheck(read, roles: roles?[company]).problems
    }

    /// The company whose directory in the tree holds the path.
    private func company(of path: String) -> String? {
        let prefix = absolute(tree) + "/"
        guard absolute(path).hasPrefix(prefix) else { return nil }
        return absolute(path).dropFirst(prefix.count).split(separator: "/").first.map(String.init)
    }

    private func same(_ left: String, _ right: String) -> Bool { absolute(left) == absolute(right) }

    private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}

/// A line on the terminal that is written over: how far a long piece of work is. Elsewhere it shows nothing.
final class ProgressLine: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let width = Mutex(0)

    func show(_ what: String, _ done: Int, _ all: Int) {
        // A few files are checked before anybody could read it.
        guard isTerminal, all >= 500 else { return }
        write("\(what): \(done) of \(all) files (\(done * 100 / all) %)")
    }

    func clear() {
        if isTerminal, width.withLock({ $0 }) > 0 { write("") }
    }

    private func write(_ text: String) {
        let padding = width.withLock { width in
            defer { width = text.count }
            return max(0, width - text.count)
        }
        let blanks = String(repeating: " ", count: padding)
        StandardError.write("\r\(text)\(blanks)\(text.isEmpty ? "\r" : "")")
    }
}
