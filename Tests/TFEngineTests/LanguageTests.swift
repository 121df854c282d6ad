import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFEngine

/// What each task of the language does, by whole runs in virtual time; the rules are the profile's table.
@Suite struct LanguageTests {
    func output(_ text: String, script: String = "", input: JSON? = nil) throws -> String {
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
              - a: { do: [ { b: { set: '${ 1 }', then: exit } }, { c: { set: '${ 2 }' } } ], then: e }
              - d: { set: '${ 3 }' }
              - e: { do: [ { f: { set: '${ [.] }', then: end } } ] }
              - g: { set: '${ 4 }' }
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
              - f: { fork: { branches: [ { slow: { wait: PT2H } }, { quick: { set: '${ 2 }' } }, { later: { do: [ { w: { wait: PT1H } }, { s: { set: '${ 3 }' } } ] } } ] } }
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
              - no: { set: '${ 0 }', then: end }
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
}
