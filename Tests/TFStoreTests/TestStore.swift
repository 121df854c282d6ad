import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

/// A store in a directory of its own, with a company, people and definitions.
struct TestStore {
    let store: Store
    let company: Company
    let leader: Leadership
    let directory: String
    var people: [String: Account] = [:]

    init() async throws {
        directory = TestFolder.path("store")
        store = try await TestEngine.store(directory)
        company = try await store.write {
            try $0.addCompany(slug: "acme", name: "Acme", timezone: "Europe/Berlin", now: 1)
        }
        leader = try #require(try await store.write { try $0.lead(as: "test", now: 1) })
        for role in ["boss", "staff"] {
            try await store.write(in: company.id) { try $0.addCompanyRole(role, now: 1) }
        }
        for (login, roles, companyRoles) in [
            ("uma", [SystemRole.user], [String]()), ("bob", [.taskWorker], ["boss"]),
            ("carol", [.taskWorker], ["boss"]),
            ("dave", [.taskWorker], ["staff"]),
        ] {
            let account = try await store.write {
                try $0.addAccount(
                    // Nobody without a password gets tasks.
                    NewAccount(
                        login: login, name: login.capitalized, kind: .person, password: "hash", roles: Set(roles)),
                    now: 1)
            }
            try await store.write(in: company.id) {
                try $0.setMembership(
                    of: account, companyRoles: Set(companyRoles), only: [], now: 1)
            }
            people[login] = account
        }
    }

    func publish(_ files: [String: String]) async throws {
        try await store.publish(files, for: company, now: 2)
    }

    static let files = [
        "r.ticket.yaml": """
        ticket: request
        name: Request
        description: Ask
        workflow: request
        title: "Ask for ${ .form.what }"
        body: [ { type: input, id: what, attributes: { label: What }, validations: { required: true } } ]
        """,
        "r.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: request, version: '1.0.0' }
        do:
          - approve: { call: approve }
          - decide: { switch: [ { back: { when: .outcome == "rework", then: amend } }, { on: { then: finish } } ] }
          - amend: { call: amend, then: approve }
          - finish: { set: { status: '${ .outcome }' } }
        """,
        "approve.task.yaml": "task: approve\nassign: { role: boss }\noutcomes: [yes, rework]\n",
        "amend.task.yaml": "task: amend\nassign: { strategy: requester }\nform: ticket\n",
    ]

    func submit(_ what: String, submission: String? = nil) async throws -> Int {
        let uma = try #require(people["uma"])
        let key = submission.map { IdempotencyKey(account: uma.id, name: $0, request: "POST \(what)", at: 10) }
        let ticket = TicketSubmission(
            type: "request", requester: uma, title: nil, answers: ["what": .string(what)])
        let store = store.acting(for: Caller(name: "uma", account: uma.id)).inside(company.id)
        let answer = try await store.answer(to: key, .submit(ticket, now: 10)) { _, ticket in .int(ticket.number) }
        return try #require(answer.intValue)
    }

    func advance() async throws {
        while try await store.read({ try $0.nextTurn(now: 20) }).isDue {
            let advance = try await store.advanceInstances(limit: 10, leader: leader, now: 20)
            #expect(advance.setAside.isEmpty)
        }
    }

    /// Does what the relay does, with a given choice instead of Redis.
    func settle(choosing worker: String) async throws {
        let entries = try await store.read { try $0.outbox(limit: 100) }
        let results = entries.map { entry in
            guard case .assign(let task) = entry.work else {
                return OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: .done)
            }
            return OutboxResult(
                entry: entry.position, companyID: entry.companyID,
                outcome: .assigned(task, worker: worker, RuleChoice(because: .preferred)))
        }
        _ = try await store.write { try $0.settle(results, leader: leader, now: 30) }
    }

    /// A new ticket's first task, in somebody's hands.
    func assignedTask(to worker: String) async throws -> TaskRecord {
        try await publish(Self.files)
        let number = try await submit("x")
        try await advance()
        try await settle(choosing: worker)
        return try #require(await tasks(number).last)
    }

    /// The newest task of the same ticket, as it is now.
    func newest(after task: TaskRecord) async throws -> TaskRecord {
        try #require(await tasks(task.ticketNumber).last)
    }

    func tasks(_ number: Int) async throws -> [TaskRecord] {
        let ticket = try #require(try await store.read(in: company.id) { try $0.ticket(number: number) })
        return try await store.read(in: company.id) { try $0.tasks(ticket: ticket.id) }
    }

    func complete(_ task: TaskRecord, by login: String, _ outcome: String, _ answers: JSONObject = [:]) async throws {
        try await store.inside(company.id).completeTask(
            Completion(
                task: task.id, by: try #require(people[login]), outcome: outcome, answers: answers, version: nil),
            now: 40)
    }
}

/// Every task of a company.
let everything: TaskScope = {
    var scope = TaskScope()
    scope.isEverything = true
    return scope
}()
