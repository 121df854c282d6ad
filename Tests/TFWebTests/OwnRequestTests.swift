import Hummingbird
import HummingbirdTesting
import TFStore
import Testing

@testable import tf_web

/// Requests that take several transactions on purpose.
@Suite struct OwnRequestTests {
    @Test func `a session that ends while a password is hashed changes nothing any more`() async throws {
        let fixture = try await WebFixture()
        let site = fixture.site
        var table = buildRoutes(site)
        table.own(.post, "/account/slow", .useSite, on: .account) { request, own in
            let signedIn = request.signedIn
            try await site.store.write {
                try $0.endSession(signedIn.session, of: signedIn.account, because: .endedByPerson, now: request.now)
            }
            try await own.write { try $0.setPassword("hash", of: signedIn.account, keeping: nil, now: request.now) }
            return .seeOther("/done")
        }
        let application = Application(router: buildRouter(site, table))
        try await application.test(.router) { client in
            let browser = Browser(client: client, site: site)
            try await browser.become("uma")
            let form = Browser.hidden(in: try await browser.get("/account").html)
            let answer = try await browser.post("/account/slow", form)
            #expect(answer.headers[.location]?.hasPrefix("/login") == true)
        }
        let uma = try #require(try await site.store.read { try $0.account("uma") })
        #expect(uma.password != "hash")
    }

    @Test func `the page of a lost race shows no password that was typed`() async throws {
        let fixture = try await WebFixture()
        var table = buildRoutes(fixture.site)
        table.own(.post, "/account/lost", .useSite, on: .account) { _, _ in
            throw Failure.conflict("somebody was faster")
        }
        let application = Application(router: buildRouter(fixture.site, table))
        try await application.test(.router) { client in
            let browser = Browser(client: client, site: fixture.site)
            try await browser.become("uma")
            let form = Browser.hidden(in: try await browser.get("/account").html)
            let typed = [("password", "a blue horse"), ("new", "on 9 hills"), ("name", "Uma the Second")]
            let answer = try await browser.post("/account/lost", form + typed)
            #expect(answer.status == .conflict)
            #expect(answer.html.contains("Uma the Second"))
            #expect(!answer.html.contains("a blue horse") && !answer.html.contains("on 9 hills"))
        }
    }
}
