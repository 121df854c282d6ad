import TestSupport
import Testing

@testable import TFExpression

/// jq's own tests, where they are present.
@Suite struct JQCorpusTests {
    /// Cases that ask for something else than the profile gives, by a part of their program, with the reason.
    static let left: [(part: String, reason: String)] = [
        ("import", "modules"), ("include", "modules"), ("modulemeta", "modules"), ("::", "modules"),
        ("input", "one input"), ("debug", "no terminal"), ("strflocaltime", "no local time"),
        ("range(9999)", "values nest at most 1,000 deep"), ("range(10000)", "values nest at most 1,000 deep"),
        ("range(10001)", "values nest at most 1,000 deep"),
    ]
    /// Cases that are within the profile and answered otherwise.
    static let answeredOtherwise: [(program: String, reason: String)] = [
        ("9E999999999, ", "a number beyond a double's range is written as the largest double, to be read again"),
        ("[1E+1000,-1E+1000", "the same"),
        (".[] | try (fromjson | isnan) catch .", "the text of a syntax error"),
        ("try fromjson catch .", "the text of a syntax error"),
        ("last(range(365 * 67)", "it makes 24,000 dates, for which the fuel does not last"),
    ]

    struct Case {
        let program: String
        let input: String
        let outputs: [String]
        let mustNotCompile: Bool
    }

    @Test func `at least 95 % of jq's tests pass, and those that do not are known`() throws {
        var cases = try Self.cases()
        guard !cases.isEmpty else { return }
        cases.removeAll { test in Self.left.contains { test.program.contains($0.part) } }
        let failing = cases.filter { !Self.passes($0) }
        for test in failing where !Self.answeredOtherwise.contains(where: { test.program.hasPrefix($0.program) }) {
            Issue.record("\(test.program) with \(test.input)")
        }
        #expect(Double(failing.count) <= 0.05 * Double(cases.count))
    }

    private static func passes(_ test: Case) -> Bool {
        guard let expression = try? Expression(test.program) else { return test.mustNotCompile }  // as it should
        guard !test.mustNotCompile, let input = try? JSON(jq: test.input) else { return false }
        var outputs: [JSON] = []
        // jq's runner, too, compares what came before an error.
        try? expression.forEachOutput(input) { outputs.append($0) }
        let expected = test.outputs.map { try? JSON(parsing: $0) }  // one that is no JSON equals nothing
        return outputs.count == expected.count && zip(outputs, expected).allSatisfy { $1.map($0.equals) ?? false }
    }

    /// Groups of lines: program, input, outputs; or `%%FAIL` and a program that does not compile.
    private static func cases() throws -> [Case] {
        var cases: [Case] = []
        var group: [String] = []
        let lines = try Corpus.jqTests().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for line in lines + [""] {
            let isBlank = line.allSatisfy(\.isWhitespace) || line.hasPrefix("#")
            if !isBlank { group.append(line) }
            guard isBlank, !group.isEmpty else { continue }
            let mustNotCompile = group[0].hasPrefix("%%FAIL")
            if mustNotCompile { group.removeFirst() }
            if group.count > 1 {
                let input =
                    group[1].unicodeScalars.first == "\u{FEFF}" ? String(group[1].unicodeScalars.dropFirst()) : group[1]
                cases.append(
                    Case(
                        program: group[0], input: input, outputs: Array(group.dropFirst(2)),
                        mustNotCompile: mustNotCompile))
            }
            group = []
        }
        return cases
    }
}
