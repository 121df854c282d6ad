import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFEngine

/// What a workflow has to do with the world: events, calls, schemas, and the caps of what would grow without end.
extension LanguageTests {
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
                "input: { schema: { document: { type: object } } }\ndo: [ { a: { set: '${ 1 }' } } ]",
                "the input must be object"
            ),
            (
                "do: [ { a: { set: { n: x }, output: { schema: { document: { properties: { n: { type: number } } } } } } } ]",
                "the output at /n must be number"
            ),
            (
                "do: [ { a: { set: '${ 1 }', export: { as: ., schema: { document: { minimum: 2 } } } } } ]",
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
        let chain = (0..<70).map { "f\($0): { call: f\($0 + 1) }" }.joined(separator: ", ")
        for (text, reason) in [
            ("do: [ { a: { set: '${ 1 }', then: a } } ]", "10000 steps in a row without waiting for anything"),
            (
                "do: [ { a: { set: '${ [., .] }' } }, { b: { if: true, set: '${ [., .] }', then: a } } ]",
                "4 MiB"
            ),
            (
                "use: { functions: { \(chain), f70: { set: { a: 1 } } } }\ndo: [ { a: { call: f0 } } ]",
                "nested deeper"
            ),
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

    @Test(.onItsOwnThread) func `who waits or is answered goes round for longer than who does not`() throws {
        func rounds(_ wait: String) throws -> SimulationResult {
            try inside(
                """
                  - begin: { set: { n: 0 } }
                  - pause: { wait: \(wait) }
                  - count: { set: { n: '${ .n + 1 }' } }
                  - more: { switch: [ { yes: { when: .n < 4000, then: pause } }, { no: { then: end } } ] }
                """)
        }
        #expect(try rounds("PT1H").status == .completed)
        #expect(try rounds("PT0S").error?.detail?.contains("in a row") == true)
    }

    /// Runs steps in a workflow that another one starts: the trace does not have them, whose length has a limit too.
    private func inside(_ steps: String, library: [String] = []) throws -> SimulationResult {
        try Workflows.run(
            "do: [ { r: { run: { workflow: { namespace: default, name: inner, version: '1.0.0' } } } } ]",
            library: [
                "document: { dsl: '1.0.3', namespace: default, name: inner, version: '1.0.0' }\ndo:\n\(steps)\n"
            ] + library)
    }

    @Test(
        .onItsOwnThread,
        arguments: [
            "  - a: { for: { each: i, in: '${ [range(5001)] }' }, do: [ { b: { set: '${ $i }' } } ] }",
            "  - a: { for: { in: '${ [range(80)] }' }, do: [ { b: { for: { in: '${ [range(80)] }' }, do: [ { c: { set: '${ 1 }' } } ] } } ] }",
        ])
    func `a "for" over a long list is not taken for one that goes round`(steps: String) throws {
        let result = try inside(steps)
        #expect(result.status == .completed, "\(result.error?.detail ?? "")")
    }

    @Test(
        .onItsOwnThread,
        arguments: [
            "  - a: { for: { in: '${ [1, 2] }' }, do: [ { b: { set: '${ 1 }', then: b } } ] }",
            "  - a: { for: { in: '${ [1, 2] }' }, do: [ { b: { set: '${ 1 }' } } ] }\n  - again: { set: '${ 1 }', then: a }",
            "  - a: { for: { in: '${ [] }' }, do: [ { b: { set: '${ 1 }' } } ] }\n  - again: { set: '${ 1 }', then: a }",
        ])
    func `what goes round in a "for", or around one, is stopped`(steps: String) throws {
        let result = try inside(steps)
        #expect(result.status == .faulted)
        #expect(result.error?.detail?.contains("10000 steps in a row") == true, "\(result.error?.detail ?? "")")
    }

    @Test(.onItsOwnThread) func `workflows that a workflow starts are no answers from outside`() throws {
        let steps = (1...14).map { "  - s\($0): { set: '${ 1 }'\($0 == 14 ? ", then: r" : "") }" }
        let result = try inside(
            (["  - r: { run: { workflow: { namespace: default, name: leaf, version: '1.0.0' } } }"] + steps).joined(
                separator: "\n"),
            library: [
                "document: { dsl: '1.0.3', namespace: default, name: leaf, version: '1.0.0' }\ndo: [ { s: { set: '${ 1 }' } } ]\n"
            ])
        #expect(result.error?.detail?.contains("10000 steps in a row") == true, "\(result.error?.detail ?? "")")
    }

    @Test(.onItsOwnThread) func `a dry run that goes round in virtual time is stopped, and says why`() throws {
        let shown = try Workflows.run("do: [ { w: { wait: PT1H } }, { again: { set: '${ 1 }', then: w } } ]")
        #expect(shown.status == .faulted)
        #expect(shown.error?.title == "The dry run was stopped")
        #expect(shown.error?.detail?.contains("more than 20000 entries") == true, "\(shown.error?.detail ?? "")")
        #expect(shown.error?.instance == "/do/0/w")
        #expect(shown.trace.count < 21_000)
        let hidden = try inside("  - w: { wait: PT1H }\n  - again: { set: '${ 1 }', then: w }")
        #expect(hidden.status == .faulted)
        #expect(hidden.error?.title == "The dry run was stopped")
        #expect(hidden.error?.detail?.contains("more than 20000 steps") == true, "\(hidden.error?.detail ?? "")")
        #expect(hidden.error?.instance == "/do/0/r")
        let long = try inside("  - a: { for: { in: '${ [range(12000)] }' }, do: [ { b: { set: '${ 1 }' } } ] }")
        #expect(long.error?.detail?.contains("it has a list too long for one, or it goes round") == true)
    }

    @Test(.onItsOwnThread) func `a dry run in which ever more events are heard again is stopped`() throws {
        let result = try inside(
            """
              - e: { emit: { event: { with: { type: x } } } }
              - l: { listen: { to: { one: { with: { type: x } } } }, then: e }
            """)
        #expect(result.error?.title == "The dry run was stopped")
    }
}
