import Foundation
import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// The site's keys, in files or sealed in the store.
@Suite(.onBothEngines) struct KeyHomeTests {
    private let masterKey = TestFolder.path("master", suffix: ".key")

    private func home(_ store: Store, _ data: String, _ masterKey: String? = nil) async throws -> KeyHome {
        try await KeyHome(of: store, data: data, masterKey: masterKey ?? self.masterKey)
    }

    private func refusal(_ store: Store, _ data: String, _ masterKey: String) async -> String {
        do {
            _ = try await home(store, data, masterKey)
            return "it opens"
        } catch { return "\(error)" }
    }

    @Test func `keys are there again, and only those that a change leaves`() async throws {
        let data = TestFolder.path("data")
        let store = try await TestEngine.store(data)
        let keys = try await home(store, data)
        #expect(try await keys.read() == [:])
        #expect(try await keys.key(KeyHome.secret) == nil)
        let made = try await keys.change {
            $0[KeyHome.secret] = [1, 2, 3]
            $0[KeyHome.states] = Array("{}".utf8)
            $0["a.pem"] = [4]
        }
        #expect(try await home(store, data).read() == made)
        #expect(try await keys.key(KeyHome.secret) == [1, 2, 3])
        struct Refused: Error {}
        await #expect(throws: Refused.self) {
            try await keys.change {
                $0[KeyHome.secret] = nil
                throw Refused()
            }
        }
        try await keys.change {
            $0["a.pem"] = nil
            $0["b.pem"] = [5]
            $0[KeyHome.states] = [6]
        }
        #expect(
            try await home(store, data).read() == [
                KeyHome.secret: [1, 2, 3], KeyHome.states: [6], "b.pem": [5],
            ])
        #expect(try await KeyHome.existing(of: store, data: data, masterKey: masterKey) != nil)
        if case .rows = keys {
            #expect(!FileManager.default.fileExists(atPath: data + "/keys/secret"))
        } else {
            #expect(!FileManager.default.fileExists(atPath: masterKey), "files need no master key")
        }
    }

    @Test func `the metrics' token is set, replaced and removed`() async throws {
        let data = TestFolder.path("data")
        let store = try await TestEngine.store(data)
        let keys = try await home(store, data)
        for token in ["first", "second"] {
            try await keys.setMetricsToken(Array(token.utf8))
            #expect(try await home(store, data).key(KeyHome.metricsToken) == Array(token.utf8))
        }
        try await keys.setMetricsToken(nil)
        try await keys.setMetricsToken(nil)
        #expect(try await keys.key(KeyHome.metricsToken) == nil)
    }

    @Test func `what is sealed in the store is open to nobody without the master key, nor under another name`()
        async throws
    {
        let data = TestFolder.path("data")
        let store = try await TestEngine.store(data)
        let master = try MasterKey(file: masterKey, for: [:])
        let keys = KeyHome.rows(store, master)
        try await keys.change { $0[KeyHome.secret] = Array("a secret of the site".utf8) }
        let sealed = try await store.read { try $0.sealedKeys() }
        #expect(sealed.count == 1)
        for text in sealed.values { #expect(!text.contains("secret")) }
        let opened = try await keys.read()
        #expect(try MasterKey(file: masterKey, for: sealed).open(sealed) == opened)
        let other = TestFolder.path("master", suffix: ".key")
        try PrivateFile.write(Random.bytes(32), to: other)
        #expect(throws: MasterKeyError.self) { try MasterKey(file: other, for: sealed) }
        #expect(throws: MasterKeyError.self) { try master.open(["states.json": sealed[KeyHome.secret] ?? ""]) }
        // One that has read before a key was sealed seals none beside it.
        let late = KeyHome.rows(store, try MasterKey(file: other, for: [:]))
        await #expect(throws: MasterKeyError.self) { try await late.change { $0["x.pem"] = [1] } }
        #expect(try await store.read { try $0.sealedKeys() } == sealed)
        try await keys.change { $0 = [:] }
        #expect(try await store.read { try $0.sealedKeys() } == [:])
    }

    @Test func `a master key that is missing, wrong, none, or open to others is refused with what to do`()
        async throws
    {
        let data = TestFolder.path("data")
        let store = try await TestEngine.store(data)
        guard case .postgres = store.engine else { return }
        #expect(try await KeyHome.existing(of: store, data: data, masterKey: masterKey) == nil)
        #expect(!FileManager.default.fileExists(atPath: masterKey), "looking makes no key")
        try await home(store, data).change { $0[KeyHome.secret] = [1] }
        let other = TestFolder.path("master", suffix: ".key")
        let remedy = "; give this host the file of the others (master.key.file, TF_MASTER_KEY_FILE)"
        #expect(
            await refusal(store, data, other)
                == "the master key's file \(other) is not there, and the keys in the store are sealed with it" + remedy)
        #expect(!FileManager.default.fileExists(atPath: other))
        try PrivateFile.write(Random.bytes(32), to: other)
        #expect(
            await refusal(store, data, other)
                == "the keys in the store are sealed with another master key than that of \(other)" + remedy)
        try PrivateFile.write(Random.bytes(31), to: other)
        #expect(
            await refusal(store, data, other)
                == "the master key's file \(other) holds neither 32 bytes nor their base64" + remedy)
        // As somebody copies it by hand.
        let text = Data(try PrivateFile.read(masterKey)).base64EncodedString() + "\n"
        try PrivateFile.write(Array(text.utf8), to: other)
        #expect(await refusal(store, data, other) == "it opens")
        #expect(chmod(other, 0o640) == 0)
        #expect(await refusal(store, data, other) == "\(other) can be read by others; run: chmod 600 \(other)")
    }

    @Test func `programs that start at once make one master key, and one key`() async throws {
        let data = TestFolder.path("data")
        let store = try await TestEngine.store(data)
        let found = try await withThrowingTaskGroup(of: KeyHome.Keys.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await home(store, data).change { keys in
                        if keys[KeyHome.secret] == nil { keys[KeyHome.secret] = Random.bytes(32) }
                    }
                }
            }
            return try await group.reduce(into: Set<[UInt8]?>()) { $0.insert($1[KeyHome.secret]) }
        }
        #expect(found.count == 1)
    }
}
