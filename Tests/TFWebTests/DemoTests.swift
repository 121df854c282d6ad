import Foundation
import TFEngine
import TFStore
import TestSupport
import Testing

@testable import tf_web

/// What somebody finds who looks round for the first time.
@Suite struct DemoTests {
    private static let definitions = ProjectFolder.url("workflows").path
    private static let day: Int64 = 86_400_000

    /// In Berlin: a Thursday morning, a Monday just after midnight, a Sunday, and the day of the switch to summer time.
    private static let moments: [Int64] = [1_795_771_800_000, 1_795_388_460_000, 1_795_352_400_000, 1_806_195_600_000]

    private static func filled(now: Int64) async throws -> Store {
        let store = try Store(directory: TestFolder.path("demo"), baseURL: "http://localhost")
        let definitions = try DemoDefinitions(root: definitions, roles: DemoCommand.roles)
        #expect(definitions.missing(for: DemoTickets.all).isEmpty)
        try await DemoCommand.fill(store, definitions, DemoTickets.all, now: now)
        return store
    }

    @Test(arguments: moments)
    func `the demo has tickets in every state over four weeks, and nothing that a daemon would do`(_ now: Int64)
        async throws
    {
        let store = try await Self.filled(now: now)
        try await Self.checkTickets(in: store, now: now)
        try await Self.checkRest(of: store, now: now)
    }

    private static func checkTickets(in store: Store, now: Int64) async throws {
        let companies = try await store.read { try $0.companies() }
        var tickets: [Ticket] = []
        var tasks: [TaskRecord] = []
        for company in companies {
            let (own, work) = try await store.read(in: company.id) { db in
                let tickets = try (1...DemoTickets.all.count).compactMap { try db.ticket(number: $0) }
                return (tickets, try tickets.flatMap { try db.tasks(ticket: $0.id) })
            }
            #expect(own.count >= 15)
            tickets += own
            tasks += work
        }
        #expect(tickets.count == DemoTickets.all.count)
        #expect(Set(tickets.map(\.state)) == Set(TicketState.allCases))
        #expect((20...40).contains(tickets.count { $0.state == .open }))
        #expect(tickets.count { $0.state == .failed } == 1)
        #expect(tickets.count { $0.duplicateOfID != nil } == 1)
        #expect(Set(tickets.map(\.priority)).count >= 3)
        #expect(Set(tickets.map { $0.createdAtMs / day }).count >= 15)
        let first = try #require(tickets.map(\.createdAtMs).min())
        #expect((26 * day...DemoCalendar.length).contains(now - first))

        // Programs do no tasks here, so that none has failed.
        #expect(Set(tasks.map(\.state)) == Set(TaskState.allCases).subtracting([.failed]))
        #expect(tasks.count { $0.draft != nil && $0.state.isOpen } >= 3)
        #expect(tasks.count { $0.state == .held && $0.wakeAtMs ?? 0 > now } >= 2)
        let open = tasks.filter(\.state.isOpen)
        #expect((3...14).contains(open.count { $0.dueAtMs ?? .max < now }))
        #expect(open.count { $0.dueAtMs ?? 0 > now } >= 10)
        #expect(Set(open.compactMap(\.waiting?.code)) == [.claim, .noneEligible])
        let purchase = try await store.read(in: companies[0].id) { db in
            try db.definition(.ticket, "purchase").map { try db.revisions(ofDefinition: $0.id).count }
        }
        #expect(purchase == 2)
        for task in open { #expect(!task.title.contains("Something is broken"), "\(task.title)") }
    }

    private static func checkRest(of store: Store, now: Int64) async throws {
        #expect(try await !store.read { try $0.nextTurn(now: now) }.isDue)
        #expect(try await store.read { try $0.outbox(limit: 1) }.isEmpty)
        #expect(try await store.read { try $0.setAside() }.isEmpty)
        #expect(try await store.read { try $0.leaderLease()?.isGivenUp } == true)
        let leader = try #require(try await store.write { try $0.lead(as: "test", now: now) })
        #expect(try await store.advanceTaskClock(leader: leader, now: now) == 0)
        for company in try await store.read({ try $0.companies() }) {
            try await store.read(in: company.id) { db in
                #expect(try db.queueEpoch() == nil)
                let lists = try db.listLengths().reduce(into: [:]) { $0[$1.login, default: 0] += $1.jobs }
                #expect(try lists == db.openTaskCounts())
                for number in 1...15 {
                    let ticket = try #require(try db.ticket(number: number))
                    #expect(try db.history(ticket: ticket.id).allSatisfy { $0.atMs <= now })
                    #expect(try db.comments(ticket: ticket.id, withInternal: true).allSatisfy { $0.createdAtMs <= now })
                }
            }
        }
        let bob = try #require(try await store.read { try $0.account("bob") })
        let news = try await store.write { try $0.markNotifications(nil, isRead: true, of: bob.id, now: now) }
        #expect((2...20).contains(news))
    }

    @Test func `without its definitions the demo has people and no tickets`() async throws {
        let definitions = try DemoDefinitions(root: TestFolder.path("none"), roles: DemoCommand.roles)
        #expect(definitions.missing(for: DemoTickets.all).contains("acme/purchase"))
        let store = try Store(directory: TestFolder.path("demo"), baseURL: "http://localhost")
        try await DemoCommand.fill(store, definitions, [], now: Self.moments[0])
        #expect(try await store.read { try $0.account("uma") } != nil)
        #expect(try await store.read { try $0.leaderLease() } == nil)
    }
}
