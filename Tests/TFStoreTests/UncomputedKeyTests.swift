import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// A title or a priority that cannot be computed keeps no ticket from being opened, and its history tells of it.
@Suite(.onBothEngines) struct UncomputedKeyTests {
    /// A ticket type whose expressions fail for most answers.
    private static let files = TestStore.files.merging([
        "r.ticket.yaml": """
        ticket: request
        name: Request
        description: Ask
        workflow: request
        title: 'No. ${ .form.what | tonumber }'
        priority: '${ if .form.what == "7" then "high" elif .form.what == "8" then "asap" else error("never \\(.form.what)") end }'
        body: [ { type: input, id: what, attributes: { label: What }, validations: { required: true } } ]
        """
    ]) { $1 }

    private static func site() async throws -> TestStore {
        let test = try await TestStore()
        try await test.publish(files)
        return test
    }

    private static func ticket(_ number: Int, _ test: TestStore) async throws -> (Ticket, told: [HistoryEntry]) {
        try await test.store.read(in: test.company.id) { session in
            let ticket = try #require(try session.ticket(number: number))
            return (ticket, try session.history(ticket: ticket.id).filter { $0.kind == .uncomputed })
        }
    }

    @Test func `a ticket is opened with the defaults, and its history has each error`() async throws {
        let test = try await Self.site()
        let (right, nothing) = try await Self.ticket(test.submit("7"), test)
        #expect(right.title == "No. 7" && right.priority == .high)
        #expect(nothing.isEmpty)
        let (failed, told) = try await Self.ticket(test.submit("desk"), test)
        #expect(failed.title == "Request" && failed.priority == .normal)
        #expect(told.map { $0.data["key"] } == ["title", "priority"])
        #expect(told.first?.data["error"].displayText.contains("desk") == true, "\(told)")
        #expect(told.last?.data["error"] == "never desk")
        let (wrong, why) = try await Self.ticket(test.submit("8"), test)
        #expect(wrong.title == "No. 8" && wrong.priority == .normal)
        #expect(why.map { $0.data["error"] } == ["it gave \"asap\", not one of low, normal, high, urgent"])
    }

    @Test func `a corrected title that cannot be computed is told too`() async throws {
        let test = try await Self.site()
        let number = try await test.submit("7")
        try await test.advance()
        try await test.settle(choosing: "bob")
        try await test.complete(try #require(await test.tasks(number).last), by: "bob", "rework")
        try await test.advance()
        try await test.complete(
            try #require(await test.tasks(number).last), by: "uma", "done", ["what": "a desk"])
        let (ticket, told) = try await Self.ticket(number, test)
        #expect(ticket.title == "Request")
        #expect(told.map { $0.data["key"] } == ["title"] && told.map(\.actor) == ["uma"])
        let uma = try #require(test.people["uma"])
        let export = try await test.store.read { try $0.export(of: uma) }.json
        let entries = export["history"].arrayValue?.map { $0["data"] } ?? []
        #expect(told.allSatisfy { entries.contains($0.data) }, "\(entries)")
        #expect(entries.contains(["before": ["what": "7"]]), "\(entries)")
    }

    @Test func `the priority of a ticket that a schedule opens is told in each of them`() async throws {
        let site = try await WorkflowSite(
            "schedule: { every: { minutes: 1 } }\ndo: [ { s: { set: { status: ran } } } ]", hasTicketOfItsOwn: true,
            more: [
                "t.ticket.yaml": """
                ticket: t
                name: T
                description: T
                title: T
                priority: '${ .form.what | tonumber }'
                body: [ { type: input, id: what, attributes: { label: What } } ]
                """
            ])
        try await site.store.refreshSchedules(leader: site.leader, now: 0)
        for minute in 1...2 { try await site.turn(now: Int64(minute) * 60_000) }
        let told = try await site.store.read(in: site.company.id) { session in
            try [1, 2].map { number in
                let ticket = try #require(try session.ticket(number: number))
                return try session.history(ticket: ticket.id).filter { $0.kind == .uncomputed }.map(\.actor)
            }
        }
        #expect(told == [["system"], ["system"]])
    }

    @Test func `an error may quote an answer, and goes with whoever gave it`() async throws {
        let test = try await Self.site()
        let number = try await test.submit("a blue bicycle")
        _ = try await test.store.erase(try #require(test.people["uma"]), now: 50)
        let (_, told) = try await Self.ticket(number, test)
        #expect(told.count == 2)
        #expect(told.allSatisfy { $0.data["error"] == .string(NameReplacement.removed) }, "\(told)")
    }

    /// A ticket of Uma's, whose answers Dave has corrected; its title quotes them in other words.
    private static func corrected() async throws -> (TestStore, number: Int) {
        let test = try await TestStore()
        try await test.publish(
            TestStore.files.merging([
                "r.ticket.yaml": """
                ticket: request
                name: Request
                description: Ask
                workflow: request
                title: '${ if (.form.what | endswith("7")) then "Seven" else error(.form.what | ascii_upcase) end }'
                body: [ { type: input, id: what, attributes: { label: What }, validations: { required: true } } ]
                """, "amend.task.yaml": "task: amend\nassign: { role: staff }\nform: ticket\n",
            ]) { $1 })
        let number = try await test.submit("a blue bicycle 7")
        try await test.advance()
        try await test.settle(choosing: "bob")
        try await test.complete(try #require(await test.tasks(number).last), by: "bob", "rework")
        try await test.advance()
        try await test.settle(choosing: "dave")
        try await test.complete(
            try #require(await test.tasks(number).last), by: "dave", "done", ["what": "a blue bicycle 8"])
        return (test, number)
    }

    /// The error of a correction, too, which somebody else has made: most of the answers are still the requester's.
    @Test func `an error that quotes an answer in other words goes with whoever opened the ticket`() async throws {
        let (test, number) = try await Self.corrected()
        let (_, told) = try await Self.ticket(number, test)
        #expect(told.map(\.actor) == ["dave"] && told.first?.data["error"] == "A BLUE BICYCLE 8", "\(told)")
        _ = try await test.store.erase(try #require(test.people["uma"]), now: 50)
        let (_, left) = try await Self.ticket(number, test)
        #expect(left.map { $0.data["error"] } == [.string(NameReplacement.removed)], "\(left)")
    }

    /// An audience may hide an answer from whoever corrects others.
    @Test func `an export has the answers for whoever opened the ticket, and not for whoever corrected them`()
        async throws
    {
        let (test, _) = try await Self.corrected()
        for login in ["uma", "dave"] {
            let person = try #require(test.people[login])
            let export = try await test.store.read { try $0.export(of: person) }.json
            #expect(export.text.lowercased().contains("bicycle") == (login == "uma"), "\(export)")
            let kinds = export["history"].arrayValue?.map { $0["kind"].displayText } ?? []
            #expect(kinds.contains("uncomputed") == (login == "dave"), "\(kinds)")
        }
    }
}
