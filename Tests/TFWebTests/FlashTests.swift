import HTTPTypes
import HummingbirdTesting
import Testing

@testable import tf_web

/// The sentence after a change.
@Suite struct FlashTests {
    @Test func `what was done is told at its address alone, and once`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let said = "Your name and e-mail address are saved."
            let saved = try await browser.submit("/account", to: "/account", [("name", "Uma U."), ("email", "")])
            #expect(saved.headers[.location] == "/account", "\(saved.html)")
            // Other tabs load a page, a live part, and what is not there.
            for path in ["/c/acme/my/tickets", "/c/acme/my/tickets/rows", "/nowhere"] {
                #expect(!(try await browser.get(path).html.contains(said)), "\(path)")
            }
            #expect(try await browser.get("/account").html.contains(said))
            #expect(!(try await browser.get("/account").html.contains(said)))
        }
    }

    @Test func `what is told at an address that leads on is told on the page behind it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("uma")
            let told = fixture.site.seen("/", saying: Flash("An old token was used.")).response
            let cookie = try #require(told.headers[.setCookie]).prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            browser.setCookies([String(cookie[0]): String(cookie[1])])
            var location = "/"
            while let next = try await browser.get(location).headers[.location] { location = next }
            #expect(location == "/c/acme/my/tickets")
            // The page has been loaded once, by the loop.
            #expect(!(try await browser.get(location).html.contains("An old token was used.")))
            browser.setCookies([String(cookie[0]): String(cookie[1])])
            let company = try #require(try await browser.get("/").headers[.location])
            let list = try #require(try await browser.get(company).headers[.location])
            #expect(try await browser.get(list).html.contains("An old token was used."))
        }
    }

    @Test(arguments: [
        Flash("Saved."), Flash("<b>&“X”"),
        Flash("“Check” for #3 A <i>&\"chair is done.", linking: Link("/t/3", "#3 A <i>&\"chair")),
        Flash("Nothing of that", linking: Link("/t/3", "#3")),
    ])
    func `what is told comes back from its text, and nothing in it is markup`(_ flash: Flash) {
        #expect(Flash(text: flash.text) == flash)
        let html = String(decoding: flash.html.bytes, as: UTF8.self)
        #expect(!html.contains("<b>") && !html.contains("<i>"))
        #expect(html.contains("<a href=\"/t/3\">#3 A &lt;i&gt;") == (flash.link != nil))
    }

    @Test func `a finished task is told by its name and answer, with a link to it and the name of the next`()
        async throws
    {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            try await browser.become("dave")
            let list = try await browser.get("/c/acme/my/tasks").html
            let path = String(try #require(list.firstMatch(of: /href="?(\/c\/acme\/tasks\/[0-9]+)/)?.output.1))
            let page = try await browser.get(path).html
            let outcome = try #require(page.firstMatch(of: /name="?outcome"? value="?([a-z_-]+)/)?.output.1)
            let done = try await browser.submit(path, to: "\(path)/completion", [("outcome", String(outcome))])
            let next = try await browser.get(try #require(done.headers[.location], "\(done.html)")).html
            #expect(
                next.contains(
                    /<b>Done.<\/b> .*<a href="\/c\/acme\/tasks\/[0-9]+">(?:“[^<]+” for )?#[0-9]+ [^<]+<\/a> (is finished|was answered “[^”]+”)\. Your next task is “[^<]+”\./
                ), "\(next)")
        }
    }
}
