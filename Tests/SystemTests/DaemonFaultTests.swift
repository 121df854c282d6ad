import Foundation
import TFExpression
import TFStore
import TestSupport
import Testing

/// What happens to the daemon itself: it is killed, stopped and woken, its clock is set, parts of it cannot work.
@Suite(.serialized) struct DaemonFaultTests {
    private static let tickets = "/api/v1/companies/acme/tickets"
    private static let purchase: JSON = ["type": "purchase", "form": ["item": "chair", "amount": 10, "why": "to sit"]]

    /// Submits a ticket and waits for its task to be in a worker's list.
    private static func expectWork(_ processes: Processes, _ uma: Program) async throws {
        let number = try await eventually("the ticket is taken") {
            let answer = try await uma.post(Self.tickets, Self.purchase)
            return answer.status == 201 ? answer.body["number"].intValue : nil
        }
        _ = try await eventually("it is assigned") {
            let history = try await uma.get("\(Self.tickets)/\(number)")["history"].arrayValue ?? []
            return history.contains { $0["kind"] == "assigned" } ? true : nil
        }
    }

    private static func status(_ processes: Processes) async throws -> JSON {
        try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
    }

    private static func redisProcess(_ processes: Processes) throws -> Int32? {
        let text = try String(contentsOfFile: "\(processes.directory)/var/redis.pid", encoding: .utf8)
        return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test func `after kill -9 and a clock that went back by 30 days the next daemon leads at once`() async throws {
        try await Processes.with(logLevel: "notice") { processes in
            let uma = try await Program(processes.address, login: "uma")
            try await Self.expectWork(processes, uma)
            processes.daemon.kill()
            // As if the lease had been taken 30 days later: the row says so, and its holder is dead.
            let store = try Store(directory: "\(processes.directory)/var", baseURL: processes.address)
            let month: Int64 = 30 * 86_400_000
            try await store.write { session in
                guard let lease = try session.leaderLease() else { throw StoreError.notLeader }
                let leader = try session.lead(as: lease.holder, now: lease.renewedAtMs + month)
                #expect(leader != nil)
            }
            let before = try await store.read { try $0.leaderLease() }
            #expect(try await Self.status(processes)["running"] == false)
            try processes.start("tf-daemon", processes.daemon)
            // Of a daemon that waited for a lease there would be a line first.
            _ = try await eventually("the next daemon leads") {
                try await store.read { try $0.leaderLease() }?.epoch == (before?.epoch ?? 0) + 1 ? true : nil
            }
            try await Self.expectWork(processes, uma)
            try store.close()
            let log = try String(contentsOfFile: processes.log, encoding: .utf8)
            #expect(!log.contains("another daemon leads"))
        }
    }

    @Test func `a terminal that is closed stops both programs in order, but for those started by nohup`() async throws {
        // Tests may run under nohup themselves.
        let before = signal(SIGHUP, SIG_DFL)
        defer { _ = signal(SIGHUP, before) }
        try await Processes.with(logLevel: "notice") { processes in
            let uma = try await Program(processes.address, login: "uma")
            try await Self.expectWork(processes, uma)
            let lasting = ProcessBox()
            defer { lasting.stop() }
            try lasting.start(
                "/usr/bin/nohup",
                [
                    Processes.path("tf-daemon"), "--data", "\(processes.directory)/var", "--definitions",
                    "\(processes.directory)/workflows", "--log-level", "notice",
                ],
                log: "\(processes.directory)/lasting")
            _ = try await eventually("another daemon waits, whatever the terminal does") {
                let log = try String(contentsOfFile: "\(processes.directory)/lasting", encoding: .utf8)
                return log.contains("another daemon leads") ? true : nil
            }
            for box in [processes.web, processes.daemon, lasting] { box.signal(SIGHUP) }
            _ = try await eventually("both have ended") {
                processes.web.exitStatus != nil && processes.daemon.exitStatus != nil ? true : nil
            }
            #expect(processes.web.exitStatus == 0)
            #expect(processes.daemon.exitStatus == 0)
            let log = try String(contentsOfFile: processes.log, encoding: .utf8)
            #expect(log.contains("stopped"))
            _ = try await eventually("the other one leads") {
                try await Self.status(processes)["running"] == true ? true : nil
            }
            #expect(lasting.isRunning)
        }
    }

    @Test func `a leader that was stopped and wakes up ends nothing that its successor has`() async throws {
        try await Processes.with(logLevel: "notice") { processes in
            let uma = try await Program(processes.address, login: "uma")
            try await Self.expectWork(processes, uma)
            let server = try #require(try Self.redisProcess(processes))
            let standby = ProcessBox()
            defer { standby.stop() }
            try processes.start("tf-daemon", standby)
            func log() throws -> String { try String(contentsOfFile: processes.log, encoding: .utf8) }
            func count(_ sentence: String) throws -> Int { try log().components(separatedBy: sentence).count - 1 }
            _ = try await eventually("a standby waits") { try count("waiting as standby") == 1 ? true : nil }
            processes.daemon.signal(SIGSTOP)
            _ = try await eventually("the standby leads") {
                try count("adopted a running redis-server") == 1 ? true : nil
            }
            try await Self.expectWork(processes, uma)
            processes.daemon.signal(SIGCONT)
            _ = try await eventually("the first one waits now") { try count("waiting as standby") == 2 ? true : nil }
            try await Self.expectWork(processes, uma)
            #expect(try Self.redisProcess(processes) == server)
            #expect(try await processes.redis("PING") == "PONG")
            #expect(try log().contains("redis-server is left running for the next leader"))
            #expect(try count("queues rebuilt") == 2, "only when the site was made, one for each company")
            // The former leader stops: it ends nothing either.
            processes.daemon.stop()
            #expect(try await processes.redis("PING") == "PONG")
            // The leader stops: its server ends with it.
            standby.stop()
            #expect(try await processes.redis("PING") != "PONG")
        }
    }

    @Test func `of two servers that were left the newer one is kept, and none is left at the end`() async throws {
        try await Processes.with(logLevel: "notice") { processes in
            let uma = try await Program(processes.address, login: "uma")
            try await Self.expectWork(processes, uma)
            let older = try #require(try Self.redisProcess(processes))
            let data = "\(processes.directory)/var"
            processes.daemon.kill()
            // As one that was started when daemon and server were killed together: nothing tells of the other any more.
            let newer = ProcessBox()
            defer { newer.stop() }
            try newer.start(
                "/usr/bin/env",
                [
                    "redis-server", "--port", "0", "--unixsocket", "\(data)/redis.sock", "--dir", data, "--save", "",
                    "--maxmemory-policy", "noeviction", "--pidfile", "", "--daemonize", "no",
                ])
            try FileManager.default.removeItem(atPath: "\(data)/redis.pid")
            _ = try await eventually("the newer one has the socket") {
                let info = try await processes.redis("INFO", "server")
                return info.contains("process_id:") && !info.contains("process_id:\(older)") ? true : nil
            }
            try processes.start("tf-daemon", processes.daemon)
            try await Self.expectWork(processes, uma)
            _ = try await eventually("the older one is gone") {
                // Its parent was killed, so that nobody may have taken notice of its end.
                let status = (try? String(contentsOfFile: "/proc/\(older)/stat", encoding: .utf8)) ?? ""
                return status.isEmpty || status.contains(") Z ") ? true : nil
            }
            #expect(try await processes.redis("INFO", "server").contains("process_id:"))
            processes.daemon.stop()
            #expect(try await processes.redis("PING") != "PONG")
        }
    }

    @Test func `status and doctor tell what keeps a daemon from its work, which goes on afterwards`() async throws {
        try await Processes.with { processes in
            let uma = try await Program(processes.address, login: "uma")
            try await Self.expectWork(processes, uma)
            let settings = [
                "--data", "\(processes.directory)/var", "--definitions", "\(processes.directory)/workflows",
            ]
            func expect(_ words: String) async throws {
                let told = try await eventually("status tells it") {
                    let status = try await Processes.result("tf-daemon", ["status"] + settings)
                    return status.output.contains(words) ? status : nil
                }
                #expect(told.status == .exited(1))
                let doctor = try await Processes.result("tf-daemon", ["doctor"] + settings)
                #expect(doctor.output.contains("FAULT  daemon") && doctor.output.contains(words), "\(doctor.output)")
            }
            processes.daemon.signal(SIGSTOP)
            try await expect("it is stopped: kill -CONT")
            let rebuild = try await Processes.result("tf-daemon", ["rebuild"] + settings)
            #expect(rebuild.status == .exited(1))
            #expect(rebuild.error.contains("not at work: process ") && rebuild.error.contains("kill -CONT"))
            processes.daemon.signal(SIGCONT)
            try await Self.expectWork(processes, uma)
            let holder = ProcessBox()
            defer { holder.stop() }
            let script = """
                import sqlite3, sys, time
                store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
                store.execute("BEGIN IMMEDIATE")
                time.sleep(3600)
                """
            try holder.start("/usr/bin/env", ["python3", "-c", script, "\(processes.directory)/var/store.db"])
            try await expect("(python3) has locked the store")
            holder.kill()
            try await Self.expectWork(processes, uma)
            #expect(try await Self.status(processes)["leading"] == true)
        }
    }

    @Test func `while one part fails the others work, and it is told by log, status and figures until it works`()
        async throws
    {
        try await Processes.with(logLevel: "notice") { processes in
            let uma = try await Program(processes.address, login: "uma")
            try await Self.expectWork(processes, uma)
            processes.daemon.stop()
            // A file where the directory has to be: nobody can make it.
            let (tree, aside) = ("\(processes.directory)/workflows", "\(processes.directory)/aside")
            try FileManager.default.moveItem(atPath: tree, toPath: aside)
            try "".write(toFile: tree, atomically: true, encoding: .utf8)
            try processes.start("tf-daemon", processes.daemon)
            try await Self.expectWork(processes, uma)
            func failing() async throws -> [String] {
                (try await Self.status(processes)["failing_parts"].arrayValue ?? []).map { $0["part"].displayText }
            }
            _ = try await eventually("it is told") { try await failing() == ["definitions"] ? true : nil }
            #expect(try await processes.run("tf-daemon", ["status"]).contains("definitions fails since"))
            #expect(try await uma.text(processes.metrics).contains("tf_part_up{part=\"definitions\"} 0\n"))
            #expect(try await uma.text(processes.metrics).contains("tf_part_up{part=\"engine\"} 1\n"))
            let log = try String(contentsOfFile: processes.log, encoding: .utf8)
            #expect(log.contains("a part of the daemon failed and is started again"))
            try FileManager.default.removeItem(atPath: tree)
            try FileManager.default.moveItem(atPath: aside, toPath: tree)
            let late = "name: Late\ndescription: Late\nbody: [ { type: input, id: n, attributes: { label: N } } ]\n"
            try processes.write(late, to: "acme/late.ticket.yaml")
            _ = try await eventually("the definitions are read again") {
                try await uma.get("/api/v1/companies/acme/ticket-types/late")["name"] == "late" ? true : nil
            }
            _ = try await eventually("nothing is told any more") { try await failing().isEmpty ? true : nil }
        }
    }

    @Test func `a metrics address that is taken stops nothing, and is served when it is free`() async throws {
        try await Processes.with(logLevel: "notice") { processes in
            let uma = try await Program(processes.address, login: "uma")
            processes.daemon.stop()
            let taken = ProcessBox()
            try taken.start(
                "/usr/bin/env", ["python3", "-m", "http.server", "\(processes.port + 1)", "--bind", "127.0.0.1"])
            defer { taken.kill() }
            _ = try await eventually("the address is taken") { isFree(processes.port + 1) ? nil : true }
            try processes.start("tf-daemon", processes.daemon)
            try await Self.expectWork(processes, uma)
            _ = try await eventually("it is told") {
                try await Self.status(processes)["failing_parts"].arrayValue?.first?["part"] == "metrics" ? true : nil
            }
            taken.kill()
            _ = try await eventually("the figures are served") {
                try await uma.text(processes.metrics).contains("tf_leader 1\n") ? true : nil
            }
        }
    }
}
