import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// What narrows lists of tickets and tasks, on their pages and in their files.
@Suite struct ListFilterTests {
    @Test func `each filter of tickets narrows the page and its file alike, and can be removed`() async throws {
        let filters: [(query: String, words: String?, tickets: [Int])] = [
            ("", nil, [2, 1, 3, 4]), ("state=all&sort=number", nil, [1, 2, 3, 4, 5]), ("state=closed", nil, [5]),
            ("type=other", "Other kind", [3]), ("step=handle&sort=number", "at “Look after it”", [1, 2, 3, 4]),
            ("assignee=dave", "with Dave Diaz", [1]), ("requester=udo", "from Udo Unger", [2]),
            ("unassigned=true", "with nobody", [2, 3, 4]), ("overdue=true", "late", [2]), ("stuck=true", "stuck", [3]),
            ("priority=urgent", "urgent priority", [3]), ("label=vpn", "labelled “vpn”", [4]),
            ("text=delta", "title has “delta”", [4]), ("from=2030-01-01", "opened from 2030-01-01", []),
            ("state=all&to=2000-01-01", "opened until 2000-01-01", [5]),
            ("state=all&from=2000-01-01T13:00&to=2000-01-02", "opened from", [5]),
        ]
        let fixture = try await ListPageTests.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            for filter in filters {
                let page = try await browser.get("/c/acme/tickets?\(filter.query)").html
                #expect(ListPageTests.rows(page) == filter.tickets, "\(filter.query)")
                let file = try await browser.get("/c/acme/tickets.csv?\(filter.query)")
                #expect(file.headers[.contentType]?.hasPrefix("text/csv") == true)
                #expect(ListPageTests.table(file.html) == filter.tickets, "\(filter.query)")
                guard let words = filter.words else {
                    #expect(!page.contains("Remove: "), "\(filter.query)")
                    continue
                }
                #expect(page.contains("Remove: </span>\(words)"), "\(filter.query)")
            }
        }
    }

    @Test func `a filter that is wrong or unknown is told on the page, and refused in the file`() async throws {
        let fixture = try await ListPageTests.filled()
        let queries: [(query: String, said: String)] = [
            ("state=nonsense", "State must be one of open"), ("sort=x", "Sort must be one of"),
            ("type=%22%3E", "Type must be"), ("from=yesterday", "From must be a day, such as 2026-01-05"),
            ("overdue=perhaps", "Overdue must be true or false"), ("assignee=%40", "Assignee must be"),
            ("labels=vpn", "There is no filter “labels” here; did you mean &quot;label&quot;?"),
            ("colour=red", "There is no filter “colour” here"),
        ]
        try await fixture.test { browser in
            try await browser.become("tom")
            for list in ["tickets", "tasks"] {
                for (query, said) in queries {
                    let page = try await browser.get("/c/acme/\(list)?\(query)")
                    #expect(page.status == .ok)
                    #expect(page.html.contains("Part of the address was passed over"), "\(list) \(query)")
                    #expect(page.html.contains(said), "\(list) \(query)")
                    #expect(ListPageTests.rows(page.html) == [2, 1, 3, 4])
                    let file = try await browser.get("/c/acme/\(list).csv?\(query)")
                    #expect(file.status == .unprocessableContent, "\(list) \(query)")
                    #expect(file.html.contains(said), "\(list) \(query)")
                }
            }
            #expect(try await browser.get("/c/acme/my/tickets.csv?colour=red").status == .unprocessableContent)
            let token = try await browser.token("tom")
            for list in ["tickets", "tasks"] {
                let answer = try await browser.json("/api/v1/companies/acme/\(list)?colour=red", .get, token: token)
                #expect(answer.status == .unprocessableContent)
            }
        }
    }

    @Test func `each filter of tasks narrows the page and its file alike`() async throws {
        let filters: [(query: String, tasks: [Int])] = [
            ("", [2, 1, 3, 4]), ("state=all&sort=id", [1, 2, 3, 4, 5]), ("state=completed", [5]),
            ("state=assigned", [1]), ("type=other", [3]), ("step=handle", [2, 1, 3, 4]), ("assignee=dave", [1]),
            ("assignee=-", [2, 3, 4]), ("unassigned=true", [2, 3, 4]), ("overdue=true", [2]), ("stuck=true", [3]),
            ("priority=urgent", [3]), ("label=vpn", [4]), ("text=delta", [4]), ("ticket=4", [4]),
            ("from=2030-01-01", []), ("state=all&to=2000-01-01", [5]),
        ]
        let fixture = try await ListPageTests.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            for filter in filters {
                let page = try await browser.get("/c/acme/tasks?\(filter.query)").html
                #expect(ListPageTests.rows(page) == filter.tasks, "\(filter.query)")
                let file = try await browser.get("/c/acme/tasks.csv?\(filter.query)").html
                #expect(ListPageTests.table(file) == filter.tasks, "\(filter.query)")
            }
        }
    }

    @Test func `the filter's menu offers what there is, with counts, and only when it is opened`() async throws {
        let fixture = try await ListPageTests.filled()
        try await fixture.test { browser in
            try await browser.become("tom")
            let closed = try await browser.get("/c/acme/tickets?priority=urgent").html
            #expect(!closed.contains("name=\"type\""))
            #expect(closed.contains(#"href="?priority=urgent&amp;filter=open""#))
            let open = try await browser.get("/c/acme/tickets?sort=number&filter=open").html
            for part in [
                "Thing &lt;b&gt; (3)", "Other kind (1)", "Look after it (4)", "Dave Diaz (1)",
                #"<input type="hidden" name="sort" value="number">"#,
            ] {
                #expect(open.contains(part), "\(part)")
            }
            #expect(try await browser.get("/c/acme/tasks?filter=open").html.contains("Dave Diaz (1)"))
        }
    }
    @Test func `what is out of force keeps its title, in lists and among what can be chosen`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "move.ticket.yaml":
                "name: Move house\ndescription: M\ntitle: M\nworkflow: move\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
            "move.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: move, version: '1.0.0', title: Moving day }
            do: [ { packing: { call: pack } } ]
            """,
            "pack.task.yaml": "title: Fill the boxes\nassign: { role: it-staff, strategy: pool }\n",
        ])
        let store = fixture.site.store
        let (uma, tom) = try await store.read { session in
            (try #require(try session.account("uma")), try #require(try session.account("tom")))
        }
        _ = try await store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: "move", requester: uma, title: nil, answers: [:]), now: fixture.site.now)
        try await fixture.advance()
        try await store.write(in: fixture.acme.id) { session in
            let task = try #require(try session.tasks(ticket: 1).first)
            try session.reassignTask(
                task.id, .to("dave"), TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil),
                now: fixture.site.now)
        }
        try await fixture.publish([:])
        try await fixture.test { browser in
            try await browser.become("tom")
            let tickets = try await browser.get("/c/acme/tickets?type=move&step=pack&filter=open").html
            for part in [
                "Remove: </span>Move house", "at “Fill the boxes”", "Move house (1)", "Fill the boxes (1)",
                "<td class=work>Fill the boxes", "<option value=pack selected>",
            ] {
                #expect(tickets.contains(part), "\(part)")
            }
            let none = try await browser.get("/c/acme/tickets?type=thing&requester=udo&assignee=bob&filter=open").html
            #expect(
                none.contains("<option value=udo selected>Udo Unger")
                    && none.contains("<option value=bob selected>Bob Berger"))
            let tasks = try await browser.get("/c/acme/tasks?type=move&step=pack&filter=open").html
            for part in ["Remove: </span>Move house", "“Fill the boxes”", "<option value=move selected>Move house"] {
                #expect(tasks.contains(part), "\(part)")
            }
            #expect(try await browser.get("/c/acme/reports").html.contains("Move house"))
            #expect(try await browser.get("/c/acme/tickets.csv").html.contains("Move house"))
            try await browser.become("wanda")
            let definitions = try await browser.get("/c/acme/definitions?state=retired").html
            for title in ["Move house", "Moving day", "Fill the boxes"] {
                #expect(definitions.contains(title), "\(title)")
            }
        }
    }

    @Test func `programs filter and sort tasks and tickets as pages do, and an empty value is no filter`() async throws
    {
        let fixture = try await ListPageTests.filled()
        try await fixture.test { browser in
            func list(_ path: String, as login: String = "tom") async throws -> JSON {
                let answer = try await browser.json(
                    "/api/v1/companies/acme/\(path)", .get, token: browser.token(login))
                #expect(answer.status == .ok, "\(path): \(answer.html)")
                return try JSON(parsing: answer.html)
            }
            func tasks(_ query: String, as login: String = "tom") async throws -> [Int] {
                try await list("tasks?\(query)", as: login)["items"].arrayValue?.compactMap { $0["id"].intValue } ?? []
            }
            #expect(try await tasks("assignee=me&state=&ticket=", as: "dave") == [1])
            for (query, ids) in [
                ("state=all", [1, 2, 3, 4, 5]), ("state=open", [1, 2, 3, 4]), ("open=true", [1, 2, 3, 4]),
                ("state=completed", [5]), ("sort=-id", [5, 4, 3, 2, 1]), ("sort=due", [2, 1, 3, 4]),
                ("type=other", [3]),
                ("priority=urgent", [3]), ("stuck=true", [3]), ("label=vpn", [4]), ("text=beta", [2]),
                ("overdue=true", [2]), ("assignee=-", [2, 3, 4]), ("unassigned=true", [2, 3, 4]),
                ("from=2001-01-01&to=", [1, 2, 3, 4]), ("ticket=4&label=&text=%20", [4]),
            ] {
                #expect(try await tasks(query) == ids, "\(query)")
            }
            let next = try #require(try await list("tasks?sort=due&limit=1")["next"].stringValue)
            #expect(try await tasks("sort=due&limit=2&after=\(next)") == [1, 3])
            let other = try await browser.json(
                "/api/v1/companies/acme/tasks?after=\(next)", .get, token: browser.token("tom"))
            #expect(other.status == .unprocessableContent && other.html.contains("another order"))
            for query in ["state=all", "state=&assignee=&label=&sort="] {
                #expect(try await list("tickets?\(query)")["items"].arrayValue?.count == 5, "\(query)")
            }
            let unknown = try await browser.json(
                "/api/v1/companies/acme/tasks?sort=title", .get, token: browser.token("tom"))
            #expect(unknown.status == .unprocessableContent)
        }
    }

    @Test func `programs narrow tasks by step and by definition at once`() async throws {
        let fixture = try await ListPageTests.filled()
        try await fixture.site.store.write { session in
            for (id, step) in [(2, "fill"), (3, "lift")] {
                try session.run("UPDATE task SET name = 'pack', step = ? WHERE id = ?", [step, id])
            }
        }
        let asked: [(query: String, ids: [Int])] = [
            ("name=pack", [2, 3]), ("step=pack", [2, 3]), ("step=fill", [2]), ("name=fill", []),
            ("step=fill&name=pack", [2]), ("step=lift&name=pack", [3]), ("step=fill&name=other", []),
        ]
        try await fixture.test { browser in
            for (query, ids) in asked {
                let answer = try await browser.json(
                    "/api/v1/companies/acme/tasks?\(query)", .get, token: browser.token("tom"))
                let items = try JSON(parsing: answer.html)["items"].arrayValue
                #expect(items?.compactMap { $0["id"].intValue } == ids, "\(query)")
            }
        }
    }
}
