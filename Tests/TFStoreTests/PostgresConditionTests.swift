import TestSupport
import Testing

@testable import TFStore

/// What an operator is told of the server that keeps the record.
@Suite(.timeLimit(.minutes(5))) struct PostgresConditionTests {
    /// The condition of a new record on a server of its own, as an account sees it.
    private static func condition(
        _ server: TestPostgres, as account: String = "postgres", clock: () -> Int64 = { 0 }
    ) throws -> PostgresCondition {
        let url = server.url(of: "postgres")
        let directory = TestFolder.path("store")
        try Store(directory: directory, at: .server(url: url), baseURL: "http://localhost:1").close()
        let reading = try Store(
            reading: directory,
            at: .server(url: url.replacing("user=postgres", with: "user=\(account)")), baseURL: "http://localhost:1")
        defer { try? reading.close() }  // a store that was read has nothing to save
        return try #require(try reading.serverCondition(clock: clock))
    }

    private static func say(_ sql: String, to server: TestPostgres) throws {
        try PostgresConnection(server.url(of: "postgres")).command(sql)
    }

    @Test func `version, order, durability and sessions are those of the server`() async throws {
        try await TestPostgres.with { server in
            let condition = try Self.condition(server)
            #expect(condition.version.split(separator: ".").first.flatMap { Int($0) } ?? 0 >= 15)
            #expect(condition.collation == "C, UTF8")
            #expect(condition.synchronousCommit == "off", "as a server of the tests is started")
            #expect(condition.standbyNames == "" && condition.standbys == PostgresCondition.Standbys())
            #expect(condition.pooling == .none)
            #expect(condition.closedTables == [] && condition.foreignTables == [])
            #expect(condition.account == "postgres" && condition.mayCreate)
            try Self.say("ALTER DATABASE postgres SET synchronous_commit = 'on'", to: server)
            #expect(try Self.condition(server).synchronousCommit == "on")
        }
    }

    @Test func `the difference of the clocks is that of the server to this machine`() async throws {
        try await TestPostgres.with { server in
            // A clock that stands still: the server is ahead of it by its own time.
            let early = try Self.condition(server) { 1_000 }
            let late = try Self.condition(server) { early.clockAheadMs + 1_000 }
            #expect(early.clockAheadMs > 1_700_000_000_000)
            #expect((0..<600_000).contains(late.clockAheadMs))
        }
    }

    @Test func `an account is told the tables whose rows it may not change, and those that it does not own`()
        async throws
    {
        try await TestPostgres.with { server in
            _ = try Self.condition(server)
            try Self.say(
                """
                CREATE ROLE guest LOGIN;
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest;
                REVOKE DELETE ON ticket FROM guest
                """, to: server)
            let guest = try Self.condition(server, as: "guest")
            #expect(guest.account == "guest" && !guest.mayCreate)
            #expect(guest.closedTables == ["ticket"])
            #expect(Set(guest.foreignTables).isSuperset(of: ["ticket", "task", "migration"]))
            try Self.say("GRANT postgres TO guest", to: server)
            let member = try Self.condition(server, as: "guest")
            #expect(member.closedTables == [] && member.foreignTables == [])
        }
    }

    @Test func `standbys that a commit waits for are told by their names`() async throws {
        try await TestPostgres.with { server in
            _ = try Self.condition(server)
            for sql in ["ALTER SYSTEM SET synchronous_standby_names = 'north'", "SELECT pg_reload_conf()"] {
                try Self.say(sql, to: server)
            }
            try await eventually("the server has read its settings") {
                try Self.condition(server).standbyNames == "north" ? () : nil
            }
        }
    }
}
