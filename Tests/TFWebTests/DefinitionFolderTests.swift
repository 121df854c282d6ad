import Foundation
import Logging
import TestSupport
import Testing

@testable import tf_web

/// The tree of definitions on a disk that refuses something.
@Suite struct DefinitionFolderTests {
    private let root = TestFolder.path("tree")
    private var folder: DefinitionFolder {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return DefinitionFolder(root: root, logger: logger)
    }

    private func isUnavailable(_ work: () async throws -> Void) async -> Bool {
        do { try await work() } catch Failure.unavailable { return true } catch { Issue.record(error) }
        return false
    }

    @Test func `what is not there is told from what cannot be looked at`() async throws {
        let path = root + "/acme/a.yaml"
        #expect(try await !folder.exists(path))
        #expect(try await folder.obstacle(at: path) == nil)
        try await folder.remove(path)

        // A link to itself: nobody knows what is behind it.
        #expect(symlink(root, root) == 0)
        #expect(await isUnavailable { _ = try await folder.exists(path) })
        #expect(await isUnavailable { _ = try await folder.obstacle(at: path) })
        #expect(await isUnavailable { try await folder.remove(path) })
        #expect(await isUnavailable { try await folder.write([65], to: path) })
    }

    @Test func `a file is written with the directories on its way, and removed`() async throws {
        let path = root + "/acme/deep/a.yaml"
        try await folder.write([65], to: path)
        #expect(try await folder.exists(path))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "A")
        try await folder.remove(path)
        #expect(try await !folder.exists(path))
        try await folder.remove(path)
    }

    @Test func `a name that the disk does not take is refused, and not taken for one that is free`() async throws {
        try await folder.write([65], to: root + "/acme/a.yaml")
        let path = root + "/acme/" + String(repeating: "a", count: 300)
        #expect(await isUnavailable { _ = try await folder.exists(path) })
        #expect(await isUnavailable { try await folder.remove(path) })
    }
}
