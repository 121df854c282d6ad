import TestSupport
import Testing

@testable import TFDefinition

@Suite struct HostileInputTests {
    @Test(arguments: [
        (String(repeating: "[", count: 5_000), "nested deeper than 32"),
        ("a: [" + String(repeating: "x,", count: 21_000) + "]", "more than 20000 nodes"),
        (String(repeating: "x", count: 300_000), "the file is too large; at most 256 KB are read"),
        ("a: \u{0}", "NUL byte"),
        ("? [a]\n: b\n", "a key must be text"),
        ("1: b\n", "a key must be text: write \"1\""),
        ("task: x\ninput: { properties: { true: {} } }\n", "a key must be text: write \"true\""),
        ("~: b\n", "a key must be text: write \"~\""),
        ("<<: {}\n", "merge keys"),
        ("a: *b\n", "aliases"),
    ])
    func `a hostile file is refused with the limit it breaks`(_ text: String, _ reason: String) {
        let parsed = Definition.parse(Array(text.utf8), file: "x.ticket.yaml", company: nil)
        #expect(parsed.definition == nil)
        #expect(parsed.diagnostics.contains { $0.message.contains(reason) }, "\(parsed.diagnostics)")
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        let parsed = Definition.parse([0x61, 0xFF, 0xFE], file: "x.yaml", company: nil)
        #expect(parsed.diagnostics.first?.message == "the file is not UTF-8")
        #expect(parsed.diagnostics.first?.position == Position(line: 1, column: 2))
    }

    @Test(
        arguments: [
            [0xFF], [0xEF], [0xEF, 0xBF], [0xC3], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xBD],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 are told where they are`(_ bad: [UInt8]) {
        for end in ["\n", "", "x: é\n", "\u{FFFD}"] {
            let bytes = Array("task: ü\ntitle: 😀".utf8) + bad + Array(end.utf8)
            let parsed = Definition.parse(bytes, file: "x.yaml", company: nil)
            #expect(parsed.diagnostics.map(\.position) == [Position(line: 2, column: 9)], "\(bad) \(end)")
        }
    }

    /// Real forms from elsewhere; read in place where they are.
    @Test func `GitHub's issue forms load unchanged`() throws {
        for (name, bytes) in try Corpus.issueForms() {
            let parsed = Definition.parse(bytes, file: name, company: nil)
            #expect(parsed.definition?.kind == .ticket, "\(name): \(parsed.diagnostics)")
        }
    }
}
