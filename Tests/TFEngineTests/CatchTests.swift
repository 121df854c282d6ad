import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// What a `catch` makes of an error once no more tries are left.
@Suite struct CatchTests {
    private static let error =
        "{ type: 'https://open-workflow-specification.org/spec/1.0.0/errors/communication', status: 503 }"
    private static let retry = "retry: { delay: PT1S, limit: { attempt: { count: 3 } } }"

    enum Ending: Sendable { case passedOn, swallowed, handled }

    private static func text(_ handler: String, use: String = "") -> String {
        """
        \(use)
        do:
          - pay:
              try: [ { order: { raise: { error: \(error) } } } ]
              catch: \(handler)
          - paid: { set: paid }
        """
    }

    @Test(arguments: [
        ("{}", Ending.swallowed, 0),
        ("{ \(retry) }", .passedOn, 3),
        ("{ as: e, \(retry) }", .passedOn, 3),
        ("{ errors: { with: { status: 503 } }, \(retry) }", .passedOn, 3),
        ("{ errors: { with: { status: 404 } }, \(retry) }", .passedOn, 0),
        ("{ when: $error.status == 503, \(retry) }", .passedOn, 3),
        ("{ when: $error.status == 404, \(retry) }", .passedOn, 0),
        ("{ exceptWhen: $error.status == 503, \(retry) }", .passedOn, 0),
        ("{ exceptWhen: $error.status == 404, \(retry) }", .passedOn, 3),
        ("{ retry: { when: $error.status == 404 } }", .passedOn, 0),
        ("{ retry: { exceptWhen: $error.status == 503 } }", .passedOn, 0),
        ("{ retry: { limit: { attempt: { count: 0 } } } }", .passedOn, 0),
        ("{ retry: { delay: PT9S, limit: { duration: PT5S } } }", .passedOn, 0),
        ("{ errors: { with: { status: 503 } } }", .swallowed, 0),
        ("{ errors: { with: { status: 404 } } }", .passedOn, 0),
        ("{ as: e, when: $e.status == 503 }", .swallowed, 0),
        ("{ when: $error.status == 404 }", .passedOn, 0),
        ("{ exceptWhen: $error.status == 503 }", .passedOn, 0),
        ("{ then: continue }", .swallowed, 0),
        ("{ \(retry), then: continue }", .swallowed, 3),
        ("{ errors: { with: { status: 503 } }, then: continue }", .swallowed, 0),
        ("{ errors: { with: { status: 404 } }, then: continue }", .passedOn, 0),
        ("{ do: [ { mend: { set: mended } } ], then: end }", .handled, 0),
        ("{ \(retry), do: [ { mend: { set: mended } } ], then: end }", .handled, 3),
        ("{ errors: { with: { status: 404 } }, do: [ { mend: { set: mended } } ], then: end }", .passedOn, 0),
    ])
    func `an error that is caught is handled, swallowed or passed on`(
        _ handler: String, _ ending: Ending, _ retries: Int
    ) throws {
        let result = try Workflows.run(Self.text(handler))
        #expect(result.steps.count { $0 == "retried pay" } == retries)
        switch ending {
        case .passedOn:
            #expect(result.status == .faulted)
            #expect(result.error?.status == 503)
            #expect(result.error?.instance == "/do/0/pay/try/0/order")
        case .swallowed: #expect(result.output == "paid")
        case .handled: #expect(result.output == "mended")
        }
    }

    @Test func `a retry by name passes the last error on as its own text does`() throws {
        let use = "use: { retries: { thrice: { delay: PT1S, limit: { attempt: { count: 3 } } } } }"
        let result = try Workflows.run(Self.text("{ retry: thrice }", use: use))
        #expect(result.status == .faulted)
        #expect(result.steps.count { $0 == "retried pay" } == 3)
    }

    @Test func `an outer try catches what an inner one passes on, with the inner tries spent`() throws {
        let result = try Workflows.run(
            """
            do:
              - outer:
                  try:
                    - inner:
                        try: [ { order: { raise: { error: \(Self.error) } } } ]
                        catch: { \(Self.retry) }
                  catch:
                    as: e
                    retry: { delay: PT1S, limit: { attempt: { count: 1 } } }
                    do: [ { told: { set: { status: '${ $e.status }' } } } ]
            """)
        #expect(result.output == ["status": 503])
        #expect(result.steps.count { $0 == "retried inner" } == 6)
        #expect(result.steps.count { $0 == "retried outer" } == 1)
    }

    @Test func `the last error goes on, and what waits is given up`() throws {
        let result = try Workflows.run(
            """
            do:
              - pay:
                  try: [ { f: { fork: { branches: [ { a: { call: slow } }, { b: { call: http, with: { method: get, endpoint: 'https://x' } } } ] } } } ]
                  catch: { \(Self.retry) }
            """,
            script: """
                http:
                  - { times: 2, respond: { status: 500 } }
                  - { respond: { status: 503 } }
                """)
        #expect(result.status == .faulted)
        #expect(result.error?.status == 503)
    }

    @Test func `a failed step that was passed on can be tried again by a ticket admin`() throws {
        let program = try Workflows.program(Self.text("{ retry: { limit: { attempt: { count: 0 } } } }"))
        func surroundings(_ now: Int64) -> Surroundings {
            Surroundings(instance: "1", ticket: Workflows.ticket, now: now)
        }
        let faulted = try #require(Engine.advance(program, nil, .start(input: .null), surroundings(1)))
        #expect(faulted.state.stopped?.reference == "/do/0/pay/try/0/order")
        let skipped = try #require(Engine.advance(program, faulted.state, .skip(output: "by hand"), surroundings(2)))
        #expect(skipped.state.output == "paid")
    }
}
