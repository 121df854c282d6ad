import TFDefinition
import TFExpression
import Testing

@Suite struct TextLimitTests {
    private static let limit = TextLimit(characters: 5, bytes: 8)

    @Test(
        arguments: [
            ("", nil), ("abcde", nil), ("ääää", nil), ("abcdef", "must be 5 characters or fewer, not 6"),
            ("äääää", "must be 8 bytes or fewer, not 10"),
            ("a\u{301}\u{301}\u{301}\u{301}\u{301}", "must be 5 characters or fewer, not 6"),
            ("\r\n\r\n\r\n", "must be 5 characters or fewer, not 6"),
        ] as [(String, String?)])
    func `a text is counted in scalars and in bytes`(_ text: String, _ problem: String?) {
        #expect(Self.limit.problem(text) == problem)
        #expect(Self.limit.holds(text) == (problem == nil))
        let cut = Self.limit.cut(text)
        #expect(Self.limit.holds(cut))
        #expect(text.utf8.starts(with: cut.utf8))
        #expect((cut.utf8.count == text.utf8.count) == (problem == nil))
        let shortened = Self.limit.shortened(text)
        #expect(Self.limit.holds(shortened))
        #expect(shortened == text || problem != nil && shortened.hasSuffix("…"))
    }

    @Test func `a limit of whole KB is told in them`() {
        let text = String(repeating: "ä", count: 9_000)
        #expect(TextLimit.comment.problem(text) == "must be 16 KB or less, not 18 KB")
        #expect(TextLimit.comment.problem(String(repeating: "ä", count: 8_193)) == "must be 16 KB or less, not 17 KB")
    }

    @Test func `one character that is as long as a book is too long`() {
        let title = "e" + String(repeating: "\u{301}", count: 300_000)
        #expect(title.count == 1)
        #expect(TextLimit.title.problem(title) == "must be 200 characters or fewer")
        #expect(TextLimit.title.cut(title).unicodeScalars.count == 200)
        let error = FieldError.unfit(title, .title, field: "title", label: "Title")
        #expect(error == FieldError(field: "title", message: "Title must be 200 characters or fewer"))
    }
}
