import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TFSystem

/// Times task transitions of the engine on a store in a directory of its own, while the number of instances grows.
struct EngineBench {
    /// The number of instances after each stage.
    let stages: [Int]
    /// Tasks completed, and their events timed, at each stage.
    private static let measured: Int64 = 2_000
    private static let files = [
        "thing.ticket.yaml": """
        ticket: thing
        name: Thing
        description: Something to do
        workflow: thing
        title: "${ .form.what }"
        body: [ { type: input, id: what, attributes: { label: What }, validations: { required: true } } ]
        """,
        "thing.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: thing, version: '1.0.0' }
        do:
          - first: { call: check, metadata: { ticketStatus: checking } }
          - decide: { switch: [ { good: { when: .outcome == "yes", then: second } }, { bad: { then: refused } } ] }
          - second: { call: check, with: { note: '${ "again: " + $ticket.form.what }' } }
          - done: { set: { status: done }, then: end }
          - refused: { set: { status: refused } }
        """,
        "check.task.yaml": "task: check\nassign: { strategy: requester }\noutcomes: [yes, no]\n",
    ]

    func run() async throws {
        let directory = NSTemporaryDirectory() + "tf-bench-\(Random.name())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try Store(directory: directory, baseURL: "http://localhost:1")
        let company = try await store.write {
            try $0.addCompany(slug: "acme", name: "Acme", timezone: "Europe/Berlin", now: 1)
        }
        guard let leader = try await store.write({ try $0.lead(as: "bench", now: 1) }) else { return }
        let uma = try await store.write {
            try $0.addAccount(
                NewAccount(login: "uma", name: "Uma", kind: .person, password: "hash", roles: [.user, .taskWorker]),
                now: 1)
        }
        try await store.write(in: company.id) { try $0.setMembership(of: uma, companyRoles: [], only: [], now: 1) }
        try await publish(in: store, company)
        print("instances   starts/s   task transitions/s")
        var instances = 0
        var tasks: Int64 = 0
        for stage in stages {
            let started = try await submit(instances..<stage, store, company, uma, leader)
            instances = stage
            tasks += Int64(started.count)
            // The newest tasks: each is the first one of its instance.
            for task in tasks - Self.measured + 1...tasks {
                try await store.inside(company.id).completeTask(
                    Completion(task: TaskID(task), by: uma, outcome: "yes", answers: [:], version: nil), now: 3
                )
            }
            tasks += Self.measured
            let time = try await drain(store, leader)
            print(
                String(
                    format: "%9d %10.0f %20.0f", stage, Double(started.count) / started.time,
                    Double(Self.measured) / time))
        }
    }

    private func publish(in store: Store, _ company: Company) async throws {
        let publications = Self.files.sorted { $0.key < $1.key }.compactMap { file, text -> Publication? in
            let parsed = Definition.parse(Array(text.utf8), file: file, company: "acme")
            return Publication(parsed, source: text, file: file, isComplete: true)
        }
        _ = try await store.inside(company.id).publish(publications, keeping: [], problems: [], now: 2)
    }

    /// - Returns: the number of instances, and the seconds that starting them took, without the submissions.
    private func submit(
        _ range: Range<Int>, _ store: Store, _ company: Company, _ uma: Account, _ leader: Leadership
    ) async throws -> (count: Int, time: Double) {
        for number in range {
            _ = try await store.inside(company.id).submitTicket(
                TicketSubmission(
                    type: "thing", requester: uma, title: nil,
                    answers: ["what": .string("thing \(number)")]), now: 2)
        }
        return (range.count, try await drain(store, leader))
    }

    /// Applies events until none waits, and returns the seconds that it took.
    private func drain(_ store: Store, _ leader: Leadership) async throws -> Double {
        let start = ContinuousClock.now
        while try await store.read({ try $0.nextTurn(now: 4) }).isDue {
            let advance = try await store.advanceInstances(limit: 256, leader: leader, now: 4)
            guard advance.setAside.isEmpty else { throw BenchError.setAside(advance.setAside) }
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }
}
