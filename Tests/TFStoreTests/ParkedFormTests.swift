import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

@Suite(.onBothEngines) struct ParkedFormTests {
    private static let fields: JSON = [["title", "half"]]

    @Test func `the last form of each page is kept, and of a person not more than some`() async throws {
        let test = try await TestStore()
        let uma = try #require(test.people["uma"]).id
        let bob = try #require(test.people["bob"]).id
        func park(_ id: String, _ account: AccountID, _ page: String, at now: Int64) async throws {
            #expect(
                try await test.store.writeAside {
                    try $0.park(id: id, account: account, page: page, fields: Self.fields, now: now)
                })
        }
        func isKept(_ id: String, _ account: AccountID, _ page: String) async throws -> Bool {
            try await test.store.read { try $0.parkedForm(id, account: account, page: page, now: 100) } == Self.fields
        }
        try await park("bob's", bob, "/a", at: 1)
        try await park("first", uma, "/a", at: 2)
        try await park("second", uma, "/a", at: 3)
        #expect(try await !isKept("first", uma, "/a"))
        #expect(try await isKept("second", uma, "/a"))
        for number in 1..<Store.limitParkedForms { try await park("\(number)", uma, "/\(number)", at: 10) }
        #expect(try await isKept("second", uma, "/a"))
        try await park("one too many", uma, "/more", at: 20)
        #expect(try await !isKept("second", uma, "/a"))
        #expect(try await isKept("one too many", uma, "/more"))
        #expect(try await isKept("bob's", bob, "/a"))
    }

    @Test func `a form is found at its page and at those above it`() async throws {
        let test = try await TestStore()
        let uma = try #require(test.people["uma"]).id
        _ = try await test.store.writeAside {
            try $0.park(id: "x", account: uma, page: "/tasks/12/hold", fields: Self.fields, now: 1)
        }
        for (page, isFound) in [
            ("/tasks/12/hold", true), ("/tasks/12", true), ("/tasks/1", false), ("/tasks/12/hold/more", false),
            ("/tasks/12/release", false),
        ] {
            let found = try await test.store.read { try $0.parkedForm("x", account: uma, page: page, now: 2) }
            #expect((found == Self.fields) == isFound, "\(page)")
        }
    }

    @Test func `what is too large is not kept, nor anything of disabled people`() async throws {
        let test = try await TestStore()
        let uma = try #require(test.people["uma"]).id
        func isTaken(_ text: String) async throws -> Bool {
            try await test.store.writeAside {
                try $0.park(id: "x", account: uma, page: "/a", fields: [["title", .string(text)]], now: 1)
            }
        }
        let around = JSON.array([["title", ""]]).bytes.count + "/a".utf8.count
        // Counted in bytes: as many characters of two.
        #expect(try await !isTaken(String(repeating: "ä", count: Store.limitParkedBytes - around)))
        #expect(try await !isTaken(String(repeating: "a", count: Store.limitParkedBytes - around + 1)))
        #expect(try await isTaken(String(repeating: "a", count: Store.limitParkedBytes - around)))
        try await test.store.write { try $0.disableAccount("uma", now: 2) }
        #expect(try await !isTaken("a"))
    }
}
