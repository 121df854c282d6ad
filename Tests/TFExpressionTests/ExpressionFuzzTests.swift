import TestSupport
import Testing

@testable import TFExpression

/// Numbers, dates, indices and texts from the far ends of their ranges, in every function that computes with them:
/// each program ends with values or an error.
@Suite(.onItsOwnThread) struct ExpressionFuzzTests {
    private static let templates = [
        "V | .[N]", "V | .[N:N]", "V | .[N:N] = [N]", "V | .[N] = N", "V | .[N] |= N", "V | del(.[N], .[N:N], .[N].T)",
        "V | [limit(N; .[]?)]", "V | [skip(N; .[]?)]", "V | nth(N)", "V | [nth(N; .[]?)]", "V | first, last",
        "[limit(20; range(N; N; N))]", "[limit(20; range(N))]", "V | flatten(N)", "V | has(N)",
        "V | getpath([N, T, N])",
        "V | setpath([N, N]; N)", "V | delpaths([[N], [N, N], [T]])", "V | index(N), rindex(T), indices([N])",
        "V | [path(limit(N; ..))]", "V | del(limit(N; ..))", "V | del(skip(1; .[]?))", "V | pick(first(.[]?))",
        "[N, N, N] | sort, unique, min, max, add, group_by(.)", "[N, N] | sort_by(-.), min_by(.), bsearch(N)",
        "N | ., -., floor, sqrt, abs, length, tostring, tojson", "N < N, N == N, N >= N", "N + N, N * N, N - N",
        "N % N", "N / N", "T * N", "T | .[N:N]", "T | tonumber", "T | tonumber | tostring, . * 1, . % 7",
        "T | fromjson",
        "N | todate", "N | gmtime, (gmtime | mktime)", "[N, N, N, N, N, N, N, N] | mktime", "T | fromdate",
        "[N, N, N, N, N, N, N, N] | strftime(\"%c %G %s %j %U %Z\")", "N | strftime(T)", "T | strptime(T)",
        "N | ldexp(.; N), scalb(.; N), scalbln(.; N), nearbyint, trunc", "N | frexp, modf, significand, logb, gamma",
        "pow(N; N), fma(N; N; N), drem(N; N), nexttoward(N; N)", "[N, N] | implode", "T | explode | implode",
        "T | @csv \"\\([., N])\"", "[T, N] | @csv, @tsv, @sh, @html, @uri", "T | @base64d", "T | @base32d", "T | @urid",
        "T | [splits(T)]", "T | ltrimstr(T), rtrimstr(T), trim, ascii_downcase", "T | [match(T; \"g\")]",
        "T | gsub(\"\\\\b\"; T)", "T | test(\"\\\\b\" + T; \"i\")", "{(T): N, (T): N} | keys, length, tojson",
        "V | tojson | fromjson", "V | [tostream]", "V | to_entries", "V | contains(V)", "V - V", "V == V, V < V",
        "[V, V] | transpose, combinations", "[.[]? | N]", "reduce range(N) as $i (0; . + N)", "[limit(5; repeat(N))]",
        "V | walk(if type == \"number\" then . * N else . end)", "[range(5)] | .[N:][N] = N", "V | join(T)",
        "V | tojson | test(T)", "[while(. != null and length < 3; [.])]", "V | [paths(type == \"number\")]",
        "[0, [5, [6], 7], 8] | delpaths(P)", "P as $p | [0, [5, [6], 7], 8] | getpath($p[]), setpath($p[]; N)",
        "[0, [5, [6], 7], 8] | del(.[K][K], .[K], .[K:K][K], .[K:K], .[K][K:K])", "[0, [5, [6], 7], 8] | .[K][K] |= K",
        "[range(20) | K, K, K, K, K, K, K] | sort, unique, min, max, bsearch(K), index(K), . - [K]",
        "[range(20) | {a: K, b: [K, K]}, {b: [K], a: K}] | sort, group_by(.a), unique_by(.b), min_by(.a), max_by(.b)",
        "K < K, K == K, K >= K, [K, K] < [K, K], {a: K} == {a: K}", "[K, K, [K]] | contains([K, [K]])",
    ]

    @Test func `extremes give values or errors`() throws {
        try Fuzz.run("extremes", iterations: 1_500) { generator, seed in
            let program = Self.program(from: &generator)
            guard let expression = try? Expression(program) else { return }  // a pattern that RE2 refuses
            var limits = ExpressionLimits()
            limits.fuel = 20_000
            let outputs: [JSON]
            do { outputs = try expression.outputs(.null, limits: limits) } catch {
                #expect("\(error)".utf8.count < 10_000, "\(seed): \(program)")
                return
            }
            for output in outputs {
                let text = output.text
                let read = try JSON(parsing: text)
                #expect(read.text == text, "\(seed): \(program)")
            }
        }
    }

    /// Whichever of the numbers of one double a key is: each names the same element, in any order of the paths.
    @Test func `paths of near numbers delete what those of their doubles delete`() throws {
        let value = try JSON(parsing: "[0, [5, [6], 7, 9], 8]")
        try Fuzz.run("near keys", iterations: 500) { generator, seed in
            let paths = Extremes.paths(&generator)
            let near = try? Expression("delpaths(\(paths))").value(value)
            let plain = try? Expression(
                "delpaths(\(paths) | walk(if type == \"number\" then . * 1 else . end))"
            ).value(value)
            #expect(near?.text == plain?.text, "\(seed): \(paths)")
        }
    }

    @Test func `near numbers are sorted in some order, and as keys in one`() throws {
        let numbers = try Extremes.nearNumbers.map { try Expression($0).value(.null) }
        try Fuzz.run("near numbers", iterations: 100) { generator, seed in
            let values = (0...generator.below(200)).map { _ in generator.pick(numbers) }
            #expect(values.sortedAsJQ().count == values.count, "\(seed)")
            let sorted = values.sorted { $0.keyOrder(against: $1) < 0 }
            for (left, right) in zip(sorted, sorted.dropFirst()) {
                #expect(left.keyOrder(against: right) <= 0 && right.keyOrder(against: left) >= 0, "\(seed)")
            }
            let (first, second) = (generator.pick(values), generator.pick(values))
            if first.equals(second) {
                #expect(first.hashValue == second.hashValue, "\(seed): \(first.text) \(second.text)")
                #expect(first.keyOrder(against: second) == 0, "\(seed): \(first.text) \(second.text)")
            }
        }
    }

    @Test func `numbers have one order`() throws {
        try Fuzz.run("order", iterations: 2_000) { generator, seed in
            let texts = (0..<3).map { _ in Extremes.number(&generator) }
            let numbers = try texts.compactMap { text -> JSON? in
                guard let value = Double(text), value.isFinite else { return nil }
                return try JSON(parsing: text)
            }
            guard numbers.count == 3 else { return }
            let (a, b, c) = (numbers[0], numbers[1], numbers[2])
            #expect(a.order(against: b).signum() == -b.order(against: a).signum(), "\(seed): \(texts)")
            // What is too large or too small for a literal counts as computed: it equals every literal of its double.
            let areWritten = numbers.allSatisfy {
                if case .number(let number) = $0 { number.literal != nil } else { false }
            }
            if areWritten, a.order(against: b) <= 0, b.order(against: c) <= 0 {
                #expect(a.order(against: c) <= 0, "\(seed): \(texts)")
            }
            if a.keyOrder(against: b) <= 0, b.keyOrder(against: c) <= 0 {
                #expect(a.keyOrder(against: c) <= 0, "\(seed): \(texts)")
            }
            #expect(try JSON(parsing: a.text).order(against: a) == 0, "\(seed): \(texts)")
            if a.order(against: b) == 0 { #expect(a.hashValue == b.hashValue, "\(seed): \(texts)") }
        }
    }

    /// On ASCII both readings of a pattern must find the same.
    @Test func `a pattern written out for Unicode finds what RE2 finds`() throws {
        let pieces = [
            "a", "b", "-", " ", ".", "\\b", "\\B", "\\w", "\\W", "\\d", "\\s", "\\S", "[a-b]", "[^a]", "[\\w-]",
            "[^\\W]",
            "[[:alpha:]]", "(a|b)", "(?:ab)", "(?<n>a)", "a*", "b+?", "(?:a\\b|-)*", "^", "$", "{", "a{1,2}", "\\x61",
            "\\x{62}", "\\.", "\\-", "(?i:A)", "|", "\\pL", "\\p{Nd}", "(?i)", "[]a]", "\\n", "\\A", "\\z", "()", "[.]",
        ]
        try Fuzz.run("patterns", iterations: 2_000) { generator, seed in
            let source = (0...generator.below(6)).map { _ in generator.pick(pieces) }.joined()
            guard let plain = try? Pattern(source),
                let wide = try UnicodePattern(source, ignoresCase: false, dotMatchesNewline: false)
            else { return }
            let text = (0..<generator.below(12)).map { _ in generator.pick(["a", "b", "-", " ", "B", "1", "\n", "."]) }
                .joined()
            let bytes = Array(text.utf8)
            let marked = MarkedText(text)
            for start in 0...bytes.count {
                let expected = plain.firstMatch(in: bytes, from: start)
                let found =
                    wide.isMarked
                    ? wide.pattern.firstMatch(in: marked.bytes, from: marked.marked(start), isAnchored: true)?
                        .dropFirst().map { $0.map(marked.unmarked) }
                    : wide.pattern.firstMatch(in: bytes, from: start)
                #expect(found == expected, "\(seed): \(source) in \(text.debugDescription) from \(start)")
            }
        }
    }

    @Test func `dates are read or refused`() throws {
        try Fuzz.run("dates", iterations: 3_000) { generator, _ in
            let text = Extremes.date(&generator)
            let seconds = ISODate.seconds(text) { _ in generator.pick([0, 3_600, -43_200]) }
            if let seconds { _ = ISODate.duration(milliseconds: seconds * 1_000) }
            _ = ISODate.duration(milliseconds: Double(Extremes.number(&generator)) ?? .nan)
        }
    }

    private static func program(from generator: inout SeededGenerator) -> String {
        var program = ""
        for scalar in generator.pick(templates).unicodeScalars {
            switch scalar {
            case "N": program += Extremes.jqNumber(&generator)
            case "T": program += JSON.string(Extremes.text(&generator)).text
            case "V": program += Extremes.value(&generator)
            case "K": program += Extremes.near(&generator)
            case "P": program += Extremes.paths(&generator)
            default: program.unicodeScalars.append(scalar)
            }
        }
        return program
    }
}

/// What lies at the ends of ranges.
private enum Extremes {
    private static let numbers = [
        "0", "-0", "1", "-1", "0.5", "-1.5", "9007199254740991", "9007199254740992", "9007199254740993",
        "-9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "2147483647",
        "2147483648", "-2147483649", "4294967296", "18446744073709551616", "1e308", "-1e308", "5e-324", "1e-400",
        "1e999999999", "1e-999999999", "1e1000000000", "0e9223372036854775807", "0.01e-9223372036854775808",
        "5e-99999999999999999999", "-1e99999999999999999999", "253402300799", "-62167219200", "67768036191676799",
        "1114112", "55296", "65", "2", "3", "100000",
    ]

    static func number(_ generator: inout SeededGenerator) -> String {
        switch generator.below(4) {
        case 0, 1: return generator.pick(numbers)
        case 2: return "\(generator.below(2) == 0 ? "-" : "")\(generator.below(1_000)).\(digits(&generator))"
        default:
            let exponent = generator.pick(["e", "e-", "E+"]) + digits(&generator)
            return "\(generator.below(100)).\(digits(&generator))\(exponent)"
        }
    }

    private static func digits(_ generator: inout SeededGenerator) -> String {
        (0...generator.below(generator.below(4) == 0 ? 60 : 4)).map { _ in String(generator.below(10)) }.joined()
    }

    static func jqNumber(_ generator: inout SeededGenerator) -> String {
        generator.below(8) == 0
            ? "(\(generator.pick(["nan", "infinite", "-infinite", "null", "1e1000"])))" : "(\(number(&generator)))"
    }

    /// Numbers around 1, most of which are one double: computed, or a literal of many digits.
    static let nearNumbers = [
        "1", "1.0", "(0+1)", "(2-1)", "1.00000000000000000001", "1.00000000000000000002", "0.99999999999999999999",
        "0.99999999999999999998", "100000000000000000001e-20", "0", "(1-1)", "1e-400", "(0 * -1)", "nan", "2", "(-1)",
        "(-1.00000000000000000001)", "(0-1)",
    ]

    static func near(_ generator: inout SeededGenerator) -> String { generator.pick(nearNumbers) }

    /// Paths whose keys are near numbers, and slices and arrays of them.
    static func paths(_ generator: inout SeededGenerator) -> String {
        let paths = (0...generator.below(12)).map { _ in
            let keys = (0..<generator.below(generator.below(8) == 0 ? 1 : 4)).map { _ in
                switch generator.below(12) {
                case 0, 1, 2:
                    "{\"start\":\(near(&generator)),\"end\":\(generator.pick(["2", "null", near(&generator)]))}"
                case 3 where generator.below(8) == 0: "[\(near(&generator))]"
                default: near(&generator)
                }
            }
            return "[\(keys.joined(separator: ","))]"
        }
        return "[\(paths.joined(separator: ","))]"
    }

    static func text(_ generator: inout SeededGenerator) -> String {
        if generator.below(3) == 0 { return number(&generator) }
        if generator.below(3) == 0 { return date(&generator) }
        let pieces = [
            "a", "é", "e\u{301}", "\"\u{301}", "'\u{200d}", "\r\n", "\r\n\u{301}", "\u{0}", "=", "%", "%4", "\\", "\\b",
            "[", "(", ")", "*", "{1000}", " ", "\u{2028}", "😀", "\u{1f468}\u{200d}\u{1f469}", "\u{212a}", "nan", "ab",
            "%Y", "%s", "%c", "$", "^", "\u{feff}", ",", "<", "{", "}", "\\w+", "\u{fffd}",
        ]
        return (0..<generator.below(7)).map { _ in generator.pick(pieces) }.joined()
    }

    static func date(_ generator: inout SeededGenerator) -> String {
        var text = generator.pick([
            "2026-01-31", "9999-12-31", "0000-01-01", "2024-02-29", "-9223372036854775808-01-01", "99999-12-31",
        ])
        text += generator.pick([
            "", "T00:00", "T23:59:60", "T12:30:00.5", "T25:00", " 12:00", "T99999999999999999999:00",
        ])
        text += generator.pick(["", "Z", "+01:00", "-23:59", "+99:99", "Z\u{301}"])
        guard generator.below(3) == 0 else { return text }
        return String(
            decoding: Array(text.utf8).mutated(tokens: numbers.map { Array($0.utf8) }, by: &generator), as: UTF8.self)
    }

    static func value(_ generator: inout SeededGenerator) -> String {
        switch generator.below(6) {
        case 0: "[\(jqNumber(&generator)), \(jqNumber(&generator)), [\(jqNumber(&generator))]]"
        case 1: "[range(5)]"
        case 2: "{a: \(jqNumber(&generator)), \(JSON.string(text(&generator)).text): [\(jqNumber(&generator))]}"
        case 3: JSON.string(text(&generator)).text
        case 4: "[[1, 2], [\(JSON.string(text(&generator)).text)], null]"
        default: "null"
        }
    }
}
