import Foundation
import TFDefinition
import TFStore
import TFSystem
import TestSupport
import Testing

@testable import tf_daemon

/// Backups of a small site: what they hold, and how damage is found.
@Suite struct BackupTests {
    private let root = TestFolder.path("backup")
    private var data: String { root + "/data" }
    private var definitions: String { root + "/workflows" }
    private var backups: String { root + "/backups" }
    private let attachment = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"

    /// A store with one attachment, a key and a definition.
    private func makeSite() async throws {
        let store = try Store(directory: data, baseURL: "http://localhost:1")
        let company = try await store.write { try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1) }
        let account = try await store.write {
            try $0.addAccount(
                NewAccount(login: "uma", name: "Uma", kind: .person, password: nil, roles: [.user]), now: 1)
        }
        let upload = FormUpload(id: AttachmentID(attachment), name: "a.txt", mediaType: "text/plain", size: 5)
        try await store.write(in: company.id) { try $0.addUpload(upload, by: account.id, now: 1) }
        try store.close()
        try write("hello", to: "\(data)/attachments/\(attachment)")
        try write("key", to: "\(data)/keys/secrets.key")
        try write("task: look\n", to: "\(definitions)/acme/look.task.yaml")
        try write("secret", to: "\(definitions)/.git/config")
    }

    private func write(_ text: String, to path: String) throws {
        try PrivateFile.makeDirectory((path as NSString).deletingLastPathComponent)
        try PrivateFile.write(Array(text.utf8), to: path)
    }

    private func backUp(at moment: Int64 = 1_000, withKeys: Bool = true) throws -> (String, BackupMaker.Result) {
        let maker = BackupMaker(
            data: data, definitions: definitions, includesKeys: withKeys, progress: ProgressLine())
        let made = try BackupGenerations(directory: backups).add(at: moment) { directory, newest in
            try maker.fill(directory, .copied(like: newest), at: moment)
        }
        return (made.path, made.value)
    }

    private func verify(_ path: String) throws { try BackupCheck(path).run(ProgressLine()) }

    private func restore(_ path: String, to name: String) throws {
        try BackupRestore(data: "\(root)/\(name)", definitions: "\(root)/\(name)-workflows")
            .run(BackupCheck(path), ProgressLine())
    }

    private func inode(_ path: String) -> UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }

    @Test func `a backup holds the site and nothing hidden, for its owner alone, and is restored as it was`()
        async throws
    {
        try await makeSite()
        let (path, result) = try backUp()
        #expect(path == backups + "/19700101T000001.000Z")
        let names = ["store.db", "keys/secrets.key", "definitions/acme/look.task.yaml", "attachments/\(attachment)"]
        #expect(result.manifest.files.map(\.path) == names)
        for name in names + ["manifest.json"] {
            #expect(try PrivateFile.isPrivate("\(path)/\(name)"), "\(name)")
        }
        for name in ["", "/keys", "/attachments"] { #expect(try PrivateFile.isPrivate(path + name), "\(name)") }
        #expect(throws: Never.self) { try verify(path) }
        try restore(path, to: "new")
        let store = try Store(directory: root + "/new", baseURL: "http://localhost:1")
        #expect(try await store.read { try $0.company("acme") }?.name == "Acme")
        #expect(try await store.faults() == [])
        try store.close()
        #expect(FileManager.default.contents(atPath: "\(root)/new/attachments/\(attachment)") == Data("hello".utf8))
        #expect(FileManager.default.contents(atPath: "\(root)/new/keys/secrets.key") == Data("key".utf8))
        #expect(
            FileManager.default.contents(atPath: "\(root)/new-workflows/acme/look.task.yaml")
                == Data("task: look\n".utf8)
        )
    }

    @Test func `keys are left out on demand`() async throws {
        try await makeSite()
        let (_, result) = try backUp(withKeys: false)
        #expect(result.manifest.files(in: .keys).isEmpty)
    }

    @Test func `a definition that becomes a link while it is copied is left out, and its target with it`() throws {
        try write("task: look\n", to: "\(definitions)/acme/look.task.yaml")
        try write("task: see\n", to: "\(definitions)/other/see.task.yaml")
        try write("secret", to: "\(root)/secret/see.task.yaml")
        try FileManager.default.createSymbolicLink(atPath: "\(root)/link", withDestinationPath: definitions)
        let files = try #require(try DefinitionFiles(in: "\(root)/link"))
        #expect(files.listing.paths == ["acme/look.task.yaml", "other/see.task.yaml"])
        #expect(try files.copy("acme/look.task.yaml", to: "\(root)/before") != nil)
        for (old, target) in [("acme/look.task.yaml", "secret/see.task.yaml"), ("other", "secret")] {
            try FileManager.default.removeItem(atPath: "\(definitions)/\(old)")
            try FileManager.default.createSymbolicLink(
                atPath: "\(definitions)/\(old)", withDestinationPath: "\(root)/\(target)")
        }
        for path in files.listing.paths + ["acme/look.task.yaml", "other/see.task.yaml"] {
            #expect(try files.copy(path, to: "\(root)/after") == nil)
            #expect(!FileManager.default.fileExists(atPath: "\(root)/after"))
        }
        #expect(files.listing == DefinitionFiles.Listing())
    }

    @Test func `what cannot be read of the definitions is named, and a tree that is none is told`() async throws {
        try await makeSite()
        let deepest = "acme" + String(repeating: "/d", count: DefinitionTree.limitDepth)
        for directory in [deepest, deepest + "/d"] {
            try write("task: deep\n", to: "\(definitions)/\(directory)/deep.task.yaml")
        }
        let (_, result) = try backUp()
        #expect(result.unread == [CompanyTree.Unread(path: deepest + "/d", obstacle: .tooDeep)])
        let copied = [deepest + "/deep.task.yaml", "acme/look.task.yaml"].map { "definitions/\($0)" }
        #expect(result.manifest.files(in: .definitions).map(\.path) == copied)
        #expect(try DefinitionFiles(in: "\(root)/none") == nil)
        try write("no tree", to: "\(root)/file")
        #expect(throws: FileFailure.self) { try DefinitionFiles(in: "\(root)/file") }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read anything"))
    func `a definition that this account may not read is named, and the backup is made`() async throws {
        try await makeSite()
        try write("task: see\n", to: "\(definitions)/acme/see.task.yaml")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0], ofItemAtPath: "\(definitions)/acme/see.task.yaml")
        let (path, result) = try backUp()
        #expect(
            result.unread == [
                CompanyTree.Unread(path: "acme/see.task.yaml", obstacle: .failed(errno: EACCES))
            ])
        #expect(result.manifest.files(in: .definitions).map(\.path) == ["definitions/acme/look.task.yaml"])
        #expect(throws: Never.self) { try verify(path) }
    }

    @Test func `attachments are linked to those of the backup before, unless these have decayed`() async throws {
        try await makeSite()
        let first = try backUp(at: 1_000)
        let second = try backUp(at: 2_000)
        let name = "/attachments/\(attachment)"
        #expect(second.1.linked == 1)
        #expect(inode(first.0 + name) == inode(second.0 + name))
        #expect(inode(first.0 + name) != inode(data + name))
        try PrivateFile.write(Array("hallo".utf8), to: second.0 + name)
        let third = try backUp(at: 3_000)
        #expect(third.1.linked == 0)
        #expect(FileManager.default.contents(atPath: third.0 + name) == Data("hello".utf8))
        #expect(throws: Never.self) { try verify(third.0) }
        #expect(throws: BackupError.self) { try verify(second.0) }
    }

    @Test func `files that somebody has put into a backup are named, and it stays whole`() async throws {
        try await makeSite()
        let path = try backUp(at: 1_000).0
        #expect(try BackupCheck(path).foreign().isEmpty)
        try PrivateFile.write([1], to: path + "/attachments/notes.txt")
        try PrivateFile.write([1], to: path + "/README")
        #expect(try BackupCheck(path).foreign() == ["README", "attachments/notes.txt"])
        #expect(throws: Never.self) { try verify(path) }
    }

    @Test func `old backups are removed, and one that was interrupted is none`() async throws {
        try await makeSite()
        let generations = BackupGenerations(directory: backups)
        for moment in [1_000, 2_000, 3_000] { _ = try backUp(at: Int64(moment)) }
        try PrivateFile.makeDirectory(backups + "/.unfinished-19700101T000009.000Z/attachments")
        try PrivateFile.makeDirectory(backups + "/19700101T000009.000Z")
        try PrivateFile.makeDirectory(backups + "/of-somebody-else")
        #expect(try generations.keep(2) == 1)
        let paths = try generations.paths()
        #expect(
            paths.map { ($0 as NSString).lastPathComponent } == [
                "19700101T000002.000Z", "19700101T000003.000Z",
            ])
        #expect(try BackupGenerations.newest(at: backups) == paths[1])
        _ = try backUp(at: 4_000)
        let left = try FileManager.default.contentsOfDirectory(atPath: backups)
        #expect(!left.contains { $0.hasPrefix(".unfinished") })
        #expect(left.contains("of-somebody-else"))
    }

    @Test func `the newest is so by its manifest, and the one just made stays though the clock was set back`()
        async throws
    {
        try await makeSite()
        let generations = BackupGenerations(directory: backups)
        let old = try backUp(at: 5_000).0
        // Somebody gave it the name of a later one.
        let renamed = backups + "/20300101T000000.000Z"
        #expect(rename(old, renamed) == 0)
        let new = try backUp(at: 6_000).0
        #expect(try BackupGenerations.newest(at: backups) == new)
        let late = try backUp(at: 2_000).0
        #expect(try generations.keep(2, besides: late) == 1)
        #expect(try generations.paths() == [late, new])
        try PrivateFile.makeDirectory(backups + "/20300101T000000.000Z")
        #expect(try generations.withoutManifest() == [renamed])
    }

    @Test(arguments: [("a.zip", true), ("a.tar.xz", true), ("a.tar", false), ("a.tgz", false), ("backups", false)])
    func `a name of another kind of archive is no directory`(_ name: String, _ isOther: Bool) throws {
        #expect(BackupArchive.isOtherArchive("\(root)/\(name)") == isOther)
        try PrivateFile.makeDirectory("\(root)/\(name)")
        #expect(!BackupArchive.isOtherArchive("\(root)/\(name)"))
    }

    @Test func `an archive has what nothing uses yet, and whoever leads does not lead the copy`() async throws {
        try await makeSite()
        let store = try Store(directory: data, baseURL: "http://localhost:1")
        _ = try await store.write { try $0.lead(as: "leader", now: 1) }
        let lost = FormUpload(
            id: AttachmentID(String(repeating: "a", count: 32)), name: "b", mediaType: "text/plain", size: 5)
        try await store.write(in: 1) { try $0.addUpload(lost, by: 1, now: 1) }
        try store.close()
        let maker = BackupMaker(data: data, definitions: definitions, includesKeys: true, progress: ProgressLine())
        let archive = try #require(BackupArchive(root + "/site.tar"))
        try await archive.withDirectory { directory in
            let result = try maker.fill(directory, .listed, at: 1_000)
            #expect(result.missing.isEmpty)
            // It is gone before the archiver comes to it.
            unlink("\(data)/attachments/\(attachment)")
            try await archive.pack(directory, result.manifest, attachmentsOf: data)
        }
        try PrivateFile.makeDirectory(root + "/unpacked")
        try await archive.unpack(into: root + "/unpacked")
        #expect(throws: Never.self) { try verify(root + "/unpacked") }
        try restore(root + "/unpacked", to: "again")
        let again = try Store(directory: root + "/again", baseURL: "http://localhost:1")
        #expect(try await again.read { try $0.leaderLease()?.isGivenUp } == true)
        try again.close()
    }

    @Test func `two backups into one directory do not meet`() async throws {
        try await makeSite()
        _ = try BackupGenerations(directory: backups).add(at: 5_000) { _, _ in
            #expect(throws: BackupError.self) { try backUp(at: 6_000) }
        }
    }

    @Test(arguments: ["store.db", "keys/secrets.key", "definitions/acme/look.task.yaml", "attachments/"])
    func `a changed byte, a cut and a missing file are found by name, and nothing is restored`(_ name: String)
        async throws
    {
        try await makeSite()
        let (path, _) = try backUp()
        let file = "\(path)/\(name)" + (name.hasSuffix("/") ? attachment : "")
        let bytes = Array(try #require(FileManager.default.contents(atPath: file)))
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        for damage in [changed, Array(bytes.dropLast()), nil] {
            if let damage { try PrivateFile.write(damage, to: file) } else { #expect(unlink(file) == 0) }
            let error = #expect(throws: BackupError.self) { try verify(path) }
            #expect(error?.description.contains(name) == true, "\(String(describing: error))")
            let refusal = #expect(throws: BackupError.self) { try restore(path, to: "new") }
            #expect(refusal?.description.contains("is damaged; take another one") == true, "\(name)")
            #expect(!FileManager.default.fileExists(atPath: root + "/new"))
        }
    }

    @Test(arguments: [
        "../store.db", "/etc/passwd", "keys/../../x", "attachments/a/b", "keys", "", "definitions//x", "other/x",
    ])
    func `a manifest names nothing outside of its backup`(_ path: String) async throws {
        #expect(!BackupManifest.isUsable(path))
        try await makeSite()
        let (backup, result) = try backUp()
        var manifest = result.manifest
        manifest.files.append(
            .init(path: path, digest: FileDigest(length: 0, sha256: String(repeating: "0", count: 64))))
        try PrivateFile.write(manifest.bytes, to: backup + "/manifest.json")
        #expect(throws: BackupError.self) { try verify(backup) }
    }

    @Test func `a restore mixes with nothing, and an interrupted one is not started on`() async throws {
        try await makeSite()
        #expect(throws: BackupError.self) { try BackupRestore(data: data, definitions: nil).check() }
        #expect(throws: BackupError.self) {
            try BackupRestore(data: root + "/new", definitions: definitions).check()
        }
        #expect(throws: Never.self) { try BackupRestore(data: root + "/new", definitions: root + "/none").check() }
        for definitions in [root + "/new", root + "/new/workflows", root] {
            #expect(throws: BackupError.self) {
                try BackupRestore(data: root + "/new", definitions: definitions).check()
            }
        }
        let (path, _) = try backUp()
        let inside = #expect(throws: BackupError.self) {
            try BackupRestore(data: path + "/new", definitions: nil).run(BackupCheck(path), ProgressLine())
        }
        #expect(inside?.description.contains("lies in the backup itself") == true)
        #expect(!FileManager.default.fileExists(atPath: path + "/new"))
        try write("", to: "\(root)/half/restore.unfinished")
        let error = #expect(throws: StoreOpenError.self) {
            try Store(directory: root + "/half", baseURL: "http://localhost:1")
        }
        #expect(error?.description.contains("empty it and restore again") == true)
    }

    @Test func `a restore that fails takes back what it copied, and leaves what was there`() async throws {
        try await makeSite()
        let (path, _) = try backUp()
        // The store is copied last.
        var bytes = Array(try #require(FileManager.default.contents(atPath: path + "/store.db")))
        bytes[bytes.count / 2] ^= 1
        try PrivateFile.write(bytes, to: path + "/store.db")
        for directory in ["new", "new-workflows/lost+found"] { try PrivateFile.makeDirectory("\(root)/\(directory)") }
        // As a move that has failed leaves it.
        try write("", to: "\(root)/new/store.lock")
        let error = #expect(throws: BackupError.self) { try restore(path, to: "new") }
        #expect(error?.description.contains("store.db has other bytes") == true)
        #expect(try PrivateFile.names(in: root + "/new") == ["store.lock"])
        #expect(try PrivateFile.names(in: root + "/new-workflows") == ["lost+found"])
    }

    @Test(arguments: [true, false])
    func `a restore that is refused leaves no directory behind`(_ isTooLarge: Bool) async throws {
        try await makeSite()
        let (path, result) = try backUp()
        if isTooLarge {
            var manifest = result.manifest
            let file = manifest.files.removeLast()
            manifest.files.append(
                .init(path: file.path, digest: FileDigest(length: 1 << 50, sha256: file.digest.sha256)))
            try PrivateFile.write(manifest.bytes, to: path + "/manifest.json")
        } else {
            try PrivateFile.write([1], to: path + "/store.db")
        }
        let error = #expect(throws: BackupError.self) {
            try BackupRestore(data: root + "/deep/in/data", definitions: root + "/deep/other/workflows")
                .run(BackupCheck(path), ProgressLine())
        }
        let text = try #require(error?.description)
        #expect(text.contains(isTooLarge ? "there is no room in \(root)/deep/" : "store.db has other bytes"), "\(text)")
        #expect(!FileManager.default.fileExists(atPath: root + "/deep"))
    }

    @Test func `definitions that come and go while a backup is made do not end it`() async throws {
        try await makeSite()
        let (text, place) = (Array("task: brief\n".utf8), "\(definitions)/acme/brief.task.yaml")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try PrivateFile.write(text, to: place)
                    unlink(place)
                    await Task.yield()
                }
            }
            defer { group.cancelAll() }
            for moment in 1...20 {
                let (path, result) = try backUp(at: Int64(moment) * 1_000)
                #expect(result.manifest.files.contains { $0.path == "definitions/acme/look.task.yaml" })
                try verify(path)
            }
        }
    }

    @Test func `a damaged store gives no backup, and a ticket's file that is gone is told`() async throws {
        try await makeSite()
        var bytes = Array(try #require(FileManager.default.contents(atPath: data + "/store.db")))
        // Pages in the middle: the schema stays readable.
        for place in bytes.count / 2..<bytes.count / 2 + 40_000 { bytes[place] = 0xFF }
        try PrivateFile.write(bytes, to: data + "/store.db")
        #expect(throws: (any Error).self) { try backUp() }
        #expect(!FileManager.default.fileExists(atPath: backups), "no directory is made for nothing")
    }
}
