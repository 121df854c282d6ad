import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// What the site's admins do on their pages.
@Suite struct AdminPageTests {
    @Test func `people are found by name, and each row says what they may and whether they can sign in`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("ada")
            let all = try await browser.get("/admin/users").html
            #expect(all.contains("Bob Berger") && all.contains("Worker") && all.contains("Active"))
            #expect(!all.contains("/admin/users/system"), "the account of workflows is nobody's")
            #expect(all.contains("<td><p>"), "all that somebody may is read to its end")
            let found = try await browser.get("/admin/users?text=tisch").html
            #expect(found.contains("Tom Tischler") && !found.contains("Bob Berger"))
            #expect(found.contains("with “tisch” in the name"))
            let none = try await browser.get("/admin/users?text=zzz").html
            #expect(none.contains("Nobody matches") && none.contains("Show everybody"))
            #expect(all.contains("href=\"/admin/users?role=task_worker\">Worker</a>"))
            #expect(all.contains("href=\"/admin/users?company=globex\">Globex</a>"))
            let admins = try await browser.get("/admin/users?role=ticket_admin&company=globex").html
            #expect(admins.contains("Gina Gross") && !admins.contains("Tom Tischler"))
        }
    }

    @Test func `an account is changed on its page, and a box that is not ticked is a role taken`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        try await fixture.test { browser in
            try await browser.become("ada")
            let page = "/admin/users/bob"
            let saved = try await browser.submit(
                page, to: page,
                [("name", "Bob B. Berger"), ("email", "bob@example.org"), ("roles", ""), ("roles", "user")])
            #expect(saved.headers[.location] == page)
            let bob = try #require(try await store.read { try $0.identity("bob") })
            #expect(bob.account.name == "Bob B. Berger")
            #expect(bob.account.email == "bob@example.org")
            #expect(bob.systemRoles == [.user])
            let wrong = try await browser.submit(page, to: page, [("email", "two@a.org, three@b.org"), ("roles", "")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("E-mail must be one e-mail address"))
            let emptied = try await browser.submit(page, to: page, [("email", ""), ("roles", "")])
            #expect(emptied.status == .seeOther)
            let bare = try #require(try await store.read { try $0.identity("bob") })
            #expect(bare.account.email == nil)
            #expect(bare.systemRoles.isEmpty)
        }
    }

    @Test func `a page of the site says in which zone its times are, and of each period that it is in days`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("ada")
            for page in ["/admin/users", "/admin/users/uma", "/admin/queues", "/admin/audit"] {
                let shown = try await browser.get(page).html
                #expect(shown.components(separatedBy: "Times are in UTC.").count == 2, "\(page): \(shown)")
            }
            let system = try await browser.get("/admin/system").html
            #expect(system.firstMatch(of: /as of \d\d:\d\d, UTC</) != nil, "\(system)")
            #expect(
                system.contains("<dt class=sm>retention.sessions · TF_RETENTION_SESSIONS</dt><dd>60 days</dd>"),
                "\(system)")
            #expect(system.contains("<dt class=sm>upgrade.backups · TF_UPGRADE_BACKUPS</dt><dd>2 copies</dd>"))
            // Whoever belongs to one company alone is in its time on every page, and is told so.
            let ada = try #require(try await fixture.site.store.read { try $0.account("ada") })
            try await fixture.site.store.write(in: fixture.acme.id) {
                try $0.setMembership(of: ada, companyRoles: [], only: [], now: 1)
            }
            let own = try await browser.get("/admin/system").html
            #expect(own.firstMatch(of: /as of \d\d:\d\d, Berlin time</) != nil, "\(own)")
        }
    }

    @Test(arguments: [
        (
            "/admin/invitation", [("name", ""), ("login", "uma"), ("email", "two@a.org, three@b.org")],
            [
                ("name", "Enter the name, such as Bob Berger"), ("login", "Choose another user name: uma is taken"),
                ("email", "E-mail must be one e-mail address, such as uma@example.org"),
            ]
        ),
        (
            "/admin/companies", [("name", ""), ("slug", "acme"), ("timezone", "Mars/Olympus")],
            [
                ("name", "Enter the name, such as Acme"), ("slug", "Choose another short name: acme is taken"),
                ("timezone", "Time zone must be one that is known, such as Europe/Berlin"),
            ]
        ),
        (
            "/c/acme/roles", [("title", String(repeating: "x", count: 300)), ("name", "IT staff")],
            [("title", "Name must be 200 characters or fewer"), ("name", "Short name must be")]
        ),
        (
            "/account/password", [("password", "wrong"), ("new", "short")],
            [("password", "The present password is not right"), ("new", "Password must be")]
        ),
    ])
    func `a form tells all its errors at once, each beside its field and by its label`(
        _ form: String, _ typed: [(String, String)], _ errors: [(field: String, message: String)]
    ) async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            let page = form == "/account/password" ? "/account" : form
            let sent = try await browser.submit(page, to: form, typed)
            #expect(sent.status == .unprocessableContent)
            for (field, message) in errors {
                #expect(sent.html.contains("<li><a href=\"#f-\(field)\">\(message)"), "\(message): \(sent.html)")
                #expect(sent.html.contains("id=\"f-\(field):error\"><span class=\"vh\">Error: </span>\(message)"))
            }
        }
    }

    @Test func `a name that is taken is told beside its field, alone too`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            let sent = try await browser.submit(
                "/admin/companies", to: "/admin/companies", [("name", "Other"), ("slug", "acme"), ("timezone", "")])
            #expect(sent.status == .unprocessableContent)
            #expect(sent.html.contains("<a href=\"#f-slug\">Choose another short name: acme is taken"), "\(sent.html)")
        }
    }

    @Test func `a name that somebody empties is asked for, not silently kept`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            for (page, fields, said) in [
                ("/admin/users/bob", [("name", " "), ("roles", "user")], "Enter the name, such as Bob Berger"),
                ("/admin/companies/acme", [("name", ""), ("timezone", "UTC")], "Enter the name, such as Acme"),
                ("/admin/companies/acme", [("name", "Acme"), ("timezone", "")], "Enter a time zone"),
                ("/c/acme/roles/it-staff", [("title", "")], "Enter its name for people"),
            ] {
                let answer = try await browser.submit(page, to: page, fields)
                #expect(answer.status == .unprocessableContent, "\(page) \(fields)")
                // Above the page and beside the field.
                #expect(answer.html.components(separatedBy: said).count == 3, "\(page) \(fields)")
            }
        }
    }

    @Test func `disabling asks first, with what it does, and can be undone`() async throws {
        let fixture = try await WebFixture.fullSite()
        let store = fixture.site.store
        try await fixture.test { browser in
            try await browser.become("ada")
            let question = try await browser.get("/admin/users/dave/standing").html
            #expect(question.contains("Disable the account of Dave Diaz?"))
            #expect(question.contains("back to be assigned"))
            let page = "/admin/users/dave"
            let disabled = try await browser.submit("\(page)/standing", to: page, [("disabled", "true")])
            #expect(disabled.headers[.location] == page)
            #expect(try await store.read { try $0.account("dave") }?.isDisabled == true)
            #expect(try await browser.get(page).html.contains("This account is disabled"))
            #expect(try await browser.get("/admin/users?state=disabled").html.contains("Dave Diaz"))
            let enabled = try await browser.submit("\(page)/standing", to: page, [("disabled", "false")])
            #expect(enabled.status == .seeOther)
            #expect(try await store.read { try $0.account("dave") }?.isDisabled == false)
        }
    }

    @Test func `nobody is offered to change their own roles or to disable themselves`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            let page = try await browser.get("/admin/users/ada").html
            #expect(!page.contains("name=\"roles\"") && !page.contains("Disable the account"))
            #expect(page.contains("Nobody changes their own system roles"))
            #expect(try await browser.get("/admin/users/ada/standing").status == .forbidden)
            let forced = try await browser.submit(
                "/admin/users/ada", to: "/admin/users/ada", [("roles", "user")])
            #expect(forced.status == .conflict)
        }
    }

    @Test func `an invitation is a link that is shown once and sets the first password`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("ada")
            let page = "/admin/invitation"
            let missing = try await browser.submit(page, to: page, [("login", "nina"), ("roles", "")])
            #expect(missing.status == .unprocessableContent)
            #expect(missing.html.contains("Enter the name, such as Bob Berger"))
            let made = try await browser.submit(
                page, to: page,
                [("login", "nina"), ("name", "Nina Neu"), ("kind", "person"), ("roles", ""), ("roles", "user")])
            #expect(made.status == .ok)
            let link = try #require(made.html.firstMatch(of: /http:\/\/localhost(\/invite\/[A-Za-z0-9_-]+)/))
            #expect(try await browser.get("/admin/users/nina").html.contains("Invited"))
            browser.forgetCookies()
            let path = String(link.output.1)
            let set = try await browser.submit(path, to: path, [("password", "a blue horse on 9 hills")])
            #expect(set.headers[.location] == "/login")
            #expect(try await browser.login("nina", password: "a blue horse on 9 hills").status == .seeOther)
        }
    }

    @Test func `whoever is invited gets companies and roles at once, or their absence is told`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("ada")
            let page = "/admin/invitation"
            let form = try await browser.get(page).html
            #expect(form.contains("name=\"companies\" value=\"acme\""))
            #expect(form.contains("name=\"company_roles\" value=\"acme:it-staff\""))
            func invite(_ login: String, _ more: [(String, String)]) async throws -> TestResponse {
                try await browser.submit(
                    page, to: page,
                    [("login", login), ("name", "Nina Neu"), ("kind", "person"), ("roles", "user")] + more)
            }
            let wrong = try await invite("nina", [("companies", "acme"), ("company_roles", "acme:kings")])
            #expect(wrong.status == .unprocessableContent && wrong.html.contains("has no role &quot;kings&quot;"))
            #expect(wrong.html.contains("name=\"companies\" value=\"acme\" checked"), "what was ticked stays")
            let made = try await invite("nina", [("companies", "acme"), ("company_roles", "acme:it-staff")])
            #expect(made.html.contains("Nina Neu belongs to Acme."), "\(made.html)")
            let none = try await invite("nora", [("companies", "")])
            #expect(none.html.contains("belongs to no company yet, and will see nothing"))
            let hidden = try await invite("nils", [("companies", ""), ("company_roles", "acme:it-staff")])
            #expect(hidden.html.contains("belongs to no company yet"), "the role's box is only hidden")
        }
        let nina = try #require(try await fixture.site.store.read { try $0.identity("nina") })
        #expect(nina.memberships.mapValues(\.companyRoles) == ["acme": ["it-staff"]])
        for login in ["nora", "nils"] {
            #expect(
                try await fixture.site.store.read { try $0.identity(login)?.memberships.isEmpty } == true, "\(login)")
        }
    }

    @Test func `whoever is invited gets no tasks before they have chosen a password`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            func isAvailable() async throws -> Bool? {
                try await fixture.site.store.read { try $0.identity("nina")?.memberships["acme"]?.isAvailable }
            }
            try await browser.become("ada")
            let page = "/admin/invitation"
            let made = try await browser.submit(
                page, to: page,
                [("login", "nina"), ("name", "Nina Neu"), ("kind", "person"), ("roles", ""), ("companies", "acme")])
            #expect(made.html.contains("Nina Neu may do nothing yet"), "\(made.html)")
            #expect(try await isAvailable() == false)
            let link = try #require(made.html.firstMatch(of: /http:\/\/localhost(\/invite\/[A-Za-z0-9_-]+)/))
            browser.forgetCookies()
            let path = String(link.output.1)
            let set = try await browser.submit(path, to: path, [("password", "a blue horse on 9 hills")])
            #expect(set.status == .seeOther)
            #expect(try await isAvailable() == true)
        }
    }

    @Test func `a form of a link that is sent again gets its answer, unless the store cannot tell it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            try await browser.become("ada")
            let made = try await browser.submit("/admin/users/uma", to: "/admin/users/uma/password-link", [])
            let link = try #require(made.html.firstMatch(of: /http:\/\/localhost(\/reset\/[A-Za-z0-9_-]+)/))
            let path = String(link.output.1)
            browser.forgetCookies()
            let form =
                Browser.hidden(in: try await browser.get(path).html) + [("password", "a blue horse on 9 hills")]
            for _ in 1...2 { #expect(try await browser.post(path, form).headers[.location] == "/login") }
            let other = form.filter { $0.0 != "password" } + [("password", "a green horse on 9 hills")]
            #expect(try await browser.post(path, other).html.contains("This link was used already"))
            try await fixture.site.store.write {
                try $0.connection.script("ALTER TABLE idempotency_key RENAME TO lost")
            }
            #expect(try await browser.post(path, form).status == .internalServerError)
        }
    }

    @Test func `a link that was used, replaced or made up says what to do`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            func link() async throws -> String {
                let made = try await browser.submit("/admin/users/uma", to: "/admin/users/uma/password-link", [])
                return String(
                    try #require(made.html.firstMatch(of: /http:\/\/localhost(\/reset\/[A-Za-z0-9_-]+)/)).output.1)
            }
            let (old, new) = (try await link(), try await link())
            browser.forgetCookies()
            let replaced = try await browser.get(old)
            #expect(replaced.status == .notFound)
            #expect(replaced.html.contains("A newer link may have replaced it"))
            #expect(
                try await browser.submit(new, to: new, [("password", "a blue horse on 9 hills")]).status == .seeOther)
            let used = try await browser.get(new)
            #expect(used.status == .gone)
            #expect(used.html.contains("This link was used already") && used.html.contains("href=\"/login\""))
        }
    }

    @Test func `an admin ends somebody's sessions, and the log says who did`() async throws {
        try await WebFixture().test { browser in
            let token = try await browser.token("uma")
            try await browser.become("ada")
            let page = "/admin/users/uma"
            let path = try #require(
                try await browser.get(page).html.firstMatch(
                    of: /\/admin\/users\/uma\/sessions\/[A-Za-z0-9_-]+\/revocation/)
            ).output
            #expect(try await browser.submit(page, to: String(path), []).headers[.location] == page)
            #expect(try await browser.json("/api/v1/me", .get, token: token).status == .unauthorized)
            let again = try await browser.token("uma")
            _ = try await browser.submit(page, to: "\(page)/other-sessions/revocation", [])
            #expect(try await browser.json("/api/v1/me", .get, token: again).status == .unauthorized)
            let log = try await browser.get("/admin/audit?action=session-ended").html
            #expect(log.contains("Ada Admin") && log.contains("Uma Ulrich") && log.contains("Ended by an admin"))
        }
    }
}
