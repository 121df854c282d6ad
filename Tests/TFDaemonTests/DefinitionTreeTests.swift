import Foundation
import TestSupport
import Testing

@testable import TFStore
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

    @Test func `a file whose name ends in large letters, and one that lies in no company, are told of`() async throws {
        let tree = try Tree([
            "acme/look.task.YAML": Self.task, "acme/b.task.yaml": "task: b\n", "acme/notes.TXT": "n",
            "stray.task.yaml": Self.task, "Other.YML": Self.task, "notes.txt": "n",
        ])
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        #expect(read.files.map(\.path) == ["\(tree.root)/acme/b.task.yaml"])
        let skipped = "skipped: the name of a definition ends in .yaml or .yml, in small letters"
        #expect(
            read.problems([]).map(\.description) == ["\(tree.root)/acme/look.task.YAML:1:1: notice: \(skipped)"])
        let unread = "not read: a definition lies in the directory of its company"
        let checked = try await TreeCheck(tree: tree.root + "-other", store: nil).problems(of: tree.root)
        #expect(
            checked?.map(\.description) == [
                "\(tree.root)/Other.YML:1:1: warning: \(unread)",
                "\(tree.root)/stray.task.yaml:1:1: warning: \(unread)",
                "\(tree.root)/acme/look.task.YAML:1:1: notice: \(skipped)",
            ])
    }

    @Test func `links and FIFOs are skipped with a notice`() async throws {
        let tree = try Tree(["acme/look.task.yaml": Self.task, "secret": "task: s\n"])
        try FileManager.default.createSymbolicLink(
            atPath: tree.root + "/acme/link.task.yaml", withDestinationPath: tree.root + "/secret")
        try FileManager.default.linkItem(atPath: tree.root + "/secret", toPath: tree.root + "/acme/hard.task.yaml")
        #expect(mkfifo(tree.root + "/acme/fifo.task.yaml", 0o600) == 0)
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        #expect(read.files.count == 1)
        #expect(
            read.problems([]).map(\.sentence).sorted() == [
                "skipped: a FIFO", "skipped: a hard link", "skipped: a symbolic link",
            ])
    }

    @Test func `of two files with one identity the owner stays and the other is told where`() async throws {
        let tree = try Tree(["acme/a.task.yaml": Self.task, "acme/b.task.yaml": Self.task])
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        let first = CompanyCheck(read, roles: nil)
        #expect(first.publications.map(\.file) == ["\(tree.root)/acme/a.task.yaml"])
        #expect(
            first.problems.first?.message
                == "the task \"look\" 1.0.0 is defined in acme/a.task.yaml already")
        let second = CompanyCheck(
            read, roles: nil,
            published: [
                PublishedFile(
                    id: 1, kind: .task, name: "look", version: "1.0.0", state: .active,
                    file: "\(tree.root)/acme/b.task.yaml", sha256: "")
            ])
        #expect(second.publications.map(\.file) == ["\(tree.root)/acme/b.task.yaml"])
    }

    @Test func `a broken file keeps what it published, and unchanged files are not parsed again`() async throws {
        let tree = try Tree(["acme/a.task.yaml": "task: [", "acme/b.task.yaml": Self.task])
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        let check = CompanyCheck(read, roles: nil)
        #expect(check.publications.map(\.definition.name) == ["look"])
        let again = try await DefinitionTree.read(tree.root, company: "acme", .init(before: read))
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
        let inside = try await TreeCheck(tree: tree.root, store: nil).problems(of: file)
        #expect(inside?.map(\.sentence) == ["there is no task \"lok\"; did you mean \"look\"?"])
        let elsewhere = TreeCheck(tree: "/elsewhere", store: nil)
        #expect(try await elsewhere.problems(of: file)?.isEmpty == true)
        #expect(try await elsewhere.problems(of: tree.root)?.count == 1)
        #expect(try await elsewhere.problems(of: tree.root + "/nothing") == nil)
    }

    @Test(arguments: [Int.max, Int.min, 99_999_999_999, -99_999_999_999])
    func `a file's time may be any`(_ seconds: Int) async throws {
        let tree = try Tree(["acme/look.task.yaml": Self.task])
        var times = [timespec(), timespec(tv_sec: seconds, tv_nsec: 0)]
        // Whatever the file system makes of it.
        #expect(utimensat(AT_FDCWD, tree.root + "/acme/look.task.yaml", &times, 0) == 0)
        var status = stat()
        status.st_mtim.tv_sec = seconds
        _ = FileStamp(status).isSettled
        #expect(try await DefinitionTree.read(tree.root, company: "acme").files.count == 1)
    }

    @Test func `of names that differ in normalization only one is read, and names that are no text none`() async throws
    {
        let tree = try Tree(["acme/look.task.yaml": Self.task])
        for name in ["e\u{301}.task.yaml", "\u{E9}.task.yaml"] {
            close(open(tree.root + "/acme/" + name, O_CREAT | O_WRONLY, 0o600))
        }
        let latin: [CChar] = (tree.root + "/acme/x").utf8CString.dropLast() + [-23, 46, 121, 109, 108, 0]
        close(open(latin, O_CREAT | O_WRONLY, 0o600))
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        #expect(read.files.count == 2)
        #expect(read.problems([]).contains { $0.message.hasPrefix("2 names in it are skipped") })
    }

    @Test(arguments: [
        ("acme/x.task.yaml", "../globex/secret.task.yaml"), ("acme/x.task.yaml", "/etc/passwd"),
        ("acme/x.task.yaml", ".a/../../globex/secret.task.yaml"), ("acme/.d", "../globex"),
        ("acme/x.task.yaml", "x.task.yaml"), ("acme/d", "../globex"), ("acme/d", "."),
        ("acme/x.task.yaml", "look.task.yaml/nothing"), ("acme", "../outside"),
    ])
    func `no link is followed, out of the company's directory or round in it`(
        _ link: String, _ target: String
    ) async throws {
        let tree = try Tree([
            "globex/secret.task.yaml": "task: secret\n", "../elsewhere-\(UUID().uuidString)": "",
            "globex/deep/secret.task.yaml": "task: deep\n",
        ])
        if link != "acme" {
            try FileManager.default.createDirectory(
                atPath: tree.root + "/acme/.a", withIntermediateDirectories: true)
            try Self.task.write(
                toFile: tree.root + "/acme/look.task.yaml", atomically: false, encoding: .utf8)
        }
        try FileManager.default.createSymbolicLink(atPath: tree.root + "/" + link, withDestinationPath: target)
        if link == "acme/.d" {
            try FileManager.default.createSymbolicLink(
                atPath: tree.root + "/acme/y.task.yaml", withDestinationPath: ".d/secret.task.yaml")
        }
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        #expect(read.files.map(\.parsed.definition?.name) == (link == "acme" ? [] : ["look"]))
        #expect(read.unread.map(\.obstacle) == [.link])
    }

    @Test func `links that stay in the directory are skipped with a notice, too`() async throws {
        let tree = try Tree([
            "acme/.v1/a.task.yaml": "task: a\n", "acme/.v1/sub/b.task.yaml": "task: b\n",
            "acme/look.task.yaml": Self.task,
        ])
        for (link, target) in [
            ("..data", ".v1"), ("a.task.yaml", "..data/a.task.yaml"), ("sub", "..data/sub"), ("again", "sub"),
            ("look2.task.yaml", "look.task.yaml"), ("gone.task.yaml", "..data/gone.task.yaml"),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: tree.root + "/acme/" + link, withDestinationPath: target)
        }
        let read = try await DefinitionTree.read(tree.root, company: "acme")
        #expect(read.files.map(\.parsed.definition?.name) == ["look"])
        let told = read.problems([]).map { $0.description.replacing(tree.root + "/acme/", with: "") }.sorted()
        #expect(
            told
                == ["a.task.yaml", "again", "gone.task.yaml", "look2.task.yaml", "sub"].map {
                    "\($0):1:1: notice: skipped: a symbolic link"
                })
    }

    @Test func `a file beside the companies is told so, by itself as in the tree`() async throws {
        let tree = try Tree(["acme/look.task.yaml": Self.task, "stray.task.yaml": "task: stray\ntitel: x\n"])
        let check = TreeCheck(tree: tree.root, store: nil)
        let alone = try #require(try await check.problems(of: tree.root + "/stray.task.yaml")).map(\.message)
        #expect(alone.contains("not read: a definition lies in the directory of its company"))
        #expect(alone.contains { $0.contains("titel") })
        #expect(
            try await check.problems(of: tree.root)?.map(\.message)
                == ["not read: a definition lies in the directory of its company"])
    }

    @Test func `the shipped examples are in order`() async throws {
        let root = ProjectFolder.url("workflows").path
        #expect(try await TreeCheck(tree: "/elsewhere", store: nil).problems(of: root)?.isEmpty == true)
    }

    /// A tree of definitions in a directory of its own.
    private struct Tree {
        let root = TestFolder.path("tree")

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
