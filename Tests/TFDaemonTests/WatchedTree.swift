import Foundation
import Logging
import TFDefinition
import TFStore
import TFWatch
import TestSupport
import Testing

@testable import tf_daemon

/// A tree of definitions that a publisher watches, with the store it publishes to.
struct WatchedTree {
    let root: String
    let store: Store
    let company: Company

    /// Runs `body` while the publisher runs.
    /// - Parameter isMirroring: whether the store's definitions are brought into the tree.
    static func with(
        _ files: [String: String], isMirroring: Bool = false, _ body: (WatchedTree) async throws -> Void
    ) async throws {
        let directory = TestFolder.path("watched")
        let store = try Store(directory: directory + "/data", baseURL: "http://localhost:1")
        let company = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        let leader = try #require(try await store.write { try $0.lead(as: "test", now: 1) })
        let tree = WatchedTree(root: directory + "/workflows", store: store, company: company)
        try tree.makeDirectory("acme")
        for (path, text) in files { try tree.write(text, to: path) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let wake = Wake()
        let watch = StoreWatch(directory: directory + "/data", wakes: [.definitions: [wake]])
        let publisher = DefinitionPublisher(
            root: tree.root, store: store, data: directory + "/data", storeWake: wake, logger: logger,
            isMirroring: isMirroring,
            // What is found is found by the watch.
            rescan: .seconds(86_400))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watch.run() }
            group.addTask { try await publisher.run(LeaderTerm(leader, since: .now)) }
            try await body(tree)
            group.cancelAll()
        }
        try store.close()
        try FileManager.default.removeItem(atPath: directory)
    }

    func path(_ name: String) -> String { URL(fileURLWithPath: root + "/" + name).standardized.path }

    func makeDirectory(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }

    func write(_ text: String, to name: String) throws {
        try makeDirectory((name as NSString).deletingLastPathComponent)
        try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    }

    func move(_ from: String, _ to: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path(to) as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        guard rename(path(from), path(to)) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    /// Every task as `name state description`.
    func published() async throws -> [String] {
        var texts: [String] = []
        for row in try await store.read(in: company.id, { try $0.definitions() }) {
            guard case .task(let task) = try await store.read(in: company.id, { try $0.revision(row.revisionID) })
            else { continue }
            texts.append([row.name, row.state.rawValue, task.description?.source ?? ""].joined(separator: " "))
        }
        return texts
    }

    /// Waits until exactly this is published.
    func expect(_ expected: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        do {
            _ = try await eventually("\(expected)") { try await published() == expected ? true : nil }
        } catch {
            let found = try await published()
            #expect(found == expected, sourceLocation: sourceLocation)
        }
    }

    /// Waits until the problems of the company's files are these.
    func expect(problems expected: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        func found() async throws -> [String] {
            try await store.read(in: company.id) { try $0.problems() }.map {
                $0.description.replacing(root + "/", with: "")
            }
        }
        do {
            _ = try await eventually("\(expected)") { try await found() == expected ? true : nil }
        } catch {
            let found = try await found()
            #expect(found == expected, sourceLocation: sourceLocation)
        }
    }

    static func task(_ name: String, _ description: String) -> String { "task: \(name)\ndescription: \(description)\n" }
}
