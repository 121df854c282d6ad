import TestSupport
import Testing

@testable import TFStore

/// Statements that are sent together, since nobody waits for the answers to all of them.
@Suite(.onPostgres) struct PostgresPipelineTests {
    private static func companies(_ store: Store) async throws -> [String] {
        try await store.read { try $0.companies().map(\.slug) }
    }

    private static func addGlobex(_ session: WriteSession) throws {
        _ = try session.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 2)
    }

    @Test func `a statement that nobody waits for fails at the next one, or with the commit, and nothing is saved`()
        async throws
    {
        let store = try await TestStore().store
        for isLast in [true, false] {
            let error = await #expect(throws: DatabaseFailure.self) {
                try await store.write { session in
                    try Self.addGlobex(session)
                    try session.run("INSERT INTO company (slug) VALUES (NULL)")
                    if isLast { return }
                    _ = try session.companies()
                    Issue.record("a statement ran in a transaction that had failed")
                }
            }
            #expect(error?.kind == .constraint)
            #expect(try await Self.companies(store) == ["acme"])
        }
    }

    @Test func `what a savepoint has left to be sent is undone with it, and what came before is kept`() async throws {
        let store = try await TestStore().store
        for failing in ["UPDATE company SET name = 'half'", "INSERT INTO company (slug) VALUES (NULL)"] {
            try await store.write { session in
                try session.run("UPDATE company SET name = 'whole' WHERE slug = 'acme'")
                #expect(throws: StoreError.self) {
                    try session.savepoint {
                        try session.run(failing)
                        throw StoreError.notFound
                    }
                }
            }
            #expect(try await store.read { try $0.companies().map(\.name) } == ["whole"])
        }
    }

    @Test func `an error of what came before a savepoint is told as it is, and undoes the part that it belongs to`()
        async throws
    {
        let store = try await TestStore().store
        try await store.write { session in
            try session.run("UPDATE company SET name = 'whole' WHERE slug = 'acme'")
            let error = #expect(throws: DatabaseFailure.self) {
                try session.savepoint {
                    try session.run("INSERT INTO company (slug) VALUES (NULL)")
                    // Who catches an error of their own must not go on in what has failed.
                    do { try session.savepoint { throw StoreError.notFound } } catch is StoreError {}
                }
            }
            #expect(error?.kind == .constraint)
            try Self.addGlobex(session)
        }
        #expect(try await store.read { try $0.companies().map(\.name) } == ["whole", "Globex"])
    }

    @Test func `statements that nobody waits for are run in their order, before those that are waited for`()
        async throws
    {
        let store = try await TestStore().store
        let names = (1...200).map { "name \($0)" }
        let seen = try await store.write { session in
            try names.map { name in
                try session.run("UPDATE company SET name = ? WHERE slug = 'acme'", [name])
                return try session.companies().map(\.name)
            }
        }
        #expect(seen == names.map { [$0] })
    }

    @Test func `whoever swallows the refusal of a newer schema is refused again, and reads nothing`() async throws {
        let store = try await TestStore().store
        guard case .postgres(let server) = store.engine else { return }
        _ = try await OwnThread.run {
            try PostgresConnection(server.url).command(
                "INSERT INTO migration (number, sha256) VALUES (\(Migration.newest + 1), 'newer')")
        }
        for isLast in [true, false] {
            let error = await #expect(throws: DatabaseFailure.self) {
                try await store.read { session in
                    let first = try? session.companies()  // a caller that does not look
                    if isLast { return first?.count ?? 0 }
                    let again = try session.companies()
                    Issue.record("a session went on that had refused")
                    return again.count
                }
            }
            #expect(error?.refusal == .upgraded)
        }
    }

    @Test func `whoever swallows the refusal of a company that another daemon leads writes nothing in it`()
        async throws
    {
        let site = try await TestStore()
        let acme = site.company.id
        let former = Leadership(holder: "former", reach: .companies([acme: 99]))
        for roles in [["nurse"], ["nurse", "doctor"]] {
            await #expect(throws: StoreError.self) {
                try await site.store.write(leading: former) { session in
                    for role in roles {
                        _ = try? session.inside(acme).addCompanyRole(role, now: 2)  // a caller that does not look
                    }
                }
            }
        }
        #expect(try await site.store.read(in: acme) { try $0.companyRoles() } == ["boss", "staff"])
    }
}
