import Foundation
import TFEngine
import TFExpression
import TestSupport
import Testing

/// What many clients do to the same tasks under faults is as if one call had come after the other: claims, starts,
/// holds, releases, completions and leases of each task are linearizable.
///
/// `HISTORY_SECONDS` is for how long they work (6), in rounds of new tasks; `make test-faults` takes longer.
@Suite(.serialized) struct HistoryCheckTests {
    private static let seconds = ProcessInfo.processInfo.environment["HISTORY_SECONDS"].flatMap { Int($0) } ?? 6
    private static let roundSeconds = 6
    private static let ticketsOfRound = 8

    @Test(.onBothEngines) func `the history of each task is one of calls that came one after the other`() async throws {
        try await Processes.with(storeURL: try await TestEngine.url(TestFolder.path("record"))) { processes in
            let site = try await HistorySite(processes)
            var (tasks, calls, unknown) = (0, 0, 0)
            for round in 0..<max(1, Self.seconds / Self.roundSeconds) {
                let load = try await site.load(tickets: Self.ticketsOfRound, round: round)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for login in RecordedLoad.people + RecordedLoad.people {
                        group.addTask { try await load.act(as: login) }
                    }
                    for login in RecordedLoad.programs { group.addTask { try await load.run(as: login) } }
                    group.addTask { try await load.look(as: "tom") }
                    try await site.hurt(Self.roundSeconds)
                    load.stop()
                    try await group.waitForAll()
                }
                try await load.lookAtAll(as: "tom")
                for target in load.targets {
                    let made = load.calls(target.id)
                    (tasks, calls) = (tasks + 1, calls + made.count)
                    unknown += made.count { $0.outcome == .unknown }
                    let workers = target.kind == .service ? RecordedLoad.programs : []
                    let complaint = TaskHistory(made, kind: target.kind, workers: workers).complaint()
                    #expect(complaint == nil, "task \(target.id)")
                }
            }
            print("history: \(tasks) tasks, \(calls) calls, \(unknown) of them without an answer: linearizable")
            #expect(calls > 10 * Self.ticketsOfRound)
        }
    }
}

/// A site whose tickets have a task to be claimed and a program's.
private struct HistorySite {
    private let processes: Processes
    private let uma: Program
    private let tom: Program
    private let clients: [String: Program]

    init(_ processes: Processes) async throws {
        self.processes = processes
        for login in RecordedLoad.programs {
            _ = try await processes.run(
                "tf-web",
                [
                    "user", "add", login, "--name", login, "--service", "--role", "task_worker", "--member", "acme",
                    "--password-stdin",
                ], input: "try-ticketflower\n")
        }
        try processes.write(
            "name: Both\ndescription: D\ntitle: Both\nworkflow: both\nbody: [ { type: input, id: n, attributes: { label: N } } ]\n",
            to: "acme/both.ticket.yaml")
        try processes.write(
            """
            document: { dsl: '1.0.3', namespace: acme, name: both, version: '1.0.0' }
            do: [ { all: { fork: { branches: [ { a: { call: shared } }, { b: { call: job } } ] } } } ]
            """, to: "acme/both.workflow.yaml")
        try processes.write(
            "task: shared\nassign: { strategy: pool, role: it-staff }\noutcomes: [done]\n", to: "acme/shared.task.yaml")
        try processes.write(
            "task: job\nkind: service\nlease: 2s\nretry: { attempts: 50, backoff: 1s }\n", to: "acme/job.task.yaml")
        uma = try await Program(processes.address, login: "uma")
        tom = try await Program(processes.address, login: "tom")
        var clients = ["tom": tom]
        for login in RecordedLoad.people + RecordedLoad.programs {
            clients[login] = try await Program(processes.address, login: login)
        }
        self.clients = clients
        _ = try await eventually("the type is offered") { [uma] in
            try await uma.get("/api/v1/companies/acme/ticket-types/both")["name"] == "both" ? true : nil
        }
    }

    /// New tickets, and those who will work on their tasks.
    func load(tickets: Int, round: Int) async throws -> RecordedLoad {
        var targets: [RecordedLoad.Target] = []
        for number in 0..<tickets {
            let key = "history \(round) \(number)"
            let ticket = try await eventually("ticket \(number) is taken") {
                let answer = try await uma.post(
                    "/api/v1/companies/acme/tickets", ["type": "both", "form": ["n": "1"]], key: key)
                return answer.status == 201 ? answer.body["number"].intValue : nil
            }
            let tasks = try await eventually("its tasks are there") {
                let tasks = try await tom.get("/api/v1/companies/acme/tasks?ticket=\(ticket)")["items"].arrayValue
                return tasks?.count == 2 ? tasks : nil
            }
            for task in tasks {
                let kind: WorkerKind = task["name"] == "job" ? .service : .person
                targets.append(RecordedLoad.Target(id: task["id"].intValue ?? 0, kind: kind))
            }
        }
        return RecordedLoad(clients, targets: targets)
    }

    /// Kills and empties for so many seconds.
    func hurt(_ seconds: Int) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        var number = 0
        while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(700))
            switch number % 4 {
            case 0: try restart("tf-web", processes.web)
            case 1: try restart("tf-daemon", processes.daemon)
            case 2: _ = try await processes.redis("DEBUG", "SLEEP", "0.5")
            default: _ = try await processes.redis("FLUSHALL")
            }
            number += 1
        }
    }

    private func restart(_ program: String, _ box: ProcessBox) throws {
        box.kill()
        try processes.start(program, box)
    }
}
