import Foundation
import Logging
import TFConfiguration
import TFQueue
import TestSupport
import Testing

@testable import TFStore
@testable import tf_daemon

@Suite struct TopTests {
    @Test(arguments: [
        ("q", [RawTerminal.Key.character("q")]), ("\u{1B}[A\u{1B}[B2", [.up, .down, .character("2")]),
        ("\u{3}", [.character("q")]), ("\u{1B}[C", []), ("pr", [.character("p"), .character("r")]), ("", []),
    ])
    func `keys are read from what a terminal sends`(_ text: String, _ keys: [RawTerminal.Key]) {
        #expect(RawTerminal.keys(in: Array(text.utf8)) == keys)
    }

    @Test(arguments: [
        ("redis does not answer", 21, "redis does not answer"), ("redis does not answer", 20, "redis does not…"),
        ("a ████████████", 8, "a █████…"), ("word", 0, "…"),
    ])
    func `a line that is too long ends with a whole word`(_ line: String, _ width: Int, _ shown: String) {
        #expect(TopView.fitted(line, width) == shown)
    }

    /// It goes on for hours, and no watch ends it.
    @Test(.onBothEngines) func `no picture is made of a store that a newer version has brought up to date`()
        async throws
    {
        let directory = TestFolder.path("store")
        let store = try await TestEngine.store(directory)
        let location = StoreLocation(try await TestEngine.url(directory))
        let reader = try Store(reading: directory, at: location, baseURL: store.baseURL)
        try await store.write {
            try $0.run("INSERT INTO migration (number, sha256) VALUES (?, 'a')", [Migration.newest + 1])
        }
        let servers = QueueServers([.unix(path: directory + "/redis.sock")], logger: Logger(label: "test"))
        let settings = try Settings.read(try SettingOptions.parse(["--data", directory]), environment: [:])
        let refused = await #expect(throws: DatabaseFailure.self) {
            _ = try await TopView.read(reader, servers, settings)
        }
        #expect(refused?.refusal == .upgraded)
        await servers.close()
        for one in [store, reader] { try one.close() }
    }
}
