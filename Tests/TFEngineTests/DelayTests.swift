import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// Delays, deadlines and schedules of any length: they are capped, and nothing traps.
@Suite struct DelayTests {
    /// A list that always fails, tried again by a policy.
    private static func failing(_ retry: String) -> String {
        """
        do:
          - t:
              try: [ { no: { raise: { error: { type: 'https://x/errors/no', status: 500 } } } } ]
              catch: { retry: \(retry), do: [ { gaveUp: { set: gaveUp } } ] }
        """
    }

    @Test(arguments: [
        "{ backoff: { exponential: {} }, limit: { attempt: { count: 70 } } }",
        "{ delay: PT0S, backoff: { exponential: {} }, limit: { attempt: { count: 70 } } }",
        "{ delay: PT0S, backoff: { linear: {} }, limit: { attempt: { count: 70 } } }",
        "{ delay: { milliseconds: 0 }, backoff: { exponential: {} }, jitter: { from: PT0S, to: PT0S }, limit: { attempt: { count: 70 } } }",
    ])
    func `nothing doubled any number of times is nothing`(_ retry: String) throws {
        let result = try Workflows.run(Self.failing(retry))
        #expect(result.status == .completed)
        #expect(result.output == "gaveUp")
        #expect(result.elapsed == 0)
        #expect(result.steps.count { $0 == "retried t" } == 70)
    }

    @Test func `a delay that grows without end stops at a hundred years, and the calendar at its own`() throws {
        let retry = "{ delay: P99Y, backoff: { exponential: {} }, limit: { attempt: { count: 200 } } }"
        let result = try Workflows.run(Self.failing(retry))
        #expect(result.status == .completed)
        // The year 9999 is as late as it gets; what is due then is due at once.
        #expect(result.elapsed == .lastMoment - SimulationScript().start)
    }

    @Test(arguments: [("PT1S", "PT1S"), ("PT1S", "PT9S"), ("PT9S", "PT1S"), ("PT0S", "P99Y"), ("P99Y", "PT0S")])
    func `jitter lies between its ends, whichever comes first`(_ from: String, _ to: String) throws {
        let result = try Workflows.run(
            Self.failing("{ delay: PT10S, jitter: { from: \(from), to: \(to) }, limit: { attempt: { count: 1 } } }"))
        let ends = [from, to].compactMap { TimeSpan($0)?.milliseconds }
        let least = try #require(ends.min())
        let most = try #require(ends.max())
        #expect((10_000 + least...max(10_000 + least, min(10_000 + most, .longestSpan))).contains(result.elapsed))
    }

    @Test(arguments: [
        "wait: P99Y", "wait: { days: 36000 }", "{ set: '${ 1 }', timeout: { after: P99Y } }",
        "wait: '${ \"P99Y\" }'",
    ])
    func `the longest spans one after the other end with the calendar`(_ step: String) throws {
        let body = step.hasPrefix("{") ? step : "{ \(step) }"
        let result = try Workflows.run(
            "timeout: { after: P99Y }\ndo: [ { l: { for: { in: '[range(300)]' }, do: [ { s: \(body) } ] } } ]",
            script: "now: 9999-12-31T23:00:00Z")
        #expect(result.status == .completed || result.error?.status == 408)
    }

    @Test(arguments: ["\"1\" + \"0\" * 400 + \"d\"", "\"P1E400D\"", "\"PT-5S\"", "\"PTnanS\"", "1e999", "[]", "null"])
    func `a computed delay that is none is an error of its step`(_ expression: String) throws {
        let result = try Workflows.run("do: [ { w: { wait: '${ \(expression) }' } } ]")
        #expect(result.status == .faulted)
        #expect(result.error?.instance == "/do/0/w")
    }

    @Test func `limits of time hold beside endless delays`() throws {
        let result = try Workflows.run(
            Self.failing(
                "{ delay: P99Y, backoff: { linear: {} }, limit: { duration: P99Y, attempt: { duration: P99Y } } }"))
        #expect(result.status == .completed)
        #expect(result.steps.count { $0 == "retried t" } == 1)
    }

    @Test(arguments: [
        (Int64.max, Int64.max, Int64.lastMoment), (Int64.min, Int64.min, -Int64.lastMoment), (5, 7, 12),
        (.lastMoment, 1, .lastMoment), (0, Int64.min, -.lastMoment),
    ])
    func `moments saturate`(_ moment: Int64, _ span: Int64, _ sum: Int64) { #expect(moment.later(by: span) == sum) }

    @Test(arguments: [
        (Int64.max, Int64.max, Int64.longestSpan), (0, Int64.max, 0), (-5, 3, 0), (7, 3, 21),
        (1_000, 1 << 42, .longestSpan),
    ])
    func `lengths saturate`(_ span: Int64, _ times: Int64, _ product: Int64) {
        #expect(span.lengthened(times) == product)
    }

    @Test func `forks in a loop that wrap their data again and again end the instance, and it reads back`() throws {
        let result = try Workflows.run(
            "do: [ { l: { for: { in: '[range(400)]' }, do: [ { f: { fork: { branches: [ { b: { wait: PT0S } } ] } } } ] } } ]"
        )
        #expect(result.status == .faulted)
        #expect(result.error?.detail?.contains("nested deeper") == true)
    }
}
