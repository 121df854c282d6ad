import Foundation
import TFStore
import TFSystem
import TestSupport
import Testing

@testable import tf_daemon

@Suite struct SecretBoxTests {
    private let directory = TestFolder.path("secrets")
    private var home: KeyHome { .files(data: directory) }

    @Test func `a sealed secret opens for its company and name with its key, and in no other way`() async throws {
        let box = try await SecretBox(home)
        for value in ["", "hunter2", String(repeating: "ü", count: 5_000)] {
            let sealed = box.seal(value, company: 1, name: "token")
            #expect(box.open(sealed, company: 1, name: "token") == value)
            #expect(box.seal(value, company: 1, name: "token") != sealed)
            #expect(box.open(sealed, company: 2, name: "token") == nil)
            #expect(box.open(sealed, company: 1, name: "other") == nil)
            #expect(try await SecretBox(home).open(sealed, company: 1, name: "token") == value)
            #expect(try await SecretBox(.files(data: directory + "2")).open(sealed, company: 1, name: "token") == nil)
            var bytes = Array(try #require(Data(base64Encoded: sealed)))
            bytes[bytes.count - 1] ^= 1
            #expect(box.open(Data(bytes).base64EncodedString(), company: 1, name: "token") == nil)
        }
        for rubbish in ["", "x", "AAAA", Data(repeating: 0, count: 28).base64EncodedString()] {
            #expect(box.open(rubbish, company: 1, name: "token") == nil)
        }
    }

    @Test func `an idempotency key is the same for a request wherever the site's key is, and no other site's`()
        async throws
    {
        let key = try await SecretBox(home).idempotencyKey("a7")
        #expect(key.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(try await SecretBox(home).idempotencyKey("a7") == key)
        #expect(try await SecretBox(home).idempotencyKey("a8") != key)
        #expect(try await SecretBox(.files(data: directory + "3")).idempotencyKey("a7") != key)
    }

    @Test func `a key that others can read, or that is cut short, is refused`() async throws {
        _ = try await SecretBox(home)
        let path = directory + "/keys/secrets.key"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        await #expect(throws: FileFailure.self) { try await SecretBox(home) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        await #expect(throws: SecretBox.Failure.self) { try await SecretBox(home) }
    }

    @Test func `a key that sealed secrets is not made anew, and another one does not take its place`() async throws {
        let store = try Store(directory: directory, baseURL: "http://localhost:1")
        let company = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        func set(_ name: String, _ sealed: String) async throws {
            try await store.write(in: company.id) { try $0.setSecret(name, sealed: sealed, now: 1) }
        }
        let box = try await SecretBox(home, of: store)
        try await set("token", box.seal("hunter2", company: company.id, name: "token"))
        #expect(try await SecretBox(home, of: store).unopened(in: store) == [])
        let path = directory + "/keys/secrets.key"
        let key = try PrivateFile.read(path)
        let remedy =
            "; restore it from a backup, or, if it is lost for good, remove these secrets with "
            + "`tf-daemon secret remove COMPANY NAME` and set them anew"

        #expect(unlink(path) == 0)
        let missing = await #expect(throws: SecretBox.Failure.self) { try await SecretBox(home, of: store) }
        #expect(
            missing?.description == "the key \(path) is missing, and without it nobody opens acme/token" + remedy)
        #expect(!FileManager.default.fileExists(atPath: path))
        try PrivateFile.write(Random.bytes(32), to: path)
        let another = await #expect(throws: SecretBox.Failure.self) { try await SecretBox(home, of: store) }
        #expect(another?.description == "the key \(path) is not the one that sealed acme/token" + remedy)

        // One that was moved to another name alone keeps nobody from working.
        try PrivateFile.write(key, to: path)
        try await set("moved", box.seal("x", company: company.id, name: "other"))
        #expect(try await SecretBox(home, of: store).unopened(in: store) == ["acme/moved"])
        // As the remedy says.
        #expect(unlink(path) == 0)
        for name in ["token", "moved"] {
            #expect(try await store.write(in: company.id) { try $0.removeSecret(name) })
        }
        let anew = try await SecretBox(home, of: store)
        #expect(anew.open(box.seal("x", company: 1, name: "a"), company: 1, name: "a") == nil)
        try store.close()
    }

    @Test(.onPostgres) func `what one daemon seals opens at another with a data directory of its own`() async throws {
        let (here, there) = (TestFolder.path("data"), TestFolder.path("data"))
        let masterKey = TestFolder.path("master", suffix: ".key")
        let url = try #require(try await TestEngine.url(here))
        func box(_ data: String) async throws -> SecretBox {
            let store = try Store(directory: data, at: .server(url: url), baseURL: "http://localhost:1")
            return try await SecretBox(KeyHome(of: store, data: data, masterKey: masterKey))
        }
        let sealed = try await box(here).seal("hunter2", company: 1, name: "token")
        #expect(try await box(there).open(sealed, company: 1, name: "token") == "hunter2")
        for data in [here, there] { #expect(!FileManager.default.fileExists(atPath: data + "/keys/secrets.key")) }
    }
}
