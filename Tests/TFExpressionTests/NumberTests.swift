import Testing

@testable import TFExpression

@Suite struct NumberTests {
    /// Literals whose exponents nobody can compute with, and what they are worth.
    @Test(arguments: [
        ("0.01e-9223372036854775808", "0"), ("0e9223372036854775807", "0"), ("-0e9223372036854775807", "-0"),
        ("5e-99999999999999999999", "0"), ("1e-9223372036854775807", "0"), ("0.000e-9223372036854775808", "0"),
        ("0e-9223372036854775809", "0"), ("123.456e-9223372036854775807", "0"), ("1e-1000000000", "0"),
        ("1e-999999999", "1e-999999999"), ("0e999999999", "0e999999999"),
        ("0e00000000000000000000000000000000001", "0e00000000000000000000000000000000001"),
    ])
    func `exponents out of all range make zero`(_ text: String, _ expected: String) throws {
        let read = try JSON(parsing: text)
        #expect(read.text == expected)
        #expect(read.doubleValue == 0)
        for other in ["0", "-1", "1", "1e-999999999", text, "12345678901234567890"] {
            let other = try JSON(parsing: other)
            #expect(read.order(against: other) == -other.order(against: read))
        }
        #expect(try Expression("tojson | fromjson | . + 1, -., length").outputs(read).count == 3)
        #expect(try Expression("\(text) | . * 2 | abs").value(.null).doubleValue == 0)
    }

    @Test(arguments: [
        ("\"5e-99999999999999999999\" | tonumber | tostring", "\"0\""),
        ("\"0e9223372036854775807\" | tonumber | tostring", "\"0\""),
        ("\"1e9223372036854775807\" | tonumber | tostring", "\"1.7976931348623157e+308\""),
        ("\"-1e9223372036854775807\" | tonumber | tostring", "\"-1.7976931348623157e+308\""),
        ("\"1e-1000\" | tonumber | tostring", "\"1E-1000\""), ("\"100e-2\" | tonumber", "1.00"),
        ("\"1e5\" | tonumber", "1E+5"), ("\".5\" | tonumber", "0.5"), ("\"5.\" | tonumber", "5"),
        ("\"+00012\" | tonumber", "12"), ("1e-400 > 0", "true"), ("1e-400 < 1e-399", "true"), ("0e5 == 0.000", "true"),
        ("9007199254740993 == 9007199254740992", "false"), ("1.10 == 1.1000000000000000000", "true"),
        ("100000000000000000000 == 1e20", "true"), ("-9007199254740993 < -9007199254740992", "true"),
        ("12345678901234567891 > 12345678901234567890", "true"), ("0 * -1", "-0"), ("-0 == 0", "true"),
        ("[0, -0] | unique | length", "1"), ("3e18 * 1", "3e+18"), ("1e16 * 1", "1e+16"),
        ("0.00001 * 1", "1e-05"), ("5e-324 * 1", "5e-324"), ("1.7976931348623157e308 * 10", "1.7976931348623157e+308"),
        ("9223372036854775807 * 1", "9223372036854776000"), ("9223372036854775808 % 10", "7"),
        ("-9223372036854775808 % -1", "0"), ("[1, 2, 3] | .[-1.5], .[-0.5], .[1e300]", "3"),
        ("[1, 2] | has(-0.5)", "true"), ("1e1000 % 3", "1"), ("[-1, 0.1] | map(frexp)", "[[-0.5,1],[0.8,-3]]"),
        ("[[[1]]] | flatten(0.5)", "[1]"),
        ("1 | ldexp(.; 1e300)", "1.7976931348623157e+308"), ("1 | ldexp(.; nan)", "null"), ("5 % 1e1000", "5"),
    ])
    func `numbers at the ends of their range`(_ program: String, _ expected: String) throws {
        #expect(try Expression(program).value(.null).text == expected)
    }

    @Test func `numbers of many digits cost what comparing them costs`() throws {
        let digits = String(repeating: "7", count: 20_000)
        let value = JSON.array([try JSON(parsing: digits + "1e-20000"), try JSON(parsing: digits + "2e-20000")])
        #expect(try Expression(".[0] < .[1]").value(value) == true)
        #expect(throws: ExpressionError.exhausted("it took too many steps")) {
            try Expression("[range(2000) as $i | .[0] < .[1]]").value(value)
        }
        #expect(throws: ExpressionError.exhausted("it took too many steps")) {
            try Expression("[range(1000) as $i | sort]").value(value)
        }
    }

    /// NaN is below every number and equals nothing. Source: jq 1.8 manual, `infinite, nan`.
    @Test(arguments: [
        ("nan < nan", "true"), ("nan <= nan", "true"), ("nan > nan", "false"), ("nan >= nan", "false"),
        ("nan == nan", "false"), ("nan != nan", "true"), ("nan < -infinite", "true"), ("nan > null", "true"),
        ("1 > nan", "true"), ("1 <= nan", "false"), ("[nan, 1, nan, null] | sort", "[null,null,null,1]"),
        ("[nan, nan] | unique | length", "2"), ("[nan, nan] | group_by(.) | length", "2"),
        ("[nan, 1] | min, max", "null"), ("[1, nan] | max", "1"),
        ("[{a: nan, b: 1}, {a: nan, b: 2}] | sort_by(.a) | map(.b)", "[1,2]"),
        ("[{a: nan, b: 1}, {a: nan, b: 2}] | min_by(.a) | .b", "2"),
        ("[{a: nan, b: 1}, {a: nan, b: 2}] | max_by(.a) | .b", "1"), ("[[nan], [nan]] | sort | length", "2"),
        ("[1, nan, 2] | bsearch(nan)", "-1"), ("[nan] | bsearch(1)", "-2"), ("[nan] | index(nan)", "null"),
        ("[nan] - [nan] | length", "1"), ("[nan] | contains([nan])", "false"), ("{a: nan} == {a: nan}", "false"),
        ("[range(nan)]", "[]"), ("\"a\" * nan", "null"), ("nan % 5", "null"), ("[1, 2] | has(nan)", "false"),
        ("[1, 2] | .[nan]", "null"), ("[1] | .[nan:]", "[1]"), ("[1] | del(.[nan])", "[1]"),
        ("nan | tojson", "\"null\""),
        ("[1, 2, 3] | .[1:nan]", "[2,3]"),
        ("try ([1] | flatten(nan)) catch .", "\"flatten depth must not be negative\""),
        ("try ([limit(nan; 1, 2)]) catch .", "\"limit doesn't support negative count\""),
    ])
    func `NaN sorts below every number`(_ program: String, _ expected: String) throws {
        #expect(try Expression(program).value(.null).text == expected)
    }
}
