import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TFDefinition
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Companies, memberships and company roles on their pages.
@Suite struct CompanyPageTests {
    @Test func `an admin who belongs to no company finds the way into each, from every page`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            #expect(try await browser.get("/").headers[.location] == "/admin/companies")
            for path in ["/admin/companies", "/admin/users", "/notifications", "/c/globex/tickets"] {
                let page = try await browser.get(path).html
                #expect(page.contains(#"<li><a href="/c/acme">Acme</a></li>"#), "\(path): \(page)")
            }
            #expect(try await browser.get("/c/acme").headers[.location] == "/c/acme/tickets")
            browser.forgetCookies()
            try await browser.become("uma")
            #expect(!(try await browser.get("/account").html.contains("/c/globex")))
        }
    }

    /// Companies `x10` and so on.
    private static func add(_ numbers: Range<Int>, to fixture: WebFixture) async throws {
        try await fixture.site.store.write { [now = fixture.site.now] session in
            for number in numbers {
                let slug = "x\(10 + number)"
                _ = try session.addCompany(slug: slug, name: slug.uppercased(), timezone: "UTC", now: now)
            }
        }
    }

    @Test func `an admin chooses among some companies, and finds the others in their list`() async throws {
        let fixture = try await WebFixture()
        let there = try await fixture.site.store.read { try $0.companies() }.count
        let all = "<li><a href=/admin/companies>All companies</a></li>"
        let last = Frame.limitForeign - there
        try await Self.add(0..<last, to: fixture)
        try await fixture.test { browser in
            try await browser.become("ada")
            let full = try await browser.get("/notifications").html
            #expect(full.contains(#"<li><a href="/c/x\#(9 + last)">"#) && !full.contains(all), "\(full)")
            try await Self.add(last..<last + 1, to: fixture)
            let more = try await browser.get("/notifications").html
            #expect(more.contains(#"<li><a href="/c/x\#(9 + last)">"#) && more.contains(all), "\(more)")
            #expect(!more.contains("/c/x\(10 + last)"))
        }
    }

    @Test func `a company whose directory cannot be made is there all the same, and the log says so`() async throws {
        let log = LogRecorder()
        let site = try await Site(settings: try await WebFixture().site.settings, logger: log.logger)
        // A file is in the way of all directories.
        try "".write(toFile: site.settings.definitions, atomically: true, encoding: .utf8)
        let app = Application(router: buildRouter(site, buildRoutes(site)), logger: site.logger)
        try await app.test(.router) { client in
            let browser = Browser(client: client, site: site)
            try await browser.become("ada")
            let list = "/admin/companies"
            let made = try await browser.submit(
                list, to: list, [("name", "Initech"), ("slug", "initech"), ("timezone", "Europe/Berlin")])
            #expect(made.headers[.location] == "/admin/companies/initech")
            #expect(try await browser.get("/admin/companies/initech").status == .ok)
        }
        let sentence = "error: the directory of a new company cannot be made error=cannot make the directory "
        #expect(log.lines.contains { $0.hasPrefix(sentence) }, "\(log.lines)")
    }

    @Test func `a company is made, named anew, and its assignment paused`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        try await fixture.test { browser in
            try await browser.become("ada")
            let list = "/admin/companies"
            let wrong = try await browser.submit(
                list, to: list, [("name", "Initech"), ("slug", "initech"), ("timezone", "Mars/Olympus")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("Time zone must be one that is known"))
            let made = try await browser.submit(
                list, to: list, [("name", "Initech"), ("slug", "initech"), ("timezone", "Europe/Berlin")])
            let page = "/admin/companies/initech"
            #expect(made.headers[.location] == page)
            #expect(try await browser.get(list).html.contains("Initech"))
            _ = try await browser.submit(page, to: page, [("name", "Initech AG"), ("timezone", "Europe/Zurich")])
            #expect(try await store.read { try $0.company("initech") }?.timezone == "Europe/Zurich")
            _ = try await browser.submit(page, to: "\(page)/assignment", [("paused", "true")])
            #expect(try await browser.get(page).html.contains("Assignment is paused"))
            for way in ["tickets", "tasks", "workers", "definitions", "roles"] {
                let links = try await browser.get(page).html.components(separatedBy: "href=/c/initech/\(way)>")
                #expect(links.count == 2, "the navigation alone leads to \(way)")
                #expect(try await browser.get("/c/initech/\(way)").status == .ok)
            }
            #expect(try await browser.get(page).html.contains("0 people · 0 open tickets · Zurich time"))
        }
    }

    @Test func `somebody is added to a company, limited there, and taken out again`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        @Sendable func membership() async throws -> Membership? {
            try await store.read { try $0.identity("tom") }?.memberships["globex"]
        }
        try await fixture.test { browser in
            try await browser.become("ada")
            let company = "/admin/companies/globex"
            let unknown = try await browser.submit(company, to: "\(company)/members", [("login", "nobody")])
            #expect(unknown.status == .unprocessableContent)
            let misspelt = try await browser.submit(company, to: "\(company)/members", [("login", "tomm")])
            #expect(misspelt.html.contains("Did you mean tom (Tom Tischler)?"))
            let added = try await browser.submit(company, to: "\(company)/members", [("login", "tom")])
            let page = "\(company)/members/tom"
            #expect(added.headers[.location] == page)
            #expect(try await membership()?.systemRoles == [.ticketAdmin, .user])
            let none = try await browser.submit(
                page, to: page, [("company_roles", ""), ("counting", "some"), ("only", "")])
            #expect(none.status == .unprocessableContent)
            #expect(none.html.contains("Tick what they may here"))
            let limited = try await browser.submit(
                page, to: page,
                [
                    ("company_roles", ""), ("company_roles", "operator"), ("counting", "some"), ("only", ""),
                    ("only", "user"),
                ])
            #expect(limited.headers[.location] == "/admin/users/tom")
            #expect(try await membership()?.systemRoles == [.user])
            #expect(try await membership()?.companyRoles == ["operator"])
            _ = try await browser.submit(
                page, to: page, [("company_roles", ""), ("counting", "all"), ("only", ""), ("only", "user")])
            #expect(try await membership()?.systemRoles == [.ticketAdmin, .user])
            let question = try await browser.get("\(page)/removal").html
            #expect(question.contains("Take Tom Tischler out of Globex?"))
            _ = try await browser.submit("\(page)/removal", to: "\(page)/removal", [])
            #expect(try await membership() == nil)
        }
    }

    @Test func `a ticket admin declares a role, gives it and takes it, and sets the time zone`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        let acme = fixture.acme
        try await fixture.test { browser in
            try await browser.become("tom")
            let list = "/c/acme/roles"
            let declared = try await browser.submit(list, to: list, [("title", "Night shift"), ("name", "night")])
            let page = "\(list)/night"
            #expect(declared.headers[.location] == page)
            _ = try await browser.submit(
                page, to: page, [("title", "Night shift"), ("members", ""), ("members", "dave"), ("members", "erin")])
            let html = try await browser.get(list).html
            #expect(html.contains("Night shift") && html.contains("Dave Diaz, Erin Egger"))
            _ = try await browser.submit(page, to: page, [("title", "Night shift"), ("members", "")])
            let members = try await store.read(in: acme.id) { try $0.roleMembers() }.first { $0.role == "night" }
            #expect(members?.members == [])
            let zone = try await browser.submit(list, to: "/c/acme/time-zone", [("timezone", "Europe/Paris")])
            #expect(zone.headers[.location] == list)
            #expect(try await store.read { try $0.company("acme") }?.timezone == "Europe/Paris")
            #expect(try await browser.get("/admin/companies/acme").status == .forbidden)
        }
    }

    @Test func `a role that decides who sees tickets is shown, and not offered, to who may not give it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "s.ticket.yaml": """
            ticket: secret
            name: Secret
            description: S
            view_roles: [finance]
            assign: { role: it-staff }
            body: [ { type: input, id: what, attributes: { label: What } } ]
            """
        ])
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = "/c/acme/roles/finance"
            let html = try await browser.get(page).html
            #expect(html.contains("This role also decides who sees tickets"))
            #expect(html.contains("Fay Fischer") && !html.contains("name=\"members\""))
            let forced = try await browser.submit(page, to: page, [("members", "tom")])
            #expect(forced.status == .forbidden)
            browser.forgetCookies()
            try await browser.become("ada")
            #expect(try await browser.get(page).html.contains("name=\"members\""))
        }
    }
}
