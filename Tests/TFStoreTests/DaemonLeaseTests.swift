import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// Several daemons that share the companies: who leads what, and what a former leader can still do.
@Suite(.onBothEngines) struct DaemonLeaseTests {
    /// A site with two companies and two daemons; `left` leads acme and `right` globex.
    private struct Shared {
        let site: WorkflowSite
        let globex: Company
        var left: Leadership
        var right: Leadership

        var store: Store { site.store }
        var acme: Company { site.company }

        init(_ workflow: String = "do: [ { look: { call: look } } ]") async throws {
            site = try await WorkflowSite(workflow)
            globex = try await site.store.write {
                try $0.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 1)
            }
            let person = try site.person
            try await site.store.write(in: globex.id) {
                try $0.setMembership(of: person, companyRoles: [], only: [], now: 1)
            }
            try await site.publish(in: globex)
            let nothing = Leadership(holder: "", reach: .companies([:]))
            (left, right) = (nothing, nothing)
            left = try await DaemonLeaseTests.join("left", taking: [site.company.id], in: site.store)
            right = try await DaemonLeaseTests.join("right", taking: [globex.id], in: site.store)
        }
    }

    private static func join(_ name: String, taking companies: [CompanyID], in store: Store) async throws -> Leadership
    {
        try await store.write { try $0.join(daemon: name, queues: "redis://a", now: 1) }
        return try await take(companies, Leadership(holder: name, reach: .companies([:])), in: store)
    }

    /// - Returns: what the daemon leads then.
    private static func take(
        _ companies: [CompanyID], giving given: [CompanyID] = [], ended: [DaemonLease] = [], _ leader: Leadership,
        in store: Store
    ) async throws -> Leadership {
        guard case .companies(var epochs) = leader.reach else { throw StoreError.notLeader }
        let taken = try await store.write {
            try $0.redistribute(to: leader, taking: companies, giving: given, ended: ended, now: 2)
        }
        for company in given { epochs[company] = nil }
        return Leadership(holder: leader.holder, reach: .companies(epochs.merging(taken) { $1 }))
    }

    private static func leaders(_ store: Store) async throws -> [String: String] {
        try await store.read { try $0.ledCompanies() }.reduce(into: [:]) { $0[$1.slug] = $1.leader }
    }

    @Test func `each daemon advances its own companies, and takes none that another has`() async throws {
        let shared = try await Shared()
        #expect(try await Self.leaders(shared.store) == ["acme": "left", "globex": "right"])
        let greedy = try await Self.take([shared.acme.id, shared.globex.id], shared.left, in: shared.store)
        #expect(!greedy.leads(shared.globex.id))
        try await shared.site.start()
        try await shared.site.start(in: shared.globex)
        for (leader, company) in [(greedy, shared.acme), (shared.right, shared.globex)] {
            #expect(try await shared.store.read { try $0.nextTurn(of: leader, now: 20) }.isDue)
            while try await shared.store.read({ try $0.nextTurn(of: leader, now: 20) }).isDue {
                _ = try await shared.store.advanceInstances(limit: 8, leader: leader, now: 20)
            }
            let entries = try await shared.store.read { try $0.outbox(limit: 100, of: leader) }
            #expect(!entries.isEmpty && entries.allSatisfy { $0.companyID == company.id })
        }
    }

    @Test func `a daemon that leads several companies handles something of each in every call, until all is done`()
        async throws
    {
        let shared = try await Shared()
        _ = try await Self.take([], giving: [shared.globex.id], shared.right, in: shared.store)
        let both = try await Self.take([shared.globex.id], shared.left, in: shared.store)
        let companies = [shared.acme, shared.globex]
        for company in companies { for _ in 0..<3 { try await shared.site.start(in: company) } }
        let first = try await shared.store.advanceInstances(limit: 16, leader: both, now: 20)
        #expect(first.applied >= 2)
        #expect(Set(first.costs.keys) == Set(companies.map(\.id)))
        var applied = first.applied
        while try await shared.store.read({ try $0.nextTurn(of: both, now: 20) }).isDue {
            applied += try await shared.store.advanceInstances(limit: 16, leader: both, now: 20).applied
        }
        #expect(applied == 6)
    }

    @Test func `what a former leader of a company still writes is refused, also after it leads again`() async throws {
        let shared = try await Shared()
        try await shared.site.start()
        let old = shared.left
        let given = try await Self.take([], giving: [shared.acme.id], shared.left, in: shared.store)
        #expect(!given.leads(shared.acme.id))
        let right = try await Self.take([shared.acme.id], shared.right, in: shared.store)
        #expect(right.leads(shared.acme.id) && right.leads(shared.globex.id))
        func expectRefused() async throws {
            await #expect(throws: StoreError.self) {
                try await shared.store.advanceInstances(limit: 8, leader: old, now: 20)
            }
            await #expect(throws: StoreError.self) {
                try await shared.store.write(in: shared.acme.id) { try $0.beginEpoch("x", leader: old, now: 20) }
            }
        }
        try await expectRefused()
        _ = try await Self.take([], giving: [shared.acme.id], right, in: shared.store)
        let again = try await Self.take([shared.acme.id], given, in: shared.store)
        try await expectRefused()
        let advance = try await shared.store.advanceInstances(limit: 8, leader: again, now: 20)
        #expect(advance.applied > 0)
    }

    @Test func `the companies of a daemon that was not heard of are free, and those of one that was are not`()
        async throws
    {
        let shared = try await Shared()
        let seen = try #require(try await shared.store.read { try $0.daemons() }.first { $0.name == "left" })
        try await shared.store.write { try $0.renew(shared.left, now: 3) }
        let early = try await Self.take([shared.acme.id], ended: [seen], shared.right, in: shared.store)
        #expect(!early.leads(shared.acme.id))
        let newest = try #require(try await shared.store.read { try $0.daemons() }.first { $0.name == "left" })
        let late = try await Self.take([shared.acme.id], ended: [newest], shared.right, in: shared.store)
        #expect(late.leads(shared.acme.id))
        // It wakes up: its row is gone, and what it led is another's.
        await #expect(throws: StoreError.self) { try await shared.store.write { try $0.renew(shared.left, now: 4) } }
        await #expect(throws: StoreError.self) {
            try await shared.store.write {
                try $0.redistribute(to: shared.left, taking: [shared.acme.id], giving: [], ended: [], now: 4)
            }
        }
        // It begins anew, and waits until it is given something.
        let begun = try await Self.join("left", taking: [shared.acme.id], in: shared.store)
        #expect(!begun.leads(shared.acme.id))
    }

    @Test func `a daemon that stops leaves its companies and forgets its failing parts at once`() async throws {
        let shared = try await Shared()
        let failing = [FailingPart(.engine, error: "broken", sinceMs: 5)]
        try await shared.store.write { session in
            try session.noteFailing(failing, of: "left")
            try session.noteFailing(failing, of: "right")
        }
        #expect(try await shared.store.read { try $0.failingParts() }.count == 2)
        try await shared.store.write { try $0.resign(shared.left) }
        #expect(try await shared.store.read { try $0.failingParts() } == failing)
        #expect(try await shared.store.read { try $0.daemons() }.map(\.name) == ["right"])
        let right = try await Self.take([shared.acme.id], shared.right, in: shared.store)
        #expect(right.leads(shared.acme.id))
    }

    @Test func `a daemon with other Redis servers is refused while one that works has these`() async throws {
        let shared = try await Shared()
        let error = await #expect(throws: StoreError.self) {
            try await shared.store.write { try $0.join(daemon: "third", queues: "redis://b", now: 5_000) }
        }
        #expect("\(try #require(error))".contains("redis.url"))
        // Both were not heard of for long.
        try await shared.store.write { try $0.join(daemon: "third", queues: "redis://b", now: 60_000) }
    }

    @Test func `a request that was under way when a company changed its daemon is not known to be answered`()
        async throws
    {
        let shared = try await Shared(
            "do: [ { ask: { call: http, with: { method: post, endpoint: 'http://192.0.2.1/' } } } ]")
        try await shared.site.start()
        _ = try await shared.store.advanceInstances(limit: 8, leader: shared.left, now: 20)
        func take(_ leader: Leadership) async throws -> [HTTPCallJob] {
            try await shared.store.takeHTTPCalls(
                CallShare(commonPlaces: 4), leader: leader, now: 20, opener: { _, _, _ in nil })
        }
        #expect(try await take(shared.right).isEmpty)
        let job = try #require(try await take(shared.left).first)
        _ = try await Self.take([], giving: [shared.acme.id], shared.left, in: shared.store)
        let right = try await Self.take([shared.acme.id], shared.right, in: shared.store)
        await #expect(throws: StoreError.self) {
            try await shared.store.write(in: shared.acme.id) {
                try $0.retryHTTPCall(job, at: 30, leader: shared.left, now: 21)
            }
        }
        // The workflow is told: an event waits.
        #expect(try await shared.store.read { try $0.nextTurn(of: right, now: 20) }.isDue)
    }

    @Test func `a clock that was set moves the waits of the companies that go by it`() async throws {
        let shared = try await Shared("do: [ { rest: { wait: PT1H } } ]")
        try await shared.site.start()
        try await shared.site.start(in: shared.globex)
        for leader in [shared.left, shared.right] {
            _ = try await shared.store.advanceInstances(limit: 8, leader: leader, now: 20)
        }
        try await shared.store.write { try $0.clockWasSet(by: 5_000, of: shared.left) }
        func next(_ leader: Leadership) async throws -> Int64? {
            try await shared.store.read { try $0.nextTurn(of: leader, now: 20) }.next
        }
        let (left, right) = (try await next(shared.left), try await next(shared.right))
        #expect(right == Int64(3_600_020))
        #expect(left == Int64(3_605_020))
    }

    @Test func `a daemon whose clock was set moves nothing while another has one of its companies by now`()
        async throws
    {
        let shared = try await Shared(
            "do: [ { both: { fork: { branches: [ { rest: { wait: PT1H } }, { look: { call: look } } ] } } } ]")
        let store = shared.store
        let none = try await Self.take([], giving: [shared.globex.id], shared.right, in: store)
        let both = try await Self.take([shared.globex.id], shared.left, in: store)
        for company in [shared.acme, shared.globex] { try await shared.site.start(in: company) }
        while try await store.read({ try $0.nextTurn(of: both, now: 20) }).isDue {
            _ = try await store.advanceInstances(limit: 8, leader: both, now: 20)
        }
        try await store.write { session in
            try session.run("UPDATE task SET wake_at_ms = 5000")
            try session.run("UPDATE membership SET seen_at_ms = 3000")
            try session.run(
                """
                INSERT INTO notification (company_id, account_id, kind, ticket_id, created_at_ms, mail_at_ms)
                SELECT company_id, requester_id, 'closed', id, 1, 4000 FROM ticket
                """)
            try session.run(
                """
                INSERT INTO http_call (company_id, instance_id, reference, visit, stage, is_repeatable, state,
                    next_at_ms, deadline_at_ms)
                SELECT company_id, id, 'ask', 1, 0, 1, 'waiting', 6000, 7000 FROM instance
                """)
        }
        let before = try await Self.ends(store)
        let kept = try await Self.take([], giving: [shared.acme.id], both, in: store)
        let acme = try await Self.take([shared.acme.id], none, in: store)
        await #expect(throws: StoreError.self) {
            try await store.write(leading: both) { try $0.clockWasSet(by: 500, of: both) }
        }
        #expect(try await Self.ends(store) == before)
        try await store.write(leading: kept) { try $0.clockWasSet(by: 500, of: kept) }
        let after = try await Self.ends(store)
        #expect(after[shared.acme.id] == before[shared.acme.id])
        #expect(after[shared.globex.id] == before[shared.globex.id]?.map { $0 + 500 })
        try await store.write(leading: acme) { try $0.clockWasSet(by: 500, of: acme) }
        #expect(try await Self.ends(store)[shared.acme.id] == before[shared.acme.id]?.map { $0 + 500 })
    }

    /// By company, all that moves with a clock that is set forward.
    private static func ends(_ store: Store) async throws -> [CompanyID: [Int64]] {
        let columns = [
            ("instance", "wake_at_ms"), ("task", "wake_at_ms"), ("membership", "seen_at_ms"),
            ("notification", "mail_at_ms"), ("http_call", "next_at_ms"), ("http_call", "deadline_at_ms"),
        ]
        return try await store.read { session in
            var ends: [CompanyID: [Int64]] = [:]
            for (table, column) in columns {
                let rows = try session.all(
                    Row.self,
                    "SELECT company_id, \(column) FROM \(table) WHERE \(column) IS NOT NULL ORDER BY \(column)")
                #expect(!rows.isEmpty, "\(table)")
                for row in rows { ends[row[0], default: []].append(row[1]) }
            }
            return ends
        }
    }
}
