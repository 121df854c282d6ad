import TestSupport
import Testing

@testable import TFExpression

/// Paths of values that pass through functions and variables, and what is deleted and set by them, as jq 1.8.2 does.
@Suite(.onItsOwnThread) struct PathTests {
    @Test(arguments: [
        ("del(limit(1; .[]))", "[2,[3]]"), ("[path(limit(2; .[]))]", "[[0],[1]]"), ("[path(limit(0; .[]))]", "[]"),
        ("[path(skip(1; .[]))]", "[[1],[2]]"), ("[path(skip(0; .[0]))]", "[[0]]"), ("[path(nth(1; .[]))]", "[[1]]"),
        ("del(nth(1; .[]))", "[1,[3]]"), ("[path(nth(1))]", "[[1]]"), ("[path(first(.[]))]", "[[0]]"),
        ("[path(first)]", "[[0]]"), ("[path(last)]", "[[-1]]"), ("del(last)", "[1,2]"),
        ("[path(until(true; .[0]))]", "[[]]"), ("[path(first(.[] | .[0]?))]", "[[2,0]]"),
        (". as $x | [path($x)]", "[[]]"), (". as $x | [path($x | .[0])]", "[[0]]"),
        (". as $x | del($x[0])", "[2,[3]]"), (". as $x | [path(1 | $x | .[2][0])]", "[[2,0]]"),
        (".[2] as $x | try path($x) catch .", "\"Invalid path expression with result [3]\""),
        (".[2] as $x | path(.[2] | $x)", "[2]"), ("try path(1) catch .", "\"Invalid path expression with result 1\""),
        ("[path(foreach .[] as $i (0; . + 1; $i))]", "[[0],[1],[2]]"),
        ("[path(foreach .[] as $i (0; . + 1; select(. > 1) | $i))]", "[[1],[2]]"),
        ("limit(1; .[]) |= 9", "[9,2,[3]]"), ("skip(1; .[]) = 0", "[1,0,0]"),
        ("[path(limit(1; .[] | select(. == 2)))]", "[[1]]"), ("[paths]", "[[0],[1],[2],[2,0]]"),
        ("path(.[1:][0])", "[{\"start\":1,\"end\":null},0]"), ("path(.[0] // .[1])", "[0]"),
        ("try path(map(.)) catch .", "\"Invalid path expression with result [1,2,[3]]\""),
        ("try path([1] | .[]) catch .", "\"Invalid path expression near attempt to iterate through [1]\""),
        ("try path(1 | .[0]) catch .", "\"Invalid path expression near attempt to access element 0 of 1\""),
        ("try del(.[1], .[-2].a) catch .", "\"Cannot index number with string (\\\"a\\\")\""),
        ("del(.[0:1] | .. | ..)", "[2,[3]]"), ("del(.[0:2][0])", "[2,[3]]"), ("del(.[-1], .[0])", "[2]"),
        ("del(.[1:], .[0])", "[]"), ("del(.[], .[])", "[]"), ("del(.[0:1], .[0:1])", "[2,[3]]"), ("del(..)", "null"),
        ("del(.)", "null"), ("del(.[5], .[-9])", "[1,2,[3]]"), ("delpaths([[0], [0, 1]])", "[2,[3]]"),
        ("delpaths([[-1], [2]])", "[1,2]"), ("delpaths([[1.5]])", "[1,[3]]"), ("delpaths([[0], [0.5]])", "[2,[3]]"),
        ("try delpaths([1]) catch .", "\"Path must be specified as array, not number\""),
        ("try delpaths([[\"a\"]]) catch .", "\"Cannot delete string element of array\""),
        ("try delpaths([[{\"start\": 1}]]) catch .", "\"Array/string slice indices must be integers\""),
        ("(.[] | select(. == 2)) |= empty", "[1,[3]]"), ("(.[1:]) = [9]", "[1,9]"), ("del(.[1:][0])", "[1,[3]]"),
        ("try (.[-5] = 5) catch .", "\"Out of bounds negative array index\""), (".[1.7] = 5", "[1,5,[3]]"),
        ("pick(first(.[]))", "[1]"), ("pick(limit(2; .[]))", "[1,2]"), ("to_entries | map(del(.key)) | length", "3"),
        ("[nan] | [path(.[])]", "[[0]]"), ("[path(recurse(.[]?))] | length", "5"),
        ("try path(last(.[])) catch \"none\"", "\"none\""), ("[.[2][0] |= empty]", "[[1,2,[]]]"),
        ("1 | [repeat(. * 2, error)?]", "[2]"), ("[limit(3; repeat(7))]", "[7,7,7]"),
        ("[label $out | repeat(., break $out)] | length", "1"),
    ])
    func `paths are those of jq`(_ program: String, _ expected: String) throws {
        #expect(try Expression(program).value(try JSON(parsing: "[1,2,[3]]")).text == expected)
    }

    /// A computed number equals both literals, which differ: no order of such paths has each shorter one in front.
    @Test(arguments: [
        ("delpaths([[(0+1),0],[1.00000000000000000001,0],[1.00000000000000000002]])", "[0,8]"),
        ("del(.[(0+1)][0], .[1.00000000000000000001][0], .[1.00000000000000000002])", "[0,8]"),
        ("delpaths([[1.00000000000000000002],[(0+1),0],[1.00000000000000000001,0]])", "[0,8]"),
        ("delpaths([[1.00000000000000000001,0],[(0+1),1],[1.00000000000000000002,0]])", "[0,[7],8]"),
        ("delpaths([[1,(0+1),0],[1,1.00000000000000000001,0],[1,1.00000000000000000002]])", "[0,[5,7],8]"),
        ("[1, 1.00000000000000000001, 1.00000000000000000002] as [$a, $b, $c] | del(.[$a], .[$b], .[$c])", "[0,8]"),
        (
            """
            delpaths([[{"start":(0+1),"end":2},0], [{"start":1.00000000000000000001,"end":2},0],
            [{"start":1.00000000000000000002,"end":2}]])
            """, "[0,8]"
        ),
        ("delpaths([[nan,0],[nan]])", "[0,[5,[6],7],8]"),
        ("try delpaths([[[(0+1)],0],[[1.00000000000000000001],0],[[1.00000000000000000002]]]) catch 1", "1"),
        ("try delpaths([[(0+1),0],[1.00000000000000000001,0],[1.00000000000000000002],[]]) catch 1", "null"),
    ])
    func `keys of a path that name one element are one key`(_ program: String, _ expected: String) throws {
        #expect(try Expression(program).value(try JSON(parsing: "[0,[5,[6],7],8]")).text == expected)
    }

    /// Each would end the process or take its memory: paths that grow without an end, arrays that are filled up.
    @Test(arguments: [
        "path(reduce range(100000) as $i (.; getpath([\"a\", \"b\", \"c\", \"d\"])))",
        "path(reduce range(100000) as $i (.; .a))", "[range(1000) | null | .[999999] = 1]",
        "null | setpath([range(900) | 999999]; 1)", "[range(1000) | null | setpath([999999]; 1)]",
        "(\"x\" * 100000 | explode) as $x | [range(10000)] | map($x | .[0] = 1)",
        "(\"x\" * 100000 | explode) as $x | [range(10000)] | map($x | .[1:2] = [])",
        "(\"x\" * 100000 | explode) as $x | [range(10000)] | map($x | del(.[0]))",
        "[range(20000) | [0]] as $x | [[range(20000)] + $x] | .[0] | [., .] | transpose | transpose",
        "[[range(10000)]] + [range(10000) | []] | transpose",
        "[range(10000) | null] | join(\"x\" * 1000000)", "[range(10000)] | map(\"x\" * 1000000) | add",
        "(\"x\" * 50000 + \"y\" | explode) | [.] | contains([[range(1000) | 121]])",
        "[range(1000)] | map([range(90)] + [.]) | . - map(reverse)",
        "\"x\" * 1000000 | explode | to_entries",
    ])
    func `what grows pays first`(_ program: String) throws {
        let expression = try Expression(program)
        #expect(throws: ExpressionError.self) { try expression.outputs(.null) }
    }
}
