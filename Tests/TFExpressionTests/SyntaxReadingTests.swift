import Testing

@testable import TFExpression

/// What is told of a program without running it.
@Suite struct SyntaxReadingTests {
    private static let variables: Set<String> = ["tasks", "ticket"]

    @Test(arguments: [
        (".a.b", ["a.b"]), (".[\"a\"].b", ["a.b"]), ("$tasks.first.by", ["$tasks first.by"]),
        ("$tasks[\"first\"].by", ["$tasks first.by"]), ("$tasks | .first | .by", ["$tasks first.by"]),
        ("[$tasks.a.by, .b]", ["$tasks a.by", "b"]), (".a | select(.b == 1) | .c", ["a.b", "a.c"]),
        (".a // .b", ["a?", "b"]), (".list | map(.x)", ["list"]), (".a[0].b", ["a.[].b"]), ("{a, b: .c}", ["a", "c"]),
        ("\"x \\(.a) y\"", ["a"]), (". as $x | .b", ["", "b"]), ("if .a then .b else .c end", ["a", "b", "c"]),
        ("[.[] | .x]", ["[].x"]), (".a[.b].c", ["a", "b"]), ("1", []), ("tojson", [""]), (".a?.b", ["a.b"]),
        (". as $tasks | $tasks.x", [""]),
    ])
    func `the paths that a program certainly reads`(_ source: String, _ paths: [String]) throws {
        let expression = try Expression(source, variables: Self.variables)
        let told = expression.readings.map { reading in
            let path = reading.reference.path.map(\.name).joined(separator: ".")
            return (reading.reference.variable.map { "$\($0) " } ?? "") + path + (reading.isGuarded ? "?" : "")
        }
        #expect(told == paths)
    }

    @Test(arguments: [
        (".outcome == \"a\"", ["outcome a"]), ("\"a\" != .outcome", ["outcome a"]),
        ("$tasks.x.outcome == \"a\" and .y == 3", ["x.outcome a"]), (".a | . == \"b\"", ["a b"]),
        (".[] | .a == \"b\"", ["[].a b"]), ("map(.a == \"b\")", []),
    ])
    func `the texts that it compares a path with`(_ source: String, _ comparisons: [String]) throws {
        let expression = try Expression(source, variables: Self.variables)
        let told = expression.textComparisons.map { comparison in
            let path = comparison.reference.path.map(\.name).joined(separator: ".")
            return "\(path) \(comparison.text)"
        }
        #expect(told == comparisons)
    }

    @Test(
        arguments: [
            (".outcome == \"renew\"", []), (".outcome = \"renew\"", [.assignment]), (".a and (.b |= 1)", [.assignment]),
            (".x | .a += 1", [.assignment]), ("(.a = 1) | not", [.assignment]), ("(.a = 1) | .b == 2", []),
            ("any(.list[]; .a = 1)", [.assignment]), ("if .a = 1 then true else false end", [.assignment]),
            ("true", [.constant("true", true)]), ("\"x\" | not", [.constant("\"x\"", false)]),
            ("null", [.constant("null", false)]),
            ("[.a]", [.constant("[…]", true)]), (".a == 1 or \"b\"", [.constantSide("\"b\"", true)]),
            ("if .a then true else false end", []), (".a // true", []), ("1 == 2", [.constant("1 == 2", false)]),
        ] as [(String, [ConditionFault])])
    func `what is wrong with a condition`(_ source: String, _ faults: [ConditionFault]) throws {
        #expect(try Expression(source, variables: Self.variables).conditionFaults == faults)
    }

    /// As deep as a program may be.
    @Test func `a program of the most operators is read`() throws {
        let long = Array(repeating: ".a", count: 500).joined(separator: "+")
        #expect(try Expression(long).readings.count == 500)
        let piped = Array(repeating: ".a", count: 500).joined(separator: "|")
        #expect(try Expression(piped).readings.first?.reference.path.count == 500)
        let nested = String(repeating: "(", count: 60) + ".a = 1" + String(repeating: ")", count: 60)
        #expect(try Expression(nested).conditionFaults == [.assignment])
    }
}
