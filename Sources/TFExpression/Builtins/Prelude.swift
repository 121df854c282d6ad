/// Built-in functions that take closures, written in jq itself. A parameter `$x` is a value.
enum Prelude {
    struct Source: Sendable {
        let name: String
        let parameters: [String]
        let body: String

        init(_ name: String, _ parameters: String..., body: String) {
            self.name = name
            self.parameters = parameters
            self.body = body
        }
    }

    static let sources: [Source] = [
        Source("map", "f", body: "[.[] | f]"),
        Source("map_values", "f", body: ".[] |= f"),
        Source("select", "f", body: "if f then . else empty end"),
        Source("values", body: "select(. != null)"),
        Source("nulls", body: "select(. == null)"),
        Source("booleans", body: "select(type == \"boolean\")"),
        Source("numbers", body: "select(type == \"number\")"),
        Source("strings", body: "select(type == \"string\")"),
        Source("arrays", body: "select(type == \"array\")"),
        Source("objects", body: "select(type == \"object\")"),
        Source("iterables", body: "select(type | . == \"array\" or . == \"object\")"),
        Source("scalars", body: "select(type | . != \"array\" and . != \"object\")"),
        Source("finites", body: "select(isinfinite or isnan | not)"),
        Source("normals", body: "select(isnormal)"),
        Source("recurse", body: ".."),
        Source("recurse", "f", body: "def down: ., (f | down); down"),
        Source("recurse", "f", "while", body: "def down: ., (f | select(while) | down); down"),
        Source("range", "$to", body: "range(0; $to)"),
        Source(
            "range", "$from", "$to", "$by",
            body: """
                if $by > 0 then $from | while(. < $to; . + $by)
                elif $by < 0 then $from | while(. > $to; . + $by)
                else empty end
                """),
        Source("while", "test", "next", body: "def round: if test then ., (next | round) else empty end; round"),
        Source("until", "done", "next", body: "def round: if done then . else next | round end; round"),
        Source("repeat", "f", body: "def round: f, round; round"),
        Source(
            "limit", "$count", "f",
            body: """
                if $count > 0 then label $enough | foreach f as $each (0; . + 1; $each, if . >= $count then break $enough else empty end)
                elif $count == 0 then empty
                else error("limit doesn't support negative count") end
                """),
        Source(
            "skip", "$count", "f",
            body: """
                if $count > 0 then foreach f as $each ($count; . - 1; if . < 0 then $each else empty end)
                elif $count == 0 then f
                else error("skip doesn't support negative count") end
                """),
        Source("first", body: ".[0]"),
        Source("last", body: ".[-1]"),
        Source("last", "f", body: "reduce f as $each ([]; [$each]) | .[]"),
        Source("nth", "$index", body: ".[$index]"),
        Source(
            "nth", "$index", "f",
            body: "if $index < 0 then error(\"nth doesn't support negative indices\") else first(skip($index; f)) end"),
        Source("isempty", "f", body: "first((f | false), true)"),
        Source("any", "test", body: "any(.[]; test)"),
        Source("any", "f", "test", body: "isempty(first(f | test | select(.))) | not"),
        Source("all", "test", body: "all(.[]; test)"),
        Source("all", "f", "test", body: "isempty(first(f | test | select(. | not)))"),
        Source("add", "f", body: "reduce f as $each (null; . + $each)"),
        Source("in", "object", body: ". as $key | object | has($key)"),
        Source("inside", "whole", body: ". as $part | whole | contains($part)"),
        Source("sort_by", "f", body: "_sort_by(map([f]))"),
        Source("group_by", "f", body: "_group_by(map([f]))"),
        Source("unique_by", "f", body: "_unique_by(map([f]))"),
        Source("min_by", "f", body: "_min_by(map([f]))"),
        Source("max_by", "f", body: "_max_by(map([f]))"),
        Source("with_entries", "f", body: "to_entries | map(f) | from_entries"),
        Source(
            "walk", "f",
            body: "def down: if type | . == \"object\" or . == \"array\" then map_values(down) else . end | f; down"),
        Source("paths", body: "path(..) | select(length > 0)"),
        Source("paths", "test", body: "path(.. | select(test)) | select(length > 0)"),
        Source("leaf_paths", body: "paths(scalars)"),
        Source("del", "f", body: "delpaths([path(f)])"),
        Source(
            "pick", "f",
            body: ". as $whole | reduce path(f) as $path (null; setpath($path; $whole | getpath($path)))"),
        Source(
            "tostream",
            body: """
                path(def down: (.[]? | down), .; down) as $path
                | getpath($path)
                | reduce path(.[]?) as $inner ([$path, .]; [$path + $inner])
                """),
        Source(
            "fromstream", "f",
            body: """
                {value: null, isWhole: false} as $start
                | foreach f as $event ($start;
                    if .isWhole then $start else . end
                    | if $event | length == 2
                      then .isWhole = ($event[0] | length == 0) | .value |= setpath($event[0]; $event[1])
                      else .isWhole = ($event[0] | length == 1) end;
                    if .isWhole then .value else empty end)
                """),
        Source(
            "truncate_stream", "f",
            body:
                ". as $depth | null | f | . as $event | if .[0] | length > $depth then .[0] |= .[$depth:] else empty end"
        ),
        Source(
            "combinations",
            body: "if length == 0 then [] else .[0][] as $head | (.[1:] | combinations) as $tail | [$head] + $tail end"),
        Source("combinations", "$count", body: ". as $each | [range($count)] | map($each) | combinations"),
        Source("match", "$pattern", body: "_arguments($pattern; null) as [$source, $flags] | _match($source; $flags)"),
        Source("match", "$pattern", "$flags", body: "_match($pattern; $flags)"),
        Source("test", "$pattern", body: "_arguments($pattern; null) as [$source, $flags] | _test($source; $flags)"),
        Source("test", "$pattern", "$flags", body: "_test($pattern; $flags)"),
        Source(
            "_arguments", "$pattern", "$flags",
            body:
                "if $pattern | type == \"array\" then [$pattern[0], ($pattern[1] // \"\") + ($flags // \"\")] else [$pattern, $flags] end"
        ),
        Source("capture", "$pattern", body: "match($pattern) | _captured"),
        Source("capture", "$pattern", "$flags", body: "match($pattern; $flags) | _captured"),
        Source(
            "_captured", body: "[.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries"),
        Source("scan", "$pattern", body: "scan($pattern; null)"),
        Source(
            "scan", "$pattern", "$flags",
            body: """
                _arguments($pattern; $flags) as [$source, $all] | _match($source; ($all // "") + "g")
                | if .captures | length == 0 then .string else [.captures[].string] end
                """),
        Source(
            "split", "$pattern", "$flags",
            body: "[_pieces($pattern; ($flags // \"\") + \"g\") | .[range(0; length; 2)]]"),
        Source("splits", "$pattern", body: "splits($pattern; null)"),
        Source("splits", "$pattern", "$flags", body: "split($pattern; $flags) | .[]"),
        Source("sub", "$pattern", "text", body: "sub($pattern; text; \"\")"),
        Source(
            "sub", "$pattern", "text", "$flags",
            body: """
                . as $whole | _pieces($pattern; $flags) as $pieces
                | reduce range(1; $pieces | length; 2) as $each ([];
                    [$pieces[$each] | text] as $texts
                    | reduce range($texts | length) as $place (.; .[$place] += $pieces[$each - 1] + $texts[$place]))
                | .[] + $pieces[-1] // $whole
                """),
        Source("gsub", "$pattern", "text", body: "sub($pattern; text; \"g\")"),
        Source("gsub", "$pattern", "text", "$flags", body: "sub($pattern; text; $flags + \"g\")"),
        Source("todate", body: "strftime(\"%Y-%m-%dT%H:%M:%SZ\")"),
        Source("fromdateiso8601", body: "strptime(\"%Y-%m-%dT%H:%M:%SZ\") | mktime"),
        Source("todateiso8601", body: "todate"),
        Source("fromdate", body: "fromdateiso8601"),
        Source("date", body: "todate"),
        Source("dateadd", "$unit", "$count", body: ". + $count"),
        Source("datesub", "$unit", "$count", body: ". - $count"),
        Source("IN", "source", body: "any(source == .; .)"),
        Source("IN", "left", "right", body: "any(left == right; .)"),
        Source("INDEX", "key", body: "INDEX(.[]; key)"),
        Source("INDEX", "f", "key", body: "reduce f as $row ({}; .[$row | key | tostring] = $row)"),
        Source("JOIN", "$index", "key", body: "[.[] | [., $index[key]]]"),
        Source("JOIN", "$index", "f", "key", body: "f | [., $index[key]]"),
        Source("JOIN", "$index", "f", "key", "join", body: "f | [., $index[key]] | join"),
    ]

    /// The functions, compiled once; a call names a function by its index here.
    static let functions: [Function] = sources.map { source in
        do {
            var lexer = Lexer(source.body)
            var parser = Parser(tokens: try lexer.tokens(), variables: [])
            return try parser.function(parameters: source.parameters)
        } catch {
            preconditionFailure("\(source.name) does not compile: \(error)")
        }
    }

    static let places = Dictionary(
        uniqueKeysWithValues: sources.enumerated().map { ("\($1.name)/\($1.parameters.count)", $0) })

    /// The index of `select(f)`.
    static let select = places["select/1"]
    /// The functions with a condition among their arguments: by their index, which argument it is.
    static let conditions: [Int: Int] = [
        "select/1": 0, "any/1": 0, "any/2": 1, "all/1": 0, "all/2": 1, "while/2": 0, "until/2": 0,
    ].reduce(into: [:]) { conditions, function in
        if let place = places[function.key] { conditions[place] = function.value }
    }
}
