import Foundation
import Synchronization
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// A site that is hurt, and what is counted meanwhile.
struct FaultSite {
    struct Row {
        let fault: String
        let load: Int
        let acknowledged: Int
        let lost: Int
        let doubled: Int
        let recovery: Duration
    }

    /// Tickets that come in while a fault is on.
    private final class Load: Sendable {
        private let state = Mutex((acknowledged: [Int: String](), isOver: false))

        var acknowledged: [Int: String] { state.withLock { $0.acknowledged } }
        var isOver: Bool { state.withLock { $0.isOver } }

        func acknowledge(_ number: Int, _ text: String) { state.withLock { $0.acknowledged[number] = text } }

        func end() { state.withLock { $0.isOver = true } }
    }

    private static let tickets = "/api/v1/companies/acme/tickets"

    var processes: Processes
    let uma: Program

    /// A site on which tickets of the type `plain`, with one task for people, may be submitted.
    static func make(_ processes: Processes) async throws -> FaultSite {
        try processes.write(
            """
            name: Plain
            description: For a test.
            title: Plain
            assign: { role: it-staff }
            outcomes: [done]
            body: [ { type: input, id: n, attributes: { label: N } } ]
            """, to: "acme/plain.ticket.yaml")
        let site = FaultSite(processes: processes, uma: try await Program(processes.address, login: "uma"))
        _ = try await eventually("the type is offered") {
            try await site.uma.get("/api/v1/companies/acme/ticket-types/plain")["name"] == "plain" ? true : nil
        }
        return site
    }

    /// Lets tickets come in, inflicts the fault in their midst, and counts.
    /// - Parameter inflict: returns when the fault is over, or when what has to take over can.
    func suffer(_ fault: String, rate: Int, _ inflict: () async throws -> Void) async throws -> Row {
        let load = Load()
        let recovery = try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<2 {
                group.addTask {
                    var number = lane
                    while !load.isOver {
                        let text = "\(fault) \(number)"
                        // What was not acknowledged is sent again with the same key.
                        let ticket = try await submit(text, key: text)
                        load.acknowledge(ticket, text)
                        number += 2
                        try await Task.sleep(for: .seconds(2.0 / Double(rate)))
                    }
                }
            }
            let before = rate / 2
            _ = try await eventually("tickets come in") { load.acknowledged.count >= before ? true : nil }
            try await inflict()
            let end = ContinuousClock.now
            let probe = try await submit("\(fault) probe", key: "\(fault) probe")
            _ = try await eventually("a new ticket is in a list") { try await isAssigned(probe) ? true : nil }
            let recovery = end.duration(to: .now)
            load.acknowledge(probe, "\(fault) probe")
            load.end()
            try await group.waitForAll()
            return recovery
        }
        return try await count(fault, load.acknowledged, recovery, rate)
    }

    func submit(_ text: String, key: String) async throws -> Int {
        try await eventually("\(text) is taken") {
            let answer = try await uma.post(Self.tickets, ["type": "plain", "form": ["n": .string(text)]], key: key)
            return answer.status == 201 ? answer.body["number"].intValue : nil
        }
    }

    func isAssigned(_ number: Int) async throws -> Bool {
        let history = try await uma.get("\(Self.tickets)/\(number)")["history"].arrayValue ?? []
        return history.contains { $0["kind"] == "assigned" }
    }

    private func count(
        _ fault: String, _ acknowledged: [Int: String], _ recovery: Duration, _ rate: Int
    ) async throws -> Row {
        var lost = 0
        for (number, text) in acknowledged {
            let ticket = try await uma.get("\(Self.tickets)/\(number)")
            if ticket["form"]["n"] != .string(text) { lost += 1 }
            _ = try await eventually("ticket \(number) is assigned") { try await isAssigned(number) ? true : nil }
        }
        let stored = try await storedForms(of: fault)
        return Row(
            fault: fault, load: rate, acknowledged: acknowledged.count, lost: lost,
            doubled: stored.count - Set(stored).count, recovery: recovery)
    }

    /// The answers of all tickets that were sent with texts that begin with a word.
    func storedForms(of word: String) async throws -> [String] {
        let store = try openStore()
        defer { try? store.close() }  // it was only read
        return try await store.read { session in
            try session.all(String.self, "SELECT form FROM ticket ORDER BY id").filter { $0.contains("\"\(word) ") }
        }
    }

    /// What both programs have at this moment.
    func level() throws -> [SoakSample.Program] {
        try [("tf-daemon", processes.daemon), ("tf-web", processes.web)].map {
            try SoakSample.Program(name: $0, id: $1.id)
        }
    }

    /// Waits until both programs have as much memory and as many files open as before.
    func expectLevel(_ start: [SoakSample.Program], after fault: String) async throws {
        var now = start
        // While a password is hashed, that takes 128 MB; what a connection had is given back when its end is seen.
        let isBack = try? await eventually("the programs are as before", tries: 200) {
            now = try level()
            return zip(start, now).allSatisfy { before, after in
                after.memory <= before.memory + Self.memoryGrowth
                    && after.descriptors <= before.descriptors + Self.descriptorGrowth
            } ? true : nil
        }
        #expect(isBack == true, "\(fault): \(start) became \(now)")
    }

    /// How much more private memory than before a program may keep after a fault, in MB: caches that have filled.
    private static let memoryGrowth = 48.0
    private static let descriptorGrowth = 16

    /// What has to be after each fault.
    func expectOrder() async throws {
        _ = try await eventually("the lists are what the store says, and nothing waits for the engine") {
            let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
            return status["drift"] == 0 && status["running"] == true && status["outbox"]["waiting"] == 0
                && status["events"]["waiting"] == 0 ? true : nil
        }
        let store = try openStore()
        #expect(try await store.damage() == [])
        try store.close()
        try await expectFailuresTold()
    }

    /// Whoever is answered 500 finds a line in the log of tf-web that says why.
    private func expectFailuresTold() async throws {
        let figures = try await uma.text("\(processes.address)/metrics")
        let failed = figures.matches(of: /(?m)^tf_web_requests_total\{.*status="500"\} ([0-9]+)/)
            .reduce(0) { $0 + (Int($1.1) ?? 0) }
        // The figures are those of the program that runs now.
        let told = try processes.web.logSinceStart().components(separatedBy: "a request failed").count - 1
        #expect(failed <= told, "\(failed) answers 500, and \(told) lines")
    }

    func openStore() throws -> Store {
        try Store(
            directory: "\(processes.directory)/var", at: StoreLocation(processes.storeURL), baseURL: processes.address)
    }

    // MARK: Shown

    static func table(_ rows: [Row]) -> String {
        let heads = ["fault", "load/s", "acknowledged", "lost", "doubled", "works again after"]
        let cells = rows.map { row in
            let seconds = Double(row.recovery / .milliseconds(1)) / 1_000
            return [
                row.fault, "\(row.load)", "\(row.acknowledged)", "\(row.lost)", "\(row.doubled)",
                String(format: "%.2f s", seconds),
            ]
        }
        let widths = heads.indices.map { column in ([heads] + cells).map { $0[column].count }.max() ?? 0 }
        return ([heads] + cells).map { line in
            "| "
                + zip(line, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                .joined(separator: " | ") + " |"
        }.joined(separator: "\n")
    }
}

extension Store {
    /// What is wrong with the rows, whatever was done to the site.
    func damage() async throws -> [String] {
        let twice = try await read { session in
            try session.all(
                Int64.self, "SELECT ticket_id FROM task GROUP BY ticket_id, reference, visit HAVING COUNT(*) > 1")
        }
        return try await faults() + twice.map { "ticket \($0) has a task twice" }
    }
}
