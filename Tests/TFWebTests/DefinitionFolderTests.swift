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
        #expect(try await folder.remove(path, expecting: .init(nil)))

        // A link to itself: nobody knows what is behind it.
        #expect(symlink(root, root) == 0)
        #expect(await isUnavailable { _ = try await folder.exists(path) })
        #expect(await isUnavailable { _ = try await folder.obstacle(at: path) })
        #expect(await isUnavailable { _ = try await folder.remove(path, expecting: .init(nil)) })
        #expect(await isUnavailable { _ = try await folder.write([65], to: path, over: .init(nil)) })
    }

    @Test func `a file is written with the directories on its way, and removed`() async throws {
        let path = root + "/acme/deep/a.yaml"
        #expect(try await folder.write([65], to: path, over: .init(nil)))
        #expect(try await folder.exists(path))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "A")
        #expect(try await folder.remove(path, expecting: .init([65])))
        #expect(try await !folder.exists(path))
        #expect(try await folder.remove(path, expecting: .init([65])))
    }

    @Test func `a file that is not as expected is neither written nor removed`() async throws {
        let path = root + "/acme/a.yaml"
        #expect(try await folder.write([65], to: path, over: .init(nil)))
        for expected: [UInt8]? in [nil, [66]] {
            #expect(try await !folder.write([67], to: path, over: .init(expected)))
            #expect(try await !folder.remove(path, expecting: .init(expected)))
        }
        #expect(try await folder.text(of: path) == [65])
        #expect(try await folder.write([65], to: path, over: .init(nil)), "it has the text already")
        #expect(try await folder.write([67], to: path, over: .init([65])))
        #expect(try await folder.text(of: path) == [67])
    }

    @Test func `a name that the disk does not take is refused, and not taken for one that is free`() async throws {
        #expect(try await folder.write([65], to: root + "/acme/a.yaml", over: .init(nil)))
        let path = root + "/acme/" + String(repeating: "a", count: 300)
        #expect(await isUnavailable { _ = try await folder.exists(path) })
        #expect(await isUnavailable { _ = try await folder.remove(path, expecting: .init(nil)) })
    }
}
