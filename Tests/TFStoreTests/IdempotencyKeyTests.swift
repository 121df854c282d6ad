import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// A change that is made once, however often its request is sent.
@Suite(.onBothEngines) struct IdempotencyKeyTests {
    private let renaming = CompanyChange<Void> { session in
        try session.site.run("UPDATE company SET name = name || '!'")
    }

    private static func key(_ test: TestStore, _ name: String = "k", request: String = "r", at: Int64 = 10) throws
        -> IdempotencyKey
    {
        IdempotencyKey(account: try #require(test.people["uma"]).id, name: name, request: request, at: at)
    }

    /// Renames the company, and answers with its name as it is then.
    private func rename(_ test: TestStore, _ key: IdempotencyKey?) async throws -> String? {
        try await test.store.inside(test.company.id).answer(to: key, renaming) { session, _ in
            .optional(try session.site.company("acme")?.name)
        }
        .stringValue
    }

    @Test func `a repeated request changes nothing and gets the first one's answer, whatever is true by now`()
        async throws
    {
        let test = try await TestStore()
        let key = try Self.key(test)
        #expect(try await rename(test, key) == "Acme!")
        #expect(try await rename(test, nil) == "Acme!!")
        #expect(try await rename(test, key) == "Acme!")
        #expect(try await test.store.read { try $0.answer(to: key) } == "Acme!")
        #expect(try await rename(test, try Self.key(test, "other")) == "Acme!!!")
    }

    @Test func `requests with one key at the same time are one`() async throws {
        let test = try await TestStore()
        let key = try Self.key(test)
        let answers = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<20 { group.addTask { try await self.rename(test, key) } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(answers == ["Acme!"])
        #expect(try await test.store.read { try $0.company("acme") }?.name == "Acme!")
    }

    @Test func `a key for something else is refused, and changes nothing`() async throws {
        let test = try await TestStore()
        _ = try await rename(test, try Self.key(test))
        let other = try Self.key(test, request: "another")
        let error = await #expect(throws: StoreError.self) { try await rename(test, other) }
        #expect(error?.description == "this id was used before, for another request")
        #expect(try await test.store.read { try $0.company("acme") }?.name == "Acme!")
    }

    @Test func `a change whose answer cannot be made is not made, and its key is free`() async throws {
        let test = try await TestStore()
        let key = try Self.key(test)
        await #expect(throws: StoreError.self) {
            _ = try await test.store.inside(test.company.id).answer(to: key, renaming) { _, _ in
                throw StoreError.notFound
            }
        }
        #expect(try await test.store.read { try $0.company("acme") }?.name == "Acme")
        #expect(try await rename(test, key) == "Acme!")
    }

    @Test func `a key is remembered for a day, and is another account's own`() async throws {
        let test = try await TestStore()
        _ = try await rename(test, try Self.key(test))
        let bob = IdempotencyKey(account: try #require(test.people["bob"]).id, name: "k", request: "other", at: 10)
        #expect(try await rename(test, bob) == "Acme!!")
        #expect(try await rename(test, try Self.key(test, at: 9 + IdempotencyKey.lifetime)) == "Acme!")
        #expect(
            try await rename(test, try Self.key(test, request: "new", at: 10 + IdempotencyKey.lifetime)) == "Acme!!!")
    }
}
