import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

@Suite(.onBothEngines) struct LongTextTests {
    /// What people see as one character, of 600 KB.
    private static let long = "e" + String(repeating: "\u{301}", count: 300_000)

    private func expectRefusal(_ field: String, _ change: () async throws -> Void) async {
        do {
            try await change()
            Issue.record("\(field) is taken")
        } catch StoreError.invalid(let errors) {
            let message = errors.first { $0.field == field }?.message ?? "nothing"
            let words = field == "labels" ? ["Labels must be"] : [" or fewer", " or less"]
            #expect(words.contains { message.contains($0) }, "\(message)")
        } catch {
            Issue.record(error)
        }
    }

    @Test func `what people send is refused where it is longer than its limit`() async throws {
        let test = try await TestStore()
        let (store, company, long) = (test.store, test.company, Self.long)
        try await test.publish(TestStore.files)
        let number = try await test.submit("a chair")
        try await test.advance()
        try await test.settle(choosing: "bob")
        let task = try #require(await test.tasks(number).last)
        let ticket = try #require(await store.read(in: company.id) { try $0.ticket(number: number) })
        let uma = try #require(test.people["uma"])
        let bob = try #require(test.people["bob"])
        var (titled, labelled, named) = (TicketChange(), TicketChange(), AccountChange())
        titled.title = long
        labelled.labels = [long]
        named.name = long

        await expectRefusal("title") { [titled] in
            try await store.write(in: company.id) {
                try $0.changeTicket(ticket.id, titled, by: uma, version: nil, now: 20)
            }
        }
        await expectRefusal("labels") { [labelled] in
            try await store.write(in: company.id) {
                try $0.changeTicket(ticket.id, labelled, by: uma, version: nil, now: 20)
            }
        }
        await expectRefusal("text") {
            _ = try await store.inside(company.id).addComment(long, isInternal: false, ticket: ticket, by: uma, now: 20)
        }
        await expectRefusal("reason") {
            try await store.write(in: company.id) {
                try $0.releaseTask(task.id, TaskMove(by: bob, onlyOwn: true, reason: long, version: nil), now: 20)
            }
        }
        await expectRefusal("reason") {
            try await store.write(in: company.id) {
                try $0.holdTask(
                    task.id, until: 1_000, TaskMove(by: bob, onlyOwn: true, reason: long, version: nil), now: 20)
            }
        }
        await expectRefusal("reason") {
            try await store.write(in: company.id) {
                try $0.reassignTask(
                    task.id, .byRule, TaskMove(by: bob, onlyOwn: true, reason: long, version: nil), now: 20)
            }
        }
        await expectRefusal("name") { [named] in
            try await store.write { try $0.changeAccount("uma", named, version: nil, now: 20) }
        }
        for field in ["login", "name", "email"] {
            await expectRefusal(field) {
                _ = try await store.write {
                    try $0.addAccount(
                        NewAccount(
                            login: field == "login" ? long : "new", name: field == "name" ? long : "New", kind: .person,
                            password: nil, roles: []
                        ).with(email: field == "email" ? long : nil), now: 20)
                }
            }
        }
        await expectRefusal("name") {
            _ = try await store.write { try $0.addCompany(slug: "new", name: long, timezone: "UTC", now: 20) }
        }
        await expectRefusal("timezone") {
            try await store.write { try $0.changeCompany("acme", name: nil, timezone: long, version: nil, now: 20) }
        }
        await expectRefusal("name") {
            _ = try await store.write(in: company.id) { try $0.addCompanyRole(long, now: 20) }
        }
        await expectRefusal("name") {
            try await store.write { try $0.addAPIKey(id: "k", hash: "h", name: long, of: uma, now: 20) }
        }
    }

    @Test func `what a workflow computed shows that it goes on, and the history has all of a resolution`() async throws
    {
        let site = try await WorkflowSite(
            """
            do:
              - say: { call: ticket-comment, with: { body: '${ "y" * 20000 }' } }
              - stop: { set: { status: '${ "x" * 70 }' } }
            """)
        try await site.start()
        try await site.turn(now: 20)
        let ticket = try await site.ticket()
        #expect(ticket.status == String(repeating: "x", count: 59) + "…")
        let told = try await site.history().last { $0.kind == .closed }?.data["status"]
        #expect(told == .string(String(repeating: "x", count: 70)))
        let comments = try await site.store.read(in: site.company.id) {
            try $0.comments(ticket: ticket.id, withInternal: true)
        }
        #expect(comments.map(\.text.utf8.count) == [TextLimit.comment.bytes])
        #expect(comments.first?.text.hasSuffix("y…") == true)
    }

    @Test func `what is noted of strangers is cut`() async throws {
        let test = try await TestStore()
        let store = test.store.acting(for: Caller(name: Self.long))
        try await store.writeAside { try $0.note(.refused, .request(Self.long), now: 20) }
        let entry = try #require(await store.read { try $0.auditLog(AuditFilter()) }.entries.first)
        #expect(entry.subject.text.utf8.count <= TextLimit.auditSubject.bytes)
        #expect(entry.actor.utf8.count <= TextLimit.auditSubject.bytes)
    }
}
