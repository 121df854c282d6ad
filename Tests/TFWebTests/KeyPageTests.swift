import HTTPTypes
import HummingbirdTesting
import Testing

@testable import TFStore
@testable import tf_web

/// The API keys of programs as an admin makes and revokes them.
@Suite struct KeyPageTests {
    private static let page = "/admin/users/etl"

    /// With a program that is a worker.
    private static func site() async throws -> WebFixture {
        let fixture = try await WebFixture()
        _ = try await fixture.site.store.write { session in
            try session.addAccount(
                NewAccount(login: "etl", name: "ETL", kind: .service, password: nil, roles: [.taskWorker]),
                now: fixture.site.now)
        }
        return fixture
    }

    @Test func `a key is shown once, signs the program in, and does so no more when it is revoked`() async throws {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("ada")
            #expect(try await browser.get(Self.page).html.contains("None yet."))
            let made = try await browser.submit(Self.page, to: "\(Self.page)/keys", [("name", "Nightly <import>")])
            #expect(made.status == .ok)
            #expect(made.html.contains("The key “Nightly &lt;import&gt;” is made"))
            let key = String(try #require(made.html.firstMatch(of: /<span id="key">(tfk_[0-9a-f_]+)</)?.output.1))
            let known = try await browser.json("/api/v1/me", .get, token: key)
            #expect(known.status == .ok && known.html.contains("\"etl\""))
            let shown = try await browser.get(Self.page).html
            #expect(shown.contains("<b>Nightly &lt;import&gt;</b>") && !shown.contains(key))
            let path = String(try #require(shown.firstMatch(of: /formaction="([^"]+\/revocation)"/)?.output.1))
            #expect(try await browser.submit(Self.page, to: path, []).headers[.location] == Self.page)
            #expect(try await browser.json("/api/v1/me", .get, token: key).status == .unauthorized)
            #expect(try await browser.get(Self.page).html.contains("Revoked "))
            #expect(try await browser.submit(Self.page, to: path, []).status == .notFound, "it is revoked already")
        }
        let told = try await fixture.site.store.read { session in
            try session.all(String.self, "SELECT action FROM audit WHERE action LIKE 'key-%' ORDER BY id")
        }
        #expect(told.count == 2)
    }

    @Test func `the form of a key that is sent again makes no other one, and says that the key was shown`() async throws
    {
        let fixture = try await Self.site()
        try await fixture.test { browser in
            try await browser.become("ada")
            let fields = Browser.hidden(in: try await browser.get(Self.page).html) + [("name", "import")]
            #expect(try await browser.post("\(Self.page)/keys", fields).status == .ok)
            for _ in 0..<2 {
                let again = try await browser.post("\(Self.page)/keys", fields)
                #expect(again.headers[.location] == Self.page)
            }
            #expect(try await browser.get(Self.page).html.contains("It was done before, and shown then"))
        }
        let keys = try await fixture.site.store.read { try $0.all(Int.self, "SELECT COUNT(*) FROM api_key") }
        #expect(keys == [1])
    }

    @Test func `a key needs a name, people have none, and only an admin makes one`() async throws {
        try await Self.site().test { browser in
            try await browser.become("ada")
            let unnamed = try await browser.submit(Self.page, to: "\(Self.page)/keys", [("name", " ")])
            #expect(unnamed.status == .unprocessableContent)
            #expect(unnamed.html.contains("Say what the key is for"))
            #expect(try await !browser.get("/admin/users/uma").html.contains("API keys"))
            let person = try await browser.submit("/account", to: "/admin/users/uma/keys", [("name", "Mine")])
            #expect(person.status == .unprocessableContent)
            browser.forgetCookies()
            try await browser.become("tom")
            let other = try await browser.submit("/account", to: "\(Self.page)/keys", [("name", "Mine")])
            #expect(other.status == .forbidden)
        }
    }
}
