import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// Saved views of lists: whose they are, and who else has them.
@Suite(.onBothEngines) struct SavedViewTests {
    private let test: TestStore
    private let uma: AccountID
    private let bob: AccountID

    init() async throws {
        test = try await TestStore()
        uma = try #require(test.people["uma"]).id
        bob = try #require(test.people["bob"]).id
    }

    private func save(_ name: String, _ query: String, role: String? = nil, by account: AccountID) async throws {
        try await test.store.write(in: test.company.id) {
            try $0.save(NewSavedView(of: .tickets, named: name, query: query, sharedWith: role), by: account, now: 5)
        }
    }

    private func views(_ account: AccountID, roles: Set<String> = []) async throws -> [SavedView] {
        try await test.store.read(in: test.company.id) {
            try $0.savedViews(of: .tickets, for: account, roles: roles)
        }
    }

    private func isRefused(_ change: @escaping @Sendable (CompanyWriteSession) throws -> Void) async throws -> Bool {
        do {
            try await test.store.write(in: test.company.id, change)
            return false
        } catch is StoreError {
            return true
        }
    }

    @Test func `a view is its owner's, and of those who hold the role that it is shared with`() async throws {
        try await save("Late", "overdue=true", by: uma)
        try await save("Purchases", "type=purchase", role: "boss", by: uma)
        #expect(try await views(uma).map(\.name) == ["Late", "Purchases"])
        #expect(try await views(bob).isEmpty)
        #expect(try await views(bob, roles: ["staff"]).isEmpty)
        #expect(try await views(bob, roles: ["boss"]).map(\.name) == ["Purchases"])
        let tasks = try await test.store.read(in: test.company.id) { [uma] in
            try $0.savedViews(of: .tasks, for: uma, roles: ["boss"])
        }
        #expect(tasks.isEmpty)
    }

    @Test func `saving under the same name replaces a view, and only its owner changes it`() async throws {
        try await save("Late", "overdue=true", role: "boss", by: uma)
        try await save("Late", "stuck=true", by: uma)
        let view = try #require(try await views(uma).first)
        #expect(view.query == "stuck=true")
        #expect(view.role == nil)
        let (uma, bob) = (uma, bob)
        let keepsName = try await isRefused { try $0.renameView(view.id, to: "Mine", sharedWith: nil, by: bob) }
        let isKept = try await isRefused { try $0.deleteView(view.id, by: bob) }
        #expect(keepsName && isKept)
        try await save("Other", "type=x", by: uma)
        let isTaken = try await isRefused { try $0.renameView(view.id, to: "Other", sharedWith: nil, by: uma) }
        #expect(isTaken)
        try await test.store.write(in: test.company.id) { session in
            try session.renameView(view.id, to: "Stuck", sharedWith: "staff", by: uma)
        }
        #expect(try await views(uma).map(\.name) == ["Other", "Stuck"])
        try await test.store.write(in: test.company.id) { try $0.deleteView(view.id, by: uma) }
        #expect(try await views(uma).map(\.name) == ["Other"])
    }

    @Test(arguments: [("  ", nil), ("Fine", "no-role"), (String(repeating: "x", count: 51), nil)])
    func `a view needs a name that fits and a role that the company has`(_ name: String, _ role: String?) async throws {
        await #expect(throws: StoreError.self) { try await save(name, "", role: role, by: uma) }
    }

    @Test func `nobody has more than twenty views of a list`() async throws {
        for number in 0..<SavedView.limit { try await save("V\(number)", "", by: uma) }
        await #expect(throws: StoreError.self) { try await save("One more", "", by: uma) }
        try await save("V1", "stuck=true", by: uma)
    }
}
