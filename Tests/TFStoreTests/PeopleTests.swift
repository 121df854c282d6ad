import TFDefinition
import TFEngine
import TFExpression
import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// Accounts as the site's admins look for them, and what becomes of links and sessions.
@Suite(.onBothEngines) struct PeopleTests {
    private static func logins(_ site: TestStore, _ filter: PeopleFilter) async throws -> [String] {
        try await site.store.read { try $0.people(filter).rows.map(\.identity.account.login) }
    }

    @Test func `people are listed by name, page by page in both directions`() async throws {
        let site = try await TestStore()
        var filter = PeopleFilter()
        filter.limit = 2
        let first = try await site.store.read { [filter] in try $0.people(filter) }
        #expect(first.rows.map(\.identity.account.login) == ["bob", "carol"])
        #expect(first.hasMore)
        filter.after = "carol"
        let second = try await site.store.read { [filter] in try $0.people(filter) }
        #expect(second.rows.map(\.identity.account.login) == ["dave", "uma"])
        #expect(!second.hasMore)
        filter.after = nil
        filter.before = "uma"
        let back = try await site.store.read { [filter] in try $0.people(filter) }
        #expect(back.rows.map(\.identity.account.login) == ["carol", "dave"])
        #expect(back.hasMore)
    }

    @Test func `a list of people is narrowed by name, role, company and state`() async throws {
        let site = try await TestStore()
        let etl = NewAccount(login: "etl", name: "ETL", kind: .service, password: nil, roles: [])
        let nina = NewAccount(login: "nina", name: "Nina", kind: .person, password: nil, roles: [])
        for new in [etl, nina] { _ = try await site.store.write { try $0.addAccount(new, now: 1) } }
        try await site.store.write { try $0.disableAccount("carol", now: 2) }
        var filter = PeopleFilter()
        filter.text = "AV"
        #expect(try await Self.logins(site, filter) == ["dave"])
        filter.text = nil
        filter.role = .taskWorker
        filter.company = "acme"
        #expect(try await Self.logins(site, filter) == ["bob", "carol", "dave"])
        filter.company = "globex"
        #expect(try await Self.logins(site, filter).isEmpty)
        for (standing, logins) in [
            (AccountStanding.active, ["bob", "dave", "uma"]), (.invited, ["nina"]), (.program, ["etl"]),
            (.disabled, ["carol"]),
        ] {
            var ofStanding = PeopleFilter()
            ofStanding.standing = standing
            #expect(try await Self.logins(site, ofStanding) == logins)
        }
        let counts = try await site.store.read { try $0.standings() }
        #expect(counts == [.active: 3, .invited: 1, .program: 1, .disabled: 1])
        let rows = try await site.store.read { try $0.people(PeopleFilter()).rows }
        #expect(rows.allSatisfy { row in counts.keys.contains(row.identity.account.standing) })
    }

    @Test func `nobody without a password is available, whatever is set or planned for them`() async throws {
        let site = try await TestStore()
        let (store, company) = (site.store, site.company.id)
        let nina = try await store.write {
            try $0.addAccount(
                NewAccount(login: "nina", name: "Nina", kind: .person, password: nil, roles: [.taskWorker]), now: 1)
        }
        func isAvailable() async throws -> Bool? {
            try await store.read(in: company) { try $0.worker("nina") }?.isAvailable
        }
        try await store.write(in: company) {
            try $0.setMembership(of: nina, companyRoles: ["staff"], only: [], now: 2)
        }
        #expect(try await isAvailable() == false)
        try await store.write { try $0.addPasswordLink(.reset, hash: "one", for: nina, now: 3) }
        #expect(try await isAvailable() == false)
        await #expect(throws: StoreError.self) {
            try await store.write(in: company) {
                try $0.setAvailability("nina", Availability(isAvailable: true), now: 4)
            }
        }
        try await store.write(in: company) {
            try $0.setAvailability("nina", Availability(isAvailable: false, until: 50), now: 5)
        }
        #expect(try await store.advanceTaskClock(leader: site.leader, now: 50) == 1)
        #expect(try await isAvailable() == false)
        _ = try await store.write { try $0.usePasswordLink("one", .reset, password: "hash", now: 60) }
        #expect(try await isAvailable() == true)
    }

    @Test func `who chooses a first password is available until an absence that is planned, and not during one`()
        async throws
    {
        let site = try await TestStore()
        let (store, company) = (site.store, site.company.id)
        let absences = [
            ("nina", Availability(isAvailable: false, from: 100, until: 200)),
            ("omar", Availability(isAvailable: false, until: 200)),
        ]
        for (login, absence) in absences {
            let account = try await store.write {
                try $0.addAccount(
                    NewAccount(login: login, name: login, kind: .person, password: nil, roles: [.taskWorker]), now: 1)
            }
            try await store.write(in: company) {
                try $0.setMembership(of: account, companyRoles: ["staff"], only: [], now: 2)
                try $0.setAvailability(login, absence, now: 3)
            }
            try await store.write { try $0.addPasswordLink(.invite, hash: login, for: account, now: 4) }
            _ = try await store.write { try $0.usePasswordLink(login, .invite, password: "hash", now: 5) }
        }
        func available() async throws -> [Bool?] {
            try await store.read(in: company) { session in
                try absences.map { try session.worker($0.0)?.isAvailable }
            }
        }
        #expect(try await available() == [true, false])
        _ = try await store.advanceTaskClock(leader: site.leader, now: 100)
        #expect(try await available() == [false, false])
        _ = try await store.advanceTaskClock(leader: site.leader, now: 200)
        #expect(try await available() == [true, true])
    }

    @Test func `an account was last seen when a session of it was refreshed`() async throws {
        let site = try await TestStore()
        let uma = try #require(site.people["uma"])
        #expect(try await site.store.read { try $0.lastSeen(uma.id) } == nil)
        let new = NewSession(id: "s", account: uma, purpose: .web, refreshHash: "a", agent: "test")
        _ = try await site.store.write { try $0.startSession(new, now: 5) }
        _ = try await site.store.write { try $0.rotate(session: "s", hash: "a", successor: "b", now: 9) }
        #expect(try await site.store.read { try $0.lastSeen(uma.id) } == 9)
        #expect(try await site.store.read { try $0.accounts(["uma", "nobody"]) }.keys.sorted() == ["uma"])
    }

    @Test func `all sessions of an account end at once, but for one that is to go on`() async throws {
        let site = try await TestStore()
        let uma = try #require(site.people["uma"])
        for id in ["a", "b", "c"] {
            let new = NewSession(id: SessionID(id), account: uma, purpose: .web, refreshHash: id, agent: "test")
            _ = try await site.store.write { try $0.startSession(new, now: 5) }
        }
        let ended = try await site.store.write {
            try $0.endSessions(of: uma, keeping: "b", because: .endedByAdmin, now: 6)
        }
        #expect(ended == 2)
        #expect(try await site.store.read { try $0.sessions(of: uma.id, now: 7) }.map(\.id) == ["b"])
        var filter = AuditFilter()
        filter.action = .sessionEnded
        let entries = try await site.store.read { [filter] in try $0.auditLog(filter).entries }
        #expect(entries.map(\.new) == [.string("ended_by_admin")])
    }

    @Test func `a password link tells whether it holds, was used, is too old or is none`() async throws {
        let site = try await TestStore()
        let uma = try #require(site.people["uma"])
        func fate(_ hash: String, now: Int64) async throws -> PasswordLinkFate {
            try await site.store.read { try $0.fate(ofPasswordLink: hash, .invite, now: now) }
        }
        let end = 10 + PasswordLinkKind.invite.lifetime
        try await site.store.write { try $0.addPasswordLink(.invite, hash: "one", for: uma, now: 10) }
        #expect(try await fate("one", now: 11) == .open(uma))
        #expect(try await fate("one", now: end) == .expired(end))
        #expect(try await fate("other", now: 11) == .unknown)
        _ = try await site.store.write { try $0.usePasswordLink("one", .invite, password: "x", now: 20) }
        try await site.store.write { try $0.addPasswordLink(.reset, hash: "two", for: uma, now: 30) }
        #expect(try await fate("one", now: 31) == .used(20))
        try await site.store.write { try $0.addPasswordLink(.reset, hash: "three", for: uma, now: 40) }
        let replaced = try await site.store.read { try $0.fate(ofPasswordLink: "two", .reset, now: 41) }
        #expect(replaced == .unknown)
    }
}
