import Foundation
import TFDefinition
import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// A program that is killed directly before or after a file goes. What a page removes is in `DefinitionCrashTests`.
@Suite struct RemovalCrashTests {
    private static let content = "a plan"

    private let directory = TestFolder.path("site")
    private var data: String { "\(directory)/var" }
    private var settings: [String] { ["--data", data, "--definitions", "\(directory)/workflows"] }
    private var attachments: String { "\(data)/attachments" }

    /// Runs a command that has to succeed.
    private func run(_ command: [String]) async throws -> String {
        let result = try await Processes.result("tf-web", command + settings)
        #expect(result.status == .exited(0), "\(result.error)")
        return result.output
    }

    // MARK: Keys

    /// The keys that sign, by their state.
    private func keys() async throws -> [String: String] {
        try await run(["keys", "list"]).split(separator: "\n").reduce(into: [:]) { keys, line in
            let fields = line.split(separator: "\t").map(String.init)
            keys[fields[1]] = fields[0]
        }
    }

    @Test(arguments: ["remove:1", "removed:1"])
    func `a key whose file is about to go, or has gone, is revoked when the command dies`(_ place: String) async throws
    {
        for command in [["company", "add", "acme", "--name", "Acme"], ["keys", "rotate"]] {
            _ = try await run(command)
        }
        let before = try await keys()
        let (active, next) = (try #require(before["active"]), try #require(before["next"]))
        let revoke = ["keys", "revoke", active] + settings
        let killed = try await Processes.result("tf-web", revoke, crashAt: place)
        #expect(killed.status == .signaled(9))
        let after = try await keys()
        #expect(after["active"] == next && !after.values.contains(active), "\(after)")
        let again = try await Processes.result("tf-web", revoke)
        #expect(again.status == .exited(2) && again.error.contains("there is no key \"\(active)\""), "\(again.error)")
        let doctor = try await Processes.result("tf-daemon", ["doctor"] + settings)
        #expect(!doctor.output.contains("FAULT  keys"), "\(doctor.output)")
    }

    // MARK: Attachments

    /// Makes a company with somebody, bob, who has uploaded files that nothing uses.
    /// - Returns: a file for each age.
    private func upload(daysAgo ages: [Double]) async throws -> [AttachmentID] {
        let member = ["--name", "Bob", "--member", "acme", "--invite"]
        for command in [["company", "add", "acme", "--name", "Acme"], ["user", "add", "bob"] + member] {
            _ = try await run(command)
        }
        let store = try Store(directory: data, baseURL: "http://localhost:1")
        let (company, bob) = try await store.read { session in
            (try #require(try session.company("acme")), try #require(try session.account("bob")))
        }
        var files: [AttachmentID] = []
        for age in ages {
            let (id, date) = (AttachmentFiles.newID(), Date.now.addingTimeInterval(-age * 86_400))
            try await store.keep(Self.content, as: id, in: company.id)
            try FileManager.default.setAttributes(
                [.modificationDate: date], ofItemAtPath: "\(attachments)/\(id.rawValue)")
            let upload = FormUpload(
                id: id, name: "plan.txt", mediaType: "text/plain", size: Self.content.utf8.count)
            try await store.write(in: company.id) {
                try $0.addUpload(upload, by: bob.id, now: Int64(date.timeIntervalSince1970 * 1_000))
            }
            files.append(id)
        }
        try store.close()
        return files
    }

    private func rows() async throws -> [AttachmentID] {
        let store = try Store(directory: data, baseURL: "http://localhost:1")
        defer { try? store.close() }  // it was only read
        return try await store.read { try $0.all(AttachmentID.self, "SELECT id FROM attachment") }
    }

    private func kept() throws -> Set<AttachmentID> {
        Set(try FileManager.default.contentsOfDirectory(atPath: attachments).map { AttachmentID($0) })
    }

    private func content(_ file: AttachmentID) throws -> String {
        try String(contentsOfFile: "\(attachments)/\(file.rawValue)", encoding: .utf8)
    }

    @Test(arguments: [("remove:1", 3), ("removed:1", 2)])
    func `uploads whose rows are gone go at the next start when the daemon dies at the first of them`(
        _ place: String, _ left: Int
    ) async throws {
        let fresh = try #require(try await upload(daysAgo: [3, 2, 0]).last)
        let (daemon, path) = (ProcessBox(), Processes.path("tf-daemon"))
        let arguments = settings + ["--log-level", "error"]
        defer {
            daemon.stop()
            // The one that died may have left its server before its successor could know of it.
            _ = Processes.endServers(in: directory)
        }
        try daemon.start(path, arguments, environment: ["TF_TEST_CRASH_AT": place])
        _ = try await eventually("it dies at a file") { daemon.isRunning ? nil : true }
        #expect(daemon.exitStatus == SIGKILL)
        // A row never names a file that is gone.
        #expect(try await rows() == [fresh])
        #expect(try kept().count == left)
        try daemon.start(path, arguments)
        _ = try await eventually("what no row names is gone") { try kept() == [fresh] ? true : nil }
        #expect(try content(fresh) == Self.content)
    }

    @Test(arguments: ["remove:1", "removed:1", "remove:2"])
    func `an erasure that dies at a file of the person's is done to its end by the same command`(_ place: String)
        async throws
    {
        let files = try await upload(daysAgo: [0, 0])
        let erase = ["user", "erase", "bob", "--yes"]
        let killed = try await Processes.result("tf-web", erase + settings, crashAt: place)
        #expect(killed.status == .signaled(9))
        #expect(try await run(["user", "list"]).contains("bob\t"), "the command finds them again")
        _ = try await run(erase)
        for file in files { #expect(try content(file).isEmpty) }
        #expect(try await rows().count == files.count)
        #expect(try await !run(["user", "list"]).lowercased().contains("bob"))
    }
}
