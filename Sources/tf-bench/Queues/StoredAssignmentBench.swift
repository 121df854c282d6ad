import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFQueue
import TFStore
import TFSystem

/// Assignments with their commits in SQLite: outbox, scripts, and the decisions written back, in batches.
struct StoredAssignmentBench {
    let redis: BenchRedis

    /// Assignments a second.
    func run(_ count: Int) async throws -> Double {
        let directory = NSTemporaryDirectory() + "tf-bench-\(Random.name())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try Store(directory: directory, baseURL: "http://localhost:1")
        let site = try await BenchSite(store, task: "task: check\noutcomes: [yes, no]\n", workers: 10)
        for number in 0..<count { try await site.submit(number) }
        try await site.drain()
        try await redis.begin(BenchRedis.workers(10).map { Worker(login: $0.login, roles: [], state: .available) })
        let start = ContinuousClock.now
        while case let entries = try await store.read({ try $0.outbox(limit: 500) }), !entries.isEmpty {
            let asked = entries.compactMap { entry -> (OutboxEntry, TaskRecord)? in
                if case .assign(let task) = entry.work { (entry, task) } else { nil }
            }
            let answers = try await redis.queues.apply(
                asked.map { ($0.position.number, .assign(Self.job($1), prefer: nil, exclude: [])) }, company: "acme",
                epoch: "e")
            var results = zip(asked, answers).map { asked, answer in
                OutboxResult(entry: asked.0.position, companyID: asked.0.companyID, outcome: outcome(asked.1, answer))
            }
            let known = Set(results.map(\.entry))
            results += entries.filter { !known.contains($0.position) }.map {
                OutboxResult(entry: $0.position, companyID: $0.companyID, outcome: .done)
            }
            _ = try await store.write { [results] in try $0.settle(results, leader: site.leader, now: 5) }
        }
        let seconds = start.duration(to: .now) / .seconds(1)
        let assigned = try await store.read(in: site.company.id) { try $0.openTaskCounts() }.values.reduce(0, +)
        guard assigned == count else { throw BenchError.setAside(["\(assigned) of \(count) were assigned"]) }
        return Double(count) / seconds
    }

    private func outcome(_ task: TaskRecord, _ answer: QueueAnswer) -> OutboxResult.Outcome {
        guard case .assigned(let choice) = answer else {
            return .waiting(task, reason: .noneEligible(role: nil, excluded: 0), workers: nil)
        }
        return .assigned(
            task, worker: choice.chosen.login,
            RuleChoice(
                because: .shortestList(available: choice.available, length: choice.chosen.length),
                length: choice.chosen.length,
                following: choice.following.map { .init(login: $0.login, length: $0.length) }))
    }

    private static func job(_ task: TaskRecord) -> Job {
        Job(
            id: task.jobID, task: task.id.description, role: task.role, attempt: task.attempt,
            details: JSON.object(["ticket": .int(task.ticketNumber), "title": .string(task.title)]).text,
            createdAt: Double(task.createdAtMs) / 1000, enqueuedAt: Double(task.createdAtMs) / 1000)
    }
}

/// A company with one ticket type whose workflow calls one task, and its workers.
struct BenchSite {
    let store: Store
    let company: Company
    let leader: Leadership
    private let uma: Account

    init(_ store: Store, task: String, workers: Int) async throws {
        self.store = store
        company = try await store.write {
            try $0.addCompany(slug: "acme", name: "Acme", timezone: "Europe/Berlin", now: 1)
        }
        guard let leader = try await store.write({ try $0.lead(as: "bench", now: 1) }) else {
            throw StoreError.notLeader
        }
        self.leader = leader
        uma = try await store.write {
            try $0.addAccount(
                NewAccount(login: "uma", name: "Uma", kind: .person, password: nil, roles: [.user]), now: 1)
        }
        try await store.write(in: company.id) { [uma] in
            try $0.setMembership(of: uma, companyRoles: [], only: [], now: 1)
        }
        for number in 0..<workers {
            let worker = try await store.write {
                try $0.addAccount(
                    NewAccount(login: "w\(number)", name: "W", kind: .person, password: "hash", roles: [.taskWorker]),
                    now: 1)
            }
            try await store.write(in: company.id) {
                try $0.setMembership(of: worker, companyRoles: [], only: [], now: 1)
            }
        }
        let files = [
            "t.ticket.yaml": """
            ticket: t
            name: T
            description: T
            workflow: w
            body: [ { type: number, id: n, attributes: { label: N } } ]
            """,
            "w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: acme, name: w, version: '1.0.0' }
            do: [ { work: { call: check } } ]
            """, "check.task.yaml": task,
        ]
        let publications = files.sorted { $0.key < $1.key }.compactMap { file, text -> Publication? in
            let parsed = Definition.parse(Array(text.utf8), file: file, company: "acme")
            return Publication(parsed, source: text, file: file, isComplete: true)
        }
        _ = try await store.inside(company.id).publish(publications, keeping: [], problems: [], now: 2)
    }

    func submit(_ number: Int) async throws {
        _ = try await store.inside(company.id).submitTicket(
            TicketSubmission(
                type: "t", requester: uma, title: "T \(number)", answers: ["n": .int(number)]), now: 2
        )
    }

    /// Applies events until none waits.
    func drain() async throws {
        while try await store.read({ try $0.nextTurn(now: 4) }).isDue {
            let advance = try await store.advanceInstances(limit: 256, leader: leader, now: 4)
            guard advance.setAside.isEmpty else { throw BenchError.setAside(advance.setAside) }
        }
    }
}
