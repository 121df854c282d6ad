import HTTPTypes
import HummingbirdTesting
import Synchronization
import TFExpression
import TFStore
import TestSupport
import Testing

@testable import tf_web

/// What admins find in the audit log of refusals and of definitions.
@Suite struct AuditLogTests {
    private static let acme = "/api/v1/companies/acme"

    private static func log(_ browser: Browser, _ query: String) async throws -> [JSON] {
        let answer = try await browser.json("/api/v1/audit?\(query)", .get, token: browser.token("ada"))
        return try JSON(parsing: answer.html)["items"].arrayValue ?? []
    }

    @Test func `a refusal is found by its company, and names what it was about`() async throws {
        try await WebFixture().test { browser in
            let uma = try await browser.token("uma")
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            _ = try await browser.json("\(Self.acme)/tickets", .post, token: uma, body)
            let workers = try await browser.json("\(Self.acme)/workers", .get, token: uma)
            #expect(workers.status == .forbidden)
            let retry = try await browser.json("\(Self.acme)/tickets/1/retry", .post, token: uma)
            #expect(retry.status == .forbidden)
            #expect(try await browser.json("/api/v1/users", .get, token: uma).status == .forbidden)
            let ofAcme = try await Self.log(browser, "action=refused&company=acme")
            #expect(
                ofAcme.map { $0["subject"] } == [
                    "POST /api/v1/companies/acme/tickets/1/retry", "GET /api/v1/companies/acme/workers",
                ])
            let all = try await Self.log(browser, "action=refused")
            #expect(all.map { $0["company"] } == [.null, "acme", "acme"])
        }
    }

    @Test func `a page that asks an admin before a change is told as a look`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            _ = try await browser.json("\(Self.acme)/tickets", .post, token: uma, body)
            try await fixture.advance()
            try await browser.become("ada")
            #expect(try await browser.get("/c/acme/tasks/1/assignment").status == .ok)
            #expect(try await Self.log(browser, "action=admin-handOverTask").isEmpty)
            #expect(try await Self.log(browser, "action=admin-readTask").map { $0["subject"] } == ["task 1"])
        }
    }

    @Test func `what an open page asks for again is no new look, unless none was noted shortly before`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let body = #"{"type":"thing","title":"T","form":{"what":"x"}}"#
            for _ in 1...2 { _ = try await browser.json("\(Self.acme)/tickets", .post, token: uma, body) }
            try await browser.become("ada")
            func look(_ number: Int, accept: String) async throws {
                #expect(try await browser.get("/c/acme/tickets/\(number)", headers: [.accept: accept]).status == .ok)
            }
            func looks(_ number: Int) async throws -> Int {
                try await Self.log(browser, "action=admin-readTicket").count {
                    $0["subject"] == .string("ticket \(number)")
                }
            }
            try await look(1, accept: "text/html")
            for _ in 1...3 { try await look(1, accept: "*/*") }
            #expect(try await looks(1) == 1)
            try await look(2, accept: "*/*")
            #expect(try await looks(2) == 1, "whoever asks as the script does is noted too")
            try await look(1, accept: "text/html")
            #expect(try await looks(1) == 2, "whoever opens the page again looks again")
        }
    }

    @Test func `an admin's look through lists is noted once an hour, and each table that they take out`() async throws {
        try await WebFixture().test { browser in
            for login in ["ada", "tom"] {
                browser.forgetCookies()
                try await browser.become(login)
                let token = try await browser.token(login)
                for _ in 1...2 {
                    for list in ["tickets", "tickets?state=closed", "tickets/rows", "reports", "tasks", "tasks/rows"] {
                        #expect(try await browser.get("/c/acme/\(list)").status == .ok, "\(list)")
                    }
                    for list in ["tickets", "tasks?state=ready"] {
                        let answer = try await browser.json("\(Self.acme)/\(list)", .get, token: token)
                        #expect(answer.status == .ok, "\(list)")
                    }
                }
                for table in ["tickets.csv", "tasks.csv", "reports/table"] {
                    #expect(try await browser.get("/c/acme/\(table)").status == .ok, "\(table)")
                }
                let table = try await browser.json("\(Self.acme)/tickets?format=csv", .get, token: token)
                #expect(table.status == .ok)
            }
            for (action, count) in [
                ("admin-listTickets", 1), ("admin-listTasks", 1), ("admin-exportTickets", 3), ("admin-exportTasks", 1),
            ] {
                let noted = try await Self.log(browser, "action=\(action)")
                #expect(noted.count == count, "\(action)")
                #expect(noted.allSatisfy { $0["actor"] == "ada" && $0["subject"] == "company acme" })
            }
        }
    }

    @Test(arguments: ["/c/acme/tickets", "/c/acme/tickets/rows"])
    func `a look through a list that is noted already waits for no writer`(list: String) async throws {
        let fixture = try await WebFixture()
        let (store, gate, isAnswered) = (fixture.site.store, Gate(), Flag())
        try await fixture.test { browser in
            try await browser.become("ada")
            #expect(try await browser.get("/c/acme/tickets").status == .ok)
            async let busy: Void = store.write { _ in gate.hold() }
            _ = try await eventually("the writer is busy") { gate.isHeld ? true : nil }
            async let hasWaited: Bool = {
                defer { gate.open() }
                return try await eventually("it is answered, or waits") {
                    isAnswered.isRaised ? false : store.waitingWrites > 0 ? true : nil
                }
            }()
            let answer = try await browser.get(list)
            isAnswered.raise()
            let isWaiting = try await hasWaited
            try await busy
            #expect(answer.status == .ok && !isWaiting)
        }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)

        var isRaised: Bool { value.withLock { $0 } }

        func raise() { value.withLock { $0 = true } }
    }

    @Test func `an admin who is ticket admin too is noted, since they see tickets that no ticket admin would`()
        async throws
    {
        let fixture = try await WebFixture()
        let ada = try await fixture.site.store.write { session in
            var change = AccountChange()
            change.roles = [.admin, .ticketAdmin]
            try session.changeAccount("ada", change, version: nil, now: 1)
            return try #require(try session.account("ada"))
        }
        try await fixture.site.store.write(in: fixture.acme.id) {
            try $0.setMembership(of: ada, companyRoles: [], only: [], now: 1)
        }
        try await fixture.test { browser in
            try await browser.become("ada")
            for list in ["tickets", "tasks", "tickets.csv", "tasks.csv"] {
                #expect(try await browser.get("/c/acme/\(list)").status == .ok, "\(list)")
            }
            for action in ["listTickets", "listTasks", "exportTickets", "exportTasks"] {
                let noted = try await Self.log(browser, "action=admin-\(action)")
                #expect(noted.map { $0["actor"] } == ["ada"], "\(action)")
            }
            let page = try await browser.get("/admin/audit").html
            for words in ["through the tickets, or the reports, of", "a table of the tickets, or a report, of"] {
                #expect(page.contains(words), "\(page)")
            }
        }
    }

    @Test func `a definition's change has the revision before it, and its end the last one`() async throws {
        try await WebFixture().test { browser in
            let path = "\(Self.acme)/definitions/task/look"
            let wanda = try await browser.token("wanda")
            for title in ["One", "Two"] {
                let source = "task: look\ntitle: \(title)\nbody: [ { type: input, attributes: { label: Seen } } ]\n"
                let put = try await browser.json(path, .put, token: wanda, source, type: "application/yaml")
                #expect(put.status.code < 300, "\(put.html)")
            }
            #expect(try await browser.json(path, .delete, token: wanda).status == .noContent)
            let published = try await Self.log(browser, "action=definition-published&company=acme")
            try #require(published.count == 2)
            #expect(published[1]["old"] == .null)
            #expect(published[0]["old"] == published[1]["new"])
            #expect(published[0]["new"] != published[1]["new"])
            let retired = try await Self.log(browser, "action=definition-retired&company=acme")
            #expect(retired.map { $0["old"] } == [published[0]["new"]])
        }
    }
    @Test func `a text that comes back is told as brought back, and a new one as published`() async throws {
        try await WebFixture().test { browser in
            let path = "\(Self.acme)/definitions/task/look"
            let wanda = try await browser.token("wanda")
            func put(_ title: String) async throws {
                let source = "task: look\ntitle: \(title)\nbody: [ { type: input, attributes: { label: Seen } } ]\n"
                let answer = try await browser.json(path, .put, token: wanda, source, type: "application/yaml")
                #expect(answer.status.code < 300, "\(answer.html)")
            }
            try await put("One")
            try await put("Two")
            try await put("One")
            #expect(try await browser.json(path, .delete, token: wanda).status == .noContent)
            try await put("One")
            #expect(try await browser.json(path, .delete, token: wanda).status == .noContent)
            try await put("Three")
            let published = try await Self.log(browser, "action=definition-published&company=acme")
            #expect(published.count == 3)
            let back = try await Self.log(browser, "action=definition-brought-back&company=acme")
            try #require(back.count == 2)
            #expect(back[1]["old"] == published[1]["new"] && back[1]["new"] == published[2]["new"])
            #expect(back[0]["old"] == .null && back[0]["new"] == published[2]["new"])
            try await browser.become("ada")
            let page = try await browser.get("/admin/audit?action=definition-brought-back").html
            #expect(page.contains("brought back the task <a"), "\(page)")
        }
    }
}
