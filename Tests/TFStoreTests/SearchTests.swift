import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Search finds what is there now, and only what may be read.
@Suite(.onBothEngines) struct SearchTests {
    private let test: TestStore
    private let uma: Account
    private let bob: Account
    private let task: TaskRecord

    init() async throws {
        test = try await TestStore()
        uma = try #require(test.people["uma"])
        bob = try #require(test.people["bob"])
        task = try await test.assignedTask(to: "bob")
    }

    /// - Parameter scope: nil: everything may be read.
    private func search(_ text: String, _ scope: SearchScope? = nil) async throws -> [SearchKind] {
        let all = SearchScope(
            tickets: .everything, notes: .everything, results: .everything, tasks: TaskScope(),
            reader: SearchScope.Reader(uma.id, audiences: []))
        return try await test.store.read(in: test.company.id) {
            try $0.search(SearchWords(text), in: scope ?? all, limit: 50).map(\.kind)
        }
    }

    private func comment(_ text: String, isInternal: Bool) async throws {
        let found = try await test.store.read(in: test.company.id) { [task] in try $0.ticket(id: task.ticketID) }
        _ = try await test.store.inside(test.company.id).addComment(
            text, isInternal: isInternal, ticket: try #require(found), by: bob, now: 40)
    }

    @Test func `titles, answers and comments are found by the beginnings of their words, without case and accents`()
        async throws
    {
        #expect(try await search("ask").contains(.title))
        #expect(try await search("X") == [.answer, .title])
        try await comment("Die Müllers prüfen es", isInternal: false)
        #expect(try await search("mulL pruf") == [.comment])
        try await comment("Die Straße heißt ΟΔΟΣ, wie in İzmir", isInternal: false)
        #expect(try await search("STRASSE") == [.comment])
        #expect(try await search("straß οδος izm") == [.comment])
        #expect(try await search("mull nothing").isEmpty)
        #expect(try await search("!? -").isEmpty)
        #expect(try await search("\"OR NEAR(a) *").isEmpty)
    }

    @Test func `an emoji is found alone and among words`() async throws {
        try await comment("Fertig🎉 und ❤️ danke", isInternal: false)
        for words in ["🎉", "fertig", "❤", "❤️ danke", "🎉 fer"] {
            #expect(try await search(words) == [.comment], "\(words)")
        }
        #expect(try await search("🙂").isEmpty)
        #expect(try await search("🎉 -❤️").isEmpty)
    }

    @Test func `letters that people type in two ways are found by both, and Japanese inside of a longer run`()
        async throws
    {
        try await comment("Hors d’œuvre für Łukasz und Ærøskøbing", isInternal: false)
        for words in ["oeuvre", "œuvre", "lukasz", "Łukasz", "aeroskobing", "ærøskøbing"] {
            #expect(try await search(words) == [.comment], "\(words)")
        }
        try await comment("東京都庁の京都フェア、서울특별시", isInternal: false)
        for words in ["京都", "都庁", "フェア", "서울", "특별"] {
            #expect(try await search(words) == [.comment], "\(words)")
        }
        for word in ["京", "庁", "ア"] { #expect(try await search(word) == [.comment], "\(word)") }
        for words in ["大阪", "庁都", "京京", "フア"] {
            #expect(try await search(words).isEmpty, "\(words): its characters alone are there")
        }
    }

    @Test func `a ticket is left out if one of its texts that may be read has an excluded word`() async throws {
        try await comment("Between us", isInternal: true)
        try await comment("For all to read", isInternal: false)
        #expect(try await search("x -nothing") == [.answer, .title])
        for words in ["x -all", "x -ALL", "x -rea", "-x ask", "x -nothing -all", "x -for-all"] {
            #expect(try await search(words).isEmpty, "\(words)")
        }
        #expect(try await search("x -all-between") == [.answer, .title], "no text has both")
        #expect(try await search("-nothing").isEmpty, "nothing is looked for")
        let own = TicketScope.requested(by: uma.id)
        let requester = SearchScope(
            tickets: own, notes: TicketScope(), results: own, tasks: TaskScope(),
            reader: SearchScope.Reader(uma.id, audiences: []))
        #expect(try await search("x -between").isEmpty)
        #expect(try await search("x -between", requester) == [.answer, .title], "they may not know of the note")
    }

    @Test func `a changed title is found by its new words only`() async throws {
        try await test.store.write(in: test.company.id) { [task, uma] session in
            var change = TicketChange()
            change.title = "Another headline"
            try session.changeTicket(task.ticketID, change, by: uma, version: nil, now: 50)
        }
        #expect(try await search("headline") == [.title])
        #expect(try await search("ask").isEmpty)
    }

    @Test(.onlySQLite) func `a text that went before its words were indexed leaves the index whole`() async throws {
        let number = try await test.submit("fresh")
        #expect(try await search("fresh").isEmpty, "the engine has not taken it up yet")
        try await test.store.write(in: test.company.id) { [uma] session in
            var change = TicketChange()
            change.title = "Renamed at once"
            let ticket = try #require(try session.ticket(number: number))
            try session.changeTicket(ticket.id, change, by: uma, version: nil, now: 50)
        }
        #expect(try await search("renamed") == [.title])
        #expect(try await search("fresh") == [.answer])
        _ = try await test.submit("later")
        try await test.advance()
        #expect(try await search("later") == [.answer, .title])
        try await test.store.write { session in
            try session.connection.script("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)")
        }
    }

    @Test func `an internal note is found only where notes may be read, and nothing outside the tickets' scope`()
        async throws
    {
        try await comment("Between us", isInternal: true)
        #expect(try await search("between") == [.note])
        let own = TicketScope.requested(by: uma.id)
        let requester = SearchScope(
            tickets: own, notes: TicketScope(), results: own, tasks: TaskScope(),
            reader: SearchScope.Reader(uma.id, audiences: []))
        #expect(try await search("between", requester).isEmpty)
        #expect(try await search("x", requester) == [.answer, .title])
        let stranger = SearchScope(
            tickets: .requested(by: bob.id), notes: .everything, results: .everything, tasks: .everything,
            reader: SearchScope.Reader(bob.id, audiences: []))
        #expect(try await search("x", stranger).isEmpty)
    }

    @Test func `an answer with an audience is found by those for whom it is, and by who gave it`() async throws {
        try await test.store.write(in: test.company.id) { [task, uma] session in
            try session.add(
                [SearchText(.answer(audience: ["hr", "ticket_admin"]), by: uma.id, "salary 5000")], to: task.ticketID)
            try session.site.indexNewTexts()
        }
        func finds(_ audiences: Set<String>, _ account: Account) async throws -> Bool {
            let scope = SearchScope(
                tickets: .everything, notes: TicketScope(), results: .everything, tasks: .everything,
                reader: SearchScope.Reader(account.id, audiences: audiences))
            return try await !search("salary", scope).isEmpty
        }
        #expect(try await finds([], uma))
        #expect(try await !finds([], bob))
        #expect(try await !finds(["h", "boss"], bob))
        #expect(try await finds(["boss", "hr"], bob))
        #expect(try await finds(["ticket_admin"], bob))
    }
}
