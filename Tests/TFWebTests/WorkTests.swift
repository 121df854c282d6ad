import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import Testing

@testable import tf_web

/// Putting off, handing over, being one of several who are asked, and programs' jobs, over pages and REST.
@Suite struct WorkTests {
    private static let tasks = "/api/v1/companies/acme/tasks"
    private static let files = [
        "vote.ticket.yaml":
            "name: Vote\ndescription: V\ntitle: V\nworkflow: vote\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
        "vote.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: vote, version: '1.0.0' }
        do:
          - ask: { call: vote }
          - count: { call: count }
        """,
        "vote.task.yaml": """
        title: Do you agree?
        outcomes: [agree, object]
        assign: { strategy: each, people: '${ ["udo", "wanda"] }', enough: { agree: 2, object: 1 } }
        """, "count.task.yaml": "kind: service\nlease: 1m\nretry: { attempts: 2, backoff: 1s }\n",
    ]

    /// A fixture in which dave has a task, by a choice like the relay's.
    static func withTask(_ fixture: WebFixture, of login: String = "dave") async throws -> TaskID {
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            let answer = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: token,
                #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
            #expect(answer.status == .created)
        }
        try await fixture.advance()
        return try await settle(fixture, choosing: login)
    }

    private static func settle(_ fixture: WebFixture, choosing login: String) async throws -> TaskID {
        let store = fixture.site.store
        var assigned: TaskID = 0
        let results = try await store.read { try $0.outbox(limit: 1_000) }.map { entry in
            guard case .assign(let task) = entry.work else {
                return OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: .done)
            }
            assigned = task.id
            return OutboxResult(
                entry: entry.position, companyID: entry.companyID,
                outcome: .assigned(task, worker: login, RuleChoice(because: .preferred)))
        }
        #expect(try await store.write { try $0.settle(results, leader: fixture.leader, now: fixture.site.now) }.isEmpty)
        return assigned
    }

    static func body(_ response: TestResponse) throws -> JSON {
        try JSON(parsing: String(buffer: response.body))
    }

    @Test func `a worker puts a task off, sees until when, and goes on with it`() async throws {
        let fixture = try await WebFixture()
        let task = try await Self.withTask(fixture)
        try await fixture.test { browser in
            try await browser.become("dave")
            let page = "/c/acme/tasks/\(task)"
            #expect(try await browser.get(page).html.contains("Put on hold until…"))
            let wrong = try await browser.submit(page, to: "\(page)/hold", [("until", "soon")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.html.contains("Until must be a date with a time"))
            let past = try await browser.submit(page, to: "\(page)/hold", [("until", "2020-01-01T10:00")])
            #expect(past.status == .unprocessableContent)
            let until = Moment.iso8601(fixture.site.now + 3_600_000)
            let held = try await browser.submit(page, to: "\(page)/hold", [("until", until), ("reason", "no key")])
            #expect(held.status == .seeOther)
            let list = try await browser.get("/c/acme/my/tasks").html
            #expect(!list.contains("\(page)>") && !list.contains("\(page)\""))
            let onHold = try await browser.get("/c/acme/my/tasks?show=held").html
            #expect(onHold.contains("href=\(page)>"))
            #expect(onHold.contains("<td class=wait>On hold"))
            #expect(onHold.contains("Comes back"))
            #expect(try await browser.get("/c/acme/tickets/1").html.contains(" on hold until <time"))
            let on = try await browser.submit(page, to: "\(page)/start", [])
            #expect(on.status == .seeOther)
            #expect(try await browser.get("/c/acme/my/tasks").html.contains("href=\"\(page)\""))
        }
    }

    @Test func `a worker hands their task to a colleague with a reason, and then may not any more`() async throws {
        let fixture = try await WebFixture()
        let task = try await Self.withTask(fixture)
        try await fixture.test { browser in
            try await browser.become("dave")
            let page = "/c/acme/tasks/\(task)"
            #expect(try await browser.get(page).html.contains("Hand to a colleague…"))
            let without = try await browser.submit(page, to: "\(page)/assignment", [("assignee", "erin")])
            #expect(without.status == .unprocessableContent)
            #expect(without.html.contains("Say why you hand the task over"))
            let rule = try await browser.submit(page, to: "\(page)/assignment", [("assignee", ""), ("reason", "ill")])
            #expect(rule.html.contains("Choose the colleague who gets the task"))
            let stranger = try await browser.submit(
                page, to: "\(page)/assignment", [("assignee", "bob"), ("reason", "ill")])
            #expect(stranger.status == .unprocessableContent, "bob does not hold the role")
            let done = try await browser.submit(
                page, to: "\(page)/assignment", [("assignee", "erin"), ("reason", "ill")])
            #expect(done.status == .seeOther)
            let token = try await browser.token("dave")
            let again = try await browser.json(
                "\(Self.tasks)/\(task)/assignment", .post, token: token, #"{"assignee":"erin","reason":"x"}"#)
            #expect(again.status == .conflict)
            let erin = try await browser.token("erin")
            let read = try Self.body(try await browser.json("\(Self.tasks)/\(task)", .get, token: erin))
            #expect(read["assignee"] == "erin")
            #expect(read["decision"]["because"] == "handed over by dave")
            #expect(read["decision"]["reason"] == "handed_over")
        }
    }

    @Test func `a ticket admin releases, puts off, takes over and completes a task`() async throws {
        let fixture = try await WebFixture()
        let task = try await Self.withTask(fixture)
        try await fixture.test { browser in
            let tom = try await browser.token("tom")
            let path = "\(Self.tasks)/\(task)"
            let until = Moment.iso8601(fixture.site.now + 3_600_000)
            let held = try await browser.json(
                "\(path)/hold", .post, token: tom, #"{"until":"\#(until)","reason":"later"}"#)
            #expect(try Self.body(held)["held_until"] == .string(until))
            let wrong = try await browser.json("\(path)/hold", .post, token: tom, #"{"until":"tomorrow"}"#)
            #expect(wrong.status == .unprocessableContent)
            #expect(try Self.body(wrong)["errors"].arrayValue?.first?["field"] == "until")
            #expect(try await browser.json("\(path)/claim", .post, token: tom).status == .conflict)
            #expect(try await browser.json("\(path)/release", .post, token: tom).status == .ok)
            let claimed = try await browser.json("\(path)/claim", .post, token: tom)
            #expect(try Self.body(claimed)["assignee"] == "tom")
            let done = try await browser.json("\(path)/completion", .post, token: tom, #"{"outcome":"done"}"#)
            #expect(try Self.body(done)["state"] == "completed")
            let uma = try await browser.token("uma")
            #expect(try await browser.json("\(path)/hold", .post, token: uma, "{}").status != .ok)
        }
    }

    @Test func `ticket admins are told of tasks that nobody can have, and why`() async throws {
        let fixture = try await WebFixture()
        let task = try await Self.withTask(fixture)
        let store = fixture.site.store
        let tom = try #require(await store.read { try $0.account("tom") })
        try await fixture.test { browser in
            try await browser.become("tom")
            #expect(try await !browser.get("/c/acme/tasks").html.contains("that nobody can do"))
        }
        try await store.write(in: fixture.acme.id) {
            try $0.releaseTask(
                task, TaskMove(by: tom, onlyOwn: false, reason: nil, version: nil), now: fixture.site.now)
        }
        try await fixture.test { browser in
            try await browser.become("tom")
            for page in ["tasks", "workers"] {
                let html = try await browser.get("/c/acme/\(page)").html
                #expect(!html.contains("that nobody can do"), "the queues have yet to choose the next worker")
            }
            let workers = try await browser.get("/c/acme/workers").html
            #expect(workers.contains("1 task</a> is being assigned.") && !workers.contains("until it is claimed"))
        }
        let results = try await store.read { try $0.outbox(limit: 100) }.map { entry in
            guard case .assign(let task) = entry.work else {
                return OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: .done)
            }
            return OutboxResult(
                entry: entry.position, companyID: entry.companyID,
                outcome: .waiting(task, reason: .noneEligible(role: "<2>", excluded: 0), workers: nil))
        }
        _ = try await store.write { try $0.settle(results, leader: fixture.leader, now: fixture.site.now) }
        try await fixture.test { browser in
            try await browser.become("tom")
            for page in ["tasks", "workers"] {
                #expect(
                    try await browser.get("/c/acme/\(page)").html.contains(
                        "1 task: nobody with the role &lt;2&gt; may have it"))
            }
            browser.forgetCookies()
            try await browser.become("ada")
            let cause = "Nobody has the role &lt;2&gt;: <a href=/c/acme/tickets/1>#1</a>"
            let queues = try await browser.get("/admin/queues").html
            #expect(queues.contains("<td class=fail>Stuck"))
            #expect(queues.contains("<br><small class=text>\(cause)"))
            #expect(try await browser.get("/admin/system").html.contains(cause), "in the words of the lists")
        }
    }

    @Test func `those who are asked answer without being workers, and a program does the rest`() async throws {
        let fixture = try await WebFixture()
        try await fixture.publish(Self.files)
        let store = fixture.site.store
        let etl = try await store.write { session in
            try session.addAccount(
                NewAccount(
                    login: "etl", name: "ETL", kind: .service,
                    password: try #require(try session.account("uma")?.password), roles: [.taskWorker]), now: 1)
        }
        try await store.write(in: fixture.acme.id) { try $0.setMembership(of: etl, companyRoles: [], only: [], now: 1) }
        try await fixture.test { browser in
            let uma = try await browser.token("uma")
            let ticket = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: uma, #"{"type":"vote","form":{}}"#)
            #expect(ticket.status == .created)
        }
        try await fixture.advance()
        try await fixture.test { browser in
            for login in ["udo", "wanda"] {
                browser.forgetCookies()
                try await browser.become(login)
                let token = try await browser.token(login)
                let mine = try Self.body(
                    try await browser.json("\(Self.tasks)?assignee=me", .get, token: token))["items"].arrayValue
                let id = try #require(mine?.first?["id"].intValue)
                if login == "udo" {
                    #expect(try await browser.get("/c/acme/my/tickets").html.contains("Do you agree?"))
                }
                let page = "/c/acme/tasks/\(id)"
                let done = try await browser.submit(page, to: "\(page)/completion", [("outcome", "agree")])
                #expect(done.status == .seeOther)
            }
        }
        try await fixture.advance()
        try await Self.finish(fixture, etl)
    }

    /// The program's part: both tries, the second in time.
    private static func finish(_ fixture: WebFixture, _ etl: Account) async throws {
        let jobs = "/api/v1/companies/acme/jobs"
        try await fixture.test { browser in
            let token = try await browser.token("etl")
            let none = try await browser.json("\(jobs)/lease", .post, token: token)
            #expect(try Self.body(none) == ["jobs": []])
            for (body, field) in [
                (#"{"max":0}"#, "max"), (#"{"wait":31}"#, "wait"), (#"{"mx":1}"#, "mx"), (#"{"wait":"1"}"#, "wait"),
            ] {
                let refused = try await browser.json("\(jobs)/lease", .post, token: token, body)
                #expect(try Self.body(refused)["errors"].arrayValue?.first?["field"] == .string(field))
            }
            for login in ["dave", "uma"] {
                let person = try await browser.token(login)
                #expect(try await browser.json("\(jobs)/lease", .post, token: person).status == .forbidden)
            }
            let bob = try await browser.token("gina")
            #expect(try await browser.json("\(jobs)/lease", .post, token: bob).status == .notFound)
        }
        _ = try await settle(fixture, choosing: "etl")
        try await fixture.test { browser in
            let token = try await browser.token("etl")
            func lease() async throws -> JSON {
                let answer = try await browser.json("\(jobs)/lease", .post, token: token, #"{"max":5}"#)
                return try #require(try Self.body(answer)["jobs"].arrayValue?.first)
            }
            let job = try await lease()
            let path = "\(jobs)/\(job["task"].displayText)"
            let failed = try await browser.json(
                "\(path)/failure", .post, token: token,
                #"{"lease":"\#(job["lease"].displayText)","error":{"title":"<b>full</b>","detail":"disk"}}"#)
            #expect(try Self.body(failed)["state"] == "ready")
            #expect(try Self.body(failed)["failures"] == 1)
            for (body, status) in [
                (#"{"lease":"\#(job["lease"].displayText)","output":{}}"#, HTTPResponse.Status.conflict),
                (#"{"lease":"x","output":[]}"#, .unprocessableContent), (#"{"output":{}}"#, .unprocessableContent),
                (#"{"lease":"x","error":""}"#, .unprocessableContent),
            ] {
                #expect(try await browser.json("\(path)/completion", .post, token: token, body).status == status)
            }
            #expect(
                try await browser.json("\(jobs)/99999/completion", .post, token: token, #"{"lease":"x"}"#).status
                    == .notFound)
            try await browser.become("tom")
            #expect(try await browser.get("/c/acme/tasks/\(job["task"].displayText)").html.contains("&lt;b&gt;full"))
        }
    }
}
