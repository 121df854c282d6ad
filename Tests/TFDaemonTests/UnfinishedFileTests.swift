import Foundation
import Logging
import TFDefinition
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// Files that a page had begun to change when its program ended: the store wins, and what people edit goes on.
@Suite struct UnfinishedFileTests {
    private static let file = "acme/a.task.yaml"

    private static func task(_ name: String, _ description: String) -> String { WatchedTree.task(name, description) }

    private static func sha256(_ text: String) -> String { Definition.revision(of: Array(text.utf8)) }

    private static func text(_ tree: WatchedTree, _ name: String = Self.file) -> String? {
        FileManager.default.contents(atPath: tree.path(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Retires a definition as a page does, which ends before it removes the file.
    private static func retire(_ name: String, removing text: String, _ tree: WatchedTree) async throws {
        let row = try #require(try await tree.store.read(in: tree.company.id) { try $0.definition(.task, name) })
        let before = sha256(text)
        try await tree.store.write(in: tree.company.id) {
            try $0.retireDefinition(row.id, removing: before, now: 9)
        }
    }

    /// Publishes texts as a page does, which ends before it writes the files.
    /// - Parameter before: the texts that these have until then, by their names.
    private static func publish(
        _ texts: [String: String], over before: [String: String], _ tree: WatchedTree
    ) async throws {
        let publications = try texts.map { name, text in
            try Publication(text, file: "\(tree.root)/\(name)", company: "acme")
        }
        let files = texts.keys.map { ("\(tree.root)/\($0)", before[$0].map(sha256) ?? "") }
        _ = try await tree.store.inside(tree.company.id).publish(
            publications, over: Dictionary(uniqueKeysWithValues: files), problems: [], now: 9)
    }

    private static func pending(_ tree: WatchedTree) async throws -> [String] {
        try await tree.store.read(in: tree.company.id) { try $0.pendingFiles() }.map(\.file)
    }

    @Test func `what was retired does not come back from its file, but from one that is put there later`() async throws
    {
        let one = Self.task("a", "one")
        try await WatchedTree.with([Self.file: one]) { tree in
            try await tree.expect(["a active one"])
            try await Self.retire("a", removing: one, tree)
            // Another file's change makes the publisher look.
            try tree.write(Self.task("b", "fence"), to: "acme/b.task.yaml")
            try await tree.expect(["a retired one", "b active fence"])
            #expect(Self.text(tree) == nil)
            #expect(try await Self.pending(tree) == [])
            try tree.write(one, to: Self.file)
            try await tree.expect(["a active one", "b active fence"])
        }
    }

    @Test func `what was published is written, into a new file too, and not taken back by the old text`() async throws {
        let (one, two, new) = (Self.task("a", "one"), Self.task("a", "two"), Self.task("c", "new"))
        try await WatchedTree.with([Self.file: one]) { tree in
            try await tree.expect(["a active one"])
            try await Self.publish(
                [Self.file: two, "acme/deep/c.task.yaml": new], over: [Self.file: one], tree)
            try tree.write(Self.task("b", "fence"), to: "acme/b.task.yaml")
            try await tree.expect(["a active two", "b active fence", "c active new"])
            #expect(Self.text(tree) == two)
            #expect(Self.text(tree, "acme/deep/c.task.yaml") == new)
            #expect(try await Self.pending(tree) == [])
            // The first text is an edit again.
            try tree.write(one, to: Self.file)
            try await tree.expect(["a active one", "b active fence", "c active new"])
        }
    }

    @Test func `a file that was edited since is published as it is`() async throws {
        let one = Self.task("a", "one")
        try await WatchedTree.with([Self.file: one]) { tree in
            try await tree.expect(["a active one"])
            try await Self.retire("a", removing: one, tree)
            try tree.write(Self.task("a", "edited"), to: Self.file)
            try await tree.expect(["a active edited"])
            #expect(Self.text(tree) == Self.task("a", "edited"))
            #expect(try await Self.pending(tree) == [])
        }
    }

    @Test func `a file that cannot be changed is named, and is tried again`() async throws {
        let directory = TestFolder.path("unfinished")
        let tree = directory + "/workflows"
        try FileManager.default.createDirectory(atPath: directory + "/elsewhere", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
        // Nothing is changed through a link.
        try FileManager.default.createSymbolicLink(
            atPath: tree + "/acme", withDestinationPath: directory + "/elsewhere")
        let (one, path) = (Self.task("a", "one"), "\(tree)/\(Self.file)")
        try one.write(toFile: path, atomically: false, encoding: .utf8)
        let store = try Store(directory: directory + "/data", baseURL: "http://localhost:1")
        let company = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        let leader = try #require(try await store.write { try $0.lead(as: "test", now: 1) })
        _ = try await store.inside(company.id).publish(
            [try Publication(Self.task("a", "two"), file: path, company: "acme")], over: [path: Self.sha256(one)],
            problems: [], now: 2)
        let files = UnfinishedFiles(root: tree, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for _ in 1...2 {
            let pending = try await store.read(in: company.id) { try $0.pendingFiles() }
            #expect(pending.map(\.file) == [path])
            let stale = try await files.finish(
                pending, among: [], before: nil, of: company, in: store, as: leader)
            #expect(stale == [path])
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == one)
        try store.close()
    }

    @Test func `nothing is changed in a directory that is lost, unless the company had no file yet`() async throws {
        let directory = TestFolder.path("unfinished")
        let tree = directory + "/workflows"
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
        let store = try Store(directory: directory + "/data", baseURL: "http://localhost:1")
        let company = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        let leader = try #require(try await store.write { try $0.lead(as: "test", now: 1) })
        let files = UnfinishedFiles(root: tree, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        func publish(_ name: String, _ description: String, over before: String, now: Int64) async throws {
            let file = "\(tree)/acme/\(name).task.yaml"
            let publication = try Publication(Self.task(name, description), file: file, company: "acme")
            _ = try await store.inside(company.id).publish([publication], over: [file: before], problems: [], now: now)
        }
        /// Looks as the publisher does, which remembers what it saw.
        /// - Returns: the names of the files that are still to be changed, none of which is to be read.
        func finish(_ before: inout CompanyTree?) async throws -> [String] {
            let (published, pending) = try await store.read(in: company.id) {
                (try $0.publishedFiles(), try $0.pendingFiles())
            }
            let stale = try await files.finish(
                pending, among: published, before: before, of: company, in: store, as: leader)
            before = TreeWalk.over(tree, company: "acme", .init(before: before)).tree
            let left = try await store.read(in: company.id) { try $0.pendingFiles() }
            #expect(stale == Set(left.map(\.file)))
            return left.map { String($0.file.dropFirst(tree.count + 1)) }
        }
        var memory: CompanyTree?
        // These are all that the company has.
        try await publish("a", "one", over: "", now: 2)
        #expect(try await finish(&memory) == [])
        #expect(FileManager.default.fileExists(atPath: "\(tree)/\(Self.file)"))
        // The file system goes away while the daemon runs, and is missing after a restart too.
        try FileManager.default.moveItem(atPath: "\(tree)/acme", toPath: "\(directory)/acme")
        try await publish("b", "new", over: "", now: 3)
        #expect(try await finish(&memory) == ["acme/b.task.yaml"])
        try await publish("a", "two", over: Self.sha256(Self.task("a", "one")), now: 4)
        memory = nil
        #expect(try await finish(&memory) == ["acme/a.task.yaml", "acme/b.task.yaml"])
        #expect(!FileManager.default.fileExists(atPath: "\(tree)/acme"))
        // The company's own directory is mounted still later, after several looks.
        try FileManager.default.createDirectory(atPath: "\(tree)/acme", withIntermediateDirectories: true)
        for _ in 1...2 { #expect(try await finish(&memory) == ["acme/a.task.yaml", "acme/b.task.yaml"]) }
        try FileManager.default.removeItem(atPath: "\(tree)/acme")
        try FileManager.default.moveItem(atPath: "\(directory)/acme", toPath: "\(tree)/acme")
        #expect(try await finish(&memory) == [])
        let texts = try ["a", "b"].map { try String(contentsOfFile: "\(tree)/acme/\($0).task.yaml", encoding: .utf8) }
        #expect(texts == [Self.task("a", "two"), Self.task("b", "new")])
        try store.close()
    }
}
