import Foundation
import TFExpression
import TestSupport
import Testing

/// Two machines, each with a data directory of its own, on one PostgreSQL and one Redis: a daemon here, a web there.
@Suite(.onPostgres) struct TwoHostTests {
    private static let tickets = "/api/v1/companies/acme/tickets"

    /// Runs the body with the daemon's machine and the address of the other one's web.
    private static func with(_ body: @escaping @Sendable (Processes, String) async throws -> Void) async throws {
        let url = try #require(try await TestEngine.url(TestFolder.path("record")))
        // In an hour comes no tick: whatever happens comes of a commit.
        let environment = ["TF_TEST_TICK": "3600"]
        try await TestRedis.with { redis in
            try await Processes.with(
                environment: environment, logLevel: "notice", redisURL: redis.address, storeURL: url
            ) { here in
                here.web.stop()
                let web = ProcessBox()
                defer { web.stop() }
                let there = try await onFreePort { port in
                    let there = Processes(
                        directory: here.directory + "/there", port: port, daemon: ProcessBox(), web: web,
                        logLevel: "notice", redisURL: redis.address, storeURL: url)
                    try FileManager.default.createDirectory(
                        atPath: there.directory + "/workflows", withIntermediateDirectories: true)
                    let key = ["TF_MASTER_KEY_FILE": here.directory + "/var/keys/master.key"]
                    try there.start("tf-web", web, environment: environment.merging(key) { $1 })
                    return try await eventually("tf-web serves") {
                        guard web.isRunning else { return false }
                        return try await Visitor(there.address).get("/login").status == 200 ? true : nil
                    } ? there : nil
                }
                try await body(here, there.address)
            }
        }
    }

    @Test func `a ticket that one machine takes is assigned by the other's daemon, which is told of it`() async throws {
        try await Self.with { here, address in
            let uma = try await Program(address, login: "uma")
            try here.write(Processes.plain, to: "acme/plain.ticket.yaml")
            try await eventually("the type is there") {
                try await uma.post(Self.tickets, ["type": "plain", "form": ["n": "first"]]).status == 201 ? () : nil
            }
            for number in 1...5 {
                let answer = try await uma.post(Self.tickets, ["type": "plain", "form": ["n": .string("\(number)")]])
                #expect(answer.status == 201)
                try await eventually("ticket \(number) is in a list") {
                    let ticket = try await uma.get("\(Self.tickets)/\(answer.body["number"].displayText)")
                    let history = ticket["history"].arrayValue ?? []
                    return history.contains { $0["kind"] == "assigned" } ? () : nil
                }
            }
        }
    }
}
