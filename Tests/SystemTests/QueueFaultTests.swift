import Foundation
import TFExpression
import TestSupport
import Testing

/// Under load, everything that can die dies: what was acknowledged is done, once, and the lists say what the store says.
///
/// `FAULT_SECONDS` is how long tickets come in (3), `FAULT_RATE` how many a second (40): `make test-faults` has the figures
/// of the specification.
@Suite(.serialized) struct QueueFaultTests {
    private static let seconds = figure("FAULT_SECONDS") ?? 3
    private static let rate = figure("FAULT_RATE") ?? 40

    private static func figure(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// A program's task, and then somebody's.
    private static let files = [
        "load.ticket.yaml": """
        ticket: load
        name: Load
        description: For a test.
        title: "Load ${ .form.n }"
        workflow: load
        body: [ { type: number, id: n, attributes: { label: N }, validations: { required: true } } ]
        """,
        "load.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: load, version: '1.0.0' }
        do:
          - work: { call: count, with: { n: '${ $ticket.form.n }' } }
          - look: { call: look, with: { result: '${ .result }' } }
          - say: { set: { status: '${ $tasks.work.result | tostring }' } }
        """,
        "count.task.yaml": "task: count\nkind: service\nlease: 3s\nretry: { attempts: 50, backoff: 1s }\n",
        "look.task.yaml": "task: look\nassign: { strategy: round-robin, role: it-staff }\noutcomes: [seen]\n",
    ]

    @Test(.enabled(if: ServiceWorkerTests.hasSidekiq, "needs Debian's ruby-sidekiq"))
    func `an emptied, hung, killed and outdated Redis, killed programs and a killed worker lose and double nothing`()
        async throws
    {
        try await Processes.with { processes in
            for (name, text) in Self.files {
                try text.write(
                    toFile: "\(processes.directory)/workflows/acme/\(name)", atomically: true, encoding: .utf8)
            }
            let load = try await FaultLoad(processes, tickets: Self.rate * Self.seconds)
            defer { load.sidekiq.stop() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in ["dave", "erin"] { group.addTask { try await load.work(as: worker) } }
                group.addTask { try await load.submit(perSecond: Self.rate) }
                try await load.hurt()
                try await load.waitUntilDone()
                load.stop()
                try await group.waitForAll()
            }
            try await load.expectDoneOnce()
            _ = try await eventually("the lists are what the store says, and empty") {
                let status = try JSON(
                    parsing: try await processes.run("tf-daemon", ["status", "--json"]))
                let open = (status["queues"].arrayValue ?? []).map { $0["open"].intValue ?? -1 }
                return status["drift"] == 0 && open.allSatisfy { $0 == 0 } ? true : nil
            }
            #expect(try await processes.redis("LLEN", "queue:acme.etl") == "0")
        }
    }
}
