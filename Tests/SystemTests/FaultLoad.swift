import Foundation
import Synchronization
import TFExpression
import TestSupport
import Testing

/// Tickets that come in, workers who do them, and what goes wrong meanwhile.
final class FaultLoad: Sendable {
    private static let tickets = "/api/v1/companies/acme/tickets"
    private static let tasks = "/api/v1/companies/acme/tasks"

    private let processes: Processes
    let sidekiq = ProcessBox()
    private let uma: Program
    private let state = Mutex((numbers: Set<Int>(), isStopped: false))

    /// How many tickets come in.
    private let expected: Int

    init(_ processes: Processes, tickets: Int) async throws {
        self.processes = processes
        expected = tickets
        let script = """
            require "\(Processes.root)/etc/examples/ticketflower_task"
            TicketFlower.on("count") { |input, _| { "result" => input["n"] * 2 } }
            """
        try script.write(toFile: "\(processes.directory)/worker.rb", atomically: true, encoding: .utf8)
        _ = try await processes.run(
            "tf-web",
            [
                "user", "add", "etl", "--name", "Counter", "--service", "--role", "task_worker", "--member", "acme",
                "--password-stdin",
            ], input: "try-ticketflower\n")
        uma = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
        let uma = uma
        _ = try await eventually("the type is offered") {
            try await uma.get("/api/v1/companies/acme/ticket-types/load")["name"] == "load" ? true : nil
        }
        try startSidekiq()
    }

    private func startSidekiq() throws {
        try sidekiq.start(
            "/usr/bin/env",
            [
                "REDIS_URL=unix://\(processes.socket)", "/usr/bin/sidekiq", "-r", "\(processes.directory)/worker.rb",
                "-q", "acme.etl.urgent", "-q", "acme.etl", "-c", "4",
            ], log: processes.log)
    }

    // MARK: What goes on

    func stop() { state.withLock { $0.isStopped = true } }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Submits over eight connections, so many a second; what was not acknowledged is sent again with the same key.
    func submit(perSecond rate: Int) async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    for number in stride(from: lane, to: self.expected, by: 8) {
                        try await Task.sleep(until: start + .seconds(Double(number) / Double(rate)))
                        let ticket = try await eventually("ticket \(number) is taken") {
                            let answer = try await self.uma.post(
                                Self.tickets, ["type": "load", "form": ["n": .int(number)]], key: "load \(number)")
                            return answer.status == 201 ? answer.body["number"].intValue : nil
                        }
                        self.state.withLock { _ = $0.numbers.insert(ticket) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Somebody who does what is in his list until the test is over.
    func work(as login: String) async throws {
        let worker = try await eventually("\(login) signs in") {
            try await Program(self.processes.address, login: login)
        }
        while !isStopped {
            // The web process may just be down: asked again.
            let found = try? await worker.get("\(Self.tasks)?assignee=me&state=assigned&limit=50")
            let tasks = found?["items"].arrayValue ?? []
            for task in tasks {
                _ = try? await worker.post("\(Self.tasks)/\(task["id"].displayText)/completion", ["outcome": "seen"])
            }
            if tasks.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
        }
    }

    // MARK: What goes wrong

    func hurt() async throws {
        try await settle()
        _ = try await processes.redis("FLUSHALL")
        try await settle()
        sidekiq.kill()
        try await settle()
        processes.daemon.kill()
        try processes.start("tf-daemon", processes.daemon)
        try startSidekiq()
        try await settle()
        let dump = "\(processes.directory)/old.rdb"
        _ = try await processes.redis("--rdb", dump)
        try await settle()
        // Hangs, and comes back by itself.
        _ = try await processes.redis("DEBUG", "SLEEP", "2")
        try await settle()
        // What is started again finds an old dump, of the same epoch.
        try FileManager.default.copyItem(atPath: dump, toPath: "\(processes.directory)/var/dump.rdb")
        try await killRedis()
        try await settle()
        processes.web.kill()
        try processes.start("tf-web", processes.web)
        _ = try await processes.redis("SET", "tf:{acme}:open", "junk")
    }

    /// Lets some tickets more come in.
    private func settle() async throws {
        let before = state.withLock { $0.numbers.count }
        let start = ContinuousClock.now
        let end = before + expected / 10
        while state.withLock({ $0.numbers.count }) < end, start.duration(to: .now) < .seconds(2) {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func killRedis() async throws {
        let pid = try String(contentsOfFile: "\(processes.directory)/var/redis.pid", encoding: .utf8)
        Glibc.kill(try #require(Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
        _ = try await eventually("redis-server is started again") {
            try await self.processes.redis("PING") == "PONG" ? true : nil
        }
    }

    // MARK: What has to be

    func waitUntilDone() async throws {
        for count in 1...expected {
            _ = try await eventually("\(count) tickets are acknowledged") {
                self.state.withLock { $0.numbers.count } >= count ? true : nil
            }
        }
        for number in state.withLock({ $0.numbers.sorted() }) {
            _ = try await eventually("ticket \(number) is closed") {
                try await self.uma.get("\(Self.tickets)/\(number)")["state"] == "closed" ? true : nil
            }
        }
    }

    func expectDoneOnce() async throws {
        for number in state.withLock({ $0.numbers.sorted() }) {
            let ticket = try await uma.get("\(Self.tickets)/\(number)")
            let n = ticket["form"]["n"].intValue ?? -1
            #expect(ticket["status"].stringValue == String(n * 2))
            let completed = (ticket["history"].arrayValue ?? []).filter { $0["kind"] == "completed" }
            #expect(completed.count == 2, "ticket \(number): \(completed)")
        }
    }
}
