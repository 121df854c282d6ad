import Testing

@testable import TFExpression

/// Text as other formats want it, dates, and patterns beyond ASCII.
@Suite struct TextTests {
    /// What escapes looks at bytes: with an accent on it a quote is still a quote.
    @Test(arguments: [
        ("[\"\u{301},=1+1,\\\"\u{301}\"] | @csv", "\"\u{301},=1+1,\"\"\u{301}\""),
        ("[\"\\\"\u{301}\", \"\\\"\u{200d}\"] | @csv", "\"\"\"\u{301}\",\"\"\"\u{200d}\""),
        ("[\"a\\r\\nb\", \"c\\td\\\\\", \"\\n\u{301}\"] | @tsv", "a\\r\\nb\tc\\td\\\\\t\\n\u{301}"),
        ("\"it'\u{301}s\" | @sh", "'it'\\''\u{301}s'"), ("[\"'\u{200d}\", 1, null] | @sh", "''\\''\u{200d}' 1 null"),
        ("\"<\u{301}&\u{338}'\u{301}\" | @html", "&lt;\u{301}&amp;\u{338}&apos;\u{301}"),
        ("\"=\u{338}%\" | @uri", "%3D%CC%B8%25"), ("\"%3D%cc%B8\" | @urid", "=\u{338}"),
        ("\"\\\"\u{301}\" | @json", "\"\\\"\u{301}\""), ("\"\\\"\u{301}\" | tojson", "\"\\\"\u{301}\""),
        ("\"\\r\\n\u{301}\" | @json", "\"\\r\\n\u{301}\""), ("[nan, 1] | @csv, @tsv", ",1"),
        ("@sh \"echo \\(\"'\u{301}\")\"", "echo ''\\''\u{301}'"), ("\"a,\u{301}b\" | split(\",\") | length", "2"),
        ("\"a\\r\\nb\" | split(\"\\n\") | length", "2"), ("\"e\u{301}x\" | .[1:] | explode | tojson", "[769,120]"),
        ("\"\\r\\n\" | length", "2"), ("\"e\u{301}\" | ltrimstr(\"e\") | explode | tojson", "[769]"),
        ("\"\\n\u{301} a\" | ltrim | explode | tojson", "[769,32,97]"), ("\"e\u{301}\" | startswith(\"e\")", "true"),
        ("\"ae\u{301}\" | endswith(\"\u{301}\")", "true"), ("\"ae\u{301}\" | index(\"\u{301}\")", "2"),
        ("\"x\u{301}\" | contains(\"x\")", "true"), ("\"\\u0000\u{301}\" | tojson", "\"\\u0000\u{301}\""),
        ("\"I\u{307}\" | ascii_downcase | explode | tojson", "[105,775]"),
    ])
    func `escaping looks at bytes`(_ program: String, _ expected: String) throws {
        let value = try Expression(program).value(.null)
        #expect((value.stringValue ?? value.text).utf8.elementsEqual(expected.utf8), "\(value.text)")
    }

    @Test(arguments: [
        ("\"YWJj\" | @base64d", "\"abc\""), ("\"YW\" | @base64d", "\"a\""), ("\"YWI=\" | @base64d", "\"ab\""),
        ("\"YWI\" | @base64d", "\"ab\""), ("\"YQ==YQ==\" | @base64d", "\"a\""), ("\"=\" | @base64d", "\"\""),
        ("\"\" | @base64d", "\"\""), ("\"/w==\" | @base64d", "\"\u{fffd}\""),
        ("\"QUJDa\" | try @base64d catch .", "\"string (\\\"QUJDa\\\") trailing base64 byte found\""),
        ("\"Not base64 data\" | try @base64d catch .", "\"string (\\\"Not base64 data\\\") is not valid base64 data\""),
        ("\"YW\u{301}\" | try @base64d catch \"no\"", "\"no\""), ("\"YW_-\" | try @base64d catch \"no\"", "\"no\""),
        ("1 | try @csv catch .", "\"number (1) cannot be csv-formatted, only array\""),
        ("[[1]] | try @tsv catch .", "\"array ([1]) is not valid in a csv row\""),
    ])
    func `formats answer as jq's`(_ program: String, _ expected: String) throws {
        #expect(try Expression(program).value(.null).text == expected)
    }

    @Test(arguments: [
        ("0 | gmtime | .[2] += 1 | strftime(\"%A %j\")", "\"Friday 002\""),
        ("1425599621 | gmtime | .[2] += 30 | strftime(\"%Y-%m-%d %a %j\")", "\"2015-04-04 Sat 094\""),
        ("[2024, 1, 30] | strftime(\"%A, %d %B\")", "\"Friday, 01 March\""),
        ("[2024, 14, 0, 25, 61, 61] | mktime", "1740794521"), ("[2024] | mktime", "1703980800"),
        ("[1969, 11, 31, 23, 59, 59] | mktime", "-1"), ("\"10:20\" | strptime(\"%H:%M\")", "[1900,0,0,10,20,0,8,367]"),
        ("\"2024-02-29 x\" | strptime(\"%Y-%m-%d\")", "[2024,1,29,0,0,0,4,59,\" x\"]"),
        ("1e12 | todate", "\"33658-09-27T01:46:40Z\""), ("-1e12 | gmtime | .[0]", "-29719"),
        ("\"2015-03-05T23:51:47Z\" | fromdate", "1425599507"), ("1425599621.678 | todate", "\"2015-03-05T23:53:41Z\""),
        ("try (1e17 | todate) catch .", "\"error converting number of seconds since epoch to datetime\""),
        ("try (1e300 | gmtime) catch .", "\"error converting number of seconds since epoch to datetime\""),
        ("try (nan | gmtime) catch .", "\"error converting number of seconds since epoch to datetime\""),
        ("try ([1e300, 1e300, 1e300] | mktime) catch .", "\"invalid gmtime representation\""),
        (
            "try ([-1e300, 9e18, -9e18, 1e300] | strftime(\"%c\")) catch .",
            "\"Wed Oct 28 07:00:00 -1974159405\""
        ),
        ("try ([\"a\"] | mktime) catch .", "\"mktime requires parsed datetime inputs\""),
        ("try ([nan] | mktime) catch .", "\"mktime requires parsed datetime inputs\""),
        ("try (1 | mktime) catch .", "\"mktime requires array inputs\""),
        ("try (\"a\" | gmtime) catch .", "\"gmtime() requires numeric inputs\""),
        ("try (\"2015\\u00001\" | strptime(\"%Y\")) catch \"no\"", "\"no\""),
        ("[9223372036854775807, 0, 0] | mktime", "67768036160054400"),
        ("[2147483647, 0, 1] | strftime(\"%Y\")", "\"2147483647\""),
    ])
    func `dates at the ends of their range`(_ program: String, _ expected: String) throws {
        #expect(try Expression(program).value(.null).text == expected)
    }

    @Test(
        arguments: [
            ("2026-01-31", 1_769_817_600), ("2026-01-31T12:30", 1_769_862_600),
            ("2026-01-31T12:30:00.5+01:00", 1_769_859_000.5),
            ("9999-12-31T23:59:60Z", 253_402_300_800), ("0000-01-01", -62_167_219_200),
        ] as [(String, Double)])
    func `a date is read`(_ text: String, _ seconds: Double) {
        #expect(ISODate.seconds(text, offset: { _ in 0 }) == seconds)
    }

    @Test(arguments: [
        "2026-02-30", "+2026-1-01", "2026-1-0001", "2147483648-01-01", "99999999999999999999-01-01",
        "2026-01-31T0x1:00",
        "2026-01-31T1e1:00", "2026-01-31T12:30:nan", "2026-01-31T12:30+99:00", "2026-01-31 12:30", "2026-01-31T", "",
        "T",
        "2026-01-31T24:00", "2026-01-31T12:30:00.", "2026-01-31T12:30\u{301}", "２０２６-01-31",
    ])
    func `what is no date is none`(_ text: String) { #expect(ISODate.seconds(text, offset: { _ in 0 }) == nil) }

    /// Source: jq 1.8.2 with Oniguruma, whose classes are Unicode's.
    @Test(arguments: [
        ("\"été\" | test(\"\\\\bt\")", "false"), ("\"été\" | [match(\"\\\\b\"; \"g\").offset]", "[0,3]"),
        ("\"été\" | [match(\"\\\\w+\"; \"g\").string]", "[\"été\"]"), ("\"٣\" | test(\"^\\\\d$\")", "true"),
        ("\"\\u00a0\" | test(\"\\\\s\")", "true"), ("\"é\" | test(\"\\\\W\")", "false"),
        ("\"é\" | test(\"[\\\\W]\")", "false"),
        ("\"–\" | test(\"[^\\\\w]\")", "true"), ("\"é\" | test(\"[[:alpha:]]\")", "true"),
        ("\"É\" | test(\"[[:upper:]]\")", "true"), ("\"é\" | test(\"[[:upper:]]\")", "false"),
        ("\"ÉCOLE\" | test(\"école\"; \"i\")", "true"), ("\"ΣΑΣ\" | test(\"σας\"; \"i\")", "true"),
        ("\"É\" | test(\"[à-ü]\"; \"i\")", "true"), ("\"\u{212a}\" | test(\"k\"; \"i\")", "true"),
        ("\"naïve café\" | [scan(\"\\\\b\\\\w+\\\\b\")]", "[\"naïve\",\"café\"]"),
        ("\"naïve café\" | [splits(\"\\\\b\")]", "[\"\",\"naïve\",\" \",\"café\",\"\"]"),
        ("\"naïve café\" | gsub(\"\\\\b(?<x>.)\"; \"[\\(.x)]\")", "\"[n]aïve[ ][c]afé\""),
        ("\"ñu año\" | [match(\"\\\\bañ(o)\\\\b\").captures[0].offset]", "[5]"),
        ("\"ñu año\" | test(\"\\\\Bo\")", "true"), ("\"año\" | test(\"^\\\\bañ{1,2}o$\")", "true"),
        ("\"x-é\" | [match(\"(?<a>\\\\w)\\\\b-(?<b>é)\").captures[].name]", "[\"a\",\"b\"]"),
        ("\"é.é\" | [match(\"\\\\b[^\\\\s]\\\\b\"; \"g\").string]", "[\"é\",\".\",\"é\"]"),
        ("\"aé\" | [match(\"\"; \"g\").offset]", "[0,1,2]"), ("\"é\\nb\" | test(\"\\\\bé.b\\\\b\"; \"p\")", "true"),
        ("\"é\\nb\" | test(\"\\\\bé.b\\\\b\")", "false"),
        ("\"É b\" | [match(\"\\\\bé\\\\b\"; \"ig\").string]", "[\"É\"]"),
        ("\"é{2} w-\" | test(\"\\\\b\\\\{2\\\\} w-\")", "true"), ("\"éé\" | test(\"^\\\\b(?:é|x){2}\\\\b$\")", "true"),
        ("\"é]\" | test(\"\\\\b[]]\")", "true"), ("\"é\" | test(\"\\\\b\\\\x{e9}\\\\b\")", "true"),
        ("\"é\" | test(\"\\\\b\\\\p{Ll}\\\\b\")", "true"), ("\"plain text\" | [scan(\"\\\\b\\\\w\")]", "[\"p\",\"t\"]"),
    ])
    func `patterns read letters of every alphabet`(_ program: String, _ expected: String) throws {
        #expect(try Expression(program).value(.null).text == expected)
    }

    @Test(
        arguments: [
            ("${ .a }", ".a"), ("\r\n  ${ .a }\r\n", ".a"), ("\t${.a}\n", ".a"), ("${ .a } b", nil), ("x ${ .a }", nil),
            ("${ .a }\u{301}", nil), ("${", nil), ("}", nil), ("", nil),
        ] as [(String, String?)])
    func `an expression alone is unwrapped`(_ text: String, _ code: String?) {
        let unwrapped = Expression.unwrapped(text)
        #expect(unwrapped?.code.trimmingBlanks == code)
    }
}

extension String {
    fileprivate var trimmingBlanks: String { split(separator: " ").joined(separator: " ") }
}
