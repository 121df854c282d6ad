import Foundation
import TFExpression
import Testing

@testable import TFStore

/// The words by which texts are found.
@Suite struct SearchWordsTests {
    @Test(arguments: [
        ("Die Straße, die STRASSE", "die strasse"), ("Müller & Söhne", "muller sohne"), ("ΟΔΟΣ οδος", "οδοσ"),
        ("it's o’clock", "it s o clock"), ("!? – …", ""), ("", ""), ("a-1_b", "a 1 b"), ("🙂 ok 🙂", "u1f642 ok"),
        ("❤️👍🏽x", "u2764 u1f44d x"), ("Acme™ → 1", "acmetm 1"),
        // Signs of vowels and sounds are no accents.
        // Of letters with strokes and of two in one.
        ("Œuvre d’ÆTHER, Øre", "oeuvre d aether ore"), ("Łódź Đakovo Þór", "lodz dakovo thor"),
        ("ปี", "ปี"), ("ปู", "ปู"), ("मुख", "मुख"),
    ])
    func `each word stands once, folded, without accents`(text: String, words: String) {
        #expect(SearchWords.column(text) == words)
        #expect(Set(SearchWords(text).words) == Set(words.split(separator: " ").map(String.init)))
    }

    @Test(arguments: [
        ("東京の京都 iPhone修理", "東京 京の の京 京都 都 iphone 修理 理", "東京 京の の京 京都 iphone 修理"),
        ("서울", "서울 울".decomposedStringWithCompatibilityMapping, "서울".decomposedStringWithCompatibilityMapping),
        ("バス", "ハ\u{3099}ス ス", "ハ\u{3099}ス"), ("京", "京", "京"),
    ])
    func `what is written without spaces is found by pairs, inside of longer runs`(
        text: String, column: String, searched: String
    ) {
        #expect(SearchWords.column(text) == column)
        #expect(SearchWords(text).words == searched.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        ("vpn -mac", "vpn", ["mac"]), ("-Müller vpn", "vpn", ["muller"]), ("e-mail", "e mail", []),
        ("-e-mail", "", ["e mail"]), ("--force - x", "force x", []), ("\"a b\" -\"c", "a b", ["c"]), ("-! -", "", []),
        ("x\n-y\t-z", "x", ["y", "z"]), ("a -\"b c\" d -\"e", "a d", ["b c", "e"]), ("-\"\"x", "x", []),
        ("-東京都", "", ["東京 京都"]),
    ])
    func `a term with a minus before it is to be left out`(text: String, words: String, excluded: [String]) {
        let found = SearchWords(text)
        #expect(found.words == words.split(separator: " ").map(String.init))
        #expect(found.excluded == excluded.map { $0.split(separator: " ").map(String.init) })
    }

    @Test func `long words are cut, and further ones are not looked for`() {
        let long = String(repeating: "x", count: 200)
        #expect(SearchWords.column(long) == String(repeating: "x", count: 64))
        #expect(SearchWords("1 2 3 4 5 6 7 8 9 10").words == ["1", "2", "3", "4", "5", "6", "7", "8"])
        #expect(SearchWords.column("1 2 3 4 5 6 7 8 9 10").hasSuffix(" 10"))
    }

    @Test func `only marks of accents are taken away`() {
        #expect("Crème brûlée".withoutAccents == "Creme brulee")
        #expect("naïve".withoutAccents == "naive")
        #expect("がぎ".withoutAccents.unicodeScalars.elementsEqual("か\u{3099}き\u{3099}".unicodeScalars))
    }
}
