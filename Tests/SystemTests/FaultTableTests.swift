import Foundation
import Synchronization
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Each fault under load on real processes. Prints for each what was acknowledged, lost and doubled, and how long it
/// took from the fault's end until a new ticket was in a worker's list; fails if anything is lost or doubled.
///
/// `FAULT_RATE` tickets a second come in while a fault is on (10). The full disk has a test of its own in
/// `LogBoundTests`, since it needs root, and too few descriptors in `DescriptorTests`.
@Suite(.serialized) struct FaultTableTests {
    private static let rate = ProcessInfo.processInfo.environment["FAULT_RATE"].flatMap { Int($0) } ?? 10

    enum Fault: String, CaseIterable {
        case daemonKilled = "kill -9 of the daemon"
        case webKilled = "kill -9 of the web"
        case redisKilled = "kill -9 of Redis"
        case allKilled = "kill -9 of all three"
        case flushed = "FLUSHALL"
        case hung = "Redis hangs for 3 s"
        case junk = "junk in Redis' keys"
        case locked = "another process locks SQLite for 5 s"
        case stopped = "the leader is stopped, a standby leads, it wakes"
        case clock = "kill -9, and the clock goes back by 30 days"
        case part = "one part of the daemon cannot work"
        case idle = "128 idle connections"
    }

    @Test func `no fault loses or doubles what was acknowledged`() async throws {
        try await Processes.with { processes in
            try processes.write(
                """
                name: Plain
                description: For a test.
                title: Plain
                assign: { role: it-staff }
                outcomes: [done]
                body: [ { type: input, id: n, attributes: { label: N } } ]
                """, to: "acme/plain.ticket.yaml")
            let site = FaultSite(processes, uma: try await Program(processes.address, login: "uma"))
            _ = try await eventually("the type is offered") { try await site.isOffered ? true : nil }
            var rows: [FaultSite.Row] = []
            for fault in Fault.allCases { rows.append(try await site.suffer(fault, rate: Self.rate)) }
            print(FaultSite.table(rows))
            for row in rows {
                #expect(row.lost == 0, "\(row.fault): \(row)")
                #expect(row.doubled == 0, "\(row.fault): \(row)")
            }
            try await site.expectOrder()
        }
    }
}

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

    private let processes: Processes
    private let uma: Program

    init(_ processes: Processes, uma: Program) {
        self.processes = processes
        self.uma = uma
    }

    var isOffered: Bool {
        get async throws {
            try await uma.get("/api/v1/companies/acme/ticket-types/plain")["name"] == "plain"
        }
    }

    /// Lets tickets come in, inflicts the fault in their midst, and counts.
    func suffer(_ fault: FaultTableTests.Fault, rate: Int) async throws -> Row {
        let load = Load()
        let recovery = try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<2 {
                group.addTask {
                    var number = lane
                    while !load.isOver {
                        let text = "\(fault.rawValue) \(number)"
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
            try await inflict(fault)
            let end = ContinuousClock.now
            let probe = try await submit("\(fault.rawValue) probe", key: "\(fault.rawValue) probe")
            _ = try await eventually("a new ticket is in a list") { try await isAssigned(probe) ? true : nil }
            let recovery = end.duration(to: .now)
            load.acknowledge(probe, "\(fault.rawValue) probe")
            load.end()
            try await group.waitForAll()
            return recovery
        }
        return try await count(fault.rawValue, load.acknowledged, recovery, rate)
    }

    private func submit(_ text: String, key: String) async throws -> Int {
        try await eventually("\(text) is taken") {
            let answer = try await uma.post(Self.tickets, ["type": "plain", "form": ["n": .string(text)]], key: key)
            return answer.status == 201 ? answer.body["number"].intValue : nil
        }
    }

    private func isAssigned(_ number: Int) async throws -> Bool {
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
        let store = try Store(directory: "\(processes.directory)/var", baseURL: processes.address)
        defer { try? store.close() }
        let stored = try await store.read { session in
            try session.all(String.self, "SELECT form FROM ticket ORDER BY id").filter { $0.contains("\"\(fault) ") }
        }
        return Row(
            fault: fault, load: rate, acknowledged: acknowledged.count, lost: lost,
            doubled: stored.count - Set(stored).count, recovery: recovery)
    }

    /// What has to be after all faults.
    func expectOrder() async throws {
        _ = try await eventually("the lists are what the store says") {
            let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
            return status["drift"] == 0 && status["running"] == true && status["outbox"]["waiting"] == 0 ? true : nil
        }
        let store = try Store(directory: "\(processes.directory)/var", baseURL: processes.address)
        #expect(try await store.damage() == [])
        try store.close()
    }

    // MARK: Faults

    private func inflict(_ fault: FaultTableTests.Fault) async throws {
        switch fault {
        case .daemonKilled: try restart("tf-daemon", processes.daemon)
        case .webKilled: try restart("tf-web", processes.web)
        case .redisKilled: try killRedis()
        case .allKilled:
            try killRedis()
            processes.web.kill()
            try restart("tf-daemon", processes.daemon)
            try processes.start("tf-web", processes.web)
        case .flushed: _ = try await processes.redis("FLUSHALL")
        case .hung: _ = try await processes.redis("DEBUG", "SLEEP", "3")
        case .junk:
            for key in ["tf:{acme}:open", "tf:{acme}:avail:_any", "queue:acme.dave"] {
                _ = try await processes.redis("SET", key, "junk")
            }
        case .locked: try await lock()
        case .stopped: try await stopLeader()
        case .clock: try await setClockBack()
        case .part: try await breakPart()
        case .idle: try await connectIdly()
        }
    }

    private func restart(_ program: String, _ box: ProcessBox) throws {
        box.kill()
        try processes.start(program, box)
    }

    private func killRedis() throws {
        let text = try String(contentsOfFile: "\(processes.directory)/var/redis.pid", encoding: .utf8)
        kill(try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
    }

    private func lock() async throws {
        let script = """
            import sqlite3, sys, time
            store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
            store.execute("BEGIN IMMEDIATE")
            time.sleep(5)
            """
        _ = try await ProcessBox.output(
            "/usr/bin/env", ["python3", "-c", script, "\(processes.directory)/var/store.db"], log: processes.log)
    }

    private func stopLeader() async throws {
        let standby = ProcessBox()
        try processes.start("tf-daemon", standby)
        let store = try Store(directory: "\(processes.directory)/var", baseURL: processes.address)
        let before = try await store.read { try $0.leaderLease() }
        processes.daemon.signal(SIGSTOP)
        _ = try await eventually("the standby leads") {
            try await store.read { try $0.leaderLease() }?.epoch != before?.epoch ? true : nil
        }
        processes.daemon.signal(SIGCONT)
        try store.close()
        standby.stop()
    }

    private func setClockBack() async throws {
        processes.daemon.kill()
        let store = try Store(directory: "\(processes.directory)/var", baseURL: processes.address)
        try await store.write { session in
            guard let lease = try session.leaderLease() else { throw StoreError.notLeader }
            _ = try session.lead(as: lease.holder, now: lease.renewedAtMs + 30 * 86_400_000)
        }
        try store.close()
        try processes.start("tf-daemon", processes.daemon)
    }

    private func breakPart() async throws {
        let (tree, aside) = ("\(processes.directory)/workflows", "\(processes.directory)/aside")
        processes.daemon.stop()
        try FileManager.default.moveItem(atPath: tree, toPath: aside)
        try "".write(toFile: tree, atomically: true, encoding: .utf8)
        try processes.start("tf-daemon", processes.daemon)
        let number = try await submit("while a part is broken", key: "while a part is broken")
        _ = try await eventually("the others work") { try await isAssigned(number) ? true : nil }
        try FileManager.default.removeItem(atPath: tree)
        try FileManager.default.moveItem(atPath: aside, toPath: tree)
    }

    private func connectIdly() async throws {
        let idle = DescriptorTests.connections(128, to: processes.port)
        _ = try await submit("among the idle", key: "among the idle")
        for socket in idle { close(socket) }
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
        try await read { session in
            let integrity = try session.all(String.self, "PRAGMA integrity_check")
            let strays = try session.all(TFStore.Row.self, "PRAGMA foreign_key_check")
            let twice = try session.all(
                Int64.self, "SELECT ticket_id FROM task GROUP BY ticket_id, reference, visit HAVING COUNT(*) > 1")
            return integrity.filter { $0 != "ok" } + (strays.isEmpty ? [] : ["\(strays.count) rows refer to nothing"])
                + twice.map { "ticket \($0) has a task twice" }
        }
    }
}
