import TFDefinition
import TFStore
import TestSupport
import Testing

/// What the daemon has read from files against what is published on the web while it reads.
@Suite(.onBothEngines) struct StaleLookTests {
    private static let file = "approve.task.yaml"
    private static let old = "task: approve\nassign: { role: boss }\noutcomes: [old]\n"
    private static let new = "task: approve\nassign: { role: boss }\noutcomes: [new]\n"

    private static func publication(_ text: String, file: String = Self.file) throws -> Publication {
        try Publication(text, file: file, company: "acme")
    }

    private static func mark(_ test: TestStore) async throws -> DefinitionsMark {
        try await test.store.read(in: test.company.id) { try $0.definitionsMark() }
    }

    /// Publishes as the daemon does, what it has read since the mark.
    private static func look(
        _ test: TestStore, _ texts: [String], since mark: DefinitionsMark
    ) async throws -> PublishedChanges {
        try await test.store.inside(test.company.id).publish(
            texts.map { try publication($0) }, keeping: [], since: DefinitionsLook(leader: test.leader, mark: mark),
            problems: [], now: 2)
    }

    private static func row(_ test: TestStore, _ name: String = "approve") async throws -> DefinitionRow {
        try #require(try await test.store.read(in: test.company.id) { try $0.definition(.task, name) })
    }

    @Test func `a text published meanwhile stays in force, and is told as newer than the files that were read`()
        async throws
    {
        let test = try await TestStore()
        try await test.publish([Self.file: Self.old])
        let mark = try await Self.mark(test)
        _ = try await test.store.inside(test.company.id).publish(
            [Self.publication(Self.new)], problems: [], now: 2)
        let changes = try await Self.look(test, [Self.old], since: mark)
        #expect(changes.overtaken == ["task approve"])
        #expect(changes.published.isEmpty)
        #expect(try await Self.row(test).source == Self.new)
        // The next look has read the new file, and finds all as it is to be.
        let again = try await Self.look(test, [Self.new], since: try await Self.mark(test))
        #expect(again.overtaken.isEmpty)
        #expect(try await Self.row(test).source == Self.new)
    }

    @Test func `what a former leader has read is refused`() async throws {
        let test = try await TestStore()
        try await test.publish([Self.file: Self.new])
        let mark = try await Self.mark(test)
        try await test.store.write { try $0.resign(test.leader) }
        _ = try await test.store.write { try $0.lead(as: "heir", now: 3) }
        await #expect(throws: StoreError.self) { _ = try await Self.look(test, [Self.old], since: mark) }
        #expect(try await Self.row(test).source == Self.new)
    }

    @Test func `a definition that is new meanwhile is not retired`() async throws {
        let test = try await TestStore()
        let mark = try await Self.mark(test)
        _ = try await test.store.inside(test.company.id).publish(
            [Self.publication(Self.new)], problems: [], now: 2)
        let changes = try await Self.look(test, [], since: mark)
        #expect(changes.overtaken == ["task approve"])
        #expect(changes.retired.isEmpty)
        #expect(try await Self.row(test).state == .active)
        // Where its file is not there at the next look either, it goes.
        #expect(try await Self.look(test, [], since: try await Self.mark(test)).retired == ["task approve"])
        #expect(try await Self.row(test).state == .retired)
    }

    @Test func `a definition retired meanwhile does not come back`() async throws {
        let test = try await TestStore()
        try await test.publish([Self.file: Self.old])
        let mark = try await Self.mark(test)
        let id = try await Self.row(test).id
        try await test.store.write(in: test.company.id) { try $0.retireDefinition(id, now: 3) }
        #expect(try await Self.look(test, [Self.old], since: mark).overtaken == ["task approve"])
        #expect(try await Self.row(test).state == .retired)
    }

    @Test func `what nobody else has changed is published and retired beside what somebody has`() async throws {
        let test = try await TestStore()
        try await test.publish([Self.file: Self.old, "gone.task.yaml": "task: gone\noutcomes: [a]\n"])
        let mark = try await Self.mark(test)
        _ = try await test.store.inside(test.company.id).publish(
            [Self.publication(Self.new)], problems: [], now: 2)
        let changes = try await Self.look(test, [Self.old, "task: other\noutcomes: [a]\n"], since: mark)
        #expect(changes.overtaken == ["task approve"])
        #expect(changes.published == ["task other"])
        #expect(changes.retired == ["task gone"])
        #expect(try await Self.row(test).source == Self.new)
    }

    @Test func `where only the files change, each look publishes what it has read`() async throws {
        let test = try await TestStore()
        for text in [Self.old, Self.new, Self.old] {
            let changes = try await Self.look(test, [text], since: try await Self.mark(test))
            #expect(changes.overtaken.isEmpty)
            #expect(changes.published == ["task approve"])
            #expect(try await Self.row(test).source == text)
        }
    }

    @Test func `of two definitions that a page writes into one file the later one counts`() async throws {
        let test = try await TestStore()
        let company = test.store.inside(test.company.id)
        let later = try Publication("task: buy\n", file: Self.file, company: "acme")
        for (now, publication) in [(3, try Self.publication(Self.old)), (4, later)] {
            _ = try await company.publish(
                [publication], over: [Self.file: ""], problems: [], now: Int64(now))
        }
        let pending = try await company.read { try $0.pendingFiles() }
        #expect(pending.map(\.after) == [later.sha256])
    }

    @Test func `a file that a page changes is known as such until it is changed, or published by the daemon`()
        async throws
    {
        let test = try await TestStore()
        try await test.publish([Self.file: Self.old])
        let company = test.store.inside(test.company.id)
        func pending() async throws -> [PendingFile] { try await company.read { try $0.pendingFiles() } }
        #expect(try await pending().isEmpty)
        _ = try await company.publish([Self.publication(Self.new)], over: [Self.file: ""], problems: [], now: 3)
        let row = try await Self.row(test)
        let written = try #require(try await pending().first)
        #expect(written.file == Self.file && written.before == nil)
        #expect(written.revision == row.revisionID && written.after == row.sha256)
        // What an earlier change has come to says nothing of this one.
        try await company.write { try $0.fileIsChanged(Self.file, since: 2) }
        #expect(try await pending() == [written])
        try await company.write { try $0.fileIsChanged(Self.file, since: 3) }
        #expect(try await pending().isEmpty)

        try await company.write { try $0.retireDefinition(row.id, removing: row.sha256, now: 4) }
        let removed = try #require(try await pending().first)
        #expect(removed.before == row.sha256 && removed.revision == nil && removed.after == nil)
        _ = try await Self.look(test, [Self.old], since: try await Self.mark(test))
        #expect(try await pending().isEmpty)
    }
}
