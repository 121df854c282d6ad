import Testing

@testable import TFExpression

@Suite struct ExpressionTests {
    /// Program, input, outputs: as `jq -c` answers.
    @Test(arguments: [
        (".", #"{"a":1}"#, [#"{"a":1}"#]),
        (".a.b", #"{"a":{"b":2}}"#, ["2"]),
        (".a-1", #"{"a":5}"#, ["4"]),
        (#".["a-b"]"#, #"{"a-b":3}"#, ["3"]),
        (#"."a-b""#, #"{"a-b":3}"#, ["3"]),
        (".[1], .[-1]", "[1,2,3]", ["2", "3"]),
        (".[1:]", "[1,2,3]", ["[2,3]"]),
        (".[]", #"{"a":1,"b":2}"#, ["1", "2"]),
        (".a?", "1", []),
        (".a // \"none\"", "{}", [#""none""#]),
        ("(1,null,2) // 3", "null", ["1", "2"]),
        ("1 + 2 * 3", "null", ["7"]),
        ("[.[] | select(. > 1)]", "[1,2,3]", ["[2,3]"]),
        ("map(. * 2) | length", "[1,2]", ["2"]),
        ("{a: .b, (.c): 1, \"d\": [.b]}", #"{"b":1,"c":"x"}"#, [#"{"a":1,"x":1,"d":[1]}"#]),
        ("{b, $x}", #"{"b":1}"#, [#"{"b":1,"x":"y"}"#]),
        ("\"Hi \\(.n) \\(1+1)\"", #"{"n":"you"}"#, [#""Hi you 2""#]),
        ("if . > 1 then \"big\" elif . == 1 then \"one\" else \"small\" end", "1", [#""one""#]),
        (". as $v | [$v, $v]", "1", ["[1,1]"]),
        ("reduce .[] as $n (0; . + $n)", "[1,2,3]", ["6"]),
        ("try error(\"x\") catch .", "null", [#""x""#]),
        (".outcome == \"approve\" and $x == \"y\"", #"{"outcome":"approve"}"#, ["true"]),
        ("[.[] | not]", "[true,null,0]", ["[false,true,false]"]),
        ("{\"a\":1,\"b\":2} == {\"b\":2,\"a\":1}", "null", ["true"]),
        ("12345678901234567890", "null", ["12345678901234567890"]),
        (".[0] + null", "[1]", ["1"]),
        ("\"a,b\" / \",\" | join(\"-\")", "null", [#""a-b""#]),
        ("sort_by(.a) | map(.a)", #"[{"a":2},{"a":1}]"#, ["[1,2]"]),
        ("-(1,2)", "null", ["-1", "-2"]),
        ("[range(3)]", "null", ["[0,1,2]"]),
        ("test(\"\"), test(\"\"; \"n\")", #""a""#, ["true", "false"]),
        ("test(\"a*\"; \"n\"), [match(\"a*\"; \"n\").offset]", #""ba""#, ["true", "[1]"]),
    ])
    func `a program answers what jq answers`(_ program: String, _ input: String, _ expected: [String]) throws {
        let expression = try Expression(program, variables: ["x"])
        let outputs = try expression.outputs(try JSON(parsing: input), variables: ["x": "y"])
        #expect(outputs.map(\.text) == expected)
    }

    @Test(arguments: [
        ("slect(.a)", 0, "unknown function \"slect\"; did you mean \"select\"?"),
        (".a | $tikcet", 5, "unknown variable \"$tikcet\"; did you mean \"$ticket\"?"),
        ("1 +", 3, "the end of the expression is not expected here"),
        ("[1, 2", 5, "\"]\" should be here, not the end of the expression"),
        (".a = 1 = 2", 7, "assignments do not chain; use parentheses"),
        ("now", 0, "\"now\" is not supported: expressions know no clock; use $task.startedAt"),
        (".a | input", 5, "\"input\" is not supported: an expression has one input"),
        ("env.HOME", 0, "\"env\" is not supported: expressions see no environment"),
        ("$ENV.HOME", 0, "\"$ENV\" is not supported"),
        ("import \"a\" as a; 1", 0, "\"import\" is not supported: there are no modules"),
        ("test(\"(?=a)\")", 0, "the pattern of \"test\" cannot be used: invalid perl operator: (?="),
        ("test(\"a\"; \"x\")", 0, "the pattern of \"test\" cannot be used: the flag x is not supported"),
        (". as [$a, {b: $c}] | $d", 21, "unknown variable \"$d\""),
        ("break $out", 6, "there is no label \"$out\""),
        ("{1: 2}", 1, "a member's name must be text: write \"1\""),
        (
            "@base46", 0,
            "unknown format \"@base46\"; there are @text, @json, @csv, @tsv, @html, @uri, @urid, @sh, @base64, @base64d, @base32, @base32d; did you mean \"@base64\"?"
        ),
        ("select(1; 2)", 0, "the function \"select\" takes 1 arguments, not 2"),
        ("\"abc", 0, "the string does not end"),
        ("1 < 2 < 3", 6, "comparisons do not chain; use parentheses"),
        ("", 0, "an expression should be here"),
    ])
    func `a mistake is named with its place`(_ program: String, _ offset: Int, _ message: String) {
        let error = #expect(throws: ExpressionSyntaxError.self) { try Expression(program, variables: ["ticket"]) }
        #expect(error?.offset == offset)
        #expect(error?.description == message)
    }

    private func told(_ program: String) -> [String] {
        let error = #expect(throws: ExpressionSyntaxError.self) { try Expression(program, variables: ["ticket"]) }
        return error?.all.map { "\($0.offset) \($0)" } ?? []
    }

    @Test func `each unknown name is told what was meant, however many came before`() {
        let told = told("$a1 | $a2 | $a3 | $a4 | $tikcet | .b == slect")
        #expect(told.count == 6)
        #expect(told[4] == #"24 unknown variable "$tikcet"; did you mean "$ticket"?"#)
        #expect(told[5] == #"40 unknown function "slect"; did you mean "select"?"#)
    }

    @Test func `formats and patterns that cannot be used are told together with unknown names`() {
        let told = told(#"$who | @foo | test("(") | @bar "\($x)" | nosuch"#)
        #expect(
            told.map { String($0.prefix { $0 != ";" && $0 != ":" }) } == [
                #"0 unknown variable "$who""#, #"7 unknown format "@foo""#,
                #"14 the pattern of "test" cannot be used"#, #"26 unknown format "@bar""#,
                #"34 unknown variable "$x""#, #"41 unknown function "nosuch""#,
            ])
    }

    @Test func `all unknown names of an expression are told at once, in its order`() {
        #expect(
            told(#"slect(.a; $x) | "\(nosuch) \($tikcet)" | now + {($y): @text "\(select(1; 2))"}"#) == [
                #"0 unknown function "slect"; did you mean "select"?"#, #"10 unknown variable "$x""#,
                #"19 unknown function "nosuch""#, #"29 unknown variable "$tikcet"; did you mean "$ticket"?"#,
                #"41 "now" is not supported: expressions know no clock; use $task.startedAt"#,
                #"49 unknown variable "$y""#, #"63 the function "select" takes 1 arguments, not 2"#,
            ])
        // What follows may only seem to be wrong.
        #expect(told("iff .a then 1 else 2 end") == [#"0 unknown function "iff""#])
        #expect(told((0..<30).map { "$a\($0)" }.joined(separator: ", ")).count == 20)
    }

    @Test func `a text tells the mistakes of all its expressions`() {
        let error = #expect(throws: ExpressionSyntaxError.self) {
            try Template("${ $a } and ${ 1 + } or ${ $b $c } ${")
        }
        #expect(error?.all.map(\.offset) == [3, 19, 27, 35])
    }

    @Test(arguments: [
        (".a", "[1]", "Cannot index array with string (\"a\")"),
        (".[]", "1", "Cannot iterate over number (1)"),
        ("1 + \"a\"", "null", #"number (1) and string ("a") cannot be added"#),
        ("{} - 1", "null", "object ({}) and number (1) cannot be subtracted"),
        ("1 / 0", "null", "number (1) and number (0) cannot be divided because the divisor is zero"),
        ("keys", "1", "number (1) has no keys"),
    ])
    func `a failure reads as jq's`(_ program: String, _ input: String, _ message: String) throws {
        let expression = try Expression(program)
        let error = #expect(throws: ExpressionError.self) { try expression.outputs(try JSON(parsing: input)) }
        #expect(error?.description == message)
    }

    @Test func `a program that never ends is stopped, and nothing catches that`() throws {
        let expression = try Expression("try (reduce range(1e9) as $i (0; . + 1)) catch 0")
        #expect(throws: ExpressionError.exhausted("it took too many steps")) { try expression.outputs(.null) }
    }

    @Test(arguments: ["reduce range(100000) as $i (1; [.])", "reduce range(100000) as $i (1; {a: [[.]]}) | tojson"])
    func `a value that nests for ever is stopped`(_ program: String) throws {
        let expression = try Expression(program)
        #expect(throws: ExpressionError.exhausted("a value is nested deeper than 1000")) {
            try expression.outputs(.null)
        }
    }

    @Test func `a string that doubles for ever is stopped`() throws {
        let expression = try Expression("reduce range(100) as $i (\"xxxxxxxx\"; . + .)")
        let error = #expect(throws: ExpressionError.self) { try expression.outputs(.null) }
        #expect(error?.description.hasPrefix("the expression was stopped") == true)
    }

    /// Each would take minutes or all memory: by loops, by recursion, by parts of a value that are shared in memory and
    /// count 2⁶⁰ times for whoever goes through it, by text that grows, or by searching everything for everything.
    @Test(arguments: [
        "def f: f; f", "def f: 1 + f; f", "def f: [f]; f", "def f: f, f; f", "def f: try f catch f; f",
        "def f(g): f(g | g); f(.)", "[limit(1e9; repeat(1))]", "last(range(1e9))", "until(false; . + 1)",
        "[range(1000) as $a | range(1000) as $b | $a * $b]", "reduce range(1e6) as $i ({}; .[\"k\\($i)\"] = $i)",
        "DEEP | tojson", "DEEP | . == .", "DEEP as $x | (DEEP) == $x", "DEEP as $x | [$x, $x, $x] | sort", "DEEP",
        "DEEP as $x | [$x, $x] | unique", "DEEP | flatten", "DEEP | [..] | length", "DEEP | \"\\(.)\"", "DEEP | @json",
        "DEEP | @csv", "DEEP as $x | $x | contains($x)", "DEEP | error", "DEEP | -.", "DEEP | .[.]",
        "DEEP | getpath([.])",
        "DEEP | group_by(.)", "DEEP as $x | [1, 2] | sort_by($x)", "DEEP as $x | [1, 2] | unique_by($x)",
        "DEEP as $x | [1, 2] | min_by($x)", "DEEP | [.[]] - [.[]]", "DEEP | index([1])", "DEEP | {(.): 1}",
        "WIDE | . * .",
        "WIDE | tojson", "WIDE | [paths]", "[limit(10000; repeat(\"x\" * 1000000))]",
        "[range(5000)] as $x | $x | map($x)",
        "[range(50000)] | .[1:] as $a | .[:-1] as $b | ($a - $b)", "[range(50000)] as $x | $x | indices($x[1:])",
        "\"a\" * 100000 | [match(\"(?:a*b)|a\"; \"g\")]", "(\"x\" * 1000000) as $s | [range(100000) | $s[.:.+1]]",
        "[range(500)] as $x | [range(16000)] | map($x) | sort | length",
        "[\"x\" * 1000000 | range(1e6) as $i | .] | tojson",
    ])
    func `no program takes more than its fuel`(_ program: String) throws {
        let deep = "reduce range(60) as $i (1; [., .])"
        let wide = "reduce range(60) as $i (1; {a: ., b: .})"
        let expression = try Expression(program.replacing("DEEP", with: deep).replacing("WIDE", with: wide))
        var limits = ExpressionLimits()
        limits.fuel = 20_000
        #expect(throws: ExpressionError.self) { try expression.outputs(.null, limits: limits) }
    }

    @Test func `fuel is counted alike every time, to the step`() throws {
        let expression = try Expression("[range(100)] | map(. * 2) | add")
        var least = 0
        for fuel in stride(from: 10, to: 5_000, by: 1) {
            var left = fuel
            guard let value = try? expression.value(.null, fuel: &left) else { continue }
            #expect(value == 9900)
            least = fuel
            #expect(left == 0)
            break
        }
        var left = least - 1
        #expect(throws: ExpressionError.exhausted("it took too many steps")) {
            try expression.value(.null, fuel: &left)
        }
        #expect(left < 0)
    }

    @Test(arguments: [0, 1, 2, 3, 7, 1_000])
    func `a text is repeated as often as it says`(_ count: Int) throws {
        let text = try Expression("\"aü\" * \(count)").value(.null)
        #expect(text == .string(Array(repeating: "aü", count: count).joined()))
    }

    @Test func `text is found in text that nearly matches everywhere`() throws {
        for (text, part, places) in [
            ("aaaa", "aa", [0, 1, 2]), ("abcabcabd", "abcabd", [3]), ("ababab", "abab", [0, 2]), ("aab", "ab", [1]),
            ("äaä", "ä", [0, 2]), ("", "a", []), ("abacabad", "abad", [4]),
        ] as [(String, String, [Int])] {
            let found = try Expression("indices(\"\(part)\")").value(.string(text))
            #expect(found == .array(places.map { .int($0) }))
        }
        #expect(try Expression("split(\"aa\")").value("aaaaa") == ["", "", "a"])
    }

    @Test func `any bytes compile or are refused`() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(".[]{}()|,:;\"\\$@#? \n+-*/%=<>!abcselectmap0123456789e")
        for _ in 0..<5_000 {
            let program = String(
                (0..<Int.random(in: 0..<24)).map { _ in alphabet.randomElement(using: &generator) ?? "." })
            guard let expression = try? Expression(program) else { continue }
            do { _ = try expression.outputs(["a": [1, 2]]) } catch { _ = error.description }
        }
    }

    @Test func `references are the paths that a program reads`() throws {
        let expression = try Expression(
            ".form.amount > $ticket.form.limit and (.items[0].form | length) > 1", variables: ["ticket"])
        let paths = expression.references.map { ($0.variable ?? "") + "." + $0.path.map(\.name).joined(separator: ".") }
        #expect(paths.contains(".form.amount"))
        #expect(paths.contains("ticket.form.limit"))
        #expect(!paths.contains("items.form"))
    }
}
