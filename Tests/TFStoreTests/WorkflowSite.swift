import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// A store with one ticket type `t` and its workflow `w`, and what the daemon would do with them.
struct WorkflowSite {
    private let base: TestStore
    private let files: [String: String]

    var store: Store { base.store }
    var directory: String { base.directory }
    var company: Company { base.company }
    var leader: Leadership { base.leader }
    var person: Account {
        get throws { try #require(base.people["uma"]) }
    }

    /// - Parameters:
    ///   - workflow: what follows its `document`.
    ///   - hasTicketOfItsOwn: it names the ticket type that its instances open, and the type has no workflow.
    init(_ workflow: String, hasTicketOfItsOwn: Bool = false, more: [String: String] = [:]) async throws {
        base = try await TestStore()
        let metadata = hasTicketOfItsOwn ? "metadata: { ticket: t }\n" : ""
        files = more.merging([
            "t.ticket.yaml": """
            ticket: t
            name: T
            description: T
            title: T
            \(hasTicketOfItsOwn ? "" : "workflow: w")
            body: [ { type: input, id: what, attributes: { label: What } } ]
            """,
            "w.workflow.yaml": """
            document:
              dsl: '1.0.3'
              namespace: acme
              name: w
              version: '1.0.0'
              \(metadata)
            \(workflow)
            """,
            "look.task.yaml": "task: look\noutcomes: [seen]\n",
        ]) { left, _ in left }
        try await base.publish(files)
    }

    /// Publishes the same definitions for another company.
    func publish(in other: Company) async throws {
        let renamed = files.mapValues { $0.replacing("namespace: acme", with: "namespace: \(other.slug)") }
        try await store.publish(renamed, for: other, now: 2)
    }

    @discardableResult
    func start(what: String = "", title: String? = nil, in other: Company? = nil) async throws -> Int {
        try await store.inside((other ?? company).id).submitTicket(
            TicketSubmission(
                type: "t", requester: try person, title: title,
                answers: what.isEmpty ? [:] : ["what": .string(what)]), now: 10)
    }

    /// Advances until nothing is due.
    func turn(now: Int64) async throws {
        while try await store.read({ try $0.nextTurn(now: now) }).isDue {
            let advance = try await store.advanceInstances(
                limit: 16, leader: leader, now: now, opener: { _, _, sealed in "opened \(sealed)" })
            #expect(advance.setAside.isEmpty)
        }
    }

    func take(now: Int64, _ share: CallShare = CallShare(commonPlaces: 32)) async throws -> [HTTPCallJob] {
        try await store.takeHTTPCalls(
            share, leader: leader, now: now, opener: { _, _, sealed in "opened \(sealed)" })
    }

    /// Takes the request that is due, answers it, and advances.
    func answer(_ status: Int, _ body: String, now: Int64) async throws {
        let job = try #require(try await take(now: now).first)
        try await store.write(in: job.company) {
            try $0.finishHTTPCall(job, .response(response(job, status, body)), leader: leader, now: now)
        }
        try await turn(now: now)
    }

    func response(_ job: HTTPCallJob, _ status: Int, _ body: String) -> HTTPOutcome.Response {
        HTTPOutcome.Response(
            status: status, headers: [.init(name: "Content-Type", value: "application/json")], body: Array(body.utf8),
            to: job.request.head)
    }

    func ticket() async throws -> Ticket {
        try #require(try await store.read(in: company.id) { try $0.ticket(number: 1) })
    }

    func tasks() async throws -> [TaskRecord] {
        let ticket = try await ticket().id
        return try await store.read(in: company.id) { try $0.tasks(ticket: ticket) }
    }

    func history() async throws -> [HistoryEntry] {
        let ticket = try await ticket().id
        return try await store.read(in: company.id) { try $0.history(ticket: ticket) }
    }

    func instances() async throws -> [InstanceView] {
        let ticket = try await ticket().id
        return try await store.read(in: company.id) { try $0.instances(ticket: ticket) }
    }

    /// Writes into the store what it would not write itself.
    func change(_ sql: String) async throws { try await store.write { session in try session.run(sql) } }
}
