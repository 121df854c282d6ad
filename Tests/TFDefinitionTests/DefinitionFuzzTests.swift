import Foundation
import TFExpression
import TestSupport
import Testing

@testable import TFDefinition

/// Any bytes at all end in a definition or in diagnostics that a person can read.
@Suite(.onItsOwnThread) struct DefinitionFuzzTests {
    /// What YAML, templates and jq give a meaning to.
    private static let tokens: [[UInt8]] =
        [
            "<<: *a\n", "&a ", "*a", "!!binary ", "!x ", "%TAG ! x\n", "---\n", "...\n", "? ", "- ", ": ", "|\n",
            ">-\n",
            "\t", "\0", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{1B}[2J", "'", "\"", "#", "{", "}", "[", "]", ",", "1e999",
            "0o777", "0x1F", ".inf", "~", "null", "no", "on", "12:30:45", "2024-01-01", "1.10", "${ ", " }",
            "${ .form.a }",
            "\\(", "\\u", "@base64", "..", ".[", "?//", "reduce ", "as $x | ", "$ticket", "error", "\n", "\n  ", "\r\n",
            "body:\n", "task: x\n", "document: {}\n", "  - type: dropdown\n", "visible_if: { field: a, equals: b }\n",
            "\u{FEFF}", "\r", "today-9223372036854775808d", "today+36500d", "9223372036854775807",
            "-9223372036854775808",
            "1e308", "9999-12-31", "0000-01-01T00:00+23:59", "P99999999999999999Y", "999999999999999h", "P100Y", "PT0S",
            "*/9223372036854775807 * * * *", "999999999999GB", "now", "me", "not_before: today-9223372036854775808d\n",
            "max_length: 9007199254740993\n", "step: 1e-308\n", "min: -1e308\n", "due: 1e9h\n",
            "schedule: { cron: '*/0 0-99 31 2 *' }\n", "id: a\n", "options: []\n", "validations: { pattern: '(a' }\n",
            "do:\n", "then: end\n", "switch: []\n",
        ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5]]

    @Test func `mutated files end in a definition or in diagnostics`() throws {
        let files = try Self.realFiles() + Corpus.issueForms().map(\.bytes)
        try Fuzz.run("definitions", iterations: 1_500) { generator, replay in
            var bytes = generator.pick(files)
            if generator.below(4) == 0 {
                let other = generator.pick(files)
                bytes = bytes.prefix(generator.below(bytes.count)) + other.suffix(generator.below(other.count))
            }
            bytes = bytes.mutated(tokens: Self.tokens, by: &generator)
            try Self.check(bytes, &generator, replay)
        }
    }

    @Test func `noise ends in diagnostics`() throws {
        try Fuzz.run("noise", iterations: 500) { generator, replay in
            var bytes: [UInt8] = []
            for _ in 0..<generator.below(200) {
                bytes += generator.below(3) == 0 ? [UInt8(generator.below(256))] : generator.pick(Self.tokens)
            }
            try Self.check(bytes, &generator, replay)
        }
    }

    /// Large in one way each: depth, aliases, keys, one line, one expression, one pattern.
    @Test func `bombs are refused or read within the limits`() throws {
        let shapes: [(String, Int, String)] = [
            ("[", 300_000, ""), ("{a: ", 60_000, ""), ("- ", 130_000, "x"), ("? ", 130_000, "x"), ("a: ", 80_000, "b"),
            ("&a [*a,", 30_000, ""), ("k: *a\n", 40_000, ""), ("a: 1\n", 50_000, ""), ("\n", 262_144, ""),
            ("#", 262_144, ""), ("'", 262_144, ""),
            ("task: x\ntitle: \"", 1, String(repeating: "${ .a }", count: 30_000)),
            ("task: x\ntitle: '${ ", 1, String(repeating: "(", count: 200_000)),
            ("task: x\ntitle: '${ ", 1, String(repeating: "1+", count: 8_000) + "1 }'"),
            ("task: x\ntitle: '${ ", 1, String(repeating: "-", count: 16_000) + "1 }'"),
            ("task: x\ntitle: '${ ", 1, String(repeating: ".a", count: 8_000) + " }'"),
            ("task: x\ntitle: '${ ", 1, String(repeating: "try ", count: 4_000) + "1 }'"),
            ("task: x\ntitle: '${ ", 1, String(repeating: "\"\\(", count: 5_000) + "1 }'"),
            ("task: x\ntitle: '${ if 1 then 1 ", 1, String(repeating: "elif 1 then 1 ", count: 1_000) + "end }'"),
            ("task: x\ntitle: '${ ", 1, String(repeating: "1//", count: 5_000) + "1 }'"),
        ]
        var generator = SeededGenerator(seed: 1)
        for (start, count, end) in shapes {
            let text = String(repeating: start, count: count) + end
            try Self.check(Array(text.utf8), &generator, String(text.prefix(40)))
        }
    }

    private static func check(_ bytes: [UInt8], _ generator: inout SeededGenerator, _ replay: String) throws {
        let file = generator.pick(["x.ticket.yaml", "x.task.yaml", "x.workflow.yaml", "x.yaml"])
        let parsed = Definition.parse(bytes, file: file, company: "acme")
        let hasErrors = parsed.diagnostics.contains { $0.severity == .error }
        let isChooser = parsed.definition == nil && !hasErrors
        #expect(parsed.definition == nil || !hasErrors, "\(replay)")
        #expect(!isChooser || file == "x.yaml", "\(replay)")
        #expect(parsed.diagnostics.count <= 201, "\(replay)")
        let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 2 + bytes.count / 2
        for diagnostic in parsed.diagnostics {
            #expect(diagnostic.position.line >= 1 && diagnostic.position.column >= 1, "\(replay) \(diagnostic)")
            #expect(diagnostic.position.line <= lines, "\(replay) \(diagnostic)")
            let isOneLine = diagnostic.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            #expect(isOneLine, "\(replay) \(diagnostic)")
            #expect(diagnostic.description.utf8.count < 5_000, "\(replay)")
        }
        guard let definition = parsed.definition else { return }
        // What is published is read again from the store; it must be the same.
        let stored = try JSONDecoder().decode(Definition.self, from: try JSONEncoder().encode(definition))
        #expect(stored == definition, "\(replay)")
        if case .ticket(let ticket) = definition { Self.answer(ticket.form, &generator, replay) }
    }

    /// Answers of any kind are stored as the form's schema says, or refused.
    private static func answer(_ form: Form, _ generator: inout SeededGenerator, _ replay: String) {
        let values: [JSON] = [
            .null, true, false, 0, .double(1e300), "", "a", " ", "2026-11-22", "09:30", "2026-11-22T09:30", "x@y.z",
            "\u{0}",
            "https://x.y", "https://:80", "12", [], ["a"], [1], [["a"]], ["a": 1], "today-9223372036854775808d",
            "9999-12-31T23:59-23:59", "0001-01-01T00:00", "99999999999999999999", "1e999", .double(-1e308), "a\r\nb",
            .double(.leastNonzeroMagnitude), .int(Int64.max), .int(Int64.min), "\u{301}", "23:59:59",
        ]
        var answers = JSONObject()
        for (id, _) in form.fields where generator.below(4) > 0 { answers[id] = generator.pick(values) }
        let checked = form.check(answers, FormFixture.context())
        if !checked.errors.isEmpty { return }
        let again = form.check(checked.answers, FormFixture.context())
        #expect(again == checked, "\(replay)")
    }

    /// The project's own definitions.
    private static func realFiles() throws -> [[UInt8]] {
        let tree = ProjectFolder.url("workflows")
        let paths = FileManager.default.enumerator(atPath: tree.path)?.compactMap { $0 as? String } ?? []
        return try paths.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
            .map { Array(try Data(contentsOf: tree.appendingPathComponent($0))) }
    }
}
