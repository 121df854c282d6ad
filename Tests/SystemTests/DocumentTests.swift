import Foundation
import TFStore
import Testing

/// What README.md and docs/ say can be followed: links lead somewhere, commands exist, and the first workflow is in order.
@Suite struct DocumentTests {
    private static let root = URL(filePath: Processes.root)

    private static func text(_ file: String) throws -> String {
        try String(contentsOf: root.appending(path: file), encoding: .utf8)
    }

    /// Every document by its path from the top of the repository.
    private static func documents() throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)
        let files = ["README.md"] + names.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }
        return try Dictionary(uniqueKeysWithValues: files.map { ($0, try text($0)) })
    }

    @Test func `the README has at most 100 lines`() throws {
        #expect(try Self.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 101)
    }

    @Test func `the manual names each kind of what is deleted as the programs do`() throws {
        let manual = try Self.text("docs/operating.md")
        for kind in RetentionKind.allCases { #expect(manual.contains("`\(kind.rawValue)`"), "\(kind)") }
    }

    @Test func `every relative link leads to a file, and to a heading in it`() throws {
        let documents = try Self.documents()
        for (file, text) in documents {
            for match in text.matches(of: /\]\(([^():#]*)(#[^)]*)?\)/) {
                let folder = URL(filePath: "/" + file).deletingLastPathComponent()
                let target =
                    match.1.isEmpty
                    ? file : String(folder.appending(path: String(match.1)).standardized.path.dropFirst())
                #expect(
                    FileManager.default.fileExists(atPath: Self.root.appending(path: target).path),
                    "\(file) links to \(match.1)")
                guard let anchor = match.2 else { continue }
                let headings = (documents[target] ?? "").split(separator: "\n").filter { $0.hasPrefix("#") }
                #expect(headings.contains { Self.anchor($0) == anchor }, "\(file) links to \(match.1)\(anchor)")
            }
        }
    }

    /// The anchor that GitHub makes of a heading.
    private static func anchor(_ heading: Substring) -> String {
        let words = heading.drop { $0 == "#" || $0 == " " }.lowercased()
        return "#" + words.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }.replacing(" ", with: "-")
    }

    @Test func `every command and every make target that is named exists`() async throws {
        let makefile = try Self.text("Makefile")
        var helps: [String: String] = [:]
        func help(_ program: String, _ command: [String]) async throws -> String {
            let key = ([program] + command).joined(separator: " ")
            if let known = helps[key] { return known }
            helps[key] = try await Processes.result(program, command + ["--help"]).output
            return helps[key] ?? ""
        }
        for (file, text) in try Self.documents() {
            for match in text.matches(of: /(?:`|    |\/)(tf-daemon|tf-web) ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?/) {
                let (program, command) = (String(match.1), String(match.2))
                let usage = try await help(program, [command])
                #expect(usage.contains("USAGE: \(program) \(command)"), "\(file) names \(program) \(command)")
                guard usage.contains("SUBCOMMANDS:"), let part = match.3.map(String.init) else { continue }
                #expect(
                    try await help(program, [command, part]).contains("USAGE: \(program) \(command) \(part)"),
                    "\(file) names \(program) \(command) \(part)")
            }
            for match in text.matches(of: /(?:`|    )make ([a-z-]+)/) {
                #expect(makefile.contains("\n\(match.1):"), "\(file) names make \(match.1)")
            }
        }
    }

    /// Each block of YAML in the README names its file in the first line.
    @Test func `the first workflow in the README is in order`() async throws {
        let company = FileManager.default.temporaryDirectory.appending(path: "tfs-\(UUID().uuidString)/acme")
        defer { try? FileManager.default.removeItem(at: company.deletingLastPathComponent()) }  // a temporary place
        try FileManager.default.createDirectory(at: company, withIntermediateDirectories: true)
        let blocks = try Self.text("README.md").matches(of: /```yaml\n# ([a-z.-]+): [^\n]*\n((?:.|\n)*?)```/)
        #expect(blocks.count == 3)
        for block in blocks {
            try String(block.2).write(
                to: company.appending(path: String(block.1)), atomically: true, encoding: .utf8)
        }
        let result = try await Processes.result("tf-daemon", ["check", company.deletingLastPathComponent().path])
        #expect(result.status == .exited(0))
        #expect(result.output.isEmpty, "\(result.output)")
    }
}
