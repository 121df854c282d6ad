import Foundation
import Logging
import TFConfiguration
import TFQueue
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// A directory in the tree of definitions whose company does not exist.
@Suite struct StrangeDirectoryTests {
    @Test func `status and doctor tell of a directory that is no company's, until the company is made`() async throws {
        let directory = TestFolder.path("site")
        let tree = directory + "/workflows"
        for name in ["acme", "acmee", ".git", "lost+found"] {
            try FileManager.default.createDirectory(atPath: "\(tree)/\(name)", withIntermediateDirectories: true)
        }
        let store = try Store(directory: directory + "/var", baseURL: "http://localhost:1")
        let settings = try Settings.read(
            try SettingOptions.parse(["--data", directory + "/var", "--definitions", tree + "/"]), environment: [:])
        let servers = QueueServers([.unix(path: directory + "/redis.sock")], logger: Logger(label: "test"))
        func problems() async throws -> [String] {
            try await QueueStatus.read(
                store, servers, data: settings.data, definitions: settings.definitions, now: WallClock.now()
            ).problems.map(\.description)
        }
        func finding() async throws -> Finding? {
            try await QueueExam(store: store, settings: settings, now: WallClock.now()).findings()
                .first { $0.subject == "texts" }
        }
        func add(_ slug: String) async throws {
            _ = try await store.write { try $0.addCompany(slug: slug, name: slug, timezone: "UTC", now: 1) }
        }
        try await add("acme")
        let told = """
            \(tree)/acmee:1:1: error: there is no company "acmee"; make it with tf-web company add, or rename the directory; \
            did you mean "acme"?
            """
        #expect(try await problems() == [told])
        #expect(try await finding()?.verdict == .fault)
        #expect(try await finding()?.text == told)
        try await add("acmee")
        #expect(try await problems() == [])
        #expect(try await finding()?.verdict == .ok)
        await servers.close()
        try store.close()
    }
}
