import Testing

@testable import tf_web

@Suite struct HelpTests {
    @Test func `help is at the foot of every page, and tells what the visitor may do`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            #expect(try await browser.get("/help").headers[.location]?.hasPrefix("/login") == true)
            for (login, told, kept) in [
                ("dave", "Do tasks", "Run the site"), ("tom", "Look after tickets", "Run the site"),
                ("ada", "Run the site", "Do tasks"), ("wanda", "Write workflows", "Run the site"),
            ] {
                browser.forgetCookies()
                try await browser.become(login)
                let help = try await browser.get("/help").html
                #expect(help.contains("<h2>\(told)</h2>"), "\(login)")
                #expect(!help.contains("<h2>\(kept)</h2>"), "\(login)")
                #expect(help.contains("href=\"/api/openapi.json\"") == ["ada", "wanda"].contains(login))
                #expect(help.contains("<a class=end href=/help>Help</a></footer>"))
            }
        }
    }
}
