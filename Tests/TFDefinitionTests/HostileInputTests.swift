import TestSupport
import Testing

@testable import TFDefinition

@Suite struct HostileInputTests {
    @Test(arguments: [
        (String(repeating: "[", count: 5_000), "nested deeper than 32"),
        ("a: [" + String(repeating: "x,", count: 21_000) + "]", "more than 20000 nodes"),
        (String(repeating: "x", count: 300_000), "at most 262144 are read"),
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
    }

    /// Real forms from elsewhere; read in place where they are.
    @Test func `GitHub's issue forms load unchanged`() throws {
        for (name, bytes) in try Corpus.issueForms() {
            let parsed = Definition.parse(bytes, file: name, company: nil)
            #expect(parsed.definition?.kind == .ticket, "\(name): \(parsed.diagnostics)")
        }
    }
}
