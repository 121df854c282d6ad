import Foundation
import HTTPTypes
import HummingbirdTesting
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// Lists as tables for spreadsheets.
@Suite struct CSVTests {
    @Test(arguments: [
        "=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\"=1", "'=1", "\u{200B}=1", "\u{301}=1", "＝1", "＋1", "－1",
        "＠x", "﹦1", "⁺1", "\u{FEFF}=1", "\u{A0}=1", "\u{3000}=1", "\u{1B}=1", "a;=1", "a\t=1", "a\n=1", "a\r\n@x",
        "a; =1",
        "“=1", "\"\u{301},=1+1,\"\u{301};=2",
    ])
    func `no cell begins a formula, whatever separates cells in a country`(_ text: String) {
        let line = "7,\(CSV.cell(text)),8\r\n"
        var cells = CSVReader.rows(line).flatMap { $0 }
        #expect(cells.count == 3)
        // With another separator, quotes inside a cell are nothing special.
        cells += line.unicodeScalars.split { ";\t\n\r".unicodeScalars.contains($0) }.map { String($0) }.dropFirst()
        for cell in cells {
            let visible = cell.unicodeScalars.drop { scalar in
                scalar != "'" && (scalar == "\"" || scalar.properties.isWhitespace || scalar.isSteering)
            }
            #expect(visible.first.map { "=+-@＝＋－＠".unicodeScalars.contains($0) } != true, "\(cell.onOneLine)")
        }
    }

    @Test(arguments: [
        ("a", "a"), ("a b", "a b"), ("1,5", "\"1,5\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("x-y", "x-y"),
    ])
    func `a harmless cell stays as it is`(_ text: String, _ cell: String) {
        #expect(CSV.cell(text) == cell)
    }

    @Test func `a list is a table with a row for each ticket, whatever its title holds`() async throws {
        let title = "=1+1, \"two\"; 'three'"
        try await WebFixture().test { browser in
            let uma = try await browser.token("uma")
            for title in [title, "plain"] {
                let body = JSON.object(["type": "thing", "title": .string(title), "form": ["what": "x"]]).text
                let answer = try await browser.json("/api/v1/companies/acme/tickets", .post, token: uma, body)
                #expect(answer.status == .created)
            }
            let list = "/api/v1/companies/acme/tickets?format=csv"
            let table = try await browser.json(list, .get, token: uma)
            #expect(table.headers[.contentType] == "text/csv; charset=utf-8; header=present")
            let rows = CSVReader.rows(table.html)
            #expect(rows.count == 3)
            #expect(Set(rows.map(\.count)) == [13])
            #expect(rows[0].prefix(3) == ["number", "type", "title"])
            #expect(rows.map { $0[2] }.contains("'" + title))
            let next = try #require(HTTPField.Name("X-Next"))
            #expect(table.headers[next] == nil)
            let firstPage = try await browser.json(list + "&limit=1", .get, token: uma)
            #expect(CSVReader.rows(firstPage.html).count == 2)
            let after = try #require(firstPage.headers[next])
            let lastPage = try await browser.json(list + "&limit=1&after=\(after)", .get, token: uma)
            #expect(CSVReader.rows(lastPage.html).count == 2)
            #expect(lastPage.headers[next] == nil)
        }
    }

    @Test func `a page's table has the company's time with its offset, and a program's has UTC`() async throws {
        try await WebFixture().test { browser in
            let uma = try await browser.token("uma")
            let answer = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: uma,
                #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            #expect(answer.status == .created)
            try await browser.become("tom")
            let roles = "/c/acme/roles"
            let zone = try await browser.submit(roles, to: "/c/acme/time-zone", [("timezone", "Asia/Kolkata")])
            #expect(zone.status == .seeOther)
            func moment(_ file: TestResponse) throws -> String { try #require(CSVReader.rows(file.html).last?[9]) }
            let page = try moment(try await browser.get("/c/acme/tickets.csv"))
            let program = try moment(
                try await browser.json("/api/v1/companies/acme/tickets?format=csv", .get, token: uma))
            #expect(program.hasSuffix("Z"))
            #expect(page.hasSuffix("+05:30"), "\(page)")
            let seconds = [page, program].map { ISODate.seconds($0, offset: { _ in 0 }) }
            #expect(seconds[0] == seconds[1] && seconds[0] != nil)
        }
    }

    @Test func `a page's table says what its list shows: names, and when a step is due`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let answer = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: uma,
                #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            #expect(answer.status == .created)
            try await fixture.site.store.write { session in
                try session.run("UPDATE ticket SET next_due_at_ms = 1800000000000")
            }
            try await browser.become("tom")
            func row(_ file: TestResponse) throws -> [String: String] {
                let rows = CSVReader.rows(file.html)
                return Dictionary(zip(rows[0], try #require(rows.last)), uniquingKeysWith: { first, _ in first })
            }
            let page = try row(try await browser.get("/c/acme/tickets.csv"))
            #expect(page["due"] == "2027-01-15T09:00:00+01:00")
            #expect(page["requester"] == "uma" && page["requester_name"] == "Uma Ulrich")
            #expect(page["type"] == "thing" && page["type_title"]?.isEmpty == false)
            #expect(page["waiting_for_names"] != nil)
            let program = try row(
                try await browser.json("/api/v1/companies/acme/tickets?format=csv", .get, token: uma))
            #expect(program["due"]?.isEmpty == true && program["requester_name"] == nil)
            let tasks = CSVReader.rows(try await browser.get("/c/acme/tasks.csv").html)
            #expect(tasks[0].last == "assignee_name")
        }
    }

    @Test func `a table without a limit holds every row`() async throws {
        let fixture = try await WebFixture()
        let uma = try #require(try await fixture.site.store.read { try $0.account("uma") })
        for number in 0..<60 {
            _ = try await fixture.site.store.inside(fixture.acme.id).submitTicket(
                TicketSubmission(type: "thing", requester: uma, title: "T\(number)", answers: ["what": "x"]),
                now: fixture.site.now)
        }
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            let table = try await browser.json("/api/v1/companies/acme/tickets?format=csv", .get, token: token)
            #expect(CSVReader.rows(table.html).count == 61)
            let next = try #require(HTTPField.Name(CSV.nextHeader))
            #expect(table.headers[next] == nil)
            let list = try await browser.json("/api/v1/companies/acme/tickets", .get, token: token)
            #expect(try JSON(parsing: list.html)["items"].arrayValue?.count == 50)
        }
    }
}

enum CSVReader {
    /// Rows and cells as RFC 4180 reads them, byte by byte.
    static func rows(_ text: String) -> [[String]] {
        var (rows, row, cell): ([[String]], [String], [UInt8]) = ([], [], [])
        var isQuoted = false
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\"") where isQuoted && bytes.first == byte:
                cell.append(byte)
                bytes.removeFirst()
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                row.append(String(decoding: cell, as: UTF8.self))
                cell = []
            case UInt8(ascii: "\r") where !isQuoted && bytes.first == UInt8(ascii: "\n"):
                bytes.removeFirst()
                rows.append(row + [String(decoding: cell, as: UTF8.self)])
                (row, cell) = ([], [])
            default: cell.append(byte)
            }
        }
        return rows
    }
}
