import Foundation
import HTTPTypes
import Logging
import TFDefinition
import TFExpression
import TFProcess
import TFStore
import Testing

@testable import TFConfiguration
@testable import tf_web

/// What a title, a name or a step may hold so that something of it is read as what it is not.
private let marks = [
    "\u{301}", "\u{200D}", "\u{FE0F}", "\u{20DD}", "\r\n", "\n", "\r", "\u{1B}[2J", "\u{9B}2J", "\u{202E}", "\u{2028}",
    "\u{0}", "\t", "\u{1F468}\u{200D}\u{1F469}", "\u{E0041}",
]
private let signs = ["\"", "'", "<", ">", "&", ",", ";", "=1+1", "@", "\\", "`", "$(x)", "]]>", "--"]
private func hostile(_ sign: String) -> [String] {
    marks.flatMap { mark -> [String] in
        ["\(sign)\(mark)x", "\(mark)\(sign)", "a\(sign)\(mark)\(sign)\(mark)"]
    }
}

@Suite struct HostileTextTests {
    @Test(arguments: signs)
    func `no text leaves the place where it is written`(_ sign: String) throws {
        for text in hostile(sign) { try check(text) }
    }

    private func check(_ text: String) throws {
        // HTML, in an element and in an attribute.
        let html: HTML = #"<a title="\#(text)">\#(text)</a>"#
        #expect(html.bytes.count { $0 == UInt8(ascii: "\"") } == 2 && !html.bytes.contains(UInt8(ascii: "'")))
        #expect(html.bytes.count { $0 == UInt8(ascii: "<") } == 2 && html.bytes.count { $0 == UInt8(ascii: ">") } == 2)
        // CSV, read by bytes as RFC 4180 says.
        #expect(CSVReader.rows("1,\(CSV.cell(text)),2\r\n").map(\.count) == [3])
        // Headers and file names.
        let header = ContentDisposition.attachment(text)
        #expect(header.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(header.utf8.count { $0 == UInt8(ascii: "\"") } == 2)
        #expect(FileName.shown(text).unicodeScalars.allSatisfy { !$0.isSteering && $0 != "/" && $0 != "\\" })
        // Log lines in both formats, and what a terminal gets.
        for isJSON in [true, false] {
            let handler = LineLogHandler(label: "test", isJSON: isJSON)
            let event = LogEvent(
                level: .info, message: "\(text)", metadata: ["name": "\(text)"], source: "", file: "", function: "",
                line: 1)
            let line = handler.line(event, at: Date(timeIntervalSince1970: 0))
            #expect(line.unicodeScalars.allSatisfy { !$0.isSteering })
            if isJSON { #expect(try JSON(parsing: line)["name"] == .string(text)) }
        }
        // Metrics.
        let registry = MetricRegistry()
        registry.add(to: AccessLog.requests, ["method": text, "status": "200"])
        let sample = registry.text(gauges: []).utf8.split(separator: UInt8(ascii: "\n")).filter {
            $0.starts(with: "tf_web_requests_total".utf8)
        }
        #expect(sample.count == 1)
        // Mail.
        for address in ["uma@example.org" + text, text + "@example.org"] where Mail.isOneAddress(address) {
            let forbidden = " ,;:<>()[]\\\"".unicodeScalars
            #expect(address.unicodeScalars.allSatisfy { !$0.isSteering && !forbidden.contains($0) })
        }
    }

    @Test func `a step's name writes nothing of its own into the diagram`() async throws {
        var names = signs.flatMap(hostile) + ["&quot; URL=&quot;x", "\\N \\G", "</text><a xlink:href='x'>"]
        names = names.map { $0 + "\u{301}\", URL=\"javascript:alert(1)\", label=\"" }
        // Some names are refused at once; what is taken must be drawn.
        names = names.filter { workflow([$0]) != nil }
        #expect(names.count > 300)
        for start in stride(from: 0, to: names.count, by: 150) {
            let part = names[start...].prefix(150)
            let graph = WorkflowGraph(try #require(workflow(part.enumerated().map { "\($0)\($1)" })))
            // Graphviz gets no name at all.
            let source = try #require(DotSource(graph)).text
            #expect(source.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A })
            #expect(!source.contains("javascript"))
            guard case .layout(let layout) = try await Graphviz().answer(graph) else {
                Issue.record("no layout")
                continue
            }
            let states = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, StepView(.done, link: "#x")) })
            for direction in DiagramLayout.Direction.allCases {
                let html = WorkflowDiagram(graph, layout: layout, because: "").html(states: states, direction)
                let markup = String(decoding: html.bytes, as: UTF8.self)
                for forbidden in ["xlink", "URL=\"", "style=", "onclick", "<image", "<b", "\"javascript", "'"] {
                    #expect(!markup.utf8.contains(forbidden.utf8), "\(forbidden)")
                }
                #expect(markup.components(separatedBy: "<a class=\"n done\" href=#x").count == part.count + 3)
                #expect(markup.utf8.count { $0 == UInt8(ascii: "\"") } % 2 == 0)
            }
        }
    }

    private func workflow(_ names: [String]) -> WorkflowDefinition? {
        let steps = names.map { "  - \(JSON.string($0).text): { set: { a: 1 } }\n" }.joined()
        let source = "document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }\ndo:\n\(steps)"
        let parsed = Definition.parse(Array(source.utf8), file: "w.workflow.yaml", company: "acme")
        guard case .workflow(let workflow)? = parsed.definition else { return nil }
        return workflow
    }

    @Test(arguments: [
        ("name=\"f.x\"; filename=\"a\"\u{301}; x=\"b\"", "f.x", "a"), ("name=f.x; filename=\"a\\\"b\"", "f.x", "a\"b"),
        ("name=\"f.x\"; filename=\"x\u{202E}fdp.exe\"", "f.x", "xfdp.exe"),
        ("name=\"f.x\"; filename=\"../\"", "f.x", "file"),
        ("name=\"f.x\"; filename=\"a/\u{301}b\"", "f.x", "\u{301}b"),
    ])
    func `a part's names end where their quotes do`(_ parameters: String, _ name: String, _ file: String) throws {
        var reader = try MultipartReader(contentType: "multipart/form-data; boundary=b")
        let body = "--b\r\nContent-Disposition: form-data; \(parameters)\r\n\r\nx\r\n--b--\r\n"
        guard case .part(let part)? = try reader.feed(Array(body.utf8)).first else { throw MultipartError.truncated }
        #expect(part.name == name && part.fileName == file)
    }
}

@Suite struct StrayCharacterTests {
    @Test(arguments: [
        ("two\nlines", "must be one line"), ("two\r\nlines", "must be one line"),
        ("two\u{2028}lines", "must be one line"),
        ("a\tb", "must not hold the character U+0009"), ("\u{1B}[31m", "must not hold the character U+001B"),
        ("\u{9B}2J", "must not hold the character U+009B"), ("\u{7F}", "must not hold the character U+007F"),
        ("\u{202E}gpj.exe", "must not hold the character U+202E"), ("a\u{2066}", "must not hold the character U+2066"),
    ])
    func `a name is one line of what is seen`(_ text: String, _ problem: String) {
        let error = FieldError.unfit(text, .name, field: "name")
        #expect(error == FieldError(field: "name", message: "\"name\" \(problem)"))
    }

    @Test func `a text of lines holds these, and no control characters`() {
        let text = "one\n\ttwo\r\nthree \u{202B}four\u{202C}"
        #expect(FieldError.unfit(text, .reason, field: "reason") == nil)
        #expect(
            FieldError.unfit("a\u{1B}", .comment, field: "text")?.message
                == "\"text\" must not hold the character U+001B")
    }

    @Test(arguments: ["Zoë 👩‍👩‍👧", "שרה", "O'Neil \u{200F}ab", "n\u{303}"])
    func `names of people in any writing are taken`(_ name: String) {
        #expect(FieldError.unfit(name, .name, field: "name") == nil)
    }

    @Test func `a name that is not one line is refused with its field, whoever sends it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let body = #"{"type":"thing","title":"a\u001b[31m","form":{"what":"x"}}"#
            let answer = try await browser.json("/api/v1/companies/acme/tickets", .post, token: uma, body)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.html.contains("Title must not hold the character U+001B"))
        }
        await expectInvalid("name") {
            _ = try await fixture.site.store.write {
                try $0.addAccount(
                    NewAccount(login: "new", name: "New\nadmin", kind: .person, password: nil, roles: []), now: 20)
            }
        }
        await expectInvalid("name") {
            _ = try await fixture.site.store.write {
                try $0.addCompany(slug: "new", name: "\u{202E}N", timezone: "UTC", now: 20)
            }
        }
    }

    private func expectInvalid(_ field: String, _ change: () async throws -> Void) async {
        do {
            try await change()
            Issue.record("\(field) is taken")
        } catch StoreError.invalid(let errors) {
            #expect(errors.map(\.field) == [field])
        } catch {
            Issue.record(error)
        }
    }

    @Test func `what ends a program is told in lines of our own, without what steers a terminal`() {
        let given = "x\u{1B}[31m\u{1B}]0;pwn\u{7}\nfake"
        let shown = #"x\u{1B}[31m\u{1B}]0;pwn\u{7}\u{A}fake"#
        for arguments in [["check", given], ["run", "--http-bind=\(given)"]] {
            let plain = CommandLine.plain("Error: no \"\(given)\"\nUsage: x\u{202E}", arguments: arguments)
            #expect(plain == "Error: no \"\(shown)\"\nUsage: x\\u{202E}")
        }
        #expect(CommandLine.plain("a\nb", arguments: ["\n", "c"]) == "a\nb")
    }
}
