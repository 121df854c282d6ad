import TFDefinition
import TFExpression
import Testing

@testable import TFEngine

/// Which requests are one order, though they are sent more than once: what an `Idempotency-Key` is made of.
@Suite struct PassTests {
    /// An instance whose requests are answered one after the other.
    private struct Instance {
        private let program: Program
        private var stored: String?
        private var now: Int64 = 0
        private var waiting: [HTTPIntent] = []
        /// The pass of each request that was sent, in order.
        private(set) var sent: [String] = []

        init(_ text: String) throws {
            program = try Workflows.program(text)
            try apply(.start(input: ["n": 1]))
        }

        /// Goes on from what was stored, as after a crash, ten seconds later.
        mutating func apply(_ event: EngineEvent) throws {
            now += 10_000
            let state = try stored.map { try InstanceState(text: $0) }
            let surroundings = Surroundings(instance: "1", ticket: Workflows.ticket, now: now)
            let next = try #require(Engine.advance(program, state, event, surroundings))
            stored = next.state.text
            for effect in next.effects {
                guard case .sendHTTP(let intent) = effect else { continue }
                waiting.append(intent)
                sent.append(try #require(next.state.pass(reference: intent.reference, visit: intent.visit)))
            }
        }

        /// Answers the request that waits longest.
        mutating func answer(_ status: Int, _ body: String = "{}") throws {
            let intent = waiting.removeFirst()
            let response = HTTPOutcome.Response(
                status: status, headers: [], body: Array(body.utf8),
                to: .init(method: "POST", url: "https://shop.example", headers: []))
            try apply(
                .httpFinished(
                    reference: intent.reference, visit: intent.visit, stage: intent.stage, .response(response)))
        }

        /// Lets the next try begin.
        mutating func wake() throws { try apply(.tick) }
    }

    private static let post = "call: http, with: { method: post, endpoint: 'https://shop.example' }"
    private static let retry = "retry: { delay: PT1S, limit: { attempt: { count: 3 } } }"

    @Test func `all tries of a step are one order`() throws {
        var instance = try Instance("do: [ { a: { try: [ { order: { \(Self.post) } } ], catch: { \(Self.retry) } } } ]")
        for _ in 1...3 {
            try instance.answer(503)
            try instance.wake()
        }
        #expect(instance.sent.count == 4)
        #expect(Set(instance.sent).count == 1)
    }

    @Test func `each round is an order of its own, however often it is tried`() throws {
        var instance = try Instance(
            """
            do:
              - all:
                  for: { in: '[1, 2]', each: x }
                  do: [ { a: { try: [ { order: { \(Self.post) } } ], catch: { \(Self.retry) } } } ]
            """)
        try instance.answer(503)
        try instance.wake()
        try instance.answer(200)
        #expect(instance.sent.count == 3)
        #expect(instance.sent[0] == instance.sent[1])
        #expect(instance.sent[1] != instance.sent[2])
    }

    @Test func `rounds that a try begins anew are the orders that they were`() throws {
        var instance = try Instance(
            """
            do:
              - a:
                  try: [ { all: { for: { in: '[1, 2]', each: x }, do: [ { order: { \(Self.post) } } ] } } ]
                  catch: { \(Self.retry) }
            """)
        try instance.answer(200)
        try instance.answer(503)
        try instance.wake()
        try instance.answer(200)
        #expect(instance.sent.count == 4)
        #expect(Set(instance.sent).count == 2)
        #expect(Array(instance.sent[2...]) == Array(instance.sent[..<2]))
    }

    @Test func `who goes back by then orders anew`() throws {
        var instance = try Instance(
            """
            do:
              - order: { \(Self.post), export: { as: '($context // 0) + 1' } }
              - more: { switch: [ { again: { when: $context < 3, then: order } }, { enough: { then: end } } ] }
            """)
        for _ in 1...3 { try instance.answer(200) }
        #expect(instance.sent.count == 3)
        #expect(Set(instance.sent).count == 3)
    }

    @Test func `the tries of an outer try are one order too`() throws {
        var instance = try Instance(
            """
            do:
              - outer:
                  try:
                    - inner:
                        try: [ { order: { \(Self.post) } } ]
                        catch: { retry: { delay: PT1S, limit: { attempt: { count: 1 } } } }
                  catch: { retry: { delay: PT1S, limit: { attempt: { count: 1 } } } }
            """)
        for _ in 1...3 {
            try instance.answer(503)
            try instance.wake()
        }
        #expect(instance.sent.count == 4)
        #expect(Set(instance.sent).count == 1)
    }

    @Test func `each branch has its order, and keeps it when its sibling fails`() throws {
        var instance = try Instance(
            """
            do:
              - a:
                  try: [ { f: { fork: { branches: [ { x: { \(Self.post) } }, { y: { \(Self.post) } } ] } } } ]
                  catch: { \(Self.retry) }
            """)
        try instance.answer(200)
        try instance.answer(503)
        try instance.wake()
        #expect(instance.sent.count == 4)
        #expect(instance.sent[0] != instance.sent[1])
        #expect(Array(instance.sent[2...]) == Array(instance.sent[..<2]))
    }

    @Test func `each call of a function is an order of its own`() throws {
        var instance = try Instance(
            """
            use: { functions: { order: { \(Self.post) } } }
            do: [ { a: { call: order } }, { b: { call: order } } ]
            """)
        try instance.answer(200)
        #expect(instance.sent.count == 2)
        #expect(instance.sent[0] != instance.sent[1])
    }

    @Test(arguments: [(7, true), (8, false)])
    func `a try that comes to the step with another input orders something else`(_ price: Int, _ isSame: Bool) throws {
        var instance = try Instance(
            """
            do:
              - a:
                  try: [ { price: { \(Self.post) } }, { order: { \(Self.post) } } ]
                  catch: { \(Self.retry) }
            """)
        try instance.answer(200, #"{"price": 7}"#)
        try instance.answer(503)
        try instance.wake()
        try instance.answer(200, #"{"price": \#(price)}"#)
        #expect(instance.sent.count == 4)
        #expect(instance.sent[0] == instance.sent[2])
        #expect((instance.sent[1] == instance.sent[3]) == isSame)
    }

    @Test(arguments: [(503, true), (409, true), (422, false), (401, false)])
    func `what a ticket admin sends again is the same order unless it was refused`(
        _ status: Int, _ isSame: Bool
    ) throws {
        var instance = try Instance("do: [ { order: { \(Self.post) } } ]")
        try instance.answer(status)
        try instance.apply(.retry)
        #expect(instance.sent.count == 2)
        #expect((instance.sent[0] == instance.sent[1]) == isSame)
    }
}
