import Foundation
import Testing

@testable import TFDefinition

@Suite struct HostileInputTests {
    @Test func `random and mutated files end in a definition or in diagnostics`() {
        let source = Array(
            """
            name: A
            description: B
            title: "X ${ .form.a }"
            body:
              - { type: dropdown, id: a, attributes: { label: L, options: [x, y] }, validations: { required: true } }
            """.utf8)
        for _ in 0..<3_000 {
            var bytes = source
            for _ in 0..<Int.random(in: 1...6) {
                let index = Int.random(in: 0..<bytes.count)
                switch Int.random(in: 0..<3) {
                case 0: bytes[index] = UInt8.random(in: 0...255)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: "[]{}:&*!%|>\"'\n ${".utf8.shuffled().prefix(3), at: index)
                }
            }
            let parsed = Definition.parse(bytes, file: "x.ticket.yaml", company: "acme")
            #expect(parsed.definition != nil || !parsed.diagnostics.isEmpty)
        }
    }

    @Test(arguments: [
        (String(repeating: "[", count: 5_000), "nested deeper than 32"),
        ("a: [" + String(repeating: "x,", count: 21_000) + "]", "more than 20000 nodes"),
        (String(repeating: "x", count: 300_000), "at most 262144 are read"),
        ("a: \u{0}", "NUL byte"),
        ("? [a]\n: b\n", "a key must be text"),
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
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/corpus/issue-forms")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        for name in names where name.hasSuffix(".yml") || name.hasSuffix(".yaml") {
            let bytes = try Data(contentsOf: directory.appendingPathComponent(name))
            let parsed = Definition.parse(Array(bytes), file: name, company: nil)
            #expect(parsed.definition?.kind == .ticket, "\(name): \(parsed.diagnostics)")
        }
    }
}
