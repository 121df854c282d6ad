import Foundation
import TFExpression
import TestSupport
import Testing

/// Answers with an audience, looked for by everybody else wherever the site answers at all.
@Suite(.serialized) struct HiddenAnswerAttackTests {
    /// The answer of a ticket's form, what it was before it was changed, and an answer of a task's form.
    private static let ticketMark = "hidden-in-ticket-7q"
    private static let earlierMark = "hidden-before-7q"
    private static let taskMark = "hidden-in-task-7q"
    private static let acme = "/api/v1/companies/acme"

    /// The answers go wherever a workflow can put them: its data, a program's input, a request, its fault and the history.
    private static func drop(_ processes: Processes, _ server: HostileServer) throws {
        let files = [
            "pay.ticket.yaml": """
            name: Pay
            description: P
            title: Pay
            workflow: pay
            body:
              - { type: input, id: what, attributes: { label: What } }
              - { type: input, id: salary, audience: [finance], attributes: { label: Salary } }
            """,
            "amend.task.yaml":
                "title: Amend\nassign: { strategy: requester }\nform: ticket\noutcomes: [again]\n",
            "look.task.yaml": """
            title: Look
            assign: { strategy: person, person: bob }
            body: [ { type: input, id: note, audience: [finance], attributes: { label: Note } } ]
            """,
            "later.task.yaml": "title: Later\nassign: { strategy: person, person: dave }\n",
            "pay.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: pay, version: '1.0.0' }
            do:
              - keep: { set: { inside: '${ $ticket.form.salary }' }, export: { as: '${ { kept: .inside } }' } }
              - amend: { call: amend }
              - look: { call: look }
              - later: { call: later }
              - join: { set: { all: '${ [$ticket.form.salary, $tasks.look.note, $context.kept] }' } }
              - send: { call: http, with: { method: post, endpoint: '\(server.address)/x', body: { all: '${ .all }' }, output: response } }
              - fail: { set: '${ error("cannot pay \\($ticket.form.salary) \\($tasks.look.note) \\($context.kept)") }' }
            """,
        ]
        for (name, text) in files {
            try "\(text)\n".write(
                toFile: "\(processes.directory)/workflows/acme/\(name)", atomically: true, encoding: .utf8)
        }
    }

    @Test func `who is not of the audience finds a hidden answer in no page, answer, list, log line or notification`()
        async throws
    {
        try await HostileServer.with(host: "127.0.0.1") { server in
            try await Processes.with(logLevel: "trace") { processes in
                try Self.drop(processes, server)
                try await Self.playTicket(processes)
                let sent = server.requests.first ?? ""
                #expect([Self.ticketMark, Self.taskMark, Self.earlierMark].allSatisfy(sent.contains))
                let paths = try await Self.paths(processes)
                #expect(paths.count > 60)
                // Not the ticket's requester nor of finance: a ticket admin, another user, who had a task of the ticket, a
                // workflow creator, a ticket admin of another company, and the site's admin.
                for login in ["tom", "udo", "dave", "wanda", "gina", "ada"] {
                    let told = try await Self.told(login, paths, processes)
                    #expect(Self.marks(in: told.text) == [], "\(login) at \(told.places)")
                }
                // Each has only what they gave themselves.
                let umas = try await Self.told("uma", paths, processes).text
                #expect(Self.marks(in: umas) == [Self.ticketMark, Self.earlierMark])
                let bobs = try await Self.told("bob", paths, processes).text
                #expect(Self.marks(in: bobs) == [Self.taskMark])
                let log = try String(contentsOfFile: processes.log, encoding: .utf8)
                #expect(Self.marks(in: log) == [])
                #expect(log.contains("/api/v1/companies/acme/tickets/1"), "requests were logged")
                try await Self.expectUnsearchable(processes)
            }
        }
    }

    private static func marks(in text: String) -> [String] {
        [ticketMark, earlierMark, taskMark].filter { text.contains($0) }
    }

    /// Submits the ticket, has it amended, looked at and passed on, until its workflow fails.
    private static func playTicket(_ processes: Processes) async throws {
        let people = try await ["uma", "bob", "dave", "tom"].asyncMap { login in
            (login, try await Attacker(processes.address, login: login))
        }
        let attackers = Dictionary(people, uniquingKeysWith: { $1 })
        func send(_ login: String, _ path: String, _ body: JSON, _ status: UInt) async throws {
            let answer = try await attackers[login]?.send(.POST, path, body)
            #expect(answer?.status == status, "\(login) \(path): \(answer?.body ?? "")")
        }
        let form: JSON = ["what": "seen", "salary": .string(earlierMark)]
        _ = try await eventually("the type is offered") {
            let ticket: JSON = ["type": "pay", "form": form]
            return try await attackers["uma"]?.send(.POST, "\(acme)/tickets", ticket).status == 201 ? true : nil
        }
        func open(_ name: String) async throws -> String {
            try await eventually("\(name) is open") {
                let tasks = try await attackers["tom"]?.get("\(acme)/tickets/1").json["tasks"].arrayValue
                let task = tasks?.first { $0["name"].stringValue == name && $0["state"] == "assigned" }
                return task.map { "\(acme)/tasks/\($0["id"].displayText)/completion" }
            }
        }
        let amended: JSON = ["what": "seen", "salary": .string(ticketMark)]
        try await send("uma", try await open("amend"), ["outcome": "again", "form": amended], 200)
        try await send("bob", try await open("look"), ["form": ["note": .string(taskMark)], "outcome": "done"], 200)
        try await send("dave", try await open("later"), ["outcome": "done"], 200)
        _ = try await eventually("the workflow has failed") {
            try await attackers["tom"]?.get("\(acme)/tickets/1").json["state"] == "failed" ? true : nil
        }
    }

    /// Every address that is read, filled in for this ticket.
    private static func paths(_ processes: Processes) async throws -> [String] {
        let routes = try JSON(parsing: try await processes.run("tf-web", ["routes", "--json"], withSettings: false))
        let values: [String: [String]] = [
            "company": ["acme"], "number": ["1"], "id": ["1", "2", "3"], "type": ["pay"],
            "kind": ["ticket", "workflow"],
            "name": ["pay"], "login": ["uma", "bob"], "role": ["finance"], "slug": ["acme"],
        ]
        var paths: [String] = []
        // What is for machines is the same for everybody, whoever asks.
        for route in routes.arrayValue ?? [] where route["method"] == "GET" && route["session"] != "machine" {
            var filled = [route["path"].displayText]
            for (name, values) in values {
                filled = filled.flatMap { path in
                    path.contains("{\(name)}") ? values.map { path.replacing("{\(name)}", with: $0) } : [path]
                }
            }
            paths += filled.map { $0.replacing(#/\{[a-z]+\}/#, with: "1") }
        }
        let lists = ["tickets", "tasks"].map { "\(acme)/\($0)?format=csv" }
        return paths + lists + ["\(acme)/tasks?ticket=1", "\(acme)/tickets?state=failed"]
    }

    /// All that somebody gets to read, and where the marks stood in it.
    private static func told(
        _ login: String, _ paths: [String], _ processes: Processes
    ) async throws -> (text: String, places: [String]) {
        let program = try await Attacker(processes.address, login: login)
        let browser = Visitor(processes.address)
        try await browser.login(login)
        var text = ""
        var places: [String] = []
        for path in paths {
            let answer =
                path.hasPrefix("/api/") ? try await program.get(path).text : try await browser.get(path).text
            text += answer
            if !marks(in: answer).isEmpty { places.append(path) }
        }
        return (text, places)
    }

    /// A search for what somebody may not read does not even say that it is there.
    private static func expectUnsearchable(_ processes: Processes) async throws {
        let tom = try await Attacker(processes.address, login: "tom")
        func found(_ text: String) async throws -> Int? {
            try await tom.get("\(acme)/tickets?text=\(text)").json["items"].arrayValue?.count
        }
        #expect(try await found("Pay") == 1)
        for mark in [ticketMark, earlierMark, taskMark] { #expect(try await found(mark) == 0, "\(mark)") }
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
