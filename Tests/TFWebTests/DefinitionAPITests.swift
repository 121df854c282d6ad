import Foundation
import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// What programs read, check and write of definitions.
@Suite struct DefinitionAPITests {
    @Test func `a definition is checked, refused with every problem, and written with its revision`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("wanda")
            let path = "/api/v1/companies/acme/definitions/task/look"
            let bad = try await browser.json(
                path, .put, token: token, "task: look\nassing: {}\nkind: x\n", type: "application/yaml")
            #expect(bad.status == .unprocessableContent)
            #expect(try JSON(parsing: String(buffer: bad.body))["errors"].arrayValue?.count == 2)
            let good = try await browser.json(path, .put, token: token, "task: look\n", type: "application/yaml")
            #expect(good.status == .created)
            #expect(good.headers[.location] == path)
            let read = try await browser.json(path, .get, token: token)
            #expect(String(buffer: read.body) == "task: look\n")
            let file = "\(fixture.site.settings.definitions)/acme/look.task.yaml"
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "task: look\n")
            let list = try await browser.json("/api/v1/companies/acme/definitions", .get, token: token)
            #expect(list.html.contains(#""file":"acme/look.task.yaml""#))
            #expect(
                !list.html.contains(fixture.site.settings.definitions), "where the server has them is its own affair")
            let other = try await browser.json(path, .put, token: token, "task: other\n", type: "application/yaml")
            #expect(other.status == .unprocessableContent)
            let uma = try await browser.token("uma")
            #expect(try await browser.json(path, .get, token: uma).status == .forbidden)
        }
    }

    @Test func `another text under a version that the file names is a warning, in the answer and in the list`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("wanda")
            let definitions = "/api/v1/companies/acme/definitions"
            func put(_ text: String) async throws -> [JSON] {
                let answer = try await browser.json(
                    "\(definitions)/task/look", .put, token: token, text, type: "application/yaml")
                return try JSON(parsing: answer.html)["problems"].arrayValue ?? []
            }
            func listed() async throws -> [JSON] {
                let list = try await browser.json(definitions, .get, token: token)
                let items = try JSON(parsing: list.html)["items"].arrayValue ?? []
                return items.first { $0["name"] == "look" && $0["state"] == "active" }?["problems"].arrayValue ?? []
            }
            #expect(try await put("task: look\nversion: 1.2.0\n") == [])
            #expect(try await listed() == [])
            let warned = try await put("task: look\nversion: 1.2.0\ntitle: Look\n")
            #expect(warned.map { $0["line"] } == [2])
            #expect(warned.first?["message"].displayText.contains("version 1.2.0 of the task") == true)
            #expect(try await listed().map { $0["message"] } == warned.map { $0["message"] })
            #expect(try await put("task: look\nversion: 1.3.0\n") == [])
            #expect(try await listed() == [])
            // A file that names no version has none to keep.
            _ = try await put("task: look\n")
            #expect(try await put("task: look\ntitle: Again\n").isEmpty)
            #expect(try await listed() == [])
        }
    }

    @Test func `a check answers with every problem, and refuses what has errors`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("wanda")
            func check(_ text: String) async throws -> (status: HTTPResponse.Status, answer: JSON) {
                let answer = try await browser.json(
                    "/api/v1/companies/acme/definitions/check?file=x.task.yaml", .post, token: token, text,
                    type: "application/yaml")
                return (answer.status, try JSON(parsing: answer.html))
            }
            let bad = try await check("task: x\nassing: {}\nkind: x\nassign: { role: nosuch }\n")
            #expect(bad.status == .unprocessableContent)
            let errors = bad.answer["errors"].arrayValue ?? []
            #expect(errors.map { $0["line"] } == [2, 3, 4])
            #expect(errors.allSatisfy { $0["file"] == "acme/x.task.yaml" })
            // What it names is missing: as a file it would be kept, and not offered.
            let text =
                "document: { dsl: '1.0.3', namespace: acme, name: x, version: '1.0.0' }\ndo: [ { a: { call: b } } ]\n"
            let incomplete = try await browser.json(
                "/api/v1/companies/acme/definitions/check", .post, token: token, text, type: "application/yaml")
            #expect(incomplete.status == .unprocessableContent)
            let missing = try JSON(parsing: incomplete.html)["errors"].arrayValue ?? []
            #expect(missing.contains { $0["message"] == "there is no task \"b\"" }, "\(incomplete.html)")
            let warned = try await check("task: x\nassign: { role: nosuch }\n")
            #expect(warned.status == .ok)
            #expect(warned.answer["name"] == "x")
            #expect(warned.answer["problems"].arrayValue?.map { $0["severity"] } == ["warning"])
            #expect(try await check("task: x\n").answer["problems"] == [])
        }
    }

    @Test func `the list of definitions is read page by page, with what is refused`() async throws {
        let fixture = try await WebFixture()
        let root = fixture.site.settings.definitions
        let problems = ["a/look.task.yaml", "look.task.yaml", "thing.ticket.yaml"].map { file in
            Diagnostic(file: "\(root)/acme/\(file)", position: .start, severity: .error, message: "unknown key \"x\"")
        }
        _ = try await fixture.site.store.inside(fixture.acme.id).publish(
            [],
            keeping: Set(
                try await fixture.site.store.read(in: fixture.acme.id) { try $0.publishedFiles() }.map(\.file)),
            problems: problems, now: fixture.site.now)
        try await fixture.test { browser in
            let token = try await browser.token("wanda")
            let path = "/api/v1/companies/acme/definitions"
            _ = try await browser.json(
                "\(path)/task/look", .put, token: token, "task: look\nversion: 1.0.0+b\n", type: "application/yaml")
            let all = try JSON(parsing: try await browser.json(path, .get, token: token).html)["items"].arrayValue ?? []
            #expect(all.filter { $0["name"] == "look" }.count >= 2)
            var (found, next): ([JSON], String?) = ([], "")
            while let after = next, found.count < 20 {
                let query = "limit=1" + (after.isEmpty ? "" : "&after=\(after)")
                let page = try JSON(parsing: try await browser.json("\(path)?\(query)", .get, token: token).html)
                found += page["items"].arrayValue ?? []
                next = page["next"].stringValue
            }
            #expect(found == all)
            #expect(try await browser.json("\(path)?limit=0", .get, token: token).status == .unprocessableContent)
        }
    }

    @Test func `what was never offered is not said to go out of force, before the daemon has looked at it too`()
        async throws
    {
        let fixture = try await WebFixture()
        // As somebody publishes it who does not know yet that what it calls is missing.
        try await fixture.publish([
            "w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do: [ { look: { call: not-there } } ]
            """,
            "f.ticket.yaml":
                "ticket: f\nname: Ask\ndescription: A\nworkflow: flow\nbody: [ { type: input, attributes: { label: What } } ]\n",
        ])
        try await fixture.test { browser in
            let checked = try await browser.json(
                "/api/v1/companies/acme/definitions/check?file=x.task.yaml", .post,
                token: try await browser.token("wanda"), "task: x\n", type: "application/yaml")
            #expect(checked.status == .ok)
            #expect(try JSON(parsing: checked.html)["problems"] == [], "\(checked.html)")
        }
    }

    @Test func `a retirement tells a program what is not offered any more without the definition`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish([
            "look.task.yaml": "task: look\ntitle: Look at it\n",
            "w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: flow, version: '1.0.0' }
            do: [ { look: { call: look } } ]
            """,
            "f.ticket.yaml":
                "ticket: f\nname: Ask\ndescription: A\nworkflow: flow\nbody: [ { type: input, attributes: { label: What } } ]\n",
        ])
        try await fixture.test { browser in
            let token = try await browser.token("wanda")
            let header = try #require(HTTPField.Name("X-Not-Offered"))
            func retire(_ name: String) async throws -> TestResponse {
                try await browser.json("/api/v1/companies/acme/definitions/\(name)", .delete, token: token)
            }
            let needed = try await retire("task/look")
            #expect(needed.status == .noContent && needed.headers[header] == "ticket f, workflow flow")
            #expect(needed.body.readableBytes == 0)
            let other = try await retire("ticket/thing")
            #expect(other.status == .noContent && other.headers[header] == nil)
        }
    }

    @Test func `a file with errors is the cause of what follows from it, new as it is`() async throws {
        let fixture = try await WebFixture()
        let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
        let file = "\(fixture.site.settings.definitions)/acme/order.task.yaml"
        let cause = Diagnostic(
            file: file, position: Position(line: 2, column: 1), severity: .error, message: "unknown key \"assing\"",
            suggestion: "assign")
        _ = try await fixture.site.store.inside(acme.id).publish(
            [], keeping: Set(try await fixture.site.store.read(in: acme.id) { try $0.publishedFiles() }.map(\.file)),
            problems: [cause],
            now: fixture.site.now)
        try await fixture.test { browser in
            let token = try await browser.token("wanda")
            let text = """
                document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
                do: [ { a: { call: order } } ]
                """
            let answer = try await browser.json(
                "/api/v1/companies/acme/definitions/workflow/w", .put, token: token, text, type: "application/yaml")
            #expect(answer.status == .created)
            let problems = try JSON(parsing: String(buffer: answer.body))["problems"].arrayValue ?? []
            #expect(
                problems.map { $0["message"].stringValue } == [
                    "unknown key \"assing\"", "the task \"order\" has errors, see order.task.yaml",
                ])
            let list = try await browser.json("/api/v1/companies/acme/definitions", .get, token: token)
            let items = try JSON(parsing: String(buffer: list.body))["items"].arrayValue ?? []
            let refused = items.first { $0["state"] == "refused" }
            #expect(refused?["name"] == "order" && refused?["kind"] == "task")
            #expect(refused?["problems"].arrayValue?.first?["message"].stringValue == "unknown key \"assing\"")
        }
    }
}
