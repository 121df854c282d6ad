import Foundation
import TestSupport
import Testing

@testable import tf_daemon

/// What can be read no more, on a real directory: it stays in force and is told. What is really gone retires.
@Suite struct UnreadDefinitionTests {
    private static let files = [
        "acme/a.task.yaml": WatchedTree.task("a", "one"), "acme/b.task.yaml": WatchedTree.task("b", "one"),
    ]
    private static let inForce = "what it published before stays in force"

    enum Replacement: String, CaseIterable {
        case hardLink
        case link
        case linkToNothing
        case fifo
        case socket
        case directory
        case tooLarge
        case notUTF8
    }

    private static func replace(_ path: String, by replacement: Replacement) throws {
        if replacement == .hardLink {
            try FileManager.default.linkItem(atPath: path, toPath: path + ".backup")
            return
        }
        try FileManager.default.removeItem(atPath: path)
        switch replacement {
        case .hardLink: break
        case .link: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
        case .linkToNothing: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nothing")
        case .fifo: #expect(mkfifo(path, 0o600) == 0)
        case .socket: #expect(mknod(path, S_IFSOCK | 0o600, 0) == 0)
        case .directory: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        case .tooLarge: try Data(repeating: 0x20, count: 300_000).write(to: URL(fileURLWithPath: path))
        case .notUTF8: try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: path))
        }
    }

    @Test(arguments: Replacement.allCases)
    func `a file that is replaced by what is not read stays in force and is an error`(_ replacement: Replacement)
        async throws
    {
        try await WatchedTree.with(Self.files) { tree in
            try await tree.expect(["a active one", "b active one"])
            // The removal itself is no reason to retire: both happen before the next look.
            try Self.replace(tree.path("acme/a.task.yaml"), by: replacement)
            try tree.write(WatchedTree.task("b", "fence"), to: "acme/b.task.yaml")
            try await tree.expect(["a active one", "b active fence"])
            let problems = try await tree.store.read(in: tree.company.id) { try $0.problems() }
            #expect(problems.map(\.severity) == [.error])
            #expect(problems.first?.file.hasSuffix("acme/a.task.yaml") == true)
            // A good file in its place is current at once.
            try FileManager.default.removeItem(atPath: tree.path("acme/a.task.yaml"))
            try tree.write(WatchedTree.task("a", "two"), to: "acme/a.task.yaml")
            try await tree.expect(["a active two", "b active fence"])
            try await tree.expect(problems: [])
        }
    }

    @Test func `a tree of hard links keeps everything, and one name less makes a file readable at once`() async throws {
        try await WatchedTree.with(Self.files) { tree in
            try await tree.expect(["a active one", "b active one"])
            for name in ["a", "b"] {
                try FileManager.default.linkItem(
                    atPath: tree.path("acme/\(name).task.yaml"), toPath: tree.path("../data/\(name)"))
            }
            let problems = try await eventually("both problems") {
                let problems = try await tree.store.read(in: tree.company.id) { try $0.problems() }
                return problems.count == 2 ? problems : nil
            }
            #expect(problems.map(\.severity) == [.error, .error])
            #expect(problems.allSatisfy { $0.message.contains(Self.inForce) && $0.message.contains("hard link") })
            // Written to while it has two names: it is not read.
            try tree.write(WatchedTree.task("a", "two"), to: "acme/a.task.yaml")
            try tree.write(WatchedTree.task("c", "fence"), to: "acme/c.task.yaml")
            try await tree.expect(["a active one", "b active one", "c active fence"])
            for name in ["a", "b"] { try tree.remove("../data/\(name)") }
            try await tree.expect(["a active two", "b active one", "c active fence"])
            try await tree.expect(problems: [])
            try tree.remove("acme/a.task.yaml")
            try await tree.expect(["a retired two", "b active one", "c active fence"])
        }
    }

    @Test func `a file that is linked into the directory is live at once`() async throws {
        try await WatchedTree.with(Self.files) { tree in
            try await tree.expect(["a active one", "b active one"])
            // Written under another name, linked to its own, and the first name removed.
            try tree.write(WatchedTree.task("c", "one"), to: "acme/.c.tmp")
            try FileManager.default.linkItem(atPath: tree.path("acme/.c.tmp"), toPath: tree.path("acme/c.task.yaml"))
            try tree.remove("acme/.c.tmp")
            try await tree.expect(["a active one", "b active one", "c active one"])
            // The same, in the place of a file that is in force.
            try tree.write(WatchedTree.task("c", "two"), to: "acme/.c.tmp")
            try tree.remove("acme/c.task.yaml")
            try FileManager.default.linkItem(atPath: tree.path("acme/.c.tmp"), toPath: tree.path("acme/c.task.yaml"))
            try tree.remove("acme/.c.tmp")
            try await tree.expect(["a active one", "b active one", "c active two"])
            try tree.write(WatchedTree.task("c", "one"), to: "acme/c.task.yaml")
            try await tree.expect(["a active one", "b active one", "c active one"])
            // The same, with the first name outside the tree.
            try tree.write(WatchedTree.task("d", "one"), to: "../data/d")
            try FileManager.default.linkItem(atPath: tree.path("../data/d"), toPath: tree.path("acme/d.task.yaml"))
            try tree.remove("../data/d")
            try await tree.expect(["a active one", "b active one", "c active one", "d active one"])
            // Without a first name: O_TMPFILE, which Glibc's module does not have.
            let descriptor = open(tree.path("acme"), O_RDWR | 0o20_000_000 | O_DIRECTORY | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            let text = WatchedTree.task("e", "one")
            #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
            #expect(
                linkat(
                    AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, tree.path("acme/e.task.yaml"),
                    AT_SYMLINK_FOLLOW) == 0)
            try await tree.expect([
                "a active one", "b active one", "c active one", "d active one", "e active one",
            ])
            close(descriptor)
        }
    }

    @Test func `files that a volume of Kubernetes links into the directory are not read, and what ran stays`()
        async throws
    {
        try await WatchedTree.with(Self.files) { tree in
            try await tree.expect(["a active one", "b active one"])
            for name in ["a", "b"] { try tree.write(WatchedTree.task(name, "two"), to: "acme/..v1/\(name).task.yaml") }
            try tree.link("acme/..data", to: "..v1")
            for name in ["a", "b"] {
                try tree.link("acme/.new", to: "..data/\(name).task.yaml")
                try tree.move("acme/.new", "acme/\(name).task.yaml")
            }
            try tree.write(WatchedTree.task("c", "fence"), to: "acme/c.task.yaml")
            try await tree.expect(["a active one", "b active one", "c active fence"])
            let problems = try await tree.store.read(in: tree.company.id) { try $0.problems() }
            #expect(problems.map(\.severity) == [.error, .error])
            #expect(problems.allSatisfy { $0.message.contains(Self.inForce) && $0.message.contains("symbolic link") })
        }
    }

    @Test func `a company's directory that becomes a link is not read, and what ran stays`() async throws {
        try await WatchedTree.with(Self.files) { tree in
            try await tree.expect(["a active one", "b active one"])
            try tree.move("acme", "..v1")
            try tree.write(WatchedTree.task("a", "two"), to: "..v1/a.task.yaml")
            try tree.link("acme", to: "..v1")
            _ = try await eventually("the problem") {
                try await tree.store.read(in: tree.company.id) { try $0.problems() }.first {
                    $0.message.contains(Self.inForce) && $0.message.contains("symbolic link")
                }
            }
            try await tree.expect(["a active one", "b active one"])
        }
    }

    @Test
    func `a tree that is itself a swapped link, as of a volume of Kubernetes, is read, and its swap is one change`()
        async throws
    {
        try await WatchedTree.with(Self.files) { tree in
            try await tree.expect(["a active one", "b active one"])
            for name in ["a", "b"] {
                try tree.write(WatchedTree.task(name, "two"), to: "../..v2/acme/\(name).task.yaml")
            }
            try tree.move("", "../..v1")
            try tree.link("../workflows", to: "..v1")
            try tree.link("../..data_tmp", to: "..v2")
            try tree.move("../..data_tmp", "../workflows")
            try await tree.expect(["a active two", "b active two"])
            try tree.write(WatchedTree.task("a", "three"), to: "acme/a.task.yaml")
            try await tree.expect(["a active three", "b active two"])
            try await tree.expect(problems: [])
        }
    }

    @Test func `a company's directory that is away retires nothing, and an empty one does only where files went`()
        async throws
    {
        try await WatchedTree.with(Self.files) { tree in
            try await tree.expect(["a active one", "b active one"])
            try tree.move("acme", "../away")
            _ = try await eventually("the problem") {
                try await tree.store.read(in: tree.company.id) { try $0.problems() }.first?.message.contains(
                    Self.inForce)
                    == true
                    ? true : nil
            }
            try await tree.expect(["a active one", "b active one"])
            try tree.move("../away", "acme")
            try await tree.expect(problems: [])
            try tree.remove("acme/a.task.yaml")
            try tree.remove("acme/b.task.yaml")
            try await tree.expect(["a retired one", "b retired one"])
        }
    }

    @Test func `an empty directory at the first look retires nothing`() async throws {
        try await WatchedTree.with(Self.files) { tree in
            try await tree.expect(["a active one", "b active one"])
            let published = try await tree.store.read(in: tree.company.id) { try $0.publishedFiles() }
            try FileManager.default.createDirectory(
                atPath: tree.path("../other/acme"), withIntermediateDirectories: true)
            // As another daemon would see it that finds an empty mount point, under another spelling of the tree.
            let read = try await DefinitionTree.read(tree.path("../other"), company: "acme")
            #expect(read.kept(published).count == 2)
            let problem = read.problems(published).first
            #expect(problem?.severity == .error)
            #expect(problem?.message.contains("mounted") == true)
            // Somebody says that it is meant to be empty.
            try tree.write("", to: "../other/acme/README")
            let second = try await DefinitionTree.read(tree.path("../other"), company: "acme", .init(before: read))
            #expect(second.kept(published).isEmpty)
        }
    }

    @Test func `definitions that lie there before their company are live when it is made`() async throws {
        try await WatchedTree.with([
            "acme/a.task.yaml": WatchedTree.task("a", "one"), "globex/g.task.yaml": WatchedTree.task("g", "one"),
        ]) { tree in
            try await tree.expect(["a active one"])
            let globex = try await tree.store.write {
                try $0.addCompany(slug: "globex", name: "G", timezone: "UTC", now: 1)
            }
            _ = try await eventually("globex' definition") {
                try await tree.store.read(in: globex.id) { try $0.definitions() }.first.map(\.name) == "g" ? true : nil
            }
        }
    }

    @Test func `a role that is declared ends the warning about it`() async throws {
        try await WatchedTree.with(["acme/a.task.yaml": "task: a\nassign: { role: it }\n"]) { tree in
            _ = try await eventually("the warning") {
                try await tree.store.read(in: tree.company.id) { try $0.problems() }.isEmpty ? nil : true
            }
            try await tree.store.write(in: tree.company.id) { try $0.addCompanyRole("it", now: 1) }
            try await tree.expect(problems: [])
        }
    }
}
