import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFEngine

/// What each task of the language does, by whole runs in virtual time; the rules are the profile's table.
@Suite struct LanguageTests {
    private func output(_ text: String, script: String = "", input: JSON? = nil) throws -> String {
        let result = try Workflows.run(text, script: script, input: input)
        #expect(result.status == .completed, "\(result.json.text)")
        return result.output.text
    }

    // MARK: Flow

    @Test func `a skipped task outputs its raw input and its own then does not apply`() throws {
        let text = """
            do:
              - a: { set: { n: 1 } }
              - b: { if: .n > 1, set: { n: 5 }, then: end }
              - c: { set: { n: '${ .n + 1 }' } }
            """
        #expect(try output(text) == #"{"n":2}"#)
    }

    @Test func `exit ends a list and end the workflow, a name leads anywhere in the list`() throws {
        let text = """
            do:
              - a: { do: [ { b: { set: 1, then: exit } }, { c: { set: 2 } } ], then: e }
              - d: { set: 3 }
              - e: { do: [ { f: { set: '${ [.] }', then: end } } ] }
              - g: { set: 4 }
            """
        #expect(try output(text) == "[1]")
    }

    @Test func `a switch takes the first true case, else the one without when, else goes on`() throws {
        func text(_ last: String) -> String {
            """
            do:
              - s: { switch: [ { one: { when: . == 1, then: x } }, { two: { when: . < 3, then: y } }\(last) ] }
              - w: { set: none, then: end }
              - x: { set: x, then: end }
              - y: { set: y, then: end }
              - z: { set: z }
            """
        }
        #expect(try output(text(""), input: 1) == "\"x\"")
        #expect(try output(text(""), input: 2) == "\"y\"")
        #expect(try output(text(""), input: 9) == "\"none\"")
        #expect(try output(text(", { other: { then: z } }"), input: 9) == "\"z\"")
    }

    @Test func `a loop gives each round the output of the one before, and while ends it`() throws {
        let text = """
            do:
              - f:
                  for: { each: x, at: i, in: .list }
                  while: (.sum // 0) < 5
                  do: [ { add: { set: { sum: '${ (.sum // 0) + $x }', last: '${ $i }' } } } ]
            """
        #expect(try output(text, input: ["list": [1, 2, 3, 4]]) == #"{"sum":6,"last":2}"#)
        #expect(try output(text, input: ["list": []]) == #"{"list":[]}"#)
    }

    // MARK: Forks

    @Test func `a fork outputs its branches in their order, whenever each ends`() throws {
        let text = """
            do:
              - f: { fork: { branches: [ { slow: { wait: PT2H } }, { quick: { set: 2 } }, { later: { do: [ { w: { wait: PT1H } }, { s: { set: 3 } } ] } } ] } }
            """
        let result = try Workflows.run(text, input: 1)
        #expect(result.output.text == "[1,2,3]")
        #expect(result.elapsedText == "PT2H")
    }

    @Test func `the first failure of a fork cancels the siblings`() throws {
        let text = """
            do:
              - f: { fork: { branches: [ { human: { call: ask } }, { bad: { do: [ { w: { wait: PT1H } }, { r: { raise: { error: { type: 'https://x', status: 418, title: no } } } } ] } } ] } }
            """
        let result = try Workflows.run(text)
        #expect(result.status == .faulted)
        #expect(result.error?.status == 418)
        #expect(result.error?.instance == "/do/0/f/fork/branches/1/bad/do/1/r")
        #expect(result.steps.contains("cancelled human"))
    }

    @Test func `in a race the first success wins, failures only count when all fail`() throws {
        let race = """
            do:
              - f:
                  fork:
                    compete: true
                    branches:
                      - bad: { raise: { error: { type: 'https://x', status: 500 } } }
                      - slow: { do: [ { w: { wait: PT2H } }, { s: { set: slow } } ] }
                      - quick: { do: [ { w: { wait: PT1H } }, { s: { set: quick } } ] }
            """
        let result = try Workflows.run(race)
        #expect(result.output == "quick")
        #expect(result.steps.contains("cancelled slow"))
        let lost = """
            do:
              - f: { fork: { compete: true, branches: [ { a: { raise: { error: { type: 'https://x', status: 501 } } } }, { b: { do: [ { w: { wait: PT1H } }, { r: { raise: { error: { type: 'https://x', status: 502 } } } } ] } } ] } }
            """
        #expect(try Workflows.run(lost).error?.status == 502)
    }

    @Test func `a branch in the background is not waited for, and ends with the others`() throws {
        let text = """
            do:
              - f:
                  fork:
                    branches:
                      - work: { call: resolve }
                      - escalate:
                          metadata: { background: true }
                          do: [ { w: { wait: PT4H } }, { u: { call: ticket-update, with: { priority: urgent } } }, { forever: { wait: P9D } } ]
              - after: { set: { by: '${ .[0].by }', priority: '${ $ticket.priority }' } }
            """
        func result(_ after: String) throws -> SimulationResult {
            try Workflows.run(
                text, script: "tasks: { resolve: [ { after: \(after), by: bob, output: { outcome: done } } ] }")
        }
        #expect(try result("PT1H").output.text == #"{"by":"bob","priority":"normal"}"#)
        let late = try result("PT5H")
        #expect(late.output.text == #"{"by":"bob","priority":"urgent"}"#)
        #expect(late.elapsedText == "PT5H")
        #expect(late.steps.contains("cancelled forever"))
    }

    // MARK: Errors

    private static func failing(_ policy: String, after: String = "") -> String {
        """
        do:
          - t:
              try: [ { c: { call: http, with: { method: get, endpoint: 'https://x.example' } } } ]
              catch: { \(policy) }
          - last: { set: { was: '${ . }' } }
        """
    }

    @Test(arguments: [
        ("backoff: { constant: {} }", "PT30S"), ("backoff: { linear: {} }", "PT1M"),
        ("backoff: { exponential: {} }", "PT1M10S"),
    ])
    func `retries wait as their backoff says`(_ backoff: String, _ elapsed: String) throws {
        let text = Self.failing("retry: { delay: PT10S, \(backoff), limit: { attempt: { count: 3 } } }, then: continue")
        let result = try Workflows.run(text, script: "http: [ { respond: { status: 503 } } ]", input: 7)
        #expect(result.elapsedText == elapsed)
        #expect(result.trace.count { $0.event == "retried" } == 3)
        // An error that is swallowed leaves the input of the try.
        #expect(result.output.text == #"{"was":7}"#)
    }

    @Test func `jitter lies within its bounds and is the same each time`() throws {
        let text = Self.failing(
            "retry: { delay: PT10S, jitter: { from: PT1S, to: PT5S }, limit: { attempt: { count: 1 } } }")
        let first = try Workflows.run(text)
        #expect((11_000...15_000).contains(first.elapsed))
        #expect(try Workflows.run(text).elapsed == first.elapsed)
    }

    @Test func `a try that succeeds later goes on with its output, and conditions decide about retries`() throws {
        let script = "http: [ { respond: { status: 503 }, times: 2 }, { respond: { body: { ok: 1 } } } ]"
        let text = Self.failing("retry: { when: $error.status == 503, delay: PT1S, limit: { attempt: { count: 5 } } }")
        #expect(try Workflows.run(text, script: script).output.text == #"{"was":{"ok":1}}"#)
        let never = Self.failing(
            "retry: { exceptWhen: $error.status == 503, delay: PT1S }, do: [ { s: { set: '${ $error.status }' } } ]")
        #expect(try Workflows.run(never, script: script).output.text == #"{"was":503}"#)
        let duration = Self.failing("retry: { delay: PT10S, limit: { duration: PT25S } }")
        #expect(try Workflows.run(duration, script: "").trace.count { $0.event == "retried" } == 2)
    }

    @Test(arguments: [
        ("errors: { with: { status: 503 } }", true), ("errors: { with: { status: 404 } }", false),
        ("errors: { with: { type: 'https://serverlessworkflow.io/dsl/errors/types/communication' } }", true),
        ("errors: { with: { type: 'https://x/communication' } }", false), ("when: $error.status > 500", true),
        ("when: $error.status > 600", false), ("exceptWhen: $error.status > 500", false),
        ("errors: { with: { instance: /do/0/t/try/0/c } }", true),
    ])
    func `a catch takes the errors that fit`(_ filter: String, _ isCaught: Bool) throws {
        let result = try Workflows.run(Self.failing(filter))
        #expect((result.status == .completed) == isCaught, "\(result.json.text)")
    }

    @Test(arguments: [
        ("when: '${ .status == 503 }'", true), ("when: '${ .status == 400 }'", false),
        ("exceptWhen: .status == 503", false),
        ("exceptWhen: .title == \"other\"", true), ("when: $error.status == 503 and $input.n == 1", true),
        ("as: e, when: $e.status == .status", true),
        ("retry: { when: .status == 503, limit: { attempt: { count: 1 } } }", true),
    ])
    func `the conditions of a catch read the error`(_ condition: String, _ isCaught: Bool) throws {
        let text = """
            do:
              - n: { set: { n: 1 } }
              - a:
                  try: [ { b: { raise: { error: { type: 'https://x', status: 503, title: busy } } } } ]
                  catch: { \(condition), do: [ { c: { set: caught } } ] }
            """
        let result = try Workflows.run(text)
        #expect(result.status == (isCaught ? .completed : .faulted), "\(result.json.text)")
    }

    @Test func `a catch binds the error, runs with the input of the try, and leads where its then says`() throws {
        let text = """
            do:
              - t:
                  input: { from: .n }
                  try: [ { r: { raise: { error: boom } } } ]
                  catch: { as: e, do: [ { s: { set: { was: '${ . }', why: '${ $e.title }', at: '${ $e.instance }' } } } ], then: last }
              - no: { set: 0, then: end }
              - last: { set: '${ [.] }' }
            use: { errors: { boom: { type: 'https://x', status: 500, title: '${ "boom " + (. | tostring) }' } } }
            """
        #expect(
            try output(text, input: ["n": 3]) == #"[{"was":3,"why":"boom 3","at":"/do/0/t/try/0/r"}]"#)
    }

    @Test func `an error inside a handler goes to the try around it`() throws {
        let text = """
            do:
              - outer:
                  try:
                    - inner:
                        try: [ { a: { raise: { error: { type: 'https://a', status: 1 } } } } ]
                        catch: { do: [ { b: { raise: { error: { type: 'https://b', status: 2 } } } } ] }
                  catch: { do: [ { s: { set: '${ $error.status }' } } ] }
            """
        #expect(try output(text) == "2")
    }

    // MARK: Time

    @Test func `a task that takes too long is withdrawn, and its timeout can be caught`() throws {
        let text = """
            do:
              - t:
                  try: [ { ask: { call: approve, timeout: { after: PT8H } } } ]
                  catch:
                    errors: { with: { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout', status: 408 } }
                    do: [ { boss: { call: decide } } ]
            """
        let result = try Workflows.run(
            text,
            script:
                "tasks: { approve: [ { after: PT9H, output: {} } ], decide: [ { after: PT1H, by: eve, output: { outcome: yes } } ] }"
        )
        #expect(result.status == .completed)
        #expect(result.elapsedText == "PT9H")
        #expect(result.output["by"] == "eve")
        #expect(try Workflows.run("do: [ { a: { call: x, timeout: { after: PT1M } } } ]").error?.status == 408)
    }

    @Test func `a list, a fork, a try and the workflow have timeouts too`() throws {
        for (text, instance) in [
            ("do: [ { a: { timeout: { after: PT1M }, do: [ { w: { wait: PT1H } } ] } } ]", "/do/0/a"),
            (
                "do: [ { a: { timeout: { after: PT1M }, fork: { branches: [ { w: { wait: PT1H } }, { c: { call: x } } ] } } } ]",
                "/do/0/a"
            ),
            (
                "do: [ { a: { timeout: short, for: { in: '[1,2]' }, do: [ { w: { wait: PT50S } } ] } } ]\nuse: { timeouts: { short: { after: PT1M } } }",
                "/do/0/a"
            ),
            ("timeout: { after: PT1M }\ndo: [ { w: { wait: PT1H } } ]", "/"),
            ("do: [ { a: { timeout: { after: PT1M }, listen: { to: { any: [] } } } } ]", "/do/0/a"),
        ] {
            let result = try Workflows.run(text)
            #expect(result.error?.status == 408, "\(text)")
            #expect(result.error?.instance == instance, "\(text)")
            #expect(result.elapsedText == "PT1M")
        }
    }

    @Test func `one try may take its time and no more`() throws {
        let text = """
            do:
              - t:
                  try: [ { w: { wait: PT1H } } ]
                  catch: { retry: { limit: { attempt: { count: 2, duration: PT1M } } }, do: [ { s: { set: '${ $error.status }' } } ] }
            """
        let result = try Workflows.run(text)
        #expect(result.output == 408)
        #expect(result.elapsedText == "PT3M")
    }

    // MARK: Events

    private static let paid = "{ type: paid, data: { id: 1 } }"

    @Test func `an emitted event is whole, and a listener that comes later has it once`() throws {
        let text = """
            do:
              - e: { emit: { event: { with: { type: paid, data: { id: '${ 1 + 1 }' } } } } }
              - l: { listen: { to: { one: { with: { type: paid } } } } }
              - m: { listen: { to: { one: { with: { type: paid } } } } }
            """
        let result = try Workflows.run(text)
        #expect(result.emitted.count == 1)
        #expect(result.emitted[0]["specversion"] == "1.0")
        #expect(result.output.text == #"[{"id":2}]"#)
        let again =
            "do:\n  - f: { for: { in: '[1,2]' }, do: [ { l: { listen: { to: { one: { with: { type: paid } } } } } } ] }"
        #expect(try Workflows.run(again, script: "events: [ { event: \(Self.paid) } ]").status == .waiting)
        #expect(
            try Workflows.run(again, script: "events: [ { event: \(Self.paid) }, { event: \(Self.paid) } ]").status
                == .completed)
    }

    @Test func `a correlation ties events to the instance's data, or to the first of them`() throws {
        let expected = """
            do:
              - l: { listen: { to: { one: { with: { type: paid }, correlate: { order: { from: .data.id, expect: '${ .order }' } } } } } }
            """
        let script =
            "events: [ { event: { type: paid, data: { id: 1 } } }, { after: PT1M, event: { type: paid, data: { id: 2 } } } ]"
        #expect(try Workflows.run(expected, script: script, input: ["order": 2]).elapsedText == "PT1M")
        let first = """
            do:
              - l: { listen: { to: { all: [ { with: { type: a }, correlate: { room: { from: .room } } }, { with: { type: b }, correlate: { room: { from: .room } } } ] } } }
            """
        let rooms =
            "events: [ { event: { type: a, room: 1, data: a1 } }, { event: { type: b, room: 2, data: b2 } }, { event: { type: b, room: 1, data: b1 } } ]"
        #expect(try Workflows.run(first, script: rooms).output.text == #"["a1","b1"]"#)
    }

    @Test func `foreach runs for each event until the condition holds`() throws {
        let text = """
            do:
              - l:
                  listen: { to: { any: [ { with: { type: n } } ], until: '(. | length) == 3' } }
                  foreach: { item: e, at: i, do: [ { w: { wait: PT1M } }, { s: { set: '${ [$i, $e] }' } } ], output: { as: '{got: .}' }, export: { as: '($context // 0) + 1' } }
              - s: { set: '${ [., $context] }' }
            """
        let result = try Workflows.run(
            text,
            script:
                "events: [ { event: { type: n, data: 5 } }, { event: { type: n, data: 6 } }, { event: { type: n, data: 7 } }, { event: { type: n, data: 8 } } ]"
        )
        #expect(result.output.text == #"[[{"got":[0,5]},{"got":[1,6]},{"got":[2,7]}],3]"#)
        #expect(result.elapsedText == "PT3M")
    }

    // MARK: Calls

    @Test func `a request is made of its parts, and its answer comes as asked`() throws {
        let text = """
            use: { secrets: [ key ], authentications: { mine: { bearer: { token: '${ $secrets.key }' } } } }
            do:
              - c:
                  call: http
                  with:
                    method: post
                    endpoint: { uri: 'https://x.example/{a}/b', authentication: { use: mine } }
                    headers: { X-One: '${ .one }' }
                    query: { q: '${ .list }', none: null }
                    body: { n: '${ .one }' }
                    output: response
            """
        let result = try Workflows.run(
            text,
            script: """
                secrets: { key: s3cret }
                http: [ { match: { method: POST, url: 'https://x.example/a%20b/b?q=1&q=2' }, respond: { status: 201, headers: { Content-Type: text/plain }, body: hello } } ]
                """, input: ["a": "a b", "one": 1, "list": [1, 2]])
        #expect(result.output["statusCode"] == 201)
        #expect(result.output["content"] == "hello")
        #expect(result.output["request"]["headers"]["x-one"] == "1")
        #expect(!result.json.text.contains("s3cret"))
    }

    @Test func `an answer that is no JSON, and a redirect that is not wanted, are errors`() throws {
        func run(_ respond: String, _ more: String = "") throws -> SimulationResult {
            try Workflows.run(
                "do: [ { c: { call: http, with: { method: get, endpoint: 'https://x.example'\(more) } } } ]",
                script:
                    "http: [ { match: { url: 'https://x.example' }, respond: \(respond) }, { match: { url: 'https://y.example' }, respond: { body: { y: 1 } } } ]"
            )
        }
        #expect(try run("{ headers: { content-type: application/json }, body: 'no json' }").error?.status == 502)
        let redirect = "{ status: 302, headers: { location: 'https://y.example' } }"
        #expect(try run(redirect).error?.status == 302)
        #expect(try run(redirect, ", redirect: true").output.text == #"{"y":1}"#)
        #expect(try run("{ status: 500, body: oh }").error?.detail == "oh")
    }

    @Test func `an operation of an OpenAPI 3 document is found and called`() throws {
        let text = """
            do:
              - c: { call: openapi, with: { document: { endpoint: 'https://x.example/api.yaml' }, operationId: change, parameters: { id: 7, X-Trace: t, name: New, kind: big } } }
            """
        let script = """
            http:
              - match: { url: 'https://x.example/api.yaml' }
                respond:
                  body: |
                    openapi: 3.1.0
                    servers: [ { url: '/v1/{stage}', variables: { stage: { default: live } } } ]
                    paths:
                      /things/{id}:
                        parameters: [ { name: id, in: path, required: true } ]
                        put:
                          operationId: change
                          parameters: [ { $ref: '#/components/parameters/trace' }, { name: kind, in: query } ]
                          requestBody: { content: { application/json: {} } }
                    components: { parameters: { trace: { name: X-Trace, in: header } } }
              - { match: { method: PUT, url: 'https://x.example/v1/live/things/7?kind=big' }, respond: { body: { done: true } } }
            """
        #expect(try output(text, script: script) == #"{"done":true}"#)
        let missing = try Workflows.run(text.replacing("id: 7, ", with: ""), script: script)
        #expect(missing.error?.detail == "the operation needs \"id\"")
        let unknown = try Workflows.run(
            text.replacing("operationId: change", with: "operationId: chnge"), script: script)
        #expect(unknown.error?.detail?.contains("did you mean \"change\"?") == true)
    }

    @Test func `a function is a task with its arguments as input`() throws {
        let text = """
            use: { functions: { double: { input: { schema: { document: { required: [ n ] } } }, set: { n: '${ .n * 2 }' } } } }
            do:
              - a: { call: double, with: { n: '${ .x }' } }
              - b: { call: double, with: { n: '${ .n }' } }
            """
        #expect(try output(text, input: ["x": 3]) == #"{"n":12}"#)
    }

    @Test func `a workflow inside another gives its output, or its error`() throws {
        let text =
            "do: [ { r: { run: { workflow: { namespace: default, name: inner, version: '1.0.0', input: { n: '${ .n }' } } } } } ]"
        func inner(_ steps: String) -> String {
            "document: { dsl: '1.0.3', namespace: default, name: inner, version: '1.0.0' }\ndo: [ \(steps) ]\n"
        }
        let good = try Workflows.run(
            text, input: ["n": 1], library: [inner("{ w: { wait: PT1H } }, { s: { set: '${ .n + 1 }' } }")])
        #expect(good.output == 2)
        #expect(good.elapsedText == "PT1H")
        let bad = try Workflows.run(
            text, library: [inner("{ r: { raise: { error: { type: 'https://x', status: 7 } } } }")])
        #expect(bad.error?.status == 7)
        #expect(bad.error?.instance == "/do/0/r")
        #expect(try Workflows.run(text).error?.detail?.contains("no workflow \"inner:1.0.0\"") == true)
        let free = text.replacing("run: {", with: "run: { await: false,")
        #expect(
            try Workflows.run(free, input: ["n": 5], library: [inner("{ w: { wait: P1D } }")]).output.text
                == #"{"n":5}"#)
    }

    @Test func `schemas of input, output and context are asked`() throws {
        for (text, what) in [
            (
                "input: { schema: { document: { type: object } } }\ndo: [ { a: { set: 1 } } ]",
                "the input must be object"
            ),
            (
                "do: [ { a: { set: { n: x }, output: { schema: { document: { properties: { n: { type: number } } } } } } } ]",
                "the output at /n must be number"
            ),
            (
                "do: [ { a: { set: 1, export: { as: ., schema: { document: { minimum: 2 } } } } } ]",
                "the context must be greater than"
            ),
        ] {
            let error = try Workflows.run(text, input: 5).error
            #expect(error?.type.hasSuffix("errors/validation") == true)
            #expect(error?.detail?.hasPrefix(what) == true, "\(error?.detail ?? "")")
        }
    }

    @Test func `duration_until counts from the start of the task`() throws {
        let text = "do: [ { w: { wait: '${ duration_until(.at) }' } }, { s: { set: '${ duration_until(.at) }' } } ]"
        let result = try Workflows.run(
            text, script: "now: 2026-01-05T09:00:00Z", input: ["at": "2026-01-06T10:30:00Z"])
        #expect(result.elapsedText == "PT25H30M")
        #expect(result.output == "PT0S")
    }

    // MARK: Caps

    @Test(.onItsOwnThread) func `what grows without end is stopped, each by its cap`() throws {
        for (text, reason) in [
            ("do: [ { a: { set: 1, then: a } } ]", "100000 steps"),
            (
                "do: [ { a: { set: '${ [., .] }' } }, { b: { if: true, set: '${ [., .] }', then: a } } ]",
                "4 MiB"
            ),
            ("use: { functions: { f: { call: f } } }\ndo: [ { a: { call: f } } ]", "nested deeper"),
            (
                "do: [ { a: { for: { in: '[range(2000)]' }, do: [ { r: { run: { await: false, workflow: { namespace: default, name: x, version: latest } } } } ] } } ]",
                "1000 workflows"
            ),
        ] {
            let result = try Workflows.run(text)
            #expect(result.status == .faulted)
            #expect(result.error?.detail?.contains(reason) == true, "\(result.error?.detail ?? "")")
        }
    }
}
