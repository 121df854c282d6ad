import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import Testing

@testable import TFStore
@testable import tf_web

/// What an address says and a page cannot follow is told there; a file and the API, which have no place for it, refuse.
@Suite struct AddressTests {
    /// Queries that no list can follow, with what people are told.
    private static let unread: [(query: String, said: String)] = [
        ("after=zzz", "There is no place “zzz” in this list"),
        ("before=1.2.3", "There is no place “1.2.3” in this list"),
        ("state=all&state=open", "State is there more than once; only the last one is followed"),
        ("state=%ff%fe", "State must be text in UTF-8"),
        ("text=%C3%28", "Text must be text in UTF-8"),
    ]

    @Test func `cursors of no page, repeated parameters and bytes that are no text are told, or refused`() async throws
    {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            try await browser.become("tom")
            for list in ["/c/acme/tickets", "/c/acme/tasks", "/c/acme/my/tickets"] {
                for (query, said) in Self.unread {
                    let page = try await browser.get("\(list)?\(query)")
                    #expect(page.status == .ok)
                    #expect(page.html.contains("Part of the address was passed over"), "\(list) \(query)")
                    #expect(page.html.contains(said), "\(list) \(query)")
                    #expect(
                        list.contains("/my/") || page.html.contains("</table>"), "\(list) \(query): the list is there")
                    let file = try await browser.get("\(list).csv?\(query)")
                    #expect(file.status == .unprocessableContent, "\(list).csv \(query)")
                    #expect(file.html.contains(said), "\(list).csv \(query)")
                }
            }
            let token = try await browser.token("tom")
            for query in ["after=zzz", "state=open&state=closed", "state=%ff%fe", "text=%C3%28"] {
                let answer = try await browser.json("/api/v1/companies/acme/tickets?\(query)", .get, token: token)
                #expect(answer.status == .unprocessableContent, "\(query)")
            }
        }
    }

    @Test func `the done tasks of a worker begin anew at a cursor that no page gave`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("dave")
            let page = try await browser.get("/c/acme/my/tasks?show=done&after=zzz")
            #expect(page.html.contains("There is no place “zzz” in this list"))
        }
    }

    @Test func `a report on a type or a step that the company does not have says so, and its file is refused`()
        async throws
    {
        let fixture = try await WebFixture.fullSite()
        try await fixture.test { browser in
            try await browser.become("tom")
            for (query, said) in [
                ("type=bogus", "There is no type “bogus” here"), ("step=bogus", "There is no step “bogus” here"),
                ("period=decade", "Period must be one of"), ("colour=red", "There is no filter"),
            ] {
                let page = try await browser.get("/c/acme/reports?\(query)").html
                #expect(page.contains("Part of the address was passed over") && page.contains(said), "\(query)")
                let file = try await browser.get("/c/acme/reports/table?table=flow&\(query)")
                #expect(file.status == .unprocessableContent, "\(query)")
                #expect(file.html.contains(said), "\(query)")
            }
            let right = try await browser.get("/c/acme/reports?type=thing").html
            #expect(!right.contains("Part of the address was passed over"))
            #expect(try await browser.get("/c/acme/reports/table?table=flow&type=thing").status == .ok)
        }
    }

    @Test func `the audit log's file refuses what its page passes over`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            for query in ["after=zzz", "action=bogus", "from=yesterday", "actor=ada&actor=tom", "colour=red"] {
                let page = try await browser.get("/admin/audit?\(query)").html
                #expect(page.contains("Part of the address was passed over"), "\(query)")
                #expect(try await browser.get("/admin/audit.csv?\(query)").status == .unprocessableContent, "\(query)")
            }
            #expect(try await browser.get("/admin/audit.csv?actor=ada").status == .ok)
        }
    }

    @Test func `who opens the address of a live part is led to its page`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("tom")
            for list in ["/c/acme/tickets", "/c/acme/my/tickets", "/c/acme/workers", "/notifications"] {
                let page = try await browser.get("\(list)/rows?state=all", headers: [.accept: "text/html,*/*;q=0.8"])
                #expect(page.status == .seeOther, "\(list)")
                #expect(page.headers[.location] == "\(list)?state=all", "\(list)")
                #expect(try await browser.get("\(list)/rows").status == .ok, "\(list)")
            }
        }
    }

    @Test func `a search that is too long is told in characters and by its name`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            let page = try await browser.get("/search?q=\(String(repeating: "x", count: 5_000))").html
            #expect(page.contains("The search must be 200 characters or fewer"))
        }
    }

    @Test func `a filter by somebody who is no member does not read as one by nobody`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("tom")
            for list in ["tickets", "tasks"] {
                let page = try await browser.get("/c/acme/\(list)?assignee=nobody").html
                #expect(page.contains("with “nobody”, who is not a member here"), "\(list)")
            }
        }
    }

    @Test func `a page without filters says of each parameter that it does nothing, once`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("wanda")
            for path in ["/c/acme/definitions", "/account", "/c/acme/definitions/new"] {
                let page = try await browser.get("\(path)?kind=zz&kind=zz").html
                #expect(page.ranges(of: "There is no filter “kind” here").count == 1, "\(path)")
            }
            let new = try await browser.get("/c/acme/definitions/new?template=zz&copy=workflow:zz").html
            #expect(new.contains("Template must be one of approval"))
            #expect(new.contains("There is no definition “workflow:zz” here to copy"))
            let right = try await browser.get("/c/acme/definitions/new?template=approval").html
            #expect(!right.contains("Part of the address was passed over"))
        }
    }

    @Test func `a list that ends before its cursor begins at its start, and says so`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            for query in ["after=zzz", "before=zzz", "after=wanda", "state=zz&after=zzz"] {
                let page = try await browser.get("/admin/users?\(query)").html
                #expect(page.contains("There is no place “"), "\(query)")
                #expect(page.contains("Bob Berger"), "\(query): the list is there")
            }
            let notices = try await browser.get("/notifications?state=all&before=1").html
            #expect(notices.contains("There is no place “1” in this list"))
        }
    }

    @Test func `people read no names of the program`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("ada")
            for (query, said) in [
                ("access?action=zz", "There is no action “zz” here"),
                ("audit?action=zz", "There is no action “zz” here"),
                ("audit?before=x", "There is no place “x” in this list"),
                ("users?role=zz", "There is no role “zz” here"),
            ] {
                let page = try await browser.get("/admin/\(query)").html
                #expect(page.contains(said), "\(query)")
                for name in ["submitTicket, ", "ticket_admin, ", "must be one of"] {
                    #expect(!page.contains(name), "\(query)")
                }
            }
        }
    }

    @Test func `what is not there is called so in the browser’s tab`() async throws {
        try await WebFixture().test { browser in
            try await browser.become("uma")
            #expect(try await browser.get("/c/acme/tickets/99").html.contains("<title>Not found – "))
        }
    }
}
