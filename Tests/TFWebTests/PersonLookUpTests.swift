import HummingbirdTesting
import Testing

@testable import TFStore
@testable import tf_web

/// What a request asks the store to know who sends it, and in all.
@Suite struct PersonLookUpTests {
    fileprivate struct Asked {
        let statements: [String]

        var transactions: Int { statements.count { $0 == "BEGIN" } }

        var count: Int { statements.count - transactions }

        /// What is read of sessions, accounts and their rights.
        var ofPerson: [String] {
            statements.filter { statement in
                [
                    "FROM session s JOIN", "FROM api_key k", "SELECT * FROM account", "FROM account_role WHERE",
                    "FROM membership m JOIN company",
                ].contains { statement.contains($0) }
            }
        }
    }

    @Test func `a request looks up its person once, by two statements of one snapshot`() async throws {
        let fixture = try await WebFixture()
        let key = try await fixture.key(of: "robot")
        try await fixture.test { browser in
            try await browser.become("uma")
            let token = try await browser.token("uma")
            for (address, transactions, statements) in [
                // The account's page tells the titles of the company's roles and a planned absence, too.
                ("/account", 2, 6), ("/c/acme/my/tickets", 1, 11),
            ] {
                let asked = try await fixture.asked { try await browser.get(address) }
                expectOneLookUp(asked, address)
                #expect(asked.transactions <= transactions, "\(address)\n\(asked.statements)")
                #expect(asked.count <= statements, "\(address)\n\(asked.statements)")
            }
            for (address, token, transactions, statements) in [
                ("/api/v1/me", token, 1, 2), ("/api/v1/companies/acme/tickets", token, 1, 4), ("/api/v1/me", key, 1, 2),
            ] {
                let asked = try await fixture.asked { try await browser.json(address, .get, token: token) }
                expectOneLookUp(asked, address)
                #expect(asked.transactions <= transactions, "\(address)\n\(asked.statements)")
                #expect(asked.count <= statements, "\(address)\n\(asked.statements)")
            }
        }
    }

    private func expectOneLookUp(_ asked: Asked, _ address: String) {
        #expect(asked.ofPerson.count == 2, "\(address)\n\(asked.statements)")
        #expect(Array(asked.statements.prefix(3).dropFirst()) == asked.ofPerson, "\(address)")
    }

    @Test func `a person's roles count in each company as they are narrowed there`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        let other = try await store.write { session in
            let other = try session.addCompany(slug: "other", name: "Other", timezone: "Europe/Berlin", now: 1)
            for role in ["a", "b"] { try session.inside(other.id).addCompanyRole(role, now: 1) }
            return other
        }
        let account = try await store.write { session in
            let account = try session.addAccount(
                NewAccount(
                    login: "nora", name: "Nora", kind: .person, password: nil,
                    roles: [.user, .taskWorker, .ticketAdmin]), now: 1)
            try session.inside(other.id).setMembership(
                of: account, companyRoles: ["a", "b"], only: [.user, .taskWorker], now: 1)
            _ = try session.startSession(
                NewSession(id: "s", account: account, purpose: .web, refreshHash: "", agent: ""), now: fixture.site.now)
            return account
        }
        let session = try #require(try await store.read { try $0.session("s", now: fixture.site.now) })
        #expect(session.identity == (try await store.read { try $0.identity("nora") }))
        #expect(session.identity.account.id == account.id)
        #expect(session.identity.systemRoles == [.user, .taskWorker, .ticketAdmin])
        let membership = try #require(session.identity.memberships["other"])
        #expect(session.identity.memberships.count == 1)
        #expect(membership.companyRoles == ["a", "b"])
        #expect(membership.systemRoles == [.user, .taskWorker])
        #expect(membership.company == other)
    }
}

extension WebFixture {
    /// What the site's store is asked for one answer.
    fileprivate func asked(
        _ request: () async throws -> TestResponse
    ) async throws -> PersonLookUpTests.Asked {
        let statements = try await site.store.statements {
            let answer = try await request()
            #expect(answer.status == .ok)
        }
        return PersonLookUpTests.Asked(statements: statements)
    }

    /// The key of a new service account, used a moment ago.
    fileprivate func key(of login: String) async throws -> String {
        let text = APIKeyText.make()
        let key = try #require(APIKeyText(text))
        try await site.store.write { session in
            let account = try session.addAccount(
                NewAccount(login: login, name: login, kind: .service, password: nil, roles: [.user]), now: 1)
            try session.addAPIKey(id: key.id, hash: key.hash, name: "test", of: account, now: 1)
        }
        try await site.store.write { try $0.noteUse(ofKey: key.id, now: site.now) }
        return text
    }
}
