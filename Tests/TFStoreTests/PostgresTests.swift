import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import TFStore

/// What only an engine with several writers and a server can do wrong.
@Suite(.onPostgres, .timeLimit(.minutes(5))) struct PostgresTests {
    /// How often a closure has run.
    private final class Runs: Sendable {
        private let number = Mutex(0)

        var count: Int { number.withLock { $0 } }

        /// - Returns: whether it is the first time.
        func begin() -> Bool {
            number.withLock { number in
                number += 1
                return number == 1
            }
        }
    }

    private static func companies(_ store: Store) async throws -> [String] {
        try await store.read { try $0.companies().map(\.slug) }
    }

    private static func addGlobex(_ session: WriteSession) throws {
        _ = try session.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 2)
    }

    @Test(arguments: ["SELECT pg_terminate_backend(pg_backend_pid())", "DO 'BEGIN RAISE SQLSTATE ''40001''; END'"])
    func `a change runs again after a lost connection or a collision, and is made once`(_ fault: String) async throws {
        let store = try await TestStore().store
        let runs = Runs()
        try await store.write { session in
            let isFirst = runs.begin()
            try Self.addGlobex(session)
            if isFirst { try session.connection.script(fault) }
        }
        #expect(runs.count == 2)
        #expect(try await Self.companies(store) == ["acme", "globex"])
    }

    @Test func `a snapshot is read again after a lost connection`() async throws {
        let store = try await TestStore().store
        let runs = Runs()
        let names = try await store.read { session in
            if runs.begin() { _ = try session.all(Row.self, "SELECT pg_terminate_backend(pg_backend_pid())") }
            return try session.companies().map(\.slug)
        }
        #expect(runs.count == 2)
        #expect(names == ["acme"])
    }

    @Test func `a server that is slow is waited for, and one that hangs is given up`() async throws {
        try await TestPostgres.with { server in
            let url = server.url(of: "postgres")
            try await Self.onThread {
                let connection = try PostgresConnection(url)
                try connection.command("SELECT pg_sleep(\(PostgresAnswers.patience / .seconds(1) + 1))")
                let rows = try connection.run("SELECT CAST(pg_backend_pid() AS BIGINT) AS process", []).rows
                let process: Int64 = try #require(rows.first)[0]
                server.hang(Int32(process))
                defer { server.goOn(Int32(process)) }
                let failure = #expect(throws: PostgresFailure.self) { try connection.command("SELECT 1") }
                #expect(failure?.isLoss == true)
                #expect(!connection.isOpen)
            }
        }
    }

    /// Blocks a thread of its own.
    private static func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "blocking test").async { continuation.resume(with: Result(catching: body)) }
        }
    }

    @Test func `a collision that never ends is temporary, and nothing is saved`() async throws {
        let store = try await TestStore().store
        let error = await #expect(throws: DatabaseFailure.self) {
            try await store.write { session in
                try Self.addGlobex(session)
                try session.connection.script("DO 'BEGIN RAISE SQLSTATE ''40P01''; END'")
            }
        }
        #expect(error.map { StoreError.isTemporary($0) } == true)
        #expect(try await Self.companies(store) == ["acme"])
    }

    @Test func `a change that goes on after a failed statement saves nothing`() async throws {
        let store = try await TestStore().store
        let error = await #expect(throws: TransactionLost.self) {
            try await store.write { session in
                try Self.addGlobex(session)
                // A caller that does not look.
                _ = try? session.changedRows("INSERT INTO company (slug) VALUES (NULL)")
            }
        }
        #expect(error.map { StoreError.isTemporary($0) } == true)
        #expect(try await Self.companies(store) == ["acme"])
    }

    @Test func `a part that fails in its savepoint is undone alone`() async throws {
        let store = try await TestStore().store
        try await store.write { session in
            let error = #expect(throws: DatabaseFailure.self) {
                try session.savepoint {
                    try session.run("UPDATE company SET name = 'half' WHERE slug = 'acme'")
                    try session.run("INSERT INTO company (slug) VALUES (NULL)")
                }
            }
            #expect(error?.kind == .constraint)
            try Self.addGlobex(session)
        }
        #expect(try await store.read { try $0.companies().map(\.name) } == ["Acme", "Globex"])
    }

    @Test func `who writes in a company keeps others out of it, and nobody out of another`() async throws {
        let test = try await TestStore()
        let other = try await test.store.write {
            try $0.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 2)
        }
        let gate = Gate()
        let second = Runs()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await test.store.write(in: test.company.id) { session in
                    try session.addCompanyRole("first", now: 3)
                    gate.hold()
                    #expect(second.count == 0)
                }
            }
            _ = try await eventually("one writes") { gate.isHeld ? true : nil }
            group.addTask {
                try await test.store.write(in: test.company.id) { session in
                    _ = second.begin()
                    // What the first has committed is seen.
                    let names = try session.all(
                        String.self, "SELECT name FROM company_role WHERE company_id = ?", [session.company])
                    #expect(names.contains("first"))
                }
            }
            try await test.store.write(in: other.id) { try $0.addCompanyRole("elsewhere", now: 5) }
            gate.open()
            try await group.waitForAll()
        }
        #expect(second.count == 1)
    }

    @Test func `texts become searchable in a company while somebody writes them in another`() async throws {
        let site = try await WorkflowSite("do: [ { look: { call: look } } ]")
        let other = try await site.store.write {
            try $0.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 2)
        }
        try await site.publish(in: other)
        for company in [site.company, other] { try await site.start(in: company) }
        @Sendable func write(in company: Company, _ work: @escaping @Sendable () -> Void) async throws {
            try await site.store.write(in: company.id) { session in
                let ticket = try session.ticket(number: 1)
                try session.replaceTexts(of: try #require(ticket).id)
                work()
            }
        }
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await write(in: site.company) { gate.hold() } }
            _ = try await eventually("one writes") { gate.isHeld ? true : nil }
            try await write(in: other) {}
            gate.open()
            try await group.waitForAll()
        }
    }

    @Test func `people are told what is due when nobody else writes in the company`() async throws {
        let test = try await TestStore()
        let company = test.company.id
        _ = try await test.assignedTask(to: "bob")
        try await test.store.write { session in
            try session.run("UPDATE task SET due_at_ms = 50")
            try session.run("DELETE FROM notification")
        }
        // Another process: within one, whoever writes in a company waits before the server is asked.
        let other = try await TestEngine.store(test.directory)
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await other.write(in: company) { session in
                    _ = try session.companyRecord()
                    gate.hold()
                    // Its id is lower, and it is committed before the other.
                    try session.run(
                        """
                        INSERT INTO notification (company_id, account_id, kind, ticket_id, created_at_ms)
                        SELECT company_id, requester_id, 'closed', id, 1 FROM ticket WHERE company_id = ?
                        """, [company])
                }
            }
            _ = try await eventually("one writes") { gate.isHeld ? true : nil }
            group.addTask { try await test.store.tellDueSoon(now: 60) }
            _ = try await eventually("the other one waits for the company") {
                try await test.store.read { session in
                    try session.first(
                        Bool.self,
                        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                    )
                }
            }
            gate.open()
            try await group.waitForAll()
        }
        let kinds = try await test.store.read {
            try $0.all(String.self, "SELECT kind FROM notification ORDER BY id")
        }
        #expect(kinds == ["closed", "due_soon"])
    }

    @Test func `a commit whose answer was lost is known by its mark`() async throws {
        let directory = TestFolder.path("store")
        _ = try await TestEngine.store(directory)
        let url = try #require(try await TestEngine.url(directory))
        try await OwnThread.run {
            let (lost, asking) = (try PostgresConnection(url), try PostgresConnection(url))
            #expect(try !asking.isCommitted(1, of: lost.name))
            _ = try lost.beginWriting(.site)
            try lost.command("COMMIT")
            #expect(try asking.isCommitted(1, of: lost.name))
            _ = try lost.beginWriting(.site)
            try lost.command("ROLLBACK")
            #expect(try !asking.isCommitted(2, of: lost.name))
            #expect(try asking.isCommitted(1, of: lost.name))
        }
    }

    @Test func `a connection that is lost while it commits is followed by another try, if nothing was saved`()
        async throws
    {
        let store = try await TestStore().store
        try await store.write { session in
            try session.connection.script(
                """
                CREATE SEQUENCE ends;
                CREATE FUNCTION end_once() RETURNS TRIGGER LANGUAGE plpgsql AS
                    'BEGIN
                        IF nextval(''ends'') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                        RETURN NULL;
                    END';
                CREATE CONSTRAINT TRIGGER ends_at_commit AFTER INSERT ON company DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION end_once();
                """)
        }
        let runs = Runs()
        try await store.write { session in
            _ = runs.begin()
            try Self.addGlobex(session)
        }
        #expect(runs.count == 2)
        #expect(try await Self.companies(store) == ["acme", "globex"])
    }

    @Test func `a schedule that had to wait too long for the server is nothing that the daemon died of`() async throws {
        let site = try await WorkflowSite(
            "schedule: { every: { minutes: 1 } }\ndo: [ { s: { set: '${ 1 }' } } ]", hasTicketOfItsOwn: true)
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        try await site.store.write { session in
            try session.connection.script(
                """
                CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RAISE SQLSTATE ''55P03''; END';
                CREATE TRIGGER refuses BEFORE UPDATE ON schedule FOR EACH ROW EXECUTE FUNCTION refuse();
                """)
        }
        let error = await #expect(throws: DatabaseFailure.self) {
            try await site.store.advanceInstances(limit: 16, leader: site.leader, now: 60_000)
        }
        #expect(StoreError.isTemporary(try #require(error)))
        #expect(site.store.mark.takeSubjects().isEmpty)
        // The next test gets the same tables.
        try await site.store.write { session in
            try session.connection.script("DROP TRIGGER refuses ON schedule; DROP FUNCTION refuse()")
        }
    }

    @Test func `values come back as they were given`() async throws {
        let store = try await TestStore().store
        let values: [SQLValue] = [
            .integer(.min), .integer(.max), .real(0.1), .text(""), .text("Müller 🌷"), .blob([]), .blob([0, 255]), .null,
        ]
        let row = try await store.read { session in
            try session.first(
                Row.self,
                """
                SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS DOUBLE PRECISION), CAST(? AS TEXT),
                    CAST(? AS TEXT), CAST(? AS BYTEA), CAST(? AS BYTEA), CAST(? AS TEXT)
                """, Arguments(values))
        }
        #expect(values.indices.map { row?.stored($0) } == values)
    }

    @Test func `a value of another kind than the statement's is refused before it is sent`() async throws {
        let store = try await TestStore().store
        for value in [SQLValue.text("1"), .real(1), .blob([1])] {
            await #expect(throws: DatabaseFailure.self) {
                try await store.read { try $0.first(Int.self, "SELECT id FROM company WHERE id = ?", [value]) }
            }
        }
    }

    @Test func `the search uses its index`() async throws {
        let store = try await TestStore().store
        let plan = try await store.read { session in
            let index = TextIndex(session.connection.dialect)
            _ = try session.all(Row.self, "SELECT set_config('enable_seqscan', 'off', TRUE)")
            return try session.all(
                String.self, "EXPLAIN SELECT s.id FROM \(index.source) WHERE \(index.matches)", ["word"])
        }
        #expect(plan.contains { $0.contains("search_text_words") }, "\(plan)")
    }

    @Test func `a company that was locked in a savepoint which was undone is locked again`() async throws {
        struct Undone: Error {}
        let test = try await TestStore()
        let url = try #require(try await TestEngine.url(test.directory))
        let company = test.company.id
        try await test.store.write { session in
            #expect(throws: Undone.self) {
                try session.savepoint {
                    _ = try session.inside(company).first(
                        Int64.self, "SELECT position FROM company WHERE id = ?", [company])
                    throw Undone()
                }
            }
            _ = try session.inside(company).first(Int64.self, "SELECT position FROM company WHERE id = ?", [company])
            let other = try PostgresConnection(url)
            #expect(throws: PostgresFailure.self) { try other.command("SELECT id FROM company FOR UPDATE NOWAIT") }
        }
    }

    @Test func `a database that sorts otherwise is refused with the remedy`() async throws {
        let directory = TestFolder.path("store")
        _ = try await TestEngine.store(directory)
        let url = try #require(try await TestEngine.url(directory))
        try PostgresConnection(url).command("CREATE DATABASE other TEMPLATE template0 ENCODING SQL_ASCII")
        let other = url.replacing(/\/\/\/[a-z0-9]+/, with: "///other")
        let error = #expect(throws: StoreOpenError.self) {
            try Store(directory: TestFolder.path("store"), at: .server(url: other), baseURL: "http://localhost:1")
        }
        #expect(error?.description.contains("createdb -T template0 -E UTF8 --locale=C") == true)
    }

    @Test func `a server that is not there is told with the setting`() throws {
        let error = #expect(throws: StoreOpenError.self) {
            try Store(
                directory: TestFolder.path("store"), at: .server(url: "postgresql:///none?host=/nowhere"),
                baseURL: "http://localhost:1")
        }
        #expect(error?.description.hasSuffix("see store.url") == true)
    }

    @Test func `several programs that start at once make the schema once`() async throws {
        let directory = TestFolder.path("store")
        _ = try await TestEngine.store(directory)
        let url = try #require(try await TestEngine.url(directory))
        try PostgresConnection(url).command("CREATE DATABASE empty_one")
        defer { _ = try? PostgresConnection(url).command("DROP DATABASE empty_one WITH (FORCE)") }
        let empty = url.replacing(/\/\/\/[a-z0-9]+/, with: "///empty_one")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await OwnThread.run { try Postgres(url: empty).migrate() } } }
            try await group.waitForAll()
        }
        #expect(
            try PostgresConnection(empty).run("SELECT number FROM migration", []).rows.count == Migration.all.count)
    }
}
