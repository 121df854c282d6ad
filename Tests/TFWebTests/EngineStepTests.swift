import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import TFConfiguration
import TFEngine
import TFExpression
import TFQueue
import TFWatch
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Answers that wait for the daemon's next step.
@Suite struct EngineStepTests {
    /// A ticket for whose workflow there is something to do, and the watch over its store.
    private static func watched(
        longest: Duration = .milliseconds(300), pause: Duration = .zero,
        _ body: (WebFixture, EngineSteps, TicketID) async throws -> Void
    ) async throws {
        let fixture = try await WebFixture()
        let acme = try #require(try await fixture.site.store.read { try $0.company("acme") })
        let uma = try #require(try await fixture.site.store.read { try $0.account("uma") })
        let number = try await fixture.site.store.inside(acme.id).submitTicket(
            TicketSubmission(type: "thing", requester: uma, title: "T", answers: ["what": "x"]), now: 1)
        let ticket = try #require(try await fixture.site.store.read(in: acme.id) { try $0.ticket(number: number) })
        let steps = EngineSteps(
            store: fixture.site.store, directory: fixture.site.settings.data, longest: longest, pause: pause,
            logger: fixture.site.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await steps.run() }
            try await eventually("commits are heard") { steps.isWatching ? () : nil }
            try await body(fixture, steps, ticket.id)
            group.cancelAll()
        }
    }

    @Test func `an answer goes on as soon as the step is taken, and not before`() async throws {
        try await Self.watched { fixture, steps, ticket in
            let isBusy = try await fixture.site.store.read { try $0.isToMove(ticket) }
            #expect(isBusy)
            async let waited = steps.wait(for: .workflow(ticket))
            try await fixture.advance()
            _ = await waited
            let isBusyStill = try await fixture.site.store.read { try $0.isToMove(ticket) }
            #expect(!isBusyStill)
            // What is done already is waited for by nobody.
            await steps.wait(for: .workflow(ticket))
        }
    }

    @Test func `an answer goes on without the step where nobody takes it`() async throws {
        try await Self.watched { fixture, steps, ticket in
            await steps.wait(for: .workflow(ticket))
            let isBusy = try await fixture.site.store.read { try $0.isToMove(ticket) }
            #expect(isBusy)
        }
    }

    @Test func `after an answer that waited in vain, others go on at once for a while`() async throws {
        try await Self.watched(longest: .milliseconds(1), pause: .seconds(3_600)) { _, steps, ticket in
            #expect(await steps.wait(for: .workflow(ticket)))
            #expect(await !steps.wait(for: .workflow(ticket)))
        }
        try await Self.watched(longest: .milliseconds(1)) { _, steps, ticket in
            #expect(await steps.wait(for: .workflow(ticket)))
            #expect(await steps.wait(for: .workflow(ticket)), "the pause is over")
        }
    }

    @Test func `where many wait already, others go on at once`() async throws {
        // So long that only the step ends the waiting.
        try await Self.watched(longest: .seconds(3_600)) { fixture, steps, ticket in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { await steps.wait(for: .workflow(ticket)) } }
                try await eventually("eight wait") { steps.waitingAnswers == 8 ? () : nil }
                await steps.wait(for: .workflow(ticket))
                #expect(steps.waitingAnswers == 8, "those before it wait still")
                try await fixture.advance()
            }
            #expect(steps.waitingAnswers == 0)
        }
    }

    @Test func `an answer waits for the diagram of a workflow that was published`() async throws {
        try await Self.watched(longest: .seconds(3_600)) { fixture, steps, _ in
            let site = fixture.site
            try await fixture.publish(["v.workflow.yaml": Self.workflow])
            let acme = try #require(try await site.store.read { try $0.company("acme") })
            async let waited = steps.wait(for: .drawing(workflow: "v", acme.id))
            try await eventually("it waits") { steps.waitingAnswers == 1 ? () : nil }
            let undrawn = try #require(try await site.store.read { try $0.undrawnWorkflow() })
            let leader = fixture.leader
            try await site.store.write { session in
                try session.inside(acme.id).keep(
                    .refused(.failure), of: undrawn.revision, leader: leader, now: site.now)
            }
            _ = await waited
            // A workflow without a revision has nothing to be drawn.
            await steps.wait(for: .drawing(workflow: "none", acme.id))
        }
    }

    private static let workflow = """
        document: { dsl: '1.0.3', namespace: acme, name: v, version: '1.0.0' }
        do: [ { s: { set: { status: done } } } ]
        """

    /// Neither a tick nor the bell of the data directory tells of the step.
    @Test(.onPostgres) func `an answer goes on when a daemon on another machine has taken the step`() async throws {
        let (here, there) = (TestFolder.path("web"), TestFolder.path("web"))
        let url = try await TestEngine.url(here)
        try await DemoCommand.fill(try await TestEngine.store(here), now: WallClock.now())
        let (one, other) = (
            try await WebFixture(reopening: here, url: url), try await WebFixture(reopening: there, url: url)
        )
        try await one.publish([
            "a.ticket.yaml": """
            ticket: thing
            name: Thing
            description: A thing
            body: [ { type: input, id: what, attributes: { label: What } } ]
            """
        ])
        let uma = try #require(try await one.site.store.read { try $0.account("uma") })
        let number = try await one.site.store.inside(one.acme.id).submitTicket(
            TicketSubmission(type: "thing", requester: uma, title: "T", answers: [:]), now: 1)
        let ticket = try #require(try await one.site.store.read(in: one.acme.id) { try $0.ticket(number: number) })
        try await TestRedis.with { redis in
            let logger = one.site.logger
            let servers = QueueServers([try RedisAddress(redis.address)], logger: logger)
            let steps = EngineSteps(
                store: one.site.store, directory: here, longest: .seconds(3_600), tick: .seconds(3_600), logger: logger)
            let hints = JobHints(
                servers: servers, commits: RemoteCommits(store: one.site.store, servers: servers, logger: logger),
                steps: steps, logger: logger)
            let daemon = RemoteCommits(store: other.site.store, servers: servers, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await steps.run() }
                group.addTask { try await hints.run() }
                group.addTask { try await daemon.tell() }
                try await eventually("commits are heard") {
                    let isHeard = try await redis.answer("PUBSUB", "NUMPAT") == "2"
                    return steps.isWatching && isHeard ? () : nil
                }
                async let waited = steps.wait(for: .workflow(ticket.id))
                try await eventually("it waits") { steps.waitingAnswers == 1 ? () : nil }
                try await other.advance()
                _ = await waited
                group.cancelAll()
            }
            await servers.close()
        }
    }

    @Test func `a program that ends a ticket is answered with what came of it, and so is its repetition`() async throws
    {
        try await Self.watched { fixture, _, _ in
            var site = fixture.site
            // So long that only the step ends the waiting.
            site.steps = EngineSteps(
                store: site.store, directory: site.settings.data, longest: .seconds(3_600), pause: .zero,
                logger: site.logger)
            try await fixture.advance()
            try await withThrowingTaskGroup(of: Void.self) { [site] group in
                group.addTask { try await site.steps.run() }
                try await eventually("commits are heard") { site.steps.isWatching ? () : nil }
                let app = Application(router: buildRouter(site, buildRoutes(site)), logger: site.logger)
                try await app.test(.router) { client in
                    let browser = Browser(client: client, site: site)
                    let token = try await browser.token("uma")
                    let headers: HTTPFields = [try #require(HTTPField.Name("Idempotency-Key")): "k1"]
                    func end() async throws -> TestResponse {
                        try await browser.json(
                            "/api/v1/companies/acme/tickets/1/cancellation", .post, token: token, "{}", headers: headers
                        )
                    }
                    async let advanced: Void = {
                        try await eventually("it waits") { site.steps.waitingAnswers == 1 ? () : nil }
                        try await fixture.advance()
                    }()
                    let answer = try await end()
                    try await advanced
                    #expect(try JSON(parsing: answer.html)["state"] == "cancelled")
                    #expect(try await end().html == answer.html)
                }
                group.cancelAll()
            }
        }
    }

    @Test func `a program that tries a task's step again is answered with the task that takes its place`() async throws
    {
        try await Self.watched { fixture, _, _ in
            var site = fixture.site
            // So long that only the step ends the waiting.
            site.steps = EngineSteps(
                store: site.store, directory: site.settings.data, longest: .seconds(3_600), pause: .zero,
                logger: site.logger)
            let old = try await Self.stopped(fixture)
            try await withThrowingTaskGroup(of: Void.self) { [site] group in
                group.addTask { try await site.steps.run() }
                try await eventually("commits are heard") { site.steps.isWatching ? () : nil }
                let app = Application(router: buildRouter(site, buildRoutes(site)), logger: site.logger)
                try await app.test(.router) { client in
                    let browser = Browser(client: client, site: site)
                    let token = try await browser.token("tom")
                    async let advanced: Void = {
                        try await eventually("it waits") { site.steps.waitingAnswers == 1 ? () : nil }
                        try await fixture.advance()
                    }()
                    let tasks = "/api/v1/companies/acme/tasks"
                    let answer = try await browser.json("\(tasks)/\(old)/retry", .post, token: token, "{}")
                    try await advanced
                    let task = try JSON(parsing: answer.html)
                    let id = try #require(task["id"].intValue)
                    #expect(id > Int(old.rawValue) && task["state"] == "ready", "\(answer.html)")
                    #expect(answer.headers[.contentLocation] == "\(tasks)/\(id)")
                    #expect(try await browser.json("\(tasks)/\(id)", .get, token: token).html == answer.html)
                }
                group.cancelAll()
            }
        }
    }

    @Test func `who tries a step again on its task's page goes on at the ticket, where the new task stands`()
        async throws
    {
        let fixture = try await WebFixture()
        let old = try await Self.stopped(fixture)
        try await fixture.test { browser in
            try await browser.become("tom")
            let page = "/c/acme/tasks/\(old)"
            let sent = try await browser.submit(page, to: "\(page)/retry", [])
            #expect(sent.headers[.location] == "/c/acme/tickets/1")
            try await fixture.advance()
            let ticket = try await browser.get("/c/acme/tickets/1").html
            #expect(ticket.contains("The step was tried once more; how it went stands here."))
        }
    }

    /// A task that was completed with what its step cannot use, so that its workflow has stopped.
    private static func stopped(_ fixture: WebFixture) async throws -> TaskID {
        try await fixture.publish([
            "visit.ticket.yaml":
                "name: Visit\ndescription: V\ntitle: V\nworkflow: visit\nbody: [ { type: input, id: what, attributes: { label: W } } ]\n",
            "visit.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: visit, version: '1.0.0' }
            do: [ { look: { call: look, output: { as: '${ error("odd") }' } } } ]
            """,
            "look.task.yaml": "title: Look\nassign: { role: it-staff, strategy: pool }\n",
        ])
        let store = fixture.site.store
        let (uma, dave) = try await store.read { session in
            (try #require(try session.account("uma")), try #require(try session.account("dave")))
        }
        let number = try await store.inside(fixture.acme.id).submitTicket(
            TicketSubmission(type: "visit", requester: uma, title: nil, answers: [:]), now: fixture.site.now)
        try await fixture.advance()
        let task = try await store.write(in: fixture.acme.id) { session in
            let ticket = try #require(try session.ticket(number: number))
            let task = try #require(try session.tasks(ticket: ticket.id).first)
            try session.reassignTask(
                task.id, .to("dave"), TaskMove(by: dave, onlyOwn: false, reason: nil, version: nil),
                now: fixture.site.now)
            return task.id
        }
        try await store.inside(fixture.acme.id).completeTask(
            Completion(task: task, by: dave, outcome: "done", answers: [:], version: nil), now: fixture.site.now)
        try await fixture.advance()
        return task
    }

    @Test func `nobody waits where commits are not heard`() async throws {
        let fixture = try await WebFixture()
        await fixture.site.steps.wait(for: .workflow(TicketID(1)))
        #expect(!fixture.site.steps.isWatching)
    }
}
