import Foundation
import TestSupport
import Testing

@testable import TFStore

/// A data directory that was there before, with something in it that is not its owner's alone.
@Suite struct DataDirectoryTests {
    private let directory = TestFolder.path("data")
    private let manager = FileManager.default

    /// Makes a directory, or a file that is not empty.
    private func make(_ name: String, isDirectory: Bool) throws {
        try manager.createDirectory(
            atPath: isDirectory ? "\(directory)/\(name)" : directory, withIntermediateDirectories: true)
        if !isDirectory { #expect(manager.createFile(atPath: "\(directory)/\(name)", contents: Data("x".utf8))) }
    }

    private func mode(_ name: String) -> mode_t {
        var status = stat()
        #expect(lstat("\(directory)/\(name)", &status) == 0, "\(name)")
        return status.st_mode & 0o777
    }

    /// What is said instead of opening the store.
    private func refusal() throws -> String {
        "\(try #require(throws: StoreOpenError.self) { try DataDirectory.prepare(directory) })"
    }

    @Test func `what others could enter or read is closed to them`() throws {
        for name in ["keys", "attachments", "wake"] {
            try make(name, isDirectory: true)
            #expect(chmod("\(directory)/\(name)", 0o777) == 0)
        }
        for name in ["store.db", "store.db-wal", "store.lock", "engine.mark"] {
            try make(name, isDirectory: false)
            #expect(chmod("\(directory)/\(name)", 0o666) == 0)
        }
        try DataDirectory.prepare(directory)
        for name in ["keys", "attachments", "wake"] { #expect(mode(name) == 0o700, "\(name)") }
        for name in ["store.db", "store.db-wal", "store.lock", "engine.mark"] {
            #expect(mode(name) == 0o600, "\(name)")
        }
    }

    @Test(arguments: [["keys/secret"], ["attachments/x"], ["engine.mark"], ["keys/secret", "engine.mark"]])
    func `a new store is not made beside what belongs to one that is lost`(_ names: [String]) throws {
        for folder in ["keys", "attachments"] { try make(folder, isDirectory: true) }
        for name in names { try make(name, isDirectory: false) }
        let left = names.map { $0.prefix { $0 != "/" } }.joined(separator: ", ")
        let refusal = try refusal()
        #expect(
            refusal.hasPrefix(
                "\(directory) holds \(left) of a site, and its store.db is not there; put it back, restore"))
        #expect(!manager.fileExists(atPath: directory + "/store.db"))
        // Who only looks is told the same, and not to start what refuses, too.
        let look = try #require(throws: StoreOpenError.self) { try DataDirectory.check(directory) }
        #expect("\(look)" == refusal)
        // A file that is cut off to nothing holds no store.
        #expect(manager.createFile(atPath: directory + "/store.db", contents: nil))
        let empty = try self.refusal()
        #expect(empty.hasPrefix("\(directory) holds \(left) of a site, and its store.db is empty; put it back"))
        #expect(try !Store.exists(in: directory))
        #expect(unlink(directory + "/store.db") == 0)
        // A server keeps that record.
        #expect(throws: Never.self) { try DataDirectory.prepare(directory, isFile: false) }
        for name in names { #expect(unlink("\(directory)/\(name)") == 0) }
        try make("keys/lock", isDirectory: false)
        try make("keys/master.key", isDirectory: false)
        #expect(throws: Never.self) { try DataDirectory.prepare(directory) }
    }

    @Test(arguments: [
        "store.db", "store.db-wal", "store.db-shm", "store.db-turn", "store.lock", "engine.mark", "keys/secret",
    ])
    func `a file that is a link, or has another name, is refused by its path`(name: String) throws {
        try make("keys", isDirectory: true)
        let path = "\(directory)/\(name)"
        let other = "\(directory)/other"
        try make("other", isDirectory: false)
        #expect(chmod(other, 0o644) == 0)
        #expect(symlink(other, path) == 0)
        #expect(try refusal().hasPrefix("\(path) is a symbolic link; "))
        #expect(mode("other") == 0o644, "nothing was changed through the link")
        #expect(unlink(path) == 0)
        #expect(link(other, path) == 0)
        #expect(try refusal().hasPrefix("\(path) has 2 hard links"))
        #expect(mode("other") == 0o644)
        #expect(unlink(other) == 0)
        if name != "store.db" { try make("store.db", isDirectory: false) }
        #expect(throws: Never.self) { try DataDirectory.prepare(directory) }
    }

    @Test(arguments: ["keys", "attachments"])
    func `a directory in it that is a link, or a file, is refused by its path`(name: String) throws {
        try make("other", isDirectory: true)
        let path = "\(directory)/\(name)"
        #expect(symlink("other", path) == 0)
        #expect(try refusal().hasPrefix("\(path) is a symbolic link; "))
        #expect(unlink(path) == 0)
        try make(name, isDirectory: false)
        #expect(try refusal().hasPrefix("\(path) is no directory; "))
    }

    @Test(
        .enabled(if: geteuid() == 0, "gives things to another account"), arguments: ["store.db", "keys", "keys/secret"])
    func `what belongs to another account is refused by its path`(name: String) throws {
        try make("keys", isDirectory: true)
        if name != "keys" { try make(name, isDirectory: false) }
        let path = "\(directory)/\(name)"
        #expect(chown(path, 65_534, 65_534) == 0)
        let sentence = try refusal()
        #expect(sentence.hasPrefix("\(path) belongs to "), "\(sentence)")
        #expect(sentence.contains("chown"))
    }

    @Test func `a data directory that is a link to nothing, or a file, is refused in plain words`() throws {
        #expect(symlink("\(directory)-gone", directory) == 0)
        #expect(try refusal().hasPrefix("\(directory) is a symbolic link to a place that is not there; "))
        #expect(unlink(directory) == 0)
        #expect(manager.createFile(atPath: directory, contents: nil))
        #expect(try refusal().hasPrefix("\(directory) is no directory; "))
    }

    @Test func `a store is demanded where a command makes none, and looking for it makes nothing`() throws {
        let missing = try #require(throws: StoreOpenError.self) { try Store.demand(in: directory) }
        #expect("\(missing)".hasPrefix("there is no store in \(directory); "))
        #expect(!manager.fileExists(atPath: directory))
        try Store(directory: directory, baseURL: "http://localhost").close()
        #expect(throws: Never.self) { try Store.demand(in: directory) }
        try make("restore.unfinished", isDirectory: false)
        let half = try #require(throws: StoreOpenError.self) { try Store.demand(in: directory) }
        #expect("\(half)".contains("empty it and restore again"))
    }

    @Test(.onPostgres) func `a database without tables is no store`() async throws {
        let url = try await TestDatabases.shared.bare()
        let missing = try #require(throws: StoreOpenError.self) {
            try Store.demand(in: directory, at: .server(url: url))
        }
        #expect("\(missing)".hasPrefix("there is no store in "))
        #expect(!manager.fileExists(atPath: directory))
        try Postgres(url: url).migrate()
        #expect(throws: Never.self) { try Store.demand(in: directory, at: .server(url: url)) }
    }

    @Test func `directories above it are made, and one below a file is not`() throws {
        try DataDirectory.prepare(directory + "/a/b")
        #expect(mode("a/b") == 0o700)
        #expect(manager.createFile(atPath: directory + "/file", contents: nil))
        let error = try #require(throws: StoreOpenError.self) { try DataDirectory.prepare(directory + "/file/b") }
        #expect("\(error)".contains("cannot be made: Not a directory"))
    }
}
