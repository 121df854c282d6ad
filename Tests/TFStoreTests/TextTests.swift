import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

/// Texts that a database of bytes or of ASCII would change, cut or not find.
@Suite(.onBothEngines) struct TextTests {
    @Test(arguments: [
        ("Übergabe am Freitag", "übergabe"), ("U\u{308}bergabe", "ÜBERGABE"), ("Übergabe", "u\u{308}berg"),
        ("Новая ЗАДАЧА", "задача"), ("Hauptstraße", "STRASSE"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("İstanbul", "istanbul"),
        ("100 % _sure_", "% _S"),
    ])
    func `a title is found in any case and writing`(_ title: String, _ text: String) async throws {
        let site = try await TestStore()
        try await site.publish(TestStore.files)
        let number = try await site.submit("x")
        _ = try await site.submit("another")
        let ticket = try #require(try await site.store.read(in: site.company.id) { try $0.ticket(number: number) })
        var change = TicketChange()
        change.title = title
        try await site.store.write(in: site.company.id) { [change] in
            try $0.changeTicket(
                ticket.id, change, by: try #require(site.people["uma"]), version: nil, now: 5)
        }
        var filter = TicketFilter()
        filter.text = text
        let found = try await site.store.read(in: site.company.id) { [filter] in
            try $0.tickets(scope: .everything, filter: filter)
        }
        .rows
        #expect(found.map(\.number) == [number])
    }

    @Test func `a label is found whole and in any case`() async throws {
        let site = try await TestStore()
        try await site.publish(TestStore.files)
        let submit = try await site.submit("x")
        let ticket = try #require(try await site.store.read(in: site.company.id) { try $0.ticket(number: submit) })
        var change = TicketChange()
        change.labels = ["Größe", "say \"hi\""]
        try await site.store.write(in: site.company.id) { [change] in
            try $0.changeTicket(
                ticket.id, change, by: try #require(site.people["uma"]), version: nil, now: 5)
        }
        for (label, count) in [("GRÖSSE", 1), ("größe", 1), ("größ", 0), ("SAY \"HI\"", 1), ("hi", 0)] {
            var filter = TicketFilter()
            filter.label = label
            let found = try await site.store.read(in: site.company.id) { [filter] in
                try $0.tickets(scope: .everything, filter: filter)
            }.rows
            #expect(found.count == count, "\(label)")
        }
    }

    @Test func `people are found by their folded names`() async throws {
        let site = try await TestStore()
        _ = try await site.store.write {
            try $0.addAccount(
                NewAccount(login: "joerg", name: "Jörg Weiß", kind: .person, password: nil, roles: []), now: 1)
        }
        for text in ["JÖRG", "jo\u{308}rg", "weiss", "JOERG"] {
            let rows = try await site.store.read { try $0.identities(after: "", text: text, limit: 5) }.rows
            #expect(rows.map(\.account.login) == ["joerg"], "\(text)")
        }
    }

    @Test func `a text that the store would cut is refused with its field's name`() async throws {
        let site = try await TestStore()
        try await site.publish(TestStore.files)
        let uma = try #require(site.people["uma"])
        let submit = try await site.submit("x")
        let ticket = try #require(try await site.store.read(in: site.company.id) { try $0.ticket(number: submit) })
        func field(_ work: () async throws -> Void) async -> String? {
            do { try await work() } catch StoreError.invalid(let errors) { return errors.first?.field } catch {}
            return nil
        }
        let comment = await field {
            _ = try await site.store.inside(site.company.id).addComment(
                "keep\u{0}lost", isInternal: false, ticket: ticket, by: uma, now: 5)
        }
        #expect(comment == "text")
        var change = TicketChange()
        change.title = "keep\u{0}lost"
        let titled = change
        let title = await field {
            try await site.store.write(in: site.company.id) {
                try $0.changeTicket(ticket.id, titled, by: uma, version: nil, now: 5)
            }
        }
        #expect(title == "title")
        let name = await field {
            _ = try await site.store.write {
                try $0.addAccount(
                    NewAccount(login: "x", name: "keep\u{0}lost", kind: .person, password: nil, roles: []), now: 1)
            }
        }
        #expect(name == "name")
    }

    @Test func `a computed title keeps what stands behind U+0000`() async throws {
        let site = try await TestStore()
        var files = TestStore.files
        files["approve.task.yaml"] =
            "task: approve\ntitle: \"a${ [0] | implode }b\"\nassign: { role: boss }\noutcomes: [yes, rework]\n"
        try await site.publish(files)
        let number = try await site.submit("x\u{0}y")
        try await site.advance()
        #expect(try await site.tasks(number).map(\.title) == ["a\u{FFFD}b"])
        #expect(
            try await site.store.read(in: site.company.id) { try $0.ticket(number: number) }?.title
                == "Ask for x\u{FFFD}y")
    }
}
