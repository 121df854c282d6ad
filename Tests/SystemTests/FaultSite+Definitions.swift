import Foundation
import TFExpression
import TestSupport
import Testing

/// Faults of the files of definitions.
extension FaultSite {
    private var folder: String { "\(processes.directory)/workflows/acme" }
    private var file: String { "\(folder)/plain.ticket.yaml" }

    /// What the daemon takes for the description of the type that the load uses; nil: the type is not offered.
    private func description() async throws -> String? {
        try await uma.get("/api/v1/companies/acme/ticket-types/plain")["description"].stringValue
    }

    /// The definitions in error, as `status` tells them.
    private func problems() async throws -> [JSON] {
        try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))["problems"].arrayValue ?? []
    }

    /// Half a file that somebody still writes, a part of it, and nonsense: what ran stays in force, and its line is told.
    func breakDefinition() async throws {
        let whole = try String(contentsOfFile: file, encoding: .utf8)
        // If that fails, the next tickets are refused, and with them the test.
        defer { try? whole.write(toFile: file, atomically: true, encoding: .utf8) }
        let writer = try #require(FileHandle(forWritingAtPath: file))
        try writer.truncate(atOffset: 0)
        try writer.write(contentsOf: Data(whole.utf8.prefix(whole.utf8.count / 2)))
        try await expectHandled("while its file is half-written")
        try writer.close()
        for (what, text) in [("truncated", String(whole.prefix(40))), ("invalid", whole + "assing: {}\n")] {
            try text.write(toFile: file, atomically: false, encoding: .utf8)
            let problem = try await eventually("that it is \(what) is told") {
                try await problems().first { $0["file"].displayText.hasSuffix("plain.ticket.yaml") }
            }
            #expect((problem["line"].intValue ?? 0) > 0, "\(problem)")
            try await expectHandled("while its file is \(what)")
        }
    }

    /// A file that goes, and one that is renamed: what had begun ends as it began, and both are found when they are back.
    func removeDefinition() async throws {
        let dave = try await Program(processes.address, login: "dave")
        let tom = try await Program(processes.address, login: "tom")
        for (what, change) in [("removed", "\(processes.directory)/removed"), ("renamed", "\(folder)/other.txt")] {
            let key = "before its file is \(what) \(UUID())"
            let number = try await submit(key, key: key)
            let task = try await eventually("it has its task") {
                try await tom.get("/api/v1/companies/acme/tasks?ticket=\(number)")["items"].arrayValue?.first
            }
            try FileManager.default.moveItem(atPath: file, toPath: change)
            // If that fails, the next tickets are refused, and with them the test.
            defer { try? FileManager.default.moveItem(atPath: change, toPath: file) }
            _ = try await eventually("the type is not offered") { try await description() == nil ? true : nil }
            let path = "/api/v1/companies/acme/tasks/\(task["id"].displayText)"
            _ = try await eventually("its ticket is closed") {
                for person in [dave, try await Program(processes.address, login: "erin")] {
                    _ = try await person.post("\(path)/completion", ["outcome": "done"])
                }
                return try await uma.get("/api/v1/companies/acme/tickets/\(number)")["state"] == "closed" ? true : nil
            }
        }
    }

    /// The company's whole directory becomes another one, with a file that has changed.
    func replaceDirectory() async throws {
        let aside = "\(processes.directory)/acme.aside"
        try FileManager.default.moveItem(atPath: folder, toPath: aside)
        try FileManager.default.copyItem(atPath: aside, toPath: folder)
        try FileManager.default.removeItem(atPath: aside)
        try await expectFound("in another directory")
    }

    /// More changes than the kernel keeps for a daemon that is stopped, and one more that it does not keep.
    func overflow() async throws {
        let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let events = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)))
        processes.daemon.signal(SIGSTOP)
        defer { processes.daemon.signal(SIGCONT) }
        // A file that moves has two events.
        let (first, second) = ("\(folder)/first.tmp", "\(folder)/second.tmp")
        try "".write(toFile: first, atomically: false, encoding: .utf8)
        for _ in 0...events / 4 {
            try #require(rename(first, second) == 0 && rename(second, first) == 0)
        }
        unlink(first)
        try await expectFound("after an overflow") { processes.daemon.signal(SIGCONT) }
    }

    /// Changes the file, and waits until the daemon has found that.
    private func expectFound(_ what: String, _ goOn: () -> Void = {}) async throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacing(/description: .*/, with: "description: \(what)").write(
            toFile: file, atomically: true, encoding: .utf8)
        goOn()
        _ = try await eventually("the file is found \(what)") { try await description() == what ? true : nil }
    }

    private func expectHandled(_ what: String) async throws {
        let number = try await submit(what, key: "\(what) \(UUID())")
        _ = try await eventually("a ticket is handled \(what)") { try await isAssigned(number) ? true : nil }
    }
}
