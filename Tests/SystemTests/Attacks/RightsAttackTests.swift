import Foundation
import TFExpression
import TestSupport
import Testing

/// Two who know a way in: a worker whose task of a ticket is over, and a ticket admin who is kept from some tickets.
@Suite(.serialized) struct RightsAttackTests {
    private static let acme = "/api/v1/companies/acme"
    private static let files = [
        "pair.ticket.yaml": """
        name: Pair
        description: P
        title: Pair
        workflow: pair
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """,
        "pair.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: pair, version: '1.0.0' }
        do:
          - first: { call: look, with: { title: First look } }
          - second: { call: look, with: { title: zq-later } }
        """,
        "look.task.yaml": """
        title: '${ .title }'
        assign: { strategy: pool, role: it-staff }
        outcomes: [seen]
        """,
        "secret.ticket.yaml": """
        name: Secret
        description: S
        title: zq-secret
        view_roles: [finance]
        assign: { role: finance }
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """,
    ]

    private static func site(_ body: @escaping @Sendable (Processes) async throws -> Void) async throws {
        try await Processes.with { processes in
            for (name, text) in files {
                try text.write(
                    toFile: "\(processes.directory)/workflows/acme/\(name)", atomically: true, encoding: .utf8)
            }
            let uma = try await Attacker(processes.address, login: "uma")
            for type in ["pair", "secret"] {
                _ = try await eventually("\(type) is offered") {
                    try await uma.get("\(acme)/ticket-types/\(type)").status == 200 ? true : nil
                }
                let made = try await uma.send(
                    .POST, "\(acme)/tickets", ["type": .string(type), "form": ["what": "zq-answer"]])
                #expect(made.status == 201)
            }
            try await body(processes)
        }
    }

    /// The open task of the ticket.
    /// - Parameter state: that it has to be in.
    private static func task(_ ticket: Int, _ state: String, for somebody: Attacker) async throws -> Int {
        try await eventually("ticket \(ticket) has a task that is \(state)") {
            let tasks = try await somebody.get("\(acme)/tasks?ticket=\(ticket)&state=\(state)").json["items"]
            return tasks.arrayValue?.first?["id"].intValue
        }
    }

    @Test func `a former worker finds later tasks and internal notes neither over REST nor on a page`() async throws {
        try await Self.site { processes in
            let dave = try await Attacker(processes.address, login: "dave")
            let erin = try await Attacker(processes.address, login: "erin")
            let first = try await Self.task(1, "ready", for: dave)
            #expect(try await dave.send(.POST, "\(Self.acme)/tasks/\(first)/claim", [:]).status == 200)
            let note: JSON = ["text": "zq-note", "internal": true]
            #expect(try await dave.send(.POST, "\(Self.acme)/tickets/1/comments", note).status == 201)
            #expect(try await dave.get("\(Self.acme)/tickets/1").body.contains("zq-note"), "while he has a task")
            let done = try await dave.send(
                .POST, "\(Self.acme)/tasks/\(first)/completion", ["outcome": "seen"])
            #expect(done.status == 200)
            let second = try await Self.task(1, "ready", for: erin)
            #expect(try await erin.send(.POST, "\(Self.acme)/tasks/\(second)/claim", [:]).status == 200)

            let ticket = try await dave.get("\(Self.acme)/tickets/1")
            #expect(ticket.status == 200 && ticket.body.contains("zq-answer"))
            #expect(try await dave.get("\(Self.acme)/tasks/\(first)").status == 200)
            #expect(try await dave.get("\(Self.acme)/tasks/\(second)").text.contains("zq-later") == false)
            #expect(try await dave.get("\(Self.acme)/tasks/\(second)").status == 404)
            #expect(try await dave.send(.POST, "\(Self.acme)/tickets/1/comments", note).status == 403)
            let visitor = Visitor(processes.address)
            try await visitor.login("dave")
            let lists = ["/tickets/1", "/tasks", "/tasks?format=csv", "/tickets?format=csv"]
            var seen: [(String, String)] = [("the page", try await visitor.get("/c/acme/tickets/1").text)]
            seen.append(("the task's page", try await visitor.get("/c/acme/tasks/\(first)").text))
            for path in lists { seen.append((path, try await dave.get(Self.acme + path).body)) }
            seen.append(("notifications", try await dave.get("/api/v1/notifications").body))
            for (place, text) in seen {
                #expect(!text.contains("zq-later") && !text.contains("zq-note"), "\(place)")
            }
            #expect(try await visitor.get("/c/acme/tasks/\(second)").status == 404)
            #expect(try await erin.get("\(Self.acme)/tickets/1").body.contains("zq-note"), "who has a task reads it")
        }
    }

    @Test func `a ticket admin gets at a narrowed ticket neither by a role they give themself nor around it`()
        async throws
    {
        try await Self.site { processes in
            let tom = try await Attacker(processes.address, login: "tom")
            let ada = try await Attacker(processes.address, login: "ada")
            let fay = try await Attacker(processes.address, login: "fay")
            let task = try await Self.task(2, "assigned", for: ada)
            let role = "\(Self.acme)/roles/finance"
            for members in [["fay", "tom"], ["tom"], []] as [[String]] {
                let given = try await tom.send(.PATCH, role, ["members": .strings(members)])
                #expect(given.status == 403)
                #expect(given.json["detail"].displayText.contains("\"finance\""))
            }
            for (method, body) in [("PATCH", ["company_roles": ["finance"]]), ("DELETE", nil)] as [(String, JSON?)] {
                let answer = try await tom.send(.RAW(value: method), "\(Self.acme)/members/fay", body)
                #expect(answer.status == 403)
            }
            // Around it: its task, as the original of a duplicate, by any list.
            #expect(try await tom.get("\(Self.acme)/tickets/2").status == 404)
            for action in ["claim", "assignment", "priority"] {
                let body: JSON = action == "priority" ? ["priority": "low"] : [:]
                let answer = try await tom.send(.POST, "\(Self.acme)/tasks/\(task)/\(action)", body)
                #expect(answer.status == 404, "\(action)")
            }
            let unknown = try await tom.send(.PATCH, "\(Self.acme)/tickets/1", ["duplicate_of": 999])
            let hidden = try await tom.send(.PATCH, "\(Self.acme)/tickets/1", ["duplicate_of": 2])
            #expect(hidden.status == 422)
            #expect(hidden.body == unknown.body.replacing("999", with: "2"))
            for path in ["/tickets", "/tickets?text=secret", "/tickets?format=csv", "/tasks", "/tasks?format=csv"] {
                #expect(try await !tom.get(Self.acme + path).body.contains("zq-secret"), "\(path)")
            }
            let visitor = Visitor(processes.address)
            try await visitor.login("tom")
            for page in ["/c/acme/tickets", "/c/acme/tasks", "/c/acme/pool", "/c/acme/workers", "/c/acme/my/tickets"] {
                #expect(try await !visitor.get(page).text.contains("zq-secret"), "\(page)")
            }
            // Who holds it gives it, and it counts at once.
            #expect(try await fay.get("\(Self.acme)/tasks/\(task)").status == 200)
            let given = try await ada.send(.PATCH, role, ["members": ["fay", "tom"]])
            #expect(given.status == 200)
            #expect(try await tom.get("\(Self.acme)/tickets/2").body.contains("zq-secret"))
            #expect(try await tom.send(.PATCH, role, ["members": ["fay"]]).status == 200, "he holds it")
        }
    }
}
