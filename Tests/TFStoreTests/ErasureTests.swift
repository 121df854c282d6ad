import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// A person becomes a pseudonym everywhere: nothing of them is found in a dump of the whole store.
@Suite(.onBothEngines) struct ErasureTests {
    private static let login = "petra-q"
    private static let wish = "a blue bicycle"

    private static let files = TestStore.files.merging([
        "approve.task.yaml": """
        task: approve
        title: "Approve: ${ $ticket.title }"
        assign: { role: boss }
        outcomes: [yes, rework]
        body: [ { type: textarea, id: why, attributes: { label: Why } } ]
        """
    ]) { $1 }

    /// A site where Petra has asked, worked, commented and sent files, and others speak of her.
    private static func site() async throws -> (test: TestStore, petra: Account) {
        var test = try await TestStore()
        try await test.store.write {
            _ = try $0.addAccount(
                NewAccount(
                    login: login, name: "Petra Oldman", kind: .person, password: "hash", roles: [.user, .taskWorker]
                ).with(email: "oldman@example.org"), now: 1)
        }
        let petra = try await test.store.write { session in
            var change = AccountChange()
            (change.name, change.email) = ("Petra Quark", "petra@example.org")
            try session.changeAccount(login, change, version: nil, now: 1)
            return try #require(try session.account(login))
        }
        try await test.store.write(in: test.company.id) {
            try $0.setMembership(of: petra, companyRoles: ["boss"], only: [], now: 1)
        }
        test.people[login] = petra
        try await test.publish(files)
        return (test, petra)
    }

    private static func live(_ test: TestStore, _ petra: Account) async throws {
        let (store, company) = (test.store, test.company.id)
        let uma = try #require(test.people["uma"])
        // Her own ticket, done by somebody else; and another's, with an answer of hers.
        for requester in [petra, uma] {
            let ticket = TicketSubmission(
                type: "request", requester: requester, title: nil,
                answers: ["what": .string(requester.id == petra.id ? wish : "a desk")])
            let acting = store.acting(for: Caller(name: requester.login, account: requester.id, address: "10.1.2.3"))
            _ = try await acting.inside(company).answer(to: nil, .submit(ticket, now: 10)) { _, ticket in
                .int(ticket.number)
            }
        }
        try await test.advance()
        try await test.settle(choosing: login)
        for number in [1, 2] {
            let task = try #require(await test.tasks(number).last)
            try await store.inside(company).saveDraft(
                task.id, ["why": "half a thought"], by: petra, version: nil, now: 40)
            if number == 2 {
                try await test.complete(task, by: login, "yes", ["why": "it squeaks terribly"])
            }
            let ticket = try #require(try await store.read(in: company) { try $0.ticket(number: number) })
            for (author, text) in [
                (petra, "My doctor said so"),
                (uma, "Ask @petra-q, that is Petra Quark (petra@example.org), petra-quince"),
                (uma, "She was Petra Oldman, oldman@example.org"),
            ] {
                _ = try await store.inside(company).addComment(
                    text, isInternal: false, ticket: ticket, by: author, now: 50)
            }
        }
        // The workflow has yet to hear of the answers: they are in an event.
        let file = AttachmentFiles.newID()
        let upload = FormUpload(id: file, name: "diagnosis.pdf", mediaType: "a/b", size: 4)
        try await store.keep("text", as: file, in: company)
        try await store.write(in: company) { session in
            try session.addUpload(upload, by: petra.id, now: 60)
            let ticket = try #require(try session.ticket(number: 1))
            try session.attachUpload(file, to: ticket, by: petra, now: 60)
        }
        try await store.acting(for: Caller(name: login, account: petra.id, address: "10.1.2.3")).write { session in
            try session.run(
                """
                INSERT INTO session (id, account_id, purpose, refresh_hash, rotated_at_ms, created_at_ms, agent, address)
                VALUES ('s1', ?, 'web', 'h', 5, 5, 'Petra''s phone', '10.1.2.3')
                """, [petra.id])
            try session.note(.refused, .request("GET /admin/users/petra-q"), now: 70)
            try session.acting(for: Caller(name: "nobody", account: nil, address: "10.1.2.3"))
                .noteFailure(["login petra-q"], login: login, now: 70)
            try session.run(
                """
                INSERT INTO saved_view (company_id, account_id, list, name, query, created_at_ms)
                VALUES (1, ?, 'tasks', 'Petra Quark''s', 'assignee=petra-q', 1)
                """, [uma.id])
        }
    }

    /// Every text of every table.
    private static func dump(_ store: Store) async throws -> [(column: String, text: String)] {
        try await store.read { session in
            var texts: [(String, String)] = []
            for table in StoreTable.allCases.map(\.rawValue) where table != "revision" {
                let columns = try session.all(
                    Row.self, "SELECT name FROM pragma_table_info('\(table)')"
                ).map { $0["name"] as String }
                for row in try session.all(Row.self, "SELECT * FROM \(table)") {
                    for (place, column) in columns.enumerated() {
                        if case .text(let text) = row.stored(place) { texts.append(("\(table).\(column)", text)) }
                    }
                }
            }
            return texts
        }
    }

    @Test(.onlySQLite) func `nothing of an erased person is found in the whole store, and it goes on`() async throws {
        let (test, petra) = try await Self.site()
        try await Self.live(test, petra)
        let traces = [
            "petra-q", "petra quark", "petra@example.org", "petra oldman", "oldman@example.org", "blue bicycle",
            "squeaks", "half a thought", "doctor",
            "diagnosis", "petra's phone", "10.1.2.3",
        ]
        func found() async throws -> Set<String> {
            let texts = try await Self.dump(test.store)
            return Set(
                texts.flatMap { column, text in
                    // What only begins like her login is somebody else's.
                    let text = text.lowercased().replacing("petra-quince", with: "")
                    return traces.filter { text.contains($0) }.map { "\(column): \($0)" }
                })
        }
        let before = try await found()
        for column in [
            "ticket.form", "ticket.title", "task.title", "task.output", "task.draft", "instance.state", "history.actor",
            "history.data", "comment.text", "search_text.text", "search_text.words", "audit.actor", "audit.subject",
            "audit.address",
            "instance_event.payload", "saved_view.query", "attachment.name", "session.agent", "throttle.name",
            "account.login",
            "task.decision",
        ] { #expect(before.contains { $0.hasPrefix(column + ":") }, "\(column) has something to erase") }

        let preview = try await test.store.previewErasure(of: petra)
        #expect(preview.openTickets == ["acme #1"])
        #expect(preview.openTasks.count == 1)
        #expect(preview.comments == 2)
        #expect(preview.fileBytes == 4)
        #expect(preview.naming[.history] ?? 0 > 0)
        let order = try await test.store.read {
            try $0.all(Row.self, "SELECT id, at_ms, action FROM audit ORDER BY id")
        }
        .map { [$0["id"] as Int64, $0["at_ms"]] }
        let done = try await test.store.erase(petra, now: 100)
        #expect(done.pseudonym.login == "erased-\(petra.id)")
        #expect(try await found() == [])
        #expect(try await test.store.faults() == [])

        // The audit log keeps its order, and has an entry.
        let after = try await test.store.read {
            try $0.all(Row.self, "SELECT id, at_ms, action FROM audit ORDER BY id")
        }
        #expect(Array(after.map { [$0["id"] as Int64, $0["at_ms"]] }.prefix(order.count)) == order)
        #expect(after.last?["action"] == "user-erased")
        // What others wrote stays, with the pseudonym.
        let comments = try await Self.dump(test.store).filter { $0.column == "comment.text" }.map(\.text)
        let others = "Ask @\(done.pseudonym.login), that is \(done.pseudonym.name) ([erased]), petra-quince"
        let earlier = "She was \(done.pseudonym.name), [erased]"
        #expect(comments.sorted() == [others, others, earlier, earlier, "[erased]", "[erased]"].sorted())
        for words in ["petra", "bicycle", "squeaks"] {
            let hits = try await test.store.read { session in
                let index = TextIndex(session.connection.dialect)
                return try session.all(
                    Int64.self, "SELECT s.id FROM \(index.source) WHERE \(index.matches)", [index.pattern([words])])
            }
            #expect(hits.isEmpty || words == "petra", "\(words)")
        }
        let file = try #require(
            try await test.store.read { try $0.first(AttachmentID.self, "SELECT id FROM attachment WHERE size = 0") })
        #expect(try await test.store.keptContent(of: file, in: test.company.id) == "")
        try await Self.goOn(test, done.pseudonym)
    }

    /// The open ticket is finished by somebody else, and the second erasure finds nothing to do.
    private static func goOn(_ test: TestStore, _ pseudonym: Pseudonym) async throws {
        let task = try #require(await test.tasks(1).last)
        #expect(task.state == .ready)
        try await test.settle(choosing: "bob")
        let mine = try await test.newest(after: task)
        #expect(mine.assignee == "bob")
        try await test.complete(mine, by: "bob", "yes")
        try await test.advance()
        let ticket = try #require(try await test.store.read(in: test.company.id) { try $0.ticket(number: 1) })
        #expect(ticket.state == .closed)
        #expect(ticket.requester == pseudonym.login)
        let person = try #require(try await test.store.read { try $0.account(pseudonym.login) })
        #expect(person.isDisabled)
        let again = try await test.store.erase(person, now: 200)
        #expect(again.pseudonym == pseudonym)
        let form = try await test.store.read(in: test.company.id) { try $0.ticket(number: 1) }?.form
        #expect(form == [:])
    }

    @Test func `the reason for which an erased person cancelled a ticket goes with them, another's stays`() async throws
    {
        let (test, petra) = try await Self.site()
        try await Self.live(test, petra)
        let uma = try #require(test.people["uma"])
        try await test.store.write(in: test.company.id) { session in
            for (number, person, reason) in [(1, petra, "I bought one"), (2, uma, "It came twice")] {
                let ticket = try #require(try session.ticket(number: number))
                try session.cancelTicket(ticket.id, version: nil, by: person, reason: reason, now: 80)
            }
        }
        _ = try await test.store.erase(petra, now: 90)
        let reasons = try await test.store.read(in: test.company.id) { session in
            try [1, 2].map { number in
                let ticket = try #require(try session.ticket(number: number))
                return try session.history(ticket: ticket.id).first { $0.kind == .cancellation }?.data["reason"]
            }
        }
        #expect(reasons == [.string(NameReplacement.removed), "It came twice"])
    }

    @Test func `the last admin and a program are not erased`() async throws {
        let test = try await TestStore()
        let admin = try await test.store.write {
            try $0.addAccount(
                NewAccount(login: "ada", name: "Ada", kind: .person, password: nil, roles: [.admin]), now: 1)
        }
        let robot = try await test.store.write {
            try $0.addAccount(NewAccount(login: "etl", name: "E", kind: .service, password: nil, roles: []), now: 1)
        }
        for account in [admin, robot] {
            await #expect(throws: StoreError.self) { try await test.store.previewErasure(of: account) }
            await #expect(throws: StoreError.self) { try await test.store.erase(account, now: 2) }
        }
        let other = NewAccount(login: "bea", name: "Bea", kind: .person, password: nil, roles: [.admin])
        _ = try await test.store.write { try $0.addAccount(other, now: 1) }
        #expect(try await test.store.erase(admin, now: 3).pseudonym.login == "erased-\(admin.id)")
    }

    @Test func `a preview names those who have the same name`() async throws {
        let (test, petra) = try await Self.site()
        #expect(try await test.store.previewErasure(of: petra).namesakes == [])
        for (login, name) in [("petra-2", "PETRA QUARK"), ("petra-3", "Petra Oldman"), ("petra-4", "Petra")] {
            let other = NewAccount(login: login, name: name, kind: .person, password: nil, roles: [])
            _ = try await test.store.write { try $0.addAccount(other, now: 2) }
        }
        #expect(try await test.store.previewErasure(of: petra).namesakes == ["petra-3", "petra-2"])
    }

    @Test func `an export has everything that is a person's, and no secret`() async throws {
        let (test, petra) = try await Self.site()
        try await Self.live(test, petra)
        let export = try await test.store.read { try $0.export(of: petra) }
        let text = export.json.text
        for part in [
            "petra@example.org", "blue bicycle", "squeaks", "half a thought", "My doctor said so", "diagnosis.pdf",
            "Petra's phone", "10.1.2.3", "boss",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(!text.contains("hash"))
        #expect(export.files.map(\.name) == ["diagnosis.pdf"])
        #expect(export.json["account"]["login"] == .string(Self.login))
        #expect(export.json["tickets"].arrayValue?.first?["form"]["what"] == .string(Self.wish))
    }

    @Test(.onlySQLite) func `every column with a text is known to the erasure`() async throws {
        let columns = try await TestStore().store.read { session in
            try session.all(
                Row.self,
                """
                SELECT m.name AS tbl, c.name AS col FROM sqlite_master m, pragma_table_info(m.name) c
                WHERE m.type = 'table' AND c.type = 'TEXT' AND m.name NOT LIKE 'search_index%' AND m.name <> 'migration'
                """
            ).map { ("\($0["tbl"] as String)", "\($0["tbl"] as String).\($0["col"] as String)") }
        }
        let naming = Set(
            NamingColumns.all.flatMap { naming in naming.columns.map { "\(naming.table.rawValue).\($0.name)" } })
        let others = Set(NamingColumns.others)
        for (table, column) in columns {
            let isKnown = naming.contains(column) || others.contains(column) || others.contains("\(table).*")
            #expect(isKnown || NamingColumns.searched.contains(column), "\(column): may it name a person?")
        }
        #expect(naming.isDisjoint(with: others))
        #expect(naming.isSubset(of: columns.map(\.1)))
    }
}
