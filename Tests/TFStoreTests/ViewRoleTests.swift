import TFDefinition
import TFExpression
import TFStore
import TestSupport
import Testing

/// A role that decides who sees tickets or hidden answers is given and taken by admins and by those who hold it.
@Suite(.onBothEngines) struct ViewRoleTests {
    private static let secret = [
        "s.ticket.yaml": """
        ticket: secret
        name: Secret
        description: S
        title: S
        view_roles: [boss]
        assign: { role: staff }
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """
    ]

    /// Bob and Carol hold "boss", which the type names; Tom manages tickets and holds nothing; Ada and Eve are
    /// admins.
    private static func site() async throws -> TestStore {
        var site = try await TestStore()
        try await site.publish(secret)
        for (login, role) in [("tom", SystemRole.ticketAdmin), ("ada", .admin), ("eve", .admin)] {
            let account = try await site.store.write {
                try $0.addAccount(
                    NewAccount(login: login, name: login, kind: .person, password: nil, roles: [role]), now: 1)
            }
            if login == "tom" {
                try await site.store.write(in: site.company.id) {
                    try $0.setMembership(of: account, companyRoles: [], only: [], now: 1)
                }
            }
            site.people[login] = account
        }
        return site
    }

    private static func store(_ site: TestStore, as login: String) throws -> CompanyStore {
        let account = try #require(site.people[login])
        return site.store.acting(for: Caller(name: login, account: account.id)).inside(site.company.id)
    }

    private static func bosses(_ site: TestStore) async throws -> [String] {
        try #require(await site.store.read(in: site.company.id) { try $0.roleMembers() }.first { $0.role == "boss" })
            .members
    }

    /// Fails where the change is not refused with a sentence that names the role.
    private static func expectRefused(_ change: () async throws -> Void) async {
        do {
            try await change()
            Issue.record("it was not refused")
        } catch StoreError.forbidden(let sentence) {
            #expect(sentence.contains("\"boss\""))
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func `a ticket admin who does not hold it neither gives nor takes it, in any way`() async throws {
        let site = try await Self.site()
        let tom = try Self.store(site, as: "tom")
        let (toms, bobs) = (try #require(site.people["tom"]), try #require(site.people["bob"]))
        for logins: Set<String> in [["bob", "carol", "tom"], ["tom"], ["bob"], []] {
            await Self.expectRefused {
                try await tom.write { try $0.changeRole("boss", CompanyRoleChange(members: logins), now: 5) }
            }
        }
        let changes: [(Account, Set<String>)] = [(toms, ["boss"]), (bobs, []), (bobs, ["staff"])]
        for (account, roles) in changes {
            await Self.expectRefused {
                try await tom.write {
                    try $0.setMembership(of: account, companyRoles: roles, only: nil, now: 5)
                }
            }
        }
        await Self.expectRefused { try await tom.write { try $0.removeMembership(of: bobs, now: 5) } }
        #expect(try await Self.bosses(site) == ["bob", "carol"])
    }

    /// Types and tasks that show "boss" an answer, with what the refusal says that the role shows.
    private static let audiences: [(files: [String: String], shown: String)] = {
        let body = "body: [ { type: input, id: pay, attributes: { label: Pay }, audience: [ticket_admin, boss] } ]\n"
        let ticket = "name: Pay\ndescription: P\ntitle: P\nassign: { role: staff }\n"
        return [
            (["p.ticket.yaml": ticket + body], "decides who reads hidden answers:"),
            (["p.task.yaml": "task: p\nassign: { role: staff }\n" + body], "decides who reads hidden answers:"),
            (
                ["p.ticket.yaml": ticket + "view_roles: [boss]\n" + body],
                "decides who sees tickets and reads hidden answers:"
            ),
        ]
    }()

    @Test(arguments: 0..<3) func `so is a role that reads hidden answers, as long as a form in force names it`(
        _ number: Int
    ) async throws {
        let (files, shown) = Self.audiences[number]
        let site = try await Self.site()
        let tom = try Self.store(site, as: "tom")
        let toms = try #require(site.people["tom"])
        try await site.publish(files)
        for change: @Sendable (CompanyWriteSession) throws -> Void in [
            { try $0.changeRole("boss", CompanyRoleChange(members: ["bob", "carol", "tom"]), now: 5) },
            { try $0.setMembership(of: toms, companyRoles: ["boss"], only: nil, now: 5) },
        ] {
            let error = await #expect(throws: StoreError.self) { try await tom.write(change) }
            guard case .forbidden(let sentence)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(sentence.contains("\"boss\" " + shown))
        }
        #expect(try await Self.bosses(site) == ["bob", "carol"])
        let bob = try Self.store(site, as: "bob")
        try await bob.write {
            try $0.changeRole("boss", CompanyRoleChange(members: ["bob"]), now: 6)
        }
        // Roles that no form names stay the ticket admin's to give.
        try await tom.write { try $0.changeRole("staff", CompanyRoleChange(members: ["tom"]), now: 7) }
        try await site.publish(TestStore.files)
        try await tom.write { try $0.changeRole("boss", CompanyRoleChange(members: ["bob", "tom"]), now: 8) }
        #expect(try await Self.bosses(site) == ["bob", "tom"])
    }

    @Test func `what leaves the role untouched goes on`() async throws {
        let site = try await Self.site()
        let tom = try Self.store(site, as: "tom")
        let (bob, dave) = (try #require(site.people["bob"]), try #require(site.people["dave"]))
        try await tom.write {
            try $0.changeRole("boss", CompanyRoleChange(members: ["bob", "carol"]), now: 5)
        }
        try await tom.write { try $0.changeRole("staff", CompanyRoleChange(members: ["tom"]), now: 5) }
        try await tom.write {
            try $0.setMembership(
                of: bob, companyRoles: ["boss", "staff"], only: [.taskWorker], now: 5)
        }
        try await tom.write { try $0.removeMembership(of: dave, now: 5) }
        #expect(try await Self.bosses(site) == ["bob", "carol"])
    }

    @Test(arguments: ["bob", "ada"]) func `a holder and an admin give and take it`(_ login: String) async throws {
        let site = try await Self.site()
        let store = try Self.store(site, as: login)
        try await store.write {
            try $0.changeRole("boss", CompanyRoleChange(members: ["bob", "tom"]), now: 5)
        }
        #expect(try await Self.bosses(site) == ["bob", "tom"])
        let carol = try #require(site.people["carol"])
        try await store.write {
            try $0.setMembership(of: carol, companyRoles: ["boss"], only: nil, now: 5)
        }
        #expect(try await Self.bosses(site) == ["bob", "carol", "tom"])
    }

    @Test func `the operator's commands give it`() async throws {
        let site = try await Self.site()
        let tom = try #require(site.people["tom"])
        try await site.store.acting(for: Caller(name: "tf-web user member")).write {
            try $0.inside(site.company.id).setMembership(
                of: tom, companyRoles: ["boss"], only: nil, now: 5)
        }
        #expect(try await Self.bosses(site) == ["bob", "carol", "tom"])
    }

    @Test func `what the caller was before they lost it does not count`() async throws {
        let site = try await Self.site()
        let bob = try Self.store(site, as: "bob")
        try await site.store.write(in: site.company.id) {
            try $0.changeRole("boss", CompanyRoleChange(members: ["carol"]), now: 5)
        }
        await Self.expectRefused {
            try await bob.write {
                try $0.changeRole("boss", CompanyRoleChange(members: ["bob", "carol"]), now: 6)
            }
        }
        let ada = try Self.store(site, as: "ada")
        try await site.store.write { try $0.disableAccount("ada", now: 7) }
        await Self.expectRefused {
            try await ada.write { try $0.changeRole("boss", CompanyRoleChange(members: []), now: 8) }
        }
    }

    @Test func `a role still narrows when its type is gone and a ticket of it is there, and no more when none is`()
        async throws
    {
        let site = try await Self.site()
        let tom = try Self.store(site, as: "tom")
        let uma = try #require(site.people["uma"])
        // Another set of files: the type is retired.
        try await site.publish(TestStore.files)
        try await tom.write { try $0.changeRole("boss", CompanyRoleChange(members: ["carol"]), now: 5) }
        try await site.publish(Self.secret)
        _ = try await site.store.inside(site.company.id).submitTicket(
            TicketSubmission(type: "secret", requester: uma, title: nil, answers: [:]), now: 6)
        try await site.publish(TestStore.files)
        await Self.expectRefused {
            try await tom.write { try $0.changeRole("boss", CompanyRoleChange(members: ["tom"]), now: 8) }
        }
    }
}
