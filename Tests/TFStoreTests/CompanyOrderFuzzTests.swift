import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// Events, CloudEvents and outbox entries of a company stand in the order of its commits, whoever writes.
@Suite(.onItsOwnThread, .onBothEngines) struct CompanyOrderFuzzTests {
    @Test func `positions have no gap and follow the commits, in every snapshot`() async throws {
        for (generator, replay) in Fuzz.inputs("company order", iterations: 2) {
            let site = try await OrderSite()
            var generator = generator
            let plans = (0..<240).map { _ in OrderSite.Plan(&generator) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<9 {
                    group.addTask {
                        for number in stride(from: writer, to: plans.count, by: 9) {
                            try await site.carryOut(plans[number], in: site.stores[writer % 3])
                        }
                    }
                }
                group.addTask {
                    for number in 0..<40 {
                        let complaints = try await site.complaints(in: site.stores[number % 3])
                        #expect(complaints == [], "\(replay)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await site.complaints(in: site.stores[0]) == [], "\(replay)")
            for company in site.companies {
                let last = try await site.stores[0].read { try OrderSite.last(of: company.id, $0) }
                #expect(last > 50, "\(replay)")
            }
        }
    }

    @Test func `events are applied in the order of their company, and every company has its turn`() async throws {
        for (generator, replay) in Fuzz.inputs("event order", iterations: 2) {
            let site = try await OrderSite()
            var generator = generator
            for _ in 0..<40 { try await site.submit(generator.below(3), in: site.stores[generator.below(3)]) }
            for round in 0..<200 {
                let before = try await site.waiting()
                guard !before.isEmpty else { break }
                let (limit, company) = (1 + generator.below(6), generator.below(3))
                // Somebody submits meanwhile.
                let isMore = round % 3 == 0 && round < 60
                async let more: Void = isMore ? site.submit(company, in: site.stores[1]) : ()
                let advance = try await site.stores[0].advanceInstances(limit: limit, leader: site.leader, now: 20)
                try await more
                #expect(advance.setAside.isEmpty)
                let after = try await site.waiting()
                for (company, positions) in before {
                    let left = Set(after[company] ?? [])
                    let applied = positions.filter { !left.contains($0) }
                    #expect(!applied.isEmpty, "\(replay), round \(round)")
                    #expect(applied == Array(positions.prefix(applied.count)), "\(replay), round \(round)")
                }
            }
            #expect(try await site.waiting().isEmpty, "\(replay)")
        }
    }

    @Test func `the outbox is read in the order of each company, and the companies in turn`() async throws {
        let site = try await OrderSite()
        let (store, many, few) = (site.stores[0], site.companies[0], site.companies[1])
        try await store.write { session in
            for company in Array(repeating: many, count: 30) + Array(repeating: few, count: 3) {
                try Outbox.workerChanged(session.inside(company.id), account: site.account.id, now: 5)
            }
        }
        let all = try await store.read { try $0.outbox(limit: 1_000) }
        for company in [many, few] {
            let own = all.filter { $0.companyID == company.id }.map(\.position)
            #expect(own == own.sorted())
            let first = try await store.read { try $0.outbox(limit: 10) }.filter { $0.companyID == company.id }
            #expect(first.map(\.position) == Array(own.prefix(5)))
        }
        let others = try await store.read { try $0.outbox(limit: 10, except: [many.id]) }
        #expect(others.map(\.companyID) == Array(repeating: few.id, count: others.count))
    }
}

/// A store that three processes have open, and what they write into it. On PostgreSQL they write side by side: as many
/// at once as there are companies.
private struct OrderSite {
    /// What one transaction writes for a company.
    struct Plan {
        enum Kind: CaseIterable {
            case event, cloudEvent, outbox
        }

        /// - name: of a CloudEvent; some come twice, and then take no position.
        /// - isUndone: alone, before the transaction goes on.
        struct Entry {
            let kind: Kind
            let name: String
            let isUndone: Bool
        }

        let company: Int
        let entries: [Entry]
        let isUndone: Bool

        init(_ generator: inout SeededGenerator) {
            company = generator.below(3)
            entries = (0...generator.below(5)).map { _ in
                Entry(
                    kind: generator.pick(Kind.allCases), name: "\(generator.below(60))",
                    isUndone: generator.below(5) == 0)
            }
            isUndone = generator.below(6) == 0
        }
    }

    private struct Undone: Error {}

    let stores: [Store]
    let companies: [Company]
    let account: Account
    let leader: Leadership
    private let instances: [InstanceID]

    init() async throws {
        let site = try await WorkflowSite("do: [ { w: { wait: PT1H } } ]")
        var companies = [site.company]
        for slug in ["globex", "initech"] {
            let other = try await site.store.write {
                try $0.addCompany(slug: slug, name: slug, timezone: "UTC", now: 1)
            }
            try await site.publish(in: other)
            companies.append(other)
        }
        self.companies = companies
        let directory = site.directory
        stores = [site.store, try await TestEngine.store(directory), try await TestEngine.store(directory)]
        account = try site.person
        leader = site.leader
        for company in companies { try await site.start(in: company) }
        instances = try await site.store.read { session in
            try session.all(InstanceID.self, "SELECT id FROM instance ORDER BY company_id")
        }
        // What was committed in each company, in the order of its commits: whoever writes there has locked it.
        try await site.store.write { session in
            try session.connection.script(
                """
                CREATE TABLE journal (id \(session.connection.dialect.id), company_id BIGINT, before BIGINT, after BIGINT);
                INSERT INTO journal (company_id, before, after) SELECT id, 0, position FROM company;
                """)
        }
    }

    func submit(_ company: Int, in store: Store) async throws {
        _ = try await store.inside(companies[company].id).submitTicket(
            TicketSubmission(type: "t", requester: account, title: nil, answers: [:]),
            now: 10)
    }

    func carryOut(_ plan: Plan, in store: Store) async throws {
        let (company, instance) = (companies[plan.company].id, instances[plan.company])
        do {
            try await store.write(in: company) { session in
                let before = try Self.last(of: company, session.site)
                for entry in plan.entries {
                    do {
                        try session.savepoint {
                            try add(entry, instance, session)
                            if entry.isUndone { throw Undone() }
                        }
                    } catch is Undone {}
                }
                try session.run(
                    "INSERT INTO journal (company_id, before, after) VALUES (?, ?, ?)",
                    [company, before, try Self.last(of: company, session.site)])
                if plan.isUndone { throw Undone() }
            }
        } catch is Undone {}
    }

    private func add(_ entry: Plan.Entry, _ instance: InstanceID, _ session: CompanyWriteSession) throws {
        switch entry.kind {
        case .event: try session.addEvent(instance: instance, .resume, [:], now: 5)
        case .cloudEvent:
            let event: JSON = ["source": "/test", "id": .string(entry.name), "type": "t"]
            try session.insert(CheckedEvent(event), now: 5)
        case .outbox: try Outbox.workerChanged(session, account: account.id, now: 5)
        }
    }

    static func last(of company: CompanyID, _ session: ReadSession) throws -> Int64 {
        try session.first(Int64.self, "SELECT position FROM company WHERE id = ?", [company]) ?? -1
    }

    /// What is wrong in one snapshot.
    func complaints(in store: Store) async throws -> [String] {
        try await store.read { session in
            var complaints: [String] = []
            for company in companies.map(\.id) {
                let last = try Self.last(of: company, session)
                let taken = try session.all(
                    Int64.self,
                    """
                    SELECT position FROM (
                        SELECT company_id, position FROM instance_event UNION ALL
                        SELECT company_id, position FROM cloud_event UNION ALL
                        SELECT company_id, position FROM outbox) AS taken
                    WHERE company_id = ? ORDER BY position
                    """, [company])
                if taken != Array(1...last) { complaints.append("of \(last) positions \(taken) are taken") }
                let commits = try session.all(
                    Row.self, "SELECT before, after FROM journal WHERE company_id = ? ORDER BY id", [company])
                var position: Int64 = 0
                for commit in commits {
                    if commit["before"] != position { complaints.append("a commit does not follow \(position)") }
                    position = commit["after"]
                }
                if position != last { complaints.append("the last commit ends at \(position), not \(last)") }
            }
            return complaints
        }
    }

    /// The positions of events that wait, by company.
    func waiting() async throws -> [CompanyID: [Int64]] {
        try await stores[0].read { session in
            try session.all(Row.self, "SELECT company_id, position FROM instance_event ORDER BY position")
                .reduce(into: [:]) { $0[$1["company_id"], default: []].append($1["position"]) }
        }
    }
}
