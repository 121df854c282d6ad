import Hummingbird
import HummingbirdTesting
import TFStore
import TestSupport
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

    private struct Broken: Error {}

    @Test func `a page that cannot be shown after a lost race is told by the log, and the race all the same`()
        async throws
    {
        let log = LogRecorder()
        let site = try await Site(settings: try await WebFixture().site.settings, logger: log.logger)
        var table = buildRoutes(site)
        table.page("/account/lost", .useSite, on: .account) { _, _ in throw Broken() }
        table.own(.post, "/account/lost", .useSite, on: .account) { _, _ in
            throw Failure.conflict("somebody was faster")
        }
        let application = Application(router: buildRouter(site, table), logger: site.logger)
        try await application.test(.router) { client in
            let browser = Browser(client: client, site: site)
            try await browser.become("uma")
            let form = Browser.hidden(in: try await browser.get("/account").html)
            let answer = try await browser.post("/account/lost", form + [("name", "Uma the Second")])
            #expect(answer.status == .conflict)
            #expect(answer.html.contains("Uma the Second") && answer.html.contains("Go on from here"))
        }
        let told = log.lines.filter { $0.hasPrefix("error: ") }
        #expect(told.count == 1)
        #expect(
            told.first?.hasPrefix("error: a page cannot be shown after a conflict error=Broken() request=") == true,
            "\(told)")
        #expect(told.first?.hasSuffix(" route=/account/lost") == true, "\(told)")
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
