import TFExpression
import Testing

@Suite struct EscapingTests {
    @Test(arguments: [
        ("\"", "\"\""), ("\"\u{301}", "\"\"\u{301}"), ("a\"\u{200D}b", "a\"\"\u{200D}b"), ("é", "é"), ("", ""),
    ])
    func `a quote is found under any mark`(_ text: String, _ escaped: String) {
        let result = text.escaped { $0 == UInt8(ascii: "\"") ? "\"\"" : nil }
        #expect(Array(result.utf8) == Array(escaped.utf8))
    }

    @Test func `a text is replaced by its bytes, also where a mark follows`() {
        #expect(Array("key\u{301}, key".replacingBytes(of: "key", with: "…").utf8) == Array("…\u{301}, …".utf8))
        #expect("abc".replacingBytes(of: "", with: "x") == "abc")
    }

    @Test func `a long cluster is cut`() {
        let text = "a" + String(repeating: "\u{301}", count: 1_000)
        #expect(text.count == 1)
        #expect(text.prefix(scalars: 40).unicodeScalars.count == 40)
    }

    @Test func `what steers a terminal is shown and does nothing`() {
        let text = "a\u{1B}[2Jb\r\nc\u{9B}d\u{202E}e\u{200D}f\u{2028}g"
        #expect(text.onOneLine == "a\\u{1B}[2Jb\\u{D}\\u{A}c\\u{9B}d\\u{202E}e\\u{200D}f\\u{2028}g")
        let json = JSON.array([.string(text + "\u{E0041}")]).text.jsonForTerminals
        #expect(json == #"["a\u001b[2Jb\r\nc\u009bd\u202ee\u200df\u2028g\udb40\udc41"]"#)
        #expect(throws: Never.self) { try JSON(parsing: json) == .array([.string(text + "\u{E0041}")]) }
    }

    @Test(arguments: [
        ("Übergabe", "übergabe"), ("Übergabe", "U\u{308}BERGABE"), ("ЗАДАЧА", "задача"), ("Straße", "STRASSE"),
        ("straẞe", "strasse"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("İstanbul", "istanbul"), ("ＡＢＣ", "abc"), ("ﬁn", "FIN"),
        ("Ǆ", "ǆ"), ("ǅ", "ǆ"), ("ᾳ", "ΑΙ"), ("co\u{AD}op", "coop"), ("Ⴀ", "ⴀ"), ("ŉ", "ʼN"),
        ("Kelvin", "\u{212A}elvin"),
    ])
    func `what people search is the same in any case and writing`(_ left: String, _ right: String) {
        #expect(Array(left.folded.utf8) == Array(right.folded.utf8))
        #expect(Array(left.folded.folded.utf8) == Array(left.folded.utf8))
    }

    @Test(arguments: [("uber", "über"), ("a", "b"), ("ı", "ö")])
    func `other letters stay others`(_ left: String, _ right: String) {
        #expect(left.folded != right.folded)
    }

    @Test func `U+0000 is found where it stands`() {
        #expect(JSON.object(["a": ["b", "c\u{0}"]]).pathOfNUL == "a.1")
        #expect(JSON.object(["a": ["b\u{0}": 1]]).pathOfNUL == "a.b\u{FFFD}")
        #expect(JSON.object(["a": ["b"], "c": 1]).pathOfNUL == nil)
        #expect("a\u{0}b\u{301}".withoutNUL == "a\u{FFFD}b\u{301}")
        var deep = JSON.string("\u{0}")
        for _ in 0..<50_000 { deep = .array([deep]) }
        #expect(deep.pathOfNUL != nil)
        while case .array(let elements) = deep { deep = elements[0] }
    }
}
