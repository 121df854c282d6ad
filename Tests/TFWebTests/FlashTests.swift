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
}
