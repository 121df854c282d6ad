import Foundation
import Logging
import TFExpression
import TFQueue
import TestSupport
import Testing

/// Several Redis servers, each with a share of the companies.
@Suite struct ServerListTests {
    /// Starts servers until the demo's two companies are on different ones.
    /// - Parameter body: gets all servers, and those of acme and of globex.
    private static func with(
        _ servers: [TestRedis] = [],
        _ body: @escaping @Sendable (_ all: [TestRedis], _ acme: TestRedis, _ globex: TestRedis) async throws -> Void
    ) async throws {
        try await TestRedis.with { server in
            let all = servers + [server]
            let placement = QueueServers(
                try all.map { try RedisAddress($0.address) }, logger: Logger(label: "test"))
            func holder(of company: String) throws -> TestRedis {
                try #require(all.first { $0.socket == placement.server(of: company).name })
            }
            let (acme, globex) = (try holder(of: "acme"), try holder(of: "globex"))
            guard acme.socket == globex.socket else { return try await body(all, acme, globex) }
            try await with(all, body)
        }
    }

    private static func url(_ servers: [TestRedis]) -> String { servers.map(\.address).joined(separator: " ") }

    @Test func `a server that hangs stops its own companies alone, and status names it`() async throws {
        try await Self.with { all, acme, globex in
            try await Processes.with(redisURL: Self.url(all)) { processes in
                let site = try await FaultSite.make(processes)
                #expect(try await globex.answer("EXISTS", "tf:{acme}:epoch") == "0")
                globex.hang()
                for number in 0..<3 {
                    let ticket = try await site.submit("\(number)", key: "\(number)")
                    _ = try await eventually("it is in a list") { try await site.isAssigned(ticket) ? true : nil }
                }
                let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
                let servers = status["redis_servers"].arrayValue ?? []
                #expect(servers.count == all.count)
                for server in servers {
                    let isHanging = server["name"] == .string(globex.socket)
                    #expect((server["error"] == .null) == !isHanging, "\(server)")
                }
                globex.goOn()
                acme.hang()
                let ticket = try await site.submit("waits", key: "waits")
                _ = try await eventually("its task says why nobody has it") {
                    try await processes.run("tf-daemon", ["explain", "acme", "\(ticket)"])
                        .contains("waiting for the queue") ? true : nil
                }
                #expect(try await !site.isAssigned(ticket))
                acme.goOn()
                _ = try await eventually("it is in a list") { try await site.isAssigned(ticket) ? true : nil }
                try await site.expectOrder()
            }
        }
    }

    @Test func `a company moves with the list of servers, and nothing of it stays behind`() async throws {
        try await Self.with { all, acme, _ in
            let others = all.filter { $0.socket != acme.socket }
            try await Processes.with(redisURL: Self.url(others)) { processes in
                let site = try await FaultSite.make(processes)
                let first = try await site.submit("first", key: "first")
                _ = try await eventually("it is in a list") { try await site.isAssigned(first) ? true : nil }
                #expect(try await acme.answer("KEYS", "*") == "")
                processes.daemon.stop()
                var moved = processes
                moved.redisURL = Self.url(all)
                // Programs that have not moved yet report where they took their jobs.
                for other in others { _ = try await other.answer("LPUSH", "tf:{acme}:results", "{}") }
                try moved.start("tf-daemon", moved.daemon)
                _ = try await eventually("the queues are on the new server") {
                    try await acme.answer("EXISTS", "tf:{acme}:epoch") == "1" ? true : nil
                }
                for other in others {
                    _ = try await eventually("the old one holds nothing of them") {
                        try await other.answer("EVAL", Self.countOfAcme, "0") == "0" ? true : nil
                    }
                }
                var later = site
                later.processes = moved
                try await later.expectOrder()
                let key = "tf:{acme}:epoch"
                let epoch = try await moved.run("tf-daemon", ["redis-cli", "--company", "acme"], passed: ["GET", key])
                #expect(epoch.trimmingCharacters(in: .whitespacesAndNewlines) == (try await acme.answer("GET", key)))
                let name = ["redis-cli", "--server", acme.socket]
                #expect(try await moved.run("tf-daemon", name, passed: ["GET", key]) == epoch)
            }
        }
    }

    /// Keys of jobs that have ended vanish by themselves.
    private static let countOfAcme = """
        local count = #redis.call('KEYS', 'queue:acme.*')
        for _, key in ipairs(redis.call('KEYS', 'tf:{acme}:*')) do
            if redis.call('TTL', key) < 0 then count = count + 1 end
        end
        return count
        """
}
