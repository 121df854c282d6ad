import Foundation
import Synchronization
import TFExpression
import TestSupport
import Testing

/// A backup under load, restored elsewhere: what was acknowledged before it began is there, byte by byte.
@Suite(.serialized) struct BackupSystemTests {
    private static let tickets = "/api/v1/companies/acme/tickets"

    @Test func `what was acknowledged before a backup is restored elsewhere, and the queues are filled again`()
        async throws
    {
        try await Processes.with(tickets: true) { processes in
            let uma = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
            _ = try await eventually("purchases are offered") {
                try await uma.get("/api/v1/companies/acme/ticket-types/purchase")["name"] == "purchase" ? true : nil
            }
            var known: [Int: String] = [:]
            for index in 0..<20 {
                let number = try await Self.submit(uma, index)
                known[number] = ""
            }
            try await Self.settled(processes)
            for number in known.keys {
                known[number] = try await uma.get("\(Self.tickets)/\(number)").text
            }
            let backups = processes.directory + "/backups"
            // Not by cancelling: that would cut off a request.
            let isOver = Atomic(false)
            let load = Task {
                var numbers: [Int] = []
                while !isOver.value { numbers.append(try await Self.submit(uma, numbers.count)) }
                return numbers
            }
            for target in [backups, backups, processes.directory + "/site.tar.gz"] {
                let made = try await processes.run("tf-daemon", ["backup", target])
                #expect(made.contains("attachments"), "\(made)")
            }
            let wrong = ["backup", backups, "--keep", "1", "--definitions", processes.directory + "/nowhere"]
            #expect(
                try await Processes.status("tf-daemon", wrong + ["--data", processes.directory + "/var"]) == .exited(1))
            isOver.value = true
            #expect(try await load.value.count > 0)
            for source in [backups, processes.directory + "/site.tar.gz"] {
                #expect(try await Processes.status("tf-daemon", ["verify", source]) == .exited(0))
                try await Self.expectRestored(known, from: source, processes)
            }
            try await Self.expectArchiveVerified(processes.directory + "/site.tar.gz", in: backups)
        }
    }

    /// An archive among the backups of a directory is one of them, and told if it is cut off.
    private static func expectArchiveVerified(_ archive: String, in backups: String) async throws {
        let copy = backups + "/site.tar.gz"
        try FileManager.default.copyItem(atPath: archive, toPath: copy)
        let whole = try await Processes.result("tf-daemon", ["verify", backups, "--all"])
        #expect(whole.status == .exited(0) && whole.output.contains("\(copy) is whole"), "\(whole.output)")
        try (try Data(contentsOf: URL(fileURLWithPath: archive))).prefix(100).write(to: URL(fileURLWithPath: copy))
        let cut = try await Processes.result("tf-daemon", ["verify", backups, "--all"])
        #expect(cut.status == .exited(1) && cut.error.contains("\(copy): tar could not go on"), "\(cut.error)")
    }

    private final class Atomic: Sendable {
        private let flag: Mutex<Bool>

        init(_ value: Bool) { flag = Mutex(value) }

        var value: Bool {
            get { flag.withLock { $0 } }
            set { flag.withLock { $0 = newValue } }
        }
    }

    private static func submit(_ uma: Program, _ index: Int) async throws -> Int {
        let ticket: JSON = [
            "type": "purchase", "form": ["item": .string("chair \(index)"), "amount": 10, "why": "to sit – ü"],
        ]
        let answer = try await uma.post(tickets, ticket)
        return try #require(answer.status == 201 ? answer.body["number"].intValue : nil)
    }

    private static func settled(_ processes: Processes) async throws {
        _ = try await eventually("everything is assigned") {
            let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
            return status["outbox"]["waiting"] == 0 && status["drift"] == 0 ? true : nil
        }
    }

    /// Restores into new directories, starts both programs there, and compares.
    private static func expectRestored(
        _ known: [Int: String], from source: String, _ processes: Processes
    ) async throws {
        let directory = TestFolder.path("restored")
        let places = ["--data", directory + "/var", "--definitions", directory + "/workflows"]
        let restored = try await Processes.result("tf-daemon", ["restore", source] + places)
        #expect(restored.status == .exited(0), "\(restored.error)")
        #expect(try await Processes.status("tf-daemon", ["restore", source] + places) == .exited(1))
        let (daemon, web) = (ProcessBox(), ProcessBox())
        defer {
            web.stop()
            daemon.stop()
        }
        try daemon.start(Processes.path("tf-daemon"), places + ["--log-level", "warning"], log: processes.log)
        let uma = try await onFreePort { port in
            let address = "http://localhost:\(port)"
            try web.start(
                Processes.path("tf-web"),
                places + ["--http-bind", "127.0.0.1:\(port)", "--base-url", address, "--log-level", "warning"],
                log: processes.log)
            return try await eventually("tf-web serves what was restored") {
                guard web.isRunning else { return Program?.none as Program?? }
                return .some(try await Program(address, login: "uma"))
            }
        }
        for (number, text) in known {
            let now = try await uma.get("\(tickets)/\(number)").text
            #expect(withoutPort(now) == withoutPort(text), "ticket \(number)")
        }
        let open = try await eventually("the queues are what the store says") {
            let result = try await Processes.result("tf-daemon", ["status", "--json"] + places)
            let status = try JSON(parsing: result.output)
            guard status["running"] == true, status["drift"] == 0, status["outbox"]["waiting"] == 0 else {
                return Int?.none
            }
            let lists = status["queues"].arrayValue ?? []
            guard lists.allSatisfy({ $0["length"] == $0["listed"] }) else { return nil }
            return lists.reduce(0) { $0 + ($1["length"].intValue ?? 0) }
        }
        #expect(open >= known.count)
        // Before their directory goes: without it, the daemon would leave its redis-server to a successor.
        web.stop()
        daemon.stop()
        try? FileManager.default.removeItem(atPath: directory)  // it goes with the temporary directory
    }

    /// Addresses hold the port of the site.
    private static func withoutPort(_ text: String) -> String { text.replacing(/localhost:[0-9]+/, with: "localhost") }
}
