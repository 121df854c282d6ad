import Foundation
import TFExpression
import TestSupport
import Testing

/// A site whose record moves to PostgreSQL and back, as an operator does it.
@Suite(.serialized) struct MoveSystemTests {
    private static let tickets = "/api/v1/companies/acme/tickets"

    @Test func `a site goes on in PostgreSQL where it was, and goes on in SQLite when it is back`() async throws {
        try await TestPostgres.with { server in
            #expect(try await server.run(script: "CREATE DATABASE site;").errors == "")
            try await Processes.with(tickets: true) { processes in
                try await Self.goThereAndBack(processes, server.url(of: "site"))
            }
        }
    }

    private static func goThereAndBack(_ processes: Processes, _ url: String) async throws {
        let here = ["--data", processes.directory + "/var"]
        var known: [Int: String] = [:]
        let last = try await work(processes, &known)

        let early = try await Processes.result("tf-daemon", ["move", "--to", url] + here)
        #expect(early.status == .exited(1))
        #expect(early.error.contains("is in use; stop tf-daemon and tf-web"), "\(early.error)")
        stop(processes)
        let could = try await Processes.result("tf-daemon", ["move", "--dry-run", "--to", url] + here)
        #expect(could.status == .exited(0), "\(could.error)")
        #expect(could.output.contains("could be moved"))
        let there = try await Processes.result("tf-daemon", ["move", "--to", url] + here)
        #expect(there.status == .exited(0), "\(there.error)")
        #expect(there.output.contains(/ticket +[0-9]+ rows  [0-9a-f]{32}  equal/), "\(there.output)")
        #expect(there.output.contains("Set store.url (TF_STORE_URL)"))
        // Nobody goes on here by mistake.
        let wrong = try await Processes.result("tf-daemon", ["status"] + here)
        #expect(wrong.error.contains("was moved to"), "\(wrong.error)")

        var moved = processes
        moved.storeURL = url
        try await start(moved)
        let next = try await work(moved, &known)
        #expect(next == last + 1)
        stop(moved)

        for suffix in ["", "-wal", "-shm"] {
            // There may be no log.
            try? FileManager.default.moveItem(
                atPath: processes.directory + "/var/store.db" + suffix, toPath: processes.directory + "/old.db" + suffix
            )
        }
        try FileManager.default.moveItem(
            atPath: processes.directory + "/var/attachments", toPath: processes.directory + "/old attachments")
        let back = try await Processes.result(
            "tf-daemon", ["move", "--to", "sqlite:" + processes.directory + "/var", "--store-url", url] + here)
        #expect(back.status == .exited(0), "\(back.error)")
        try await start(processes)
        #expect(try await work(processes, &known) == next + 1)
    }

    /// Compares what is known, submits one more ticket, and waits until the queues are what the store says.
    /// - Parameter known: the tickets' texts, by number.
    /// - Returns: the new ticket's number.
    private static func work(_ processes: Processes, _ known: inout [Int: String]) async throws -> Int {
        let uma = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
        _ = try await eventually("purchases are offered") {
            try await uma.get("/api/v1/companies/acme/ticket-types/purchase")["name"] == "purchase" ? true : nil
        }
        for (number, text) in known { #expect(try await uma.get("\(tickets)/\(number)").text == text) }
        let ticket: JSON = ["type": "purchase", "form": ["item": "a chair – ü", "amount": 10, "why": "to sit"]]
        let answer = try await uma.post(tickets, ticket)
        let number = try #require(answer.status == 201 ? answer.body["number"].intValue : nil)
        _ = try await eventually("everything is assigned") {
            let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
            let lists = status["queues"].arrayValue ?? []
            return status["outbox"]["waiting"] == 0 && status["drift"] == 0
                && lists.allSatisfy({ $0["length"] == $0["listed"] }) ? true : nil
        }
        known[number] = try await uma.get("\(tickets)/\(number)").text
        return number
    }

    private static func start(_ processes: Processes) async throws {
        try processes.start("tf-daemon", processes.daemon)
        try processes.start("tf-web", processes.web)
    }

    private static func stop(_ processes: Processes) {
        processes.web.stop()
        processes.daemon.stop()
    }
}
