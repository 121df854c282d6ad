import Foundation
import Testing

@testable import tf_daemon

@Suite struct DefinitionTreeTests {
    private static let task = "task: look\n"

    @Test func `a company's files are found at any depth, hidden and temporary ones are not`() async throws {
        let tree = try Tree([
            "acme/look.task.yaml": Self.task, "acme/deep/er/b.task.yaml": "task: b\n",
            "acme/.hidden.task.yaml": "task: h\n",
            "acme/x.task.yaml~": "task: x\n", "acme/#y.task.yaml": "task: y\n", "acme/notes.txt": "n",
        ])
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        #expect(
            read.files.map(\.path) == ["\(tree.root)/acme/deep/er/b.task.yaml", "\(tree.root)/acme/look.task.yaml"])
    }

    @Test func `links and FIFOs are skipped with a notice`() async throws {
        let tree = try Tree(["acme/look.task.yaml": Self.task, "secret": "task: s\n"])
        try FileManager.default.createSymbolicLink(
            atPath: tree.root + "/acme/link.task.yaml", withDestinationPath: tree.root + "/secret")
        try FileManager.default.linkItem(atPath: tree.root + "/secret", toPath: tree.root + "/acme/hard.task.yaml")
        #expect(mkfifo(tree.root + "/acme/fifo.task.yaml", 0o600) == 0)
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        #expect(read.files.count == 1)
        #expect(read.notices.map(\.message) == ["skipped: a FIFO", "skipped: a hard link", "skipped: a symbolic link"])
    }

    @Test func `of two files with one identity the owner stays and the other is told where`() async throws {
        let tree = try Tree(["acme/a.task.yaml": Self.task, "acme/b.task.yaml": Self.task])
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        let first = CompanyCheck(read, roles: nil)
        #expect(first.publications.map(\.file) == ["\(tree.root)/acme/a.task.yaml"])
        #expect(
            first.problems.first?.message
                == "the task \"look\" 1.0.0 is defined in \(tree.root)/acme/a.task.yaml already")
        let second = CompanyCheck(read, roles: nil, owners: ["task look 1.0.0": "\(tree.root)/acme/b.task.yaml"])
        #expect(second.publications.map(\.file) == ["\(tree.root)/acme/b.task.yaml"])
    }

    @Test func `a broken file keeps what it published, and unchanged files are not parsed again`() async throws {
        let tree = try Tree(["acme/a.task.yaml": "task: [", "acme/b.task.yaml": Self.task])
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        let check = CompanyCheck(read, roles: nil)
        #expect(check.publications.map(\.definition.name) == ["look"])
        let known = Dictionary(uniqueKeysWithValues: read.files.map { ($0.path, $0) })
        let again = try await DefinitionTree.read(tree.root, company: "acme", known: known)
        #expect(again.files.map(\.parsed.revision) == read.files.map(\.parsed.revision))
    }

    @Test func `the mistake comes first, then what it keeps from being offered`() async throws {
        let tree = try Tree([
            "acme/a.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: a, version: '1.0.0' }
            do: [ { a: { call: order } } ]
            """, "acme/order.task.yaml": "task: order\nassing: {}\n",
        ])
        let check = CompanyCheck(try await DefinitionTree.read(tree.root, company: "acme"), roles: nil)
        #expect(
            check.problems.map(\.message) == [
                "unknown key \"assing\"", "the task \"order\" has errors, see order.task.yaml",
            ])
        #expect(check.publications.map(\.isComplete) == [false])
    }

    @Test func `check looks at a file among its neighbours in the tree, and by itself elsewhere`() async throws {
        let tree = try Tree([
            "acme/w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
            do: [ { a: { call: look } }, { b: { call: lok } } ]
            """, "acme/look.task.yaml": Self.task,
        ])
        let file = tree.root + "/acme/w.workflow.yaml"
        let inside = try await TreeCheck(tree: tree.root, roles: nil).problems(of: file)
        #expect(inside?.map(\.sentence) == ["there is no task \"lok\"; did you mean \"look\"?"])
        let elsewhere = TreeCheck(tree: "/elsewhere", roles: nil)
        #expect(try await elsewhere.problems(of: file)?.isEmpty == true)
        #expect(try await elsewhere.problems(of: tree.root)?.count == 1)
        #expect(try await elsewhere.problems(of: tree.root + "/nothing") == nil)
    }

    @Test func `the shipped examples are in order`() async throws {
        let root =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/workflows"
        #expect(try await TreeCheck(tree: "/elsewhere", roles: nil).problems(of: root)?.isEmpty == true)
    }

    /// A tree of definitions in a directory of its own.
    private struct Tree {
        let root = NSTemporaryDirectory() + "tft-\(UUID().uuidString)"

        init(_ files: [String: String]) throws {
            for (path, text) in files {
                let url = URL(fileURLWithPath: root + "/" + path)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: url, atomically: false, encoding: .utf8)
            }
        }
    }
}
