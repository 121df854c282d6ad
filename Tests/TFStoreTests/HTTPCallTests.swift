import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

/// The HTTP requests of workflows: taken once, sent again only where that does no harm, and answered once.
@Suite(.onBothEngines) struct HTTPCallTests {
    static let order = """
        do:
          - order: { call: http, with: { method: post, endpoint: 'https://shop.example/orders', body: { n: 1 } } }
          - s: { set: { status: '${ .state }' } }
        """

    @Test func `a request is taken once, keeps its key when it is sent again, and its answer counts once`() async throws
    {
        let site = try await WorkflowSite(Self.order)
        try await site.start()
        try await site.turn(now: 20)
        let first = try #require(try await site.take(now: 21).first)
        #expect(first.attempt.number == 1)
        #expect(first.request.head.method == "POST")
        #expect(first.request.head.url == "https://shop.example/orders")
        #expect(try await site.take(now: 22).isEmpty)
        try await site.store.write(in: first.company) {
            try $0.retryHTTPCall(first, at: 1_000, leader: site.leader, now: 30)
        }
        #expect(try await site.take(now: 999).isEmpty)
        let second = try #require(try await site.take(now: 1_000).first)
        #expect(second.attempt.number == 2)
        #expect(second.identity == first.identity)
        for _ in 0..<2 {
            try await site.store.write(in: second.company) {
                try $0.finishHTTPCall(
                    second, .response(site.response(second, 200, #"{"state":"ordered"}"#)), leader: site.leader,
                    now: 1_001)
            }
        }
        try await site.turn(now: 1_002)
        #expect(try await site.ticket().status == "ordered")
    }

    /// The identities of the requests that the only instance sends, each answered with 503.
    private func identities(_ site: WorkflowSite, from start: Int64) async throws -> [String] {
        try await site.start()
        var identities: [String] = []
        for now in [start, start + 10_000, start + 20_000] {
            try await site.turn(now: now)
            let job = try #require(try await site.take(now: now).first)
            identities.append(job.identity)
            try await site.store.write(in: job.company) {
                try $0.finishHTTPCall(
                    job, .response(site.response(job, 503, "{}")), leader: site.leader, now: now)
            }
            try await site.turn(now: now)
        }
        return identities
    }

    @Test func `all tries of a retry are one order, and no other instance's, nor one of a store made anew`()
        async throws
    {
        let workflow = """
            do:
              - a:
                  try: [ { order: { call: http, with: { method: post, endpoint: 'https://shop.example/' } } } ]
                  catch: { retry: { delay: PT1S, limit: { attempt: { count: 2 } } } }
            """
        let site = try await WorkflowSite(workflow)
        let first = try await identities(site, from: 1_000)
        #expect(first.count == 3)
        #expect(Set(first).count == 1)
        let second = try await identities(site, from: 100_000)
        #expect(Set(first + second).count == 2)
        let anew = try await identities(try await WorkflowSite(workflow), from: 2_000)
        #expect(Set(first + second + anew).count == 3)
    }

    @Test func `after a crash a request that may be repeated is sent again, and any other stops for a person`()
        async throws
    {
        let repeatable = Self.order.replacing(
            "body: { n: 1 } }", with: "body: { n: 1 } }, metadata: { idempotent: true }")
        for (workflow, isRepeated) in [(Self.order, false), (repeatable, true)] {
            let site = try await WorkflowSite(workflow)
            try await site.start()
            try await site.turn(now: 20)
            let sent = try #require(try await site.take(now: 21).first)
            // The daemon ends here; the next one begins with this.
            try await site.store.write { try $0.recoverHTTPCalls(leader: site.leader, now: 50) }
            try await site.turn(now: 51)
            let again = try await site.take(now: 52)
            #expect(again.map(\.identity) == (isRepeated ? [sent.identity] : []))
            #expect(try await site.ticket().state == (isRepeated ? .open : .failed))
            if !isRepeated { #expect(try await site.instances()[0].error?.title == "Outcome unknown") }
        }
    }

    @Test func `a company whose servers hang keeps eight requests under way and no more`() async throws {
        let site = try await WorkflowSite(Self.order)
        for _ in 0..<12 { try await site.start() }
        try await site.turn(now: 20)
        var share = CallShare(commonPlaces: 32)
        var taken = 0
        while true {
            // A busy machine takes fewer at a time: a transaction of the engine ends after its time.
            let jobs = try await site.take(now: 21, share)
            guard !jobs.isEmpty else { break }
            taken += jobs.count
            for job in jobs {
                let hasPlace = share.take(job.company)
                #expect(hasPlace)
            }
        }
        #expect(taken == 8)
    }

    @Test func `however many companies have servers that hang, another gets a place`() {
        var share = CallShare(commonPlaces: 32)
        var held: [Int] = []
        for company in Int64(1)...20 {
            var count = 0
            while share.take(CompanyID(company)) { count += 1 }
            held.append(count)
        }
        #expect(held[0] == 8)
        #expect(held.allSatisfy { $0 > 0 })
        #expect(held.reduce(0, +) <= 32 + 20)
        share.give(1)
        let isGivenBack = share.take(2)
        #expect(!isGivenBack, "one free place is for those who have fewer")
    }

    @Test func `an answer that comes when its step is gone is dropped, and never becomes another request's`()
        async throws
    {
        let site = try await WorkflowSite(
            """
            do:
              - ask: { call: http, with: { method: get, endpoint: 'https://a.example/' }, timeout: { after: PT2S } }
            """)
        try await site.start()
        try await site.turn(now: 20)
        let late = try #require(try await site.take(now: 21).first)
        #expect(try await site.store.endedHTTPCalls(among: [late.attempt.call]).isEmpty)
        try await site.turn(now: 5_000)
        #expect(try await site.ticket().state == .failed)
        #expect(try await site.store.endedHTTPCalls(among: [late.attempt.call]) == [late.attempt.call])
        try await site.start()
        try await site.turn(now: 6_000)
        let next = try #require(try await site.take(now: 6_001).first)
        // No id is ever given anew.
        #expect(next.attempt.call > late.attempt.call)
        try await site.store.write(in: late.company) {
            try $0.finishHTTPCall(
                late, .response(site.response(late, 200, "{}")), leader: site.leader, now: 6_002)
        }
        try await site.store.write(in: late.company) {
            try $0.retryHTTPCall(late, at: 1, leader: site.leader, now: 6_003)
        }
        #expect(try await site.take(now: 6_004).isEmpty)
        #expect(try await site.store.endedHTTPCalls(among: [next.attempt.call]).isEmpty)
    }
}
