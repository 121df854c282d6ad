import Foundation
import Logging
import TFDefinition
import TFEngine
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// Hosts with trees of their own: what is in the store comes into each, and nothing old comes out of one.
@Suite(.onBothEngines) struct DefinitionMirrorTests {
    private let base = TestFolder.path("hosts")

    private func host(_ name: String) -> DefinitionMirror {
        DefinitionMirror(
            root: "\(base)/\(name)/workflows", data: "\(base)/\(name)/data",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func path(_ host: DefinitionMirror, _ place: String) -> String { "\(host.root)/acme/\(place)" }

    private func text(_ host: DefinitionMirror, _ place: String) -> String? {
        FileManager.default.contents(atPath: path(host, place)).map { String(decoding: $0, as: UTF8.self) }
    }

    private func write(_ text: String, _ host: DefinitionMirror, _ place: String) throws {
        let path = path(host, place)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private static func task(_ description: String) -> String { WatchedTree.task("look", description) }

    /// As a page does it on a host.
    private func save(
        _ text: String, _ store: Store, _ company: Company, _ host: DefinitionMirror,
        _ place: String = "look.task.yaml",
        at now: Int64
    ) async throws {
        let parsed = Definition.parse(Array(text.utf8), file: path(host, place), company: "acme")
        let publication = try #require(
            Publication(parsed, source: text, file: path(host, place), isComplete: true))
        _ = try await store.inside(company.id).publish([publication], problems: [], now: now)
    }

    private func retire(_ store: Store, _ company: Company, at now: Int64) async throws {
        try await store.write(in: company.id) { session in
            let row = try session.definition(.task, "look")
            if let row { try session.retireDefinition(row.id, now: now) }
        }
    }

    private func site() async throws -> (Store, Company, DefinitionMirror, DefinitionMirror) {
        let store = try await TestEngine.store(base + "/record")
        let company = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        for name in ["one", "other"] {
            try FileManager.default.createDirectory(
                atPath: host(name).root, withIntermediateDirectories: true)
        }
        return (store, company, host("one"), host("other"))
    }

    @Test func `what is saved at one host is in each tree, and what is retired is in none`() async throws {
        let (store, company, one, other) = try await site()
        try await save(Self.task("first"), store, company, one, "deep/look.task.yaml", at: 2)
        for host in [one, other] {
            try await host.bring(company, from: store)
            #expect(text(host, "deep/look.task.yaml") == Self.task("first"))
        }
        let before = try await store.read { try $0.publicationsByCompany() }
        try await save(Self.task("second"), store, company, other, "deep/look.task.yaml", at: 3)
        #expect(try await store.read { try $0.publicationsByCompany() } != before)
        for host in [one, other] {
            try await host.bring(company, from: store)
            #expect(text(host, "deep/look.task.yaml") == Self.task("second"))
        }
        // Also a text that it had before.
        try await save(Self.task("first"), store, company, one, "deep/look.task.yaml", at: 4)
        for host in [one, other] {
            try await host.bring(company, from: store)
            #expect(text(host, "deep/look.task.yaml") == Self.task("first"))
        }
        try await retire(store, company, at: 5)
        for host in [one, other] {
            try await host.bring(company, from: store)
            #expect(text(host, "deep/look.task.yaml") == nil)
        }
        // Somebody puts it there again.
        try write(Self.task("first"), one, "deep/look.task.yaml")
        try await one.bring(company, from: store)
        #expect(text(one, "deep/look.task.yaml") == Self.task("first"))
    }

    @Test func `a new version takes the place of the one before, whatever the clocks say`()
        async throws
    {
        let (store, company, one, _) = try await site()
        let versions = ["1.0.0", "1.0.1"].map {
            "document: { dsl: '1.0.3', namespace: acme, name: w, version: '\($0)' }\ndo: [ { a: { set: { n: 1 } } } ]\n"
        }
        try await save(versions[0], store, company, one, "w.workflow.yaml", at: 2)
        try await one.bring(company, from: store)
        // By a machine whose clock is behind.
        try await save(versions[1], store, company, one, "w.workflow.yaml", at: 1)
        try await one.bring(company, from: store)
        #expect(text(one, "w.workflow.yaml") == versions[1])
    }

    @Test func `a file that was edited, broken or removed at a host stays as people left it there`() async throws {
        let (store, company, one, other) = try await site()
        try await save(Self.task("first"), store, company, one, at: 2)
        try await save(Self.task("second"), store, company, one, at: 3)
        try await one.bring(company, from: store)
        // Back to an old text, something new, something broken.
        for edited in [Self.task("first"), Self.task("third"), "task: look\nassing: x\n"] {
            try write(edited, one, "look.task.yaml")
            try await one.bring(company, from: store)
            #expect(text(one, "look.task.yaml") == edited)
        }
        try FileManager.default.removeItem(atPath: path(one, "look.task.yaml"))
        try await one.bring(company, from: store)
        #expect(text(one, "look.task.yaml") == nil)
        // A host that begins: an old text is old, and one that the store never had is new.
        try write(Self.task("first"), other, "look.task.yaml")
        try write("task: mine\ndescription: x\n", other, "mine.task.yaml")
        try await other.bring(company, from: store)
        #expect(text(other, "look.task.yaml") == Self.task("second"))
        #expect(text(other, "mine.task.yaml") == "task: mine\ndescription: x\n")
        // Without the notes, too.
        try await save(Self.task("fourth"), store, company, one, at: 4)
        try FileManager.default.removeItem(atPath: other.notes.directory)
        try await other.bring(company, from: store)
        #expect(text(other, "look.task.yaml") == Self.task("fourth"))
    }

    @Test func `nothing is written through a link`() async throws {
        let (store, company, one, _) = try await site()
        try await save(Self.task("first"), store, company, one, at: 2)
        try FileManager.default.createDirectory(atPath: base + "/elsewhere", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: one.root + "/acme", withDestinationPath: base + "/elsewhere")
        #expect(try await one.bring(company, from: store) == [path(one, "look.task.yaml")])
        #expect(try FileManager.default.contentsOfDirectory(atPath: base + "/elsewhere") == [])
    }

    @Test func `a text that is nowhere else is neither overwritten nor removed`() async throws {
        let (store, company, one, _) = try await site()
        try await save(Self.task("first"), store, company, one, at: 2)
        try await one.bring(company, from: store)
        // The store was brought back to an older state, or is another one: the notes tell of texts that it does not have.
        try one.notes.write(["look.task.yaml": .text(Definition.revision(of: Array(Self.task("later").utf8)))], "acme")
        try write(Self.task("later"), one, "look.task.yaml")
        try await one.bring(company, from: store)
        #expect(text(one, "look.task.yaml") == Self.task("later"))
        try await retire(store, company, at: 3)
        try await one.bring(company, from: store)
        #expect(text(one, "look.task.yaml") == Self.task("later"))
    }

    @Test func `what is no file that can be read stays, and one file that cannot be changed keeps no other`()
        async throws
    {
        let (store, company, one, _) = try await site()
        try FileManager.default.createDirectory(
            atPath: path(one, "look.task.yaml/inside"), withIntermediateDirectories: true)
        try await save(Self.task("first"), store, company, one, at: 2)
        let other = Self.task("first").replacing("task: look", with: "task: see")
        try write("elsewhere", one, "../elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: path(one, "see.task.yaml"), withDestinationPath: "../elsewhere")
        try await save(other, store, company, one, "see.task.yaml", at: 3)
        let third = Self.task("first").replacing("task: look", with: "task: watch")
        try await save(third, store, company, one, "watch.task.yaml", at: 4)
        // A link is no file of ours, and its text is none that the store has.
        try await one.bring(company, from: store)
        #expect(text(one, "watch.task.yaml") == third)
        #expect(text(one, "../elsewhere") == "elsewhere")
        #expect(FileManager.default.fileExists(atPath: path(one, "look.task.yaml/inside")))
    }

    @Test func `a directory that is missing, or empty at the first look, gets all its files again`() async throws {
        let (store, company, one, _) = try await site()
        try await save(Self.task("first"), store, company, one, at: 2)
        try await one.bring(company, from: store)
        try FileManager.default.removeItem(atPath: path(one, ""))
        try await one.bring(company, from: store)
        #expect(text(one, "look.task.yaml") == Self.task("first"))
        try FileManager.default.removeItem(atPath: path(one, "look.task.yaml"))
        try await one.bring(company, from: store)
        #expect(text(one, "look.task.yaml") == nil)
        try await one.bring(company, from: store, isFirst: true)
        #expect(text(one, "look.task.yaml") == Self.task("first"))
    }
}

/// The same while a daemon watches its tree.
@Suite struct MirroredTreeTests {
    @Test func `what a page saves comes into the leader's tree, and an older file is never published over it`()
        async throws
    {
        func task(_ description: String) -> String { WatchedTree.task("a", description) }
        try await WatchedTree.with(["acme/a.task.yaml": task("one")], isMirroring: true) { tree in
            try await tree.expect(["a active one"])
            for (number, description) in ["two", "three", "one"].enumerated() {
                let file = tree.root + "/acme/a.task.yaml"
                let parsed = Definition.parse(Array(task(description).utf8), file: file, company: "acme")
                let publication = try #require(
                    Publication(parsed, source: task(description), file: file, isComplete: true))
                _ = try await tree.store.inside(tree.company.id).publish(
                    [publication], problems: [], now: Int64(10 + number))
                _ = try await eventually("the file has it") {
                    try String(contentsOfFile: file, encoding: .utf8) == task(description) ? true : nil
                }
                try await tree.expect(["a active \(description)"])
            }
            // A file that is away for one look, as while others are brought, is published when it is back.
            try tree.remove("acme/a.task.yaml")
            try await tree.expect(["a retired one"])
            try tree.write(task("one"), to: "acme/a.task.yaml")
            try await tree.expect(["a active one"])
            // People go on with the files.
            try tree.write(task("four"), to: "acme/a.task.yaml")
            try await tree.expect(["a active four"])
            try tree.remove("acme/a.task.yaml")
            try await tree.expect(["a retired four"])
        }
    }
}
