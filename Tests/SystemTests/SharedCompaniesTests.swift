import Foundation
import TFExpression
import TFQueue
import TestSupport
import Testing

/// Two daemons on one PostgreSQL and one Redis, which share the companies.
@Suite(.onPostgres) struct SharedCompaniesTests {
    private struct Site {
        let processes: Processes
        let second: ProcessBox
        let admin: Program

        /// The companies of each daemon that lives.
        func shares() async throws -> [String: [String]] {
            let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
            return (status["daemons"].arrayValue ?? []).reduce(into: [:]) { shares, daemon in
                shares[daemon["name"].displayText] = (daemon["companies"].arrayValue ?? []).map(\.displayText)
            }
        }

        /// Waits until each company has a daemon, and so many daemons have one each at least.
        @discardableResult
        func expectShares(_ daemons: Int, of companies: Int) async throws -> [String: [String]] {
            try await eventually("\(daemons) daemons share \(companies) companies") {
                let shares = try await shares()
                let isDone =
                    shares.count == daemons && shares.values.allSatisfy { !$0.isEmpty }
                    && shares.values.reduce(0) { $0 + $1.count } == companies
                return isDone ? shares : nil
            }
        }

        /// Submits a ticket in each company, and waits until somebody has its task.
        func expectWork(in companies: [String]) async throws {
            for company in companies {
                let tickets = "/api/v1/companies/\(company)/tickets"
                let number = try await eventually("a ticket of \(company) is taken") {
                    let answer = try await admin.post(tickets, ["type": "plain", "form": ["n": "1"]])
                    return answer.status == 201 ? answer.body["number"].intValue : nil
                }
                _ = try await eventually("it is assigned") {
                    let history = try await admin.get("\(tickets)/\(number)")["history"].arrayValue ?? []
                    return history.contains { $0["kind"] == "assigned" } ? true : nil
                }
            }
        }
    }

    /// Companies besides those of the demo, which have work.
    private static let more = (1...6).map { "branch-\($0)" }
    /// Companies without any work. The daemons' names are different in each run, and with them who has which company:
    /// among so many, each daemon has some but once in 10,000 runs.
    private static let idle = (1...8).map { "idle-\($0)" }
    /// How many companies there are, with those of the demo.
    private static let count = 2 + more.count + idle.count

    private static func with(_ body: @escaping @Sendable (Site) async throws -> Void) async throws {
        let url = try #require(try await TestEngine.url(TestFolder.path("record")))
        try await TestRedis.with { redis in
            try await Processes.with(logLevel: "notice", redisURL: redis.address, storeURL: url) { processes in
                for company in more {
                    _ = try await processes.run("tf-web", ["company", "add", company, "--name", company])
                    for login in ["uma", "dave", "ada"] {
                        _ = try await processes.run("tf-web", ["user", "member", login, company])
                    }
                    try processes.write(Processes.plain, to: "\(company)/plain.ticket.yaml")
                }
                for company in idle {
                    _ = try await processes.run("tf-web", ["company", "add", company, "--name", company])
                }
                try processes.write(Processes.plain, to: "acme/plain.ticket.yaml")
                let second = ProcessBox()
                defer { second.stop() }
                try processes.start("tf-daemon", second)
                let admin = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
                try await body(Site(processes: processes, second: second, admin: admin))
                second.stop()
            }
        }
    }

    @Test func `two daemons share the companies; one that is killed leaves its own to the other, and comes back`()
        async throws
    {
        try await Self.with { site in
            try await site.expectShares(2, of: Self.count)
            try await site.expectWork(in: ["acme"] + Self.more)
            site.second.kill()
            try await site.expectShares(1, of: Self.count)
            try await site.expectWork(in: ["acme"] + Self.more)
            try site.processes.start("tf-daemon", site.second)
            try await site.expectShares(2, of: Self.count)
            try await site.expectWork(in: ["acme"] + Self.more)
            // One that stops in order leaves at once.
            site.processes.daemon.stop()
            try await site.expectShares(1, of: Self.count)
            try await site.expectWork(in: ["acme"] + Self.more)
        }
    }

    @Test func `a daemon that was stopped and wakes up finds its companies another's, and does nothing twice`()
        async throws
    {
        try await Self.with { site in
            try await site.expectShares(2, of: Self.count)
            try await site.expectWork(in: Self.more)
            site.processes.daemon.signal(SIGSTOP)
            try await site.expectShares(1, of: Self.count)
            try await site.expectWork(in: Self.more)
            site.processes.daemon.signal(SIGCONT)
            try await site.expectShares(2, of: Self.count)
            try await site.expectWork(in: Self.more)
            for company in Self.more {
                let tasks = try await site.admin.get("/api/v1/companies/\(company)/tickets?limit=50")
                for ticket in tasks["items"].arrayValue ?? [] {
                    let path = "/api/v1/companies/\(company)/tickets/\(ticket["number"].displayText)"
                    let history = try await site.admin.get(path)["history"].arrayValue ?? []
                    #expect(history.count { $0["kind"] == "assigned" } == 1)
                }
            }
        }
    }
}
