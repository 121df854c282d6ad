import Foundation
import Subprocess
import TFProcess
import TestSupport
import Testing

@testable import TFExpression

/// Generated programs, answered by us and by the installed jq, where one is installed.
///
/// The generator makes what jq 1.6 and 1.8 answer alike: what changed between them (`ltrimstr` of numbers, the text of
/// errors, `has` of null, entries of arrays, `reverse` of strings, `try` around what follows, literals beyond 17 digits, the order of keys) is not generated.
@Suite(.onItsOwnThread) struct JQFuzzTests {
    @Test func `generated programs answer what the installed jq answers`() async throws {
        guard let jq = ["/usr/bin/jq", "/usr/local/bin/jq"].first(where: FileManager.default.isExecutableFile) else {
            return
        }
        for (random, replay) in Fuzz.inputs("jq", iterations: 12) {
            var generator = ProgramGenerator(random)
            // One process answers many programs: each in its own `try`, told apart by its number.
            let programs = (0..<60).map { _ in generator.program() }
            let joined = programs.enumerated().map { "[\($0.offset), try [limit(30; \($0.element))] catch \"error\"]" }
                .joined(separator: ", ")
            let output = try await run(
                Configuration(executable: .path(.init(jq)), arguments: ["-c", joined]),
                feeding: Array(ProgramGenerator.input.utf8),
                output: .string(limit: 8_000_000), error: .string(limit: 100_000))
            guard output.terminationStatus.isSuccess else {
                Issue.record("\(replay): jq refuses: \(output.standardError)")
                return
            }
            let lines = output.standardOutput.split(separator: "\n").map(String.init)
            for (program, line) in zip(programs, lines) { try compare(program, line, replay) }
        }
    }

    private func compare(_ program: String, _ line: String, _ replay: String) throws {
        let expected = try JSON(parsing: line).arrayValue?.last ?? .null
        let expression = try Expression("try [limit(30; \(program))] catch \"error\"")
        let answer: JSON
        do { answer = try expression.value(try JSON(parsing: ProgramGenerator.input)) } catch ExpressionError.exhausted
        {
            return
        }
        #expect(
            try JSON(parsing: answer.text).equals(expected),
            "\(replay): \(program)\n ours \(answer.text)\n jq's \(expected.text)")
    }
}

private struct ProgramGenerator {
    static let input =
        #"{"a":[1,2,3,null,"x"],"b":{"c":"hello world","d":[{"k":1,"v":"p"},{"k":2,"v":"q"}]},"n":-4.5,"s":"a,b,c","t":true,"z":null}"#

    private var random: SeededGenerator
    private var depth = 0
    private var variables: [String] = []

    init(_ random: SeededGenerator) { self.random = random }

    mutating func program() -> String {
        depth = 0
        variables = []
        return pipe()
    }

    private mutating func pipe() -> String {
        depth += 1
        defer { depth -= 1 }
        if depth > 4 { return leaf() }
        switch random.below(14) {
        case 0: return "\(term()) | \(pipe())"
        case 1: return "(\(pipe())), (\(pipe()))"
        case 2: return "(\(pipe())) // (\(pipe()))"
        case 3: return "if \(pipe()) then \(pipe()) else \(pipe()) end"
        case 4: return bound { "(\($0.pipe())) as \($1) | \($0.pipe())" }
        case 5: return bound { "reduce (\($0.pipe())) as \($1) (0; [., \($1)] | length)" }
        case 6: return bound { "foreach (\($0.pipe())) as \($1) (0; . + 1; [., \($1)])" }
        case 7: return "[\(pipe())]"
        case 8: return "{x: (\(pipe())), \"y\": \(term())}"
        case 9: return "\"<\\(\(pipe()))>\""
        case 10: return "(\(pipe())) \(random.pick(["==", "!=", "<", "<=", ">", ">="])) (\(pipe()))"
        case 11: return "(\(pipe())) \(random.pick(["+", "-"])) (\(pipe()))"
        case 12: return "def f(g): g | \(term()); f(\(pipe()))"
        default: return "\(term()) | \(function())"
        }
    }

    private mutating func bound(_ make: (inout ProgramGenerator, String) -> String) -> String {
        let name = "$v\(variables.count)"
        let text = make(&self, name)
        return "(\(text))"
    }

    private mutating func term() -> String {
        depth += 1
        defer { depth -= 1 }
        return depth > 5 || random.below(2) == 0 ? leaf() : "(\(pipe()))"
    }

    private mutating func leaf() -> String {
        random.pick([
            ".", "1", "2", "0", "(-1)", "3.5", "\"x\"", "\"a\"", "null", "true", "false", "[]", "{}", "[1,2]",
            "{\"a\":1}", "empty", "(..)", "(1,2)",
            guarded(
                random.pick([
                    ".a", ".b", ".b.c", ".b.d", ".n", ".s", ".t", ".z", ".a[]", ".a[0]", ".a[-1]", ".a[1:3]", ".[]",
                    ".b.d[].k", ".missing",
                ])),
        ])
    }

    /// Nothing where it fails. In 1.6 a `try` also catches what fails behind it while it may give more values; the
    /// array around it sees to it that it has given all.
    private func guarded(_ program: String) -> String { "[try [\(program)] catch []][0][]" }

    private mutating func function() -> String {
        guarded(
            random.pick([
                "length", "keys", "type", "not", "tojson", "tostring", "sort", "unique", "add", "any",
                "all", "min", "max", "flatten", "floor", "sqrt", "ascii_downcase", "ascii_upcase", "explode",
                "map(type)", "map(.)", "select(.)", "recurse", "[paths]", "[leaf_paths]", "first", "last",
                "[range(3)]", "join(\"-\")", "split(\",\")", "startswith(\"a\")", "endswith(\"c\")", "contains(\"a\")",
                "index(\"a\")", "tonumber", "@json", "@text", "@uri", "@base64",
                "test(\"a\")", "[scan(\"[a-z]\")]", "sub(\"a\"; \"b\")",
                "gsub(\"[aeiou]\"; \"*\")", "[match(\"l+\"; \"g\").offset]", "capture(\"(?<x>[a-z])\")",

                "del(.a)", "path(..)", "getpath([\"a\",0])", "group_by(type)", "sort_by(type)",
                "unique_by(type)", "min_by(type)", "[limit(2; .[]?)]", "isempty(.[]?)", "(.a = 1)", "(.a |= tojson)",
                "(.[] |= tojson)", "(.n += 1)", "(.a[1] = 5)", "delpaths([[\"a\"]])", "tostream", "[splits(\", *\")]",
                "in({\"a\":1})", "inside(\"xax\")", "combinations", "@sh",
                "indices(1)", "map_values(.)", "walk(.)", "fromjson", "first(.[]?)", "until(true; .)",
                "[while(false; .)]", "[.[]? as [$p] | $p]", "label $f | (1, break $f, 2)",
                "[recurse(.[]?; true)] | length",
            ]))
    }
}
