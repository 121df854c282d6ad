import TFDefinition
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// A company's roles, its settings, and what the audit log keeps of their changes.
@Suite(.onBothEngines) struct CompanyRoleTests {
    private static func entries(_ site: TestStore, _ action: AuditAction) async throws -> [AuditEntry] {
        var filter = AuditFilter()
        filter.action = action
        return try await site.store.read { [filter] in try $0.auditLog(filter).entries }
    }

    @Test func `a role has a name for people, its own or one made from its short name`() async throws {
        let site = try await TestStore()
        try await site.store.write(in: site.company.id) {
            try $0.addCompanyRole("it-staff", title: "IT people", now: 2)
        }
        try await site.store.write(in: site.company.id) { try $0.addCompanyRole("access-approver", now: 2) }
        let labels = try await site.store.read(in: site.company.id) { try $0.roleLabels() }
        #expect(labels["it-staff"] == "IT people")
        #expect(labels["access-approver"] == "Access approver")
        try await site.store.write(in: site.company.id) {
            try $0.changeRole("boss", CompanyRoleChange(title: "The boss"), now: 3)
        }
        #expect(try await site.store.read(in: site.company.id) { try $0.roleLabels() }["boss"] == "The boss")
        let renamed = try await Self.entries(site, .roleRenamed)
        #expect(renamed.map(\.old) == [.string("Boss")])
        #expect(renamed.map(\.new) == [.string("The boss")])
        await #expect(throws: StoreError.self) {
            try await site.store.write(in: site.company.id) {
                try $0.changeRole("nothing", CompanyRoleChange(title: "X"), now: 3)
            }
        }
    }

    @Test func `giving a role to those who have it changes nothing, and the log has no entry of it`() async throws {
        let site = try await TestStore()
        try await site.store.write(in: site.company.id) {
            try $0.changeRole("boss", CompanyRoleChange(members: ["bob", "carol"]), now: 5)
        }
        #expect(try await Self.entries(site, .roleMembersSet).isEmpty)
        try await site.store.write(in: site.company.id) {
            try $0.changeRole("boss", CompanyRoleChange(members: ["bob"]), now: 5)
        }
        #expect(try await Self.entries(site, .roleMembersSet).count == 1)
    }

    @Test func `a role of a program is held by no person, and one of a person who is no worker by no worker`()
        async throws
    {
        let site = try await TestStore()
        let etl = try await site.store.write {
            try $0.addAccount(
                NewAccount(login: "etl", name: "ETL", kind: .service, password: nil, roles: [.taskWorker]), now: 2)
        }
        try await site.store.write(in: site.company.id) { session in
            try session.setMembership(of: etl, companyRoles: ["staff"], only: [], now: 2)
            try session.changeRole("staff", CompanyRoleChange(members: ["etl"]), now: 2)
            try session.addCompanyRole("desk", now: 2)
            try session.changeRole("desk", CompanyRoleChange(members: ["uma"]), now: 2)
        }
        let held = try await site.store.read(in: site.company.id) { try $0.heldRoles() }
        #expect(held.byPeople == ["boss", "desk"])
        #expect(held.byWorkers == [.person: ["boss"], .service: ["staff"]])
    }

    @Test func `roles that decide who sees tickets are known as such`() async throws {
        let site = try await TestStore()
        try await site.publish([
            "s.ticket.yaml": """
            ticket: secret
            name: Secret
            description: S
            title: S
            view_roles: [boss]
            assign: { role: staff }
            body: [ { type: input, id: what, audience: [staff], attributes: { label: What } } ]
            """
        ])
        let guards = try await site.store.read(in: site.company.id) { try $0.guards(of: ["boss", "staff"]) }
        #expect(guards["boss"]?.sentence == "sees tickets")
        #expect(guards["staff"]?.sentence == "reads hidden answers")
    }

    @Test func `pausing and going on are in the audit log, once each`() async throws {
        let site = try await TestStore()
        for isPaused in [true, true, false] {
            _ = try await site.store.write(in: site.company.id) { try $0.setPaused(isPaused, now: 5) }
        }
        #expect(try await Self.entries(site, .assignmentPaused).map(\.subject) == [.company("acme")])
        #expect(try await Self.entries(site, .assignmentResumed).map(\.company) == ["acme"])
    }

    @Test func `a company's people and open tickets are counted, and so is all that the store holds`() async throws {
        let site = try await TestStore()
        let sizes = try await site.store.read { try $0.companySizes() }
        #expect(sizes[site.company.id]?.members == 4)
        #expect(sizes[site.company.id]?.openTickets == 0)
        let counts = try await site.store.read { try $0.sizes() }
        #expect(counts.tickets == 0)
        #expect(counts.audit > 0)
        #expect(counts.attachments.bytes == 0)
    }

    @Test func `a membership tells to which system roles it limits, even to ones that the account lacks`() async throws
    {
        let site = try await TestStore()
        let bob = try #require(site.people["bob"])
        try await site.store.write(in: site.company.id) {
            try $0.setMembership(of: bob, companyRoles: nil, only: [.user], now: 5)
        }
        #expect(try await site.store.read(in: site.company.id) { try $0.systemRoleLimit(of: bob) } == [.user])
        #expect(try await site.store.read { try $0.identity("bob") }?.memberships["acme"]?.systemRoles == [])
    }

    @Test func `the audit log is read by days, and page by page in both directions`() async throws {
        let site = try await TestStore()
        for now: Int64 in [100, 200, 300] {
            try await site.store.write { try $0.note(.keysRotated, .signingKey("\(now)"), now: now) }
        }
        func subjects(_ change: (inout AuditFilter) -> Void) async throws -> [String] {
            var filter = AuditFilter()
            filter.action = .keysRotated
            change(&filter)
            return try await site.store.read { [filter] in try $0.auditLog(filter).entries.map(\.subject.text) }
        }
        #expect(try await subjects { $0.from = 200 } == ["key 300", "key 200"])
        #expect(try await subjects { $0.to = 200 } == ["key 100"])
        #expect(
            try await subjects {
                $0.from = 150
                $0.to = 250
            } == ["key 200"])
        #expect(try await subjects { $0.from = 400 }.isEmpty)
        #expect(try await subjects { $0.to = 50 }.isEmpty)
        let all = try await site.store.read { try $0.auditLog(AuditFilter()).entries }
        let middle = try #require(all.first { $0.subject == .signingKey("200") })
        #expect(try await subjects { $0.before = middle.id } == ["key 100"])
        #expect(try await subjects { $0.after = middle.id } == ["key 300"])
    }
}
