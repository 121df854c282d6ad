import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Whatever is typed into the search is no error, and finds what the words of the texts say.
@Suite(.onItsOwnThread, .onBothEngines) struct SearchFuzzTests {
    /// Words that the texts have, and signs that mean something to one of the engines.
    private static let pieces = [
        "x", "ask", "printer", "prin", "Müller", "mull", "京都", "東京都", "都", "a1", "1", "-", "--", "\"", "'", "''", "*",
        ":*", ":", "&", "|", "!", "(", ")", "<->", "<2>", "\\", "{", "}", "^", "+", "~", ",", ";", "%", "_", "$1", "?",
        "NEAR", "AND", "OR", "NOT", "words:", "rowid", " ", " ", " ", "\t", "\n", "\u{0}", "\u{A0}", "\u{301}", "🙂",
        "İ",
        "\u{FFFD}",
    ]

    private static func text(_ generator: inout SeededGenerator) -> String {
        (0...generator.below(12)).map { _ -> String in
            guard generator.below(8) == 0 else { return generator.pick(pieces) }
            return Unicode.Scalar(UInt32(generator.below(0x3_0000))).map { String(Character($0)) } ?? "-"
        }.joined()
    }

    /// A text in the record: whose it is, and its words.
    private struct Text: RowReadable {
        let ticket: TicketID
        let words: [String]

        init(row: Row) throws {
            ticket = row["ticket_id"]
            // By scalars: a word may begin with a mark, which would be a part of the space before it.
            words = (row["words"] as String).unicodeScalars.split(separator: " ")
                .map { String(String.UnicodeScalarView($0)) }
        }

        func holds(_ sought: [String]) -> Bool {
            sought.allSatisfy { word in words.contains { $0.unicodeScalars.starts(with: word.unicodeScalars) } }
        }
    }

    @Test func `whatever is typed finds the texts that have all words, of tickets without an excluded one`()
        async throws
    {
        let test = try await TestStore()
        let company = test.company.id
        let (bob, uma) = (try #require(test.people["bob"]), try #require(test.people["uma"]))
        try await test.publish(TestStore.files)
        for what in ["x", "a printer", "東京都庁", "Müllers a1"] { _ = try await test.submit(what) }
        try await test.advance()
        for (generator, replay) in Fuzz.inputs("search", iterations: 40) {
            var generator = generator
            let number = 1 + generator.below(4)
            let written = Self.text(&generator)
            try await test.store.write(in: company) { session in
                let ticket = try #require(try session.ticket(number: number))
                try session.indexComment(written, isInternal: false, of: ticket.id, by: bob.id)
            }
            let scope = SearchScope(
                tickets: .everything, notes: .everything, results: .everything, tasks: .everything,
                reader: SearchScope.Reader(uma.id, audiences: []))
            for _ in 0..<10 {
                let typed = Self.text(&generator)
                let words = SearchWords(typed)
                let (found, texts) = try await test.store.read(in: company) { session in
                    (
                        try session.search(words, in: scope, limit: 10_000).map(\.ticketID),
                        try session.all(
                            Text.self, "SELECT ticket_id, words FROM search_text WHERE company_id = ?",
                            [company])
                    )
                }
                let without = Set(
                    texts.filter { text in words.excluded.contains { text.holds($0) } }.map(\.ticket))
                let expected =
                    words.words.isEmpty
                    ? [] : texts.filter { $0.holds(words.words) && !without.contains($0.ticket) }.map(\.ticket)
                #expect(found.sorted() == expected.sorted(), "\(replay): \(typed.debugDescription)")
            }
        }
    }
}
