import Foundation
import TFSystem
import TestSupport
import Testing

/// A directory of one test, removed after it.
private final class Folder {
    let path = TestFolder.path("files")

    init() throws { try PrivateFile.makeDirectory(path) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func mode(_ name: String = "") throws -> Int {
        try #require(
            FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.posixPermissions] as? NSNumber
        ).intValue
    }

    var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}

@Suite struct FileTests {
    @Test func `what is made for the owner alone can be read by nobody else, whatever the umask`() throws {
        let folder = try Folder()
        #expect(try folder.mode() == 0o700)
        try PrivateFile.write([1], to: folder.path + "/written")
        close(try PrivateFile.open(folder.path + "/opened", O_WRONLY))
        #expect(try folder.mode("written") == 0o600)
        #expect(try folder.mode("opened") == 0o600)
    }

    @Test func `a file that others can read is refused, and the remedy is said`() throws {
        let folder = try Folder()
        let path = folder.path + "/key"
        try PrivateFile.write([7], to: path)
        #expect(try PrivateFile.read(path) == [7])
        #expect(try PrivateFile.isPrivate(path))
        for mode in [0o640, 0o604, 0o620] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(try !PrivateFile.isPrivate(path))
            let failure = try #require(throws: FileFailure.self) { try PrivateFile.read(path) }
            #expect("\(failure)" == "\(path) can be read by others; run: chmod 600 \(path)")
        }
    }

    @Test func `a symbolic link is neither read nor written through`() throws {
        let folder = try Folder()
        let (path, target) = (folder.path + "/link", folder.path + "/target")
        try PrivateFile.write([1], to: target)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        #expect(throws: FileFailure.self) { try PrivateFile.read(path) }
        #expect(throws: FileFailure.self) { try PrivateFile.open(path, O_WRONLY) }
        try PrivateFile.write([2], to: path)
        #expect(try PrivateFile.read(path) == [2])
        #expect(try PrivateFile.read(target) == [1])
    }

    @Test func `whoever reads while a file is written finds the old bytes, and nothing is left beside it`() throws {
        let folder = try Folder()
        let path = folder.path + "/states"
        let old = [UInt8](repeating: 1, count: 100_000)
        try PrivateFile.write(old, to: path)
        let reader = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(reader) }
        try PrivateFile.write([2], to: path)
        #expect(RawBytes.read(reader) == old)
        #expect(try PrivateFile.read(path) == [2])
        #expect(try folder.names == ["states"])
    }

    @Test func `what cannot be written leaves what was there, says why, and leaves nothing beside it`() throws {
        let folder = try Folder()
        try PrivateFile.makeDirectory(folder.path + "/taken/inner")
        let failure = try #require(throws: FileFailure.self) { try PrivateFile.write([1], to: folder.path + "/taken") }
        #expect("\(failure)" == "cannot write \(folder.path)/taken: Is a directory")
        #expect(throws: FileFailure.self) { try PrivateFile.write([1], to: folder.path + "/none/file") }
        #expect(try folder.names == ["taken"])
    }

    @Test func `a directory makes, shows and removes what stands in it, and follows no link`() throws {
        let folder = try Folder()
        let directory = try #require(try OpenDirectory(folder.path))
        try directory.makeDirectory("inner")
        try directory.makeDirectory("inner")
        #expect(try directory.directory("none") == nil)
        #expect(try directory.status("none") == nil)
        let inner = try #require(try directory.directory("inner"))
        try inner.write([1], as: "file", mode: 0o644)
        #expect(try folder.mode("inner/file") == 0o644)
        #expect(try inner.status("file")?.st_size == 1)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "inner")
        #expect(throws: FileFailure.self) { try directory.directory("link") }
        #expect(throws: FileFailure.self) { try directory.empty("link") }
        try inner.empty("file")
        #expect(try inner.status("file")?.st_size == 0)
        try inner.remove("file")
        try inner.remove("file")
        #expect(try inner.status("file") == nil)
        try inner.empty("file")
        #expect(try inner.status("file") == nil, "what is gone is not made anew")
        #expect(try OpenDirectory(folder.path + "/none") == nil)
    }

    @Test func `a file is removed once, and what cannot be removed is told`() throws {
        let folder = try Folder()
        let path = folder.path + "/key"
        try PrivateFile.write([7], to: path)
        try PrivateFile.remove(path)
        try PrivateFile.remove(path)
        try PrivateFile.remove(folder.path + "/none/key")
        try PrivateFile.makeDirectory(path)
        let failure = try #require(throws: FileFailure.self) { try PrivateFile.remove(path) }
        #expect("\(failure)" == "cannot remove \(path): Is a directory")
        #expect(try folder.names == ["key"])
    }

    @Test func `a lock is held against everybody until it is released`() throws {
        let folder = try Folder()
        let path = folder.path + "/lock"
        let lock = try FileLock(path)
        let other = open(path, O_RDWR | O_CLOEXEC)
        defer { close(other) }
        #expect(flock(other, LOCK_EX | LOCK_NB) != 0)
        lock.release()
        #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
        #expect(throws: FileFailure.self) { try FileLock(folder.path) }
    }

    @Test func `a file is closed once, and what was opened afterwards under its number stays open`() throws {
        let folder = try Folder()
        let file = try OpenFile(private: folder.path + "/first", O_WRONLY)
        let number = try #require(file.use { $0 })
        #expect(file.close())
        let other = try OpenFile(private: folder.path + "/second", O_WRONLY)
        #expect(file.close())
        #expect(file.use { _ in } == nil, "\(number) is another's by now")
        let isOpen = other.use { fcntl($0, F_GETFD) >= 0 }
        #expect(isOpen == true)
    }
}
