import Testing

@testable import TFExpression

@Suite struct PatternTests {
    @Test(arguments: [
        ("[A-Z]{2}\\d+", "AB12", true), ("[A-Z]{2}\\d+", "AB12x", false), ("a|ab", "ab", true), ("", "", true),
        ("^a$", "a", true), ("\\p{L}{2,50}", "Zoë", true), ("ä.ö", "äxö", true),
        ("(?<year>\\d{4})-(?<month>\\d\\d)", "2026-11", true), ("[(?<]x", "?x", true), ("\\(?<x", "<x", true),
    ])
    func `a pattern matches the whole text`(_ pattern: String, _ text: String, _ matches: Bool) throws {
        #expect(try Pattern(pattern).matchesAll(of: text) == matches)
    }

    @Test func `groups are found with their names and places`() throws {
        let pattern = try Pattern("(?<key>\\w+)=(\\w+)?")
        #expect(pattern.groupNames == ["key", nil])
        #expect(pattern.firstMatch(in: Array("  a= b=c".utf8), from: 0) == [2..<4, 2..<3, nil])
        #expect(pattern.firstMatch(in: Array("  a= b=c".utf8), from: 4) == [5..<8, 5..<6, 7..<8])
        #expect(pattern.firstMatch(in: Array("  a= b=c".utf8), from: 8) == nil)
    }

    @Test func `flags change what matches`() throws {
        #expect(try Pattern("abc", ignoresCase: true).matchesAll(of: "ABC"))
        #expect(try !Pattern("a.c").matchesAll(of: "a\nc"))
        #expect(try Pattern("a.c", dotMatchesNewline: true).matchesAll(of: "a\nc"))
    }

    @Test(arguments: [
        ("[a-", "missing ]"), ("(?=a)b", "invalid perl operator: (?="), ("(a)\\1", "invalid escape sequence: \\1"),
        ("a{1001}", "invalid repetition size"), ("(\\pL{1,90}){1,11}", "pattern too large"),
    ])
    func `what RE2 lacks is refused with its reason`(_ pattern: String, _ reason: String) {
        #expect {
            try Pattern(pattern)
        } throws: { error in
            "\(error)".contains(reason)
        }
    }

    @Test func `a pattern that stops other engines is linear here`() throws {
        let text = String(repeating: "a", count: 60_000)
        #expect(try !Pattern("(a*)*b").matchesAll(of: text))
        #expect(try Pattern("(a|a)*").matchesAll(of: text))
    }
}
