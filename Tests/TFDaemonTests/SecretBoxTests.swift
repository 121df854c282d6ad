import Foundation
import TFSystem
import TestSupport
import Testing

@testable import tf_daemon

@Suite struct SecretBoxTests {
    private let directory = TestFolder.path("secrets")

    @Test func `a sealed secret opens for its company and name with its key, and in no other way`() throws {
        let box = try SecretBox(directory: directory)
        for value in ["", "hunter2", String(repeating: "ü", count: 5_000)] {
            let sealed = box.seal(value, company: 1, name: "token")
            #expect(box.open(sealed, company: 1, name: "token") == value)
            #expect(box.seal(value, company: 1, name: "token") != sealed)
            #expect(box.open(sealed, company: 2, name: "token") == nil)
            #expect(box.open(sealed, company: 1, name: "other") == nil)
            #expect(try SecretBox(directory: directory).open(sealed, company: 1, name: "token") == value)
            #expect(try SecretBox(directory: directory + "2").open(sealed, company: 1, name: "token") == nil)
            var bytes = Array(try #require(Data(base64Encoded: sealed)))
            bytes[bytes.count - 1] ^= 1
            #expect(box.open(Data(bytes).base64EncodedString(), company: 1, name: "token") == nil)
        }
        for rubbish in ["", "x", "AAAA", Data(repeating: 0, count: 28).base64EncodedString()] {
            #expect(box.open(rubbish, company: 1, name: "token") == nil)
        }
    }

    @Test func `a key that others can read, or that is cut short, is refused`() throws {
        _ = try SecretBox(directory: directory)
        let path = directory + "/keys/secrets.key"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: FileFailure.self) { try SecretBox(directory: directory) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(throws: SecretBox.Failure.self) { try SecretBox(directory: directory) }
    }
}
