import Foundation
import TFExpression
import TestSupport
import Testing

/// Both real programs, a real Redis, real files: from a dropped file to a finished ticket.
@Suite(.serialized) struct MainPathTests {
    @Test(.onBothEngines) func `a dropped file becomes a form, and its tickets are worked off by two workers`()
        async throws
    {
        try await Processes.with(storeURL: try await TestEngine.url(TestFolder.path("record"))) { processes in
            try await Self.drop(processes, "keys", title: "Lost keys")
            let uma = Visitor(processes.address)
            _ = try await eventually("tf-web serves") { try await uma.get("/login").status == 200 ? true : nil }
            try await uma.login("uma")
            _ = try await eventually("the dropped type is offered") {
                try await uma.get("/c/acme/tickets/new").text.contains("Lost keys") ? true : nil
            }

            let form = "/c/acme/tickets/new/keys"
            let wrong = try await uma.submit(form, to: form, ["title": "Mine"])
            #expect(wrong.status == 422)
            let first = try await uma.submit(form, to: form, ["title": "My <keys>", "f.which": "front door"])
            #expect(first.status == 303)
            #expect(first.location == "/c/acme/tickets/1")
            let program = try await Program(processes.address, login: "uma")
            let second = try await program.post(
                "/api/v1/companies/acme/tickets", ["type": "keys", "title": "More", "form": ["which": "back door"]])
            #expect(second.status == 201)

            for number in 1...2 { try await Self.finish(number, uma, processes) }
            try await Self.checkHistory(program, number: 1)
            let page = try await uma.get("/c/acme/tickets/1").text
            #expect(page.contains("The ticket is closed"))
            // The built-in workflow has no revision, and so no picture.
            #expect(page.contains("It begins with 1 Look after it."))
            #expect(page.contains("✓ Done"))
            #expect(page.contains("My &lt;keys&gt;"))
            for worker in ["dave", "erin"] {
                _ = try await eventually("the list of \(worker) is empty") {
                    try await processes.redis("LLEN", "queue:acme.\(worker)") == "0" ? true : nil
                }
            }
            #expect(try await processes.run("tf-daemon", ["status"]).contains("daemon   running"))
        }
    }

    @Test func `a broken edit changes nothing that runs, and its problem is shown`() async throws {
        try await Processes.with { processes in
            let wanda = try await eventually("tf-web serves") { try await Program(processes.address, login: "wanda") }
            let file = "\(processes.directory)/workflows/acme/purchase.ticket.yaml"
            let source = try String(contentsOfFile: file, encoding: .utf8)
            func row() async throws -> JSON? {
                try await wanda.get("/api/v1/companies/acme/definitions")["items"].arrayValue?.first {
                    $0["name"] == "purchase" && $0["kind"] == "ticket"
                }
            }
            let before = try await eventually("it is published") { try await row() }
            try (source + "bdy: []\n").write(toFile: file, atomically: true, encoding: .utf8)
            let broken = try await eventually("the problem is shown") {
                try await row().flatMap { $0["problems"].arrayValue?.isEmpty == false ? $0 : nil }
            }
            #expect(broken["revision"] == before["revision"])
            #expect(broken["state"] == "active")
            #expect(broken["problems"].arrayValue?.first?["suggestion"] == "body")
            try source.write(toFile: file, atomically: true, encoding: .utf8)
            _ = try await eventually("it is in order again") {
                try await row()?["problems"].arrayValue?.isEmpty == true ? true : nil
            }
        }
    }

    @Test func `killed programs and an emptied Redis lose and double nothing`() async throws {
        try await Processes.with { processes in
            let uma = try await eventually("tf-web serves") { try await Program(processes.address, login: "uma") }
            let purchase: JSON = [
                "type": "purchase", "form": ["item": "chair", "amount": 10, "why": "to sit"],
            ]
            _ = try await eventually("purchases are offered") {
                try await uma.post("/api/v1/companies/acme/tickets", purchase).status == 201 ? true : nil
            }
            for index in 1..<40 {
                #expect(try await uma.post("/api/v1/companies/acme/tickets", purchase).status == 201)
                if index == 15 { processes.daemon.kill() }
                if index == 30 { try processes.start("tf-daemon", processes.daemon) }
            }
            try await Self.expectLists(processes, total: 40)
            #expect(try await processes.redis("FLUSHALL") == "OK")
            try await Self.expectLists(processes, total: 40)
            processes.web.kill()
            try processes.start("tf-web", processes.web)
            let bob = try await eventually("tf-web serves again") { try await Program(processes.address, login: "bob") }
            let tasks = try await bob.get("/api/v1/companies/acme/tasks?assignee=me&state=assigned&limit=200")
            let length = try await processes.redis("LLEN", "queue:acme.bob")
            #expect(tasks["items"].arrayValue?.count == Int(length))
        }
    }

    @Test func `a workflow that waits in three ways is there again after a kill, and each goes on once`() async throws {
        try await Processes.with { processes in
            let folder = "\(processes.directory)/workflows/acme/"
            try """
            document: { dsl: '1.0.3', namespace: acme, name: dock, version: '1.0.0' }
            do:
              - all:
                  fork:
                    branches:
                      - pause: { wait: PT2S }
                      - ask: { call: http, with: { method: get, endpoint: '\(processes.address)/healthz', output: response } }
                      - hear: { listen: { to: { one: { with: { type: acme.arrived } } } } }
              - done: { set: { status: '${ (.[1].statusCode | tostring) + " " + .[2][0].what }' } }
            """.write(toFile: folder + "dock.workflow.yaml", atomically: true, encoding: .utf8)
            try
                "name: Dock\ndescription: D\ntitle: D\nworkflow: dock\nbody: [ { type: input, id: what, attributes: { label: What } } ]\n"
                .write(toFile: folder + "dock.ticket.yaml", atomically: true, encoding: .utf8)
            let tom = try await eventually("tf-web serves") { try await Program(processes.address, login: "tom") }
            let ada = try await Program(processes.address, login: "ada")
            let acme = "/api/v1/companies/acme"
            _ = try await eventually("docks are offered") {
                try await tom.post("\(acme)/tickets", ["type": "dock", "form": [:]]).status == 201 ? true : nil
            }
            _ = try await eventually("the request is answered") {
                let waiting = try await tom.get("\(acme)/tickets/1/instances")["items"].arrayValue?.first?["waiting"]
                return waiting?.arrayValue?.contains { $0["step"].displayText.hasSuffix("/ask") } == false
                    ? true : nil
            }
            processes.daemon.kill()
            let event: JSON = [
                "specversion": "1.0", "id": "1", "source": "/dock", "type": "acme.arrived", "data": ["what": "crates"],
            ]
            for _ in 0..<2 { #expect(try await ada.post("\(acme)/events", event).status == 200) }
            try processes.start("tf-daemon", processes.daemon)
            let ticket = try await eventually("the ticket is closed") {
                let ticket = try await tom.get("\(acme)/tickets/1")
                return ticket["state"] == "closed" ? ticket : nil
            }
            #expect(ticket["status"] == "200 crates")
            let completed = ticket["history"].arrayValue?.filter { $0["data"]["kind"] == "completed" }
                .map { $0["data"]["name"].displayText }
            #expect(completed?.sorted() == ["all", "ask", "done", "hear", "pause"])
        }
    }

    @Test func `a creator tries a workflow on its page, outcome by outcome`() async throws {
        try await Processes.with { processes in
            let wanda = Visitor(processes.address)
            _ = try await eventually("tf-web serves") { try await wanda.get("/login").status == 200 ? true : nil }
            try await wanda.login("wanda")
            let path = "/c/acme/definitions/workflow/purchase/dry-run"
            _ = try await eventually("the workflow is in force") {
                try await wanda.get(path).status == 200 ? true : nil
            }
            let answers = ["type": "purchase", "f.item": "Desk", "f.amount": "300", "f.why": "work"]
            let first = try await wanda.show(path, posting: answers)
            #expect(first.contains("Approve: Desk"))
            let hidden = ["input", "now", "given", "source", "open"].reduce(into: [String: String]()) {
                $0[$1] = Visitor.hidden($1, in: first)
            }
            let choice = ["type": "purchase", "task": "approve-purchase", "outcome": "reject", "f.comment": "too dear"]
            let last = try await wanda.show(path, posting: choice.merging(hidden) { left, _ in left })
            #expect(last.contains("Completed"))
            #expect(last.contains("refused"))
            let run = ["input", "now", "given", "source"].reduce(into: ["type": "purchase", "save": "script"]) {
                $0[$1] = Visitor.hidden($1, in: last)
            }
            let script = try await wanda.show(path, posting: run)
            // It begins when the person began, in the company's zone.
            #expect(script.hasPrefix("now: \"2"), "\(script)")
            #expect(script.contains("\"\ntasks:\n  approve-purchase:\n"), "\(script)")
            let tickets = try await Program(processes.address, login: "tom").get("/api/v1/companies/acme/tickets")
            #expect(tickets["items"] == [])
        }
    }

    // MARK: Steps

    private static func drop(_ processes: Processes, _ name: String, title: String) async throws {
        let text = """
            name: \(title)
            description: Tell us which.
            assign: { role: it-staff }
            outcomes: [found, replaced]
            body: [ { type: input, id: which, attributes: { label: Which keys? }, validations: { required: true } } ]
            """
        let path = "\(processes.directory)/workflows/acme/\(name).ticket.yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// The worker who has the ticket's task opens his list and completes it.
    private static func finish(_ number: Int, _ requester: Visitor, _ processes: Processes) async throws {
        let worker = try await eventually("ticket \(number) is assigned") {
            let page = try await requester.get("/c/acme/tickets/\(number)").text
            return ["dave": "Dave Diaz", "erin": "Erin Egger"].first { page.contains("went to <b>\($0.value)</b>") }?
                .key
        }
        let list = try await eventually("it stands in the list") {
            let length = try await processes.redis("LLEN", "queue:acme.\(worker)")
            return length == "0" ? nil : length
        }
        #expect(list == "1")
        let visitor = Visitor(processes.address)
        try await visitor.login(worker)
        let next = try await visitor.submit("/c/acme/my/tasks", to: "/c/acme/my/tasks/next", [:])
        #expect(next.location.hasPrefix("/c/acme/tasks/"))
        let done = try await visitor.submit(next.location, to: next.location + "/completion", ["outcome": "found"])
        #expect(done.status == 303)
        _ = try await eventually("ticket \(number) is closed") {
            try await requester.get("/c/acme/tickets/\(number)").text.contains("The ticket is closed") ? true : nil
        }
    }

    private static func checkHistory(_ program: Program, number: Int) async throws {
        let ticket = try await program.get("/api/v1/companies/acme/tickets/\(number)")
        #expect(ticket["state"] == "closed")
        #expect(ticket["status"] == "found")
        let kinds = ticket["history"].arrayValue?.map { $0["kind"].displayText }.filter { $0 != "step" }
        #expect(kinds == ["submitted", "assigned", "started", "completed", "closed"])
    }

    /// Every task of the forty in exactly one list, the lists within one of each other.
    private static func expectLists(_ processes: Processes, total: Int) async throws {
        _ = try await eventually("the lists hold \(total) jobs") {
            var lengths: [Int] = []
            for worker in ["bob", "carol"] {
                lengths.append(Int(try await processes.redis("LLEN", "queue:acme.\(worker)")) ?? 0)
            }
            return lengths.reduce(0, +) == total && abs(lengths[0] - lengths[1]) <= 1 ? true : nil
        }
    }
}
