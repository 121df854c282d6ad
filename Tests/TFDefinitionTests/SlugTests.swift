import Testing

@testable import TFDefinition

@Suite struct SlugTests {
    @Test(arguments: [
        ("a", true, true, true), ("a-b", true, true, true), ("a_b", false, true, true), ("9", true, true, true),
        ("-a", false, false, true), ("a-", false, false, true), ("A", false, false, true), ("", false, false, false),
        ("a b", false, false, false), ("ä", false, false, false), ("e\u{301}", false, false, false),
        (String(repeating: "a", count: 63), true, true, true), (String(repeating: "a", count: 64), false, false, false),
    ])
    func `a slug, a login and a word each take what the rule says`(
        text: String, isSlug: Bool, isLogin: Bool, isWord: Bool
    ) {
        #expect(Slug.isValid(text) == isSlug)
        #expect(Slug.isLogin(text) == isLogin)
        #expect(Slug.isWord(text) == isWord)
    }

    @Test func `the rules name the limit that they keep`() {
        #expect(Slug.rule.contains("1 to 63 "))
        #expect(Slug.loginRule.contains("1 to 63 "))
    }
}
