import Synchronization
import TestSupport
import Testing

@testable import TFStore

/// Changes that wait for one lock of a server, which commits them together.
@Suite(.onPostgres, .timeLimit(.minutes(5))) struct PostgresGroupTests {
    private struct Refused: Error {}

    /// What became of a change.
    private enum Answer: Equatable {
        /// Committed by this transaction of the server.
        case committed(Int64)
        case refused
        case failed
    }

    /// Has these changes of the whole site wait at the same time, and then lets them in.
    private static func atOnce(
        _ store: Store, _ changes: [@Sendable (WriteSession) throws -> Void]
    ) async throws -> [Answer] {
        let gate = Gate()
        return try await withThrowingTaskGroup(of: (Int, Answer)?.self) { group in
            group.addTask {
                try await store.write { _ in gate.hold() }
                return nil
            }
            _ = try await eventually("the lock is held") { gate.isHeld ? true : nil }
            for (index, change) in changes.enumerated() {
                group.addTask {
                    do {
                        let transaction = try await store.write { session in
                            try change(session)
                            return try session.first(Int64.self, "SELECT CAST(txid_current() AS BIGINT)")
                        }
                        return (index, .committed(transaction ?? 0))
                    } catch is Refused { return (index, .refused) } catch { return (index, .failed) }
                }
                _ = try await eventually("it waits") { store.waitingWrites == index + 1 ? true : nil }
            }
            gate.open()
            var answers = [Answer](repeating: .failed, count: changes.count)
            for try await case (let index, let answer)? in group { answers[index] = answer }
            return answers
        }
    }

    private static func add(_ slug: String) -> @Sendable (WriteSession) throws -> Void {
        { session in _ = try session.addCompany(slug: slug, name: slug, timezone: "UTC", now: 2) }
    }

    private static func companies(_ store: Store) async throws -> [String] {
        try await store.read { try $0.companies().map(\.slug) }
    }

    @Test func `changes that wait for one lock are committed together`() async throws {
        let store = try await TestStore().store
        let answers = try await Self.atOnce(store, ["b", "c", "d", "e", "f"].map(Self.add))
        let first = try #require(answers.first)
        #expect(first != .failed)
        #expect(answers.allSatisfy { $0 == first })
        #expect(try await Self.companies(store) == ["acme", "b", "c", "d", "e", "f"])
    }

    @Test func `a change that swallows a refusal is undone alone, and refused`() async throws {
        let site = try await TestStore()
        let acme = site.company.id
        let former = Leadership(holder: "former", reach: .companies([acme: 99]))
        let answers = try await Self.atOnce(
            site.store,
            [
                Self.add("b"),
                { session in
                    try session.check(former)
                    _ = try? session.inside(acme).addCompanyRole("nurse", now: 2)  // a caller that does not look
                }, Self.add("c"),
            ])
        #expect(answers[0] == answers[2] && answers[0] != .failed)
        #expect(answers[1] == .failed)
        #expect(try await Self.companies(site.store) == ["acme", "b", "c"])
        #expect(try await site.store.read(in: acme) { try $0.companyRoles() } == ["boss", "staff"])
    }

    @Test func `a change that fails is undone alone, and the others are committed`() async throws {
        let store = try await TestStore().store
        let answers = try await Self.atOnce(
            store,
            [
                Self.add("b"),
                { session in
                    try Self.add("undone")(session)
                    throw Refused()
                },
                { session in try session.run("INSERT INTO company (slug) VALUES (NULL)") },
                { session in
                    try Self.add("lost")(session)
                    _ = try? session.run("INSERT INTO company (slug) VALUES (NULL)")  // a caller that does not look
                }, Self.add("c"),
            ])
        #expect(answers[1...3] == [.refused, .failed, .failed])
        #expect(answers[0] == answers[4])
        #expect(try await Self.companies(store) == ["acme", "b", "c"])
    }

    @Test(arguments: ["SELECT pg_terminate_backend(pg_backend_pid())", "DO 'BEGIN RAISE SQLSTATE ''40001''; END'"])
    func `a group runs again after a lost connection or a collision, and each change is made once`(
        _ fault: String
    ) async throws {
        let store = try await TestStore().store
        let isStruck = Mutex(false)
        let answers = try await Self.atOnce(
            store,
            [
                Self.add("b"),
                { session in
                    try Self.add("c")(session)
                    let isFirst = isStruck.withLock { isStruck in
                        defer { isStruck = true }
                        return !isStruck
                    }
                    if isFirst { try session.connection.script(fault) }
                }, Self.add("d"),
            ])
        #expect(answers.allSatisfy { $0 == answers[0] && $0 != .failed })
        #expect(try await Self.companies(store) == ["acme", "b", "c", "d"])
    }
}
