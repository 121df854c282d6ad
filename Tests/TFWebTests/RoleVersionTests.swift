import HTTPTypes
import HummingbirdTesting
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// Two people who change who has a role at the same time.
@Suite struct RoleVersionTests {
    @Test func `whoever saves a role second learns of it, and nothing is changed`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("tom")
            let path = "/c/acme/roles/it-staff"
            let stale = Browser.hidden(in: try await browser.get(path).html)
            #expect(stale.contains { $0.0 == "version" })
            let first = try await browser.submit(path, to: path, [("title", "The helpers"), ("members", "dave")])
            #expect(first.status == .seeOther)
            let second = try await browser.post(path, stale + [("title", "Mine"), ("members", "erin")])
            #expect(second.status == .conflict)
            #expect(second.html.contains("The role The helpers was changed meanwhile"))
            #expect(try await browser.get(path).html.contains("<h1>The helpers"))

            let token = try await browser.token("tom")
            let operation = "/api/v1/companies/acme/roles/it-staff"
            let refused = try await browser.json(operation, .patch, token: token, #"{"title":"X","version":1}"#)
            #expect(refused.status == .conflict)
            let saved = try await browser.json(operation, .patch, token: token, #"{"title":"X"}"#)
            #expect(try JSON(parsing: saved.html)["version"].intValue.map { $0 > 1 } == true)
        }
    }

    @Test func `a membership's form is stale after a role of it was given elsewhere`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            let path = "/admin/companies/acme/members/dave"
            let stale = Browser.hidden(in: try await browser.get(path).html)
            let role = "/c/acme/roles/buyer"
            _ = try await browser.submit(role, to: role, [("title", "Buyer"), ("members", "erin")])
            let late = try await browser.post(path, stale + [("company_roles", "it-staff"), ("counting", "all")])
            #expect(late.status == .conflict)
            #expect(late.html.contains("What Dave Diaz is here was changed meanwhile"))
            let again = try await browser.submit(path, to: path, [("company_roles", "it-staff"), ("counting", "all")])
            #expect(again.status == .seeOther)
        }
    }

    @Test func `nobody changes their own system roles, and is told so`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("ada")
            let answer = try await browser.json("/api/v1/users/ada", .patch, token: token, #"{"roles":["user"]}"#)
            #expect(answer.status == .conflict)
            #expect(answer.html.contains("you cannot change your own system roles"))
        }
    }

    @Test func `a page says which conditions of its address it passed over, and why`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("tom")
            let page = try await browser.get("/c/acme/tickets?state=opne&type=thing&elsewhere=1").html
            #expect(page.contains("Part of the address was passed over"))
            #expect(page.contains("State must be one of open, closed, cancelled, failed, all; did you mean"))
            #expect(!page.contains("Elsewhere"))
            let right = try await browser.get("/c/acme/tickets?state=open&type=").html
            #expect(!right.contains("Part of the address was passed over"))
        }
    }
}
