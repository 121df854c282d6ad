import Testing

@testable import TFExpression

/// Two texts that look alike and that Swift takes for equal are two texts in JSON and jq.
@Suite struct ExactTextTests {
    /// `é` as one scalar, and as `e` with an accent that combines.
    private static let variables: [String: JSON] = ["one": "\u{e9}", "two": "e\u{301}"]

    @Test(arguments: [
        ("{\"\u{e9}\": 1} | .[$two]", "null"), ("{\"\u{e9}\": 1} | .[$one]", "1"),
        ("{($one): 1, ($two): 2} | length", "2"), ("{($one): 1} + {($two): 2} | length", "2"),
        ("{($one): {a: 1}} * {($two): {b: 1}} | length", "2"), ("{($one): 1} | has($two)", "false"),
        ("[$one, $two] | map({key: ., value: 1}) | from_entries | length", "2"),
        ("{($one): 1, ($two): 2} | with_entries(.value += 1) | [.[$one], .[$two]]", "[2,3]"),
        ("{($one): 1, ($two): 2} | del(.[$two]) | keys == [$one]", "true"),
        ("{($one): 1, ($two): 2} | .[$two] = 3 | [.[]]", "[1,3]"),
        ("{($one): 1, ($two): 2} | delpaths([[$one]]) | [.[]]", "[2]"),
        ("{($one): 1, ($two): 2} | keys == [$two, $one]", "true"),
        ("{($one): 1} == {($two): 1}", "false"), ("$one == $two", "false"), ("$one < $two, $two < $one", "false"),
        ("[$one, $two] | sort == [$two, $one]", "true"), ("[$one, $two, $one] | unique | length", "2"),
        ("[$one, $two, $one] | group_by(.) | map(length)", "[1,2]"), ("[$one, $two] | max == $one", "true"),
        ("[$one, $two] | index($two)", "1"), ("[$one] | contains([$two])", "false"),
        ("[$one, $two] - [$two] == [$one]", "true"), ("$two | IN($one)", "false"), ("$two | startswith($one)", "false"),
        ("$two | ltrimstr($one) | length", "2"), ("$two | split($one) | length", "1"),
        ("$two | indices($one) | length", "0"), ("$two | test($one)", "false"), ("$one | test($two)", "false"),
        ("[$one, $two] | map(test($one))", "[true,false]"), ("\"\u{e9}e\u{301}\" | [match($two).offset]", "[1]"),
        ("INDEX($one, $two; .) | length", "2"), ("[$one, $two] | [.[] | ascii_downcase | length]", "[1,2]"),
        ("\"{\\\"\\($one)\\\":1,\\\"\\($two)\\\":2}\" | fromjson | length", "2"),
        ("{($one): 1, ($two): 2} | tojson | fromjson | length", "2"),
        ("{($one): 1} | tostream | .[0][0]? == $two", "false"),
        ("{($one): 1} as {($two): $x} | $x", "null"), ("{($one): 5} | pick(.[$two]) | .[$two]", "null"),
        ("[\"\u{212a}\", \"K\"] | unique | length", "2"), ("{K: 1} | .[\"\u{212a}\"]", "null"),
        ("[\"\\uffff\", \"\\ud83d\\ude00\"] | sort | .[0] | explode", "[65535]"),
    ])
    func `texts are told apart by their scalars`(_ program: String, _ expected: String) throws {
        let expression = try Expression(program, variables: ["one", "two"])
        #expect(try expression.value(.null, variables: Self.variables).text == expected)
    }

    @Test func `an object holds names that look alike`() throws {
        let value = try JSON(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{e9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(value.text.utf8.elementsEqual("{\"\u{e9}\":1,\"e\u{301}\":2}".utf8))
        #expect(JSON.string("\u{e9}") != "e\u{301}")
        #expect(Set<JSON>(["\u{e9}", "e\u{301}"]).count == 2)
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: "{\"\u{e9}\":1,\"\\u00e9\":2}") }
        #expect(error?.reason == "the member \"\u{e9}\" stands twice")
    }

    @Test func `patterns that look alike are compiled each`() throws {
        let expression = try Expression(
            "[$one, $two] | map(. as $each | \"e\u{301}\" | test($each))", variables: ["one", "two"])
        #expect(try expression.value(.null, variables: Self.variables) == [false, true])
        #expect(try Pattern("\u{e9}") != Pattern("e\u{301}"))
    }
}
