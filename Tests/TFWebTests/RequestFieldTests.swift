import HummingbirdTesting
import TFStore
import Testing

@testable import tf_web

/// How typed fields are read.
@Suite struct RequestFieldTests {
    @Test func `the space around a password belongs to it on pages too`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        let uma = try #require(try await site.store.read { try $0.account("uma") })
        let hash = try await site.passwords.hash(" a blue horse on 9 hills ")
        try await site.store.write { try $0.setPassword(hash, of: uma, keeping: nil, now: site.now) }
        try await fixture.test { browser in
            let trimmed = try await browser.login("uma", password: "a blue horse on 9 hills")
            #expect(trimmed.status == .unprocessableContent)
            let typed = try await browser.login(" uma ", password: " a blue horse on 9 hills ")
            #expect(typed.status == .seeOther)
        }
    }

    @Test func `who changes a thing sends what is to change, and who removes it sends nothing`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("ada")
            let bob = "/api/v1/companies/acme/members/bob"
            for path in ["/api/v1/users/bob", "/api/v1/companies/acme", bob] {
                #expect(try await browser.json(path, .patch, token: token).status == .unsupportedMediaType)
                #expect(try await browser.json(path, .patch, token: token, "{}").status == .ok)
            }
            let removed = try await browser.json(bob, .delete, token: token, "x", type: "text/plain")
            #expect(removed.status == .noContent)
        }
    }
}
