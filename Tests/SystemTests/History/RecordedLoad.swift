import Foundation
import Synchronization
import TFEngine
import TFExpression
import TestSupport
import Testing

/// Clients who do at random what may be done to a few tasks, all at once, and write down every call.
final class RecordedLoad: Sendable {
    private static let acme = "/api/v1/companies/acme"
    static let people = ["dave", "erin"]
    static let programs = ["etl", "bot"]
    /// When a hold ends: after the test.
    private static let later = Date().addingTimeInterval(3_600).formatted(.iso8601)
    /// Calls about one task, beyond which refused ones are left out: they only lengthen the search.
    private static let most = 40

    struct Target: Sendable {
        let id: Int
        let kind: WorkerKind
    }

    private struct Written {
        var calls: [Int: [TaskCall]] = [:]
        var isOver = false
    }

    /// By login: everybody is signed in before anything is hurt.
    private let clients: [String: Program]
    let targets: [Target]
    private let written = Mutex(Written())

    init(_ clients: [String: Program], targets: [Target]) {
        self.clients = clients
        self.targets = targets
    }

    /// The calls about a task.
    func calls(_ task: Int) -> [TaskCall] { written.withLock { $0.calls[task] ?? [] } }
    var count: Int { written.withLock { $0.calls.values.reduce(0) { $0 + $1.count } } }

    func stop() { written.withLock { $0.isOver = true } }
    private var isOver: Bool { written.withLock { $0.isOver } }

    // MARK: Clients

    func act(as login: String) async throws {
        let person = try #require(clients[login])
        let actions: [(String, TaskCall.Action, JSON)] = [
            ("claim", .claim, [:]), ("claim", .claim, [:]), ("start", .start, [:]), ("release", .release, [:]),
            ("hold", .hold, ["until": .string(Self.later)]), ("completion", .complete, ["outcome": "done"]),
        ]
        while !isOver {
            guard let target = targets.filter({ $0.kind == .person }).randomElement(),
                let (path, action, body) = actions.randomElement()
            else { return }
            await call(login, action, target.id) {
                try await person.post("\(Self.acme)/tasks/\(target.id)/\(path)", body).status
            }
        }
    }

    func look(as login: String) async throws {
        let admin = try #require(clients[login])
        while !isOver {
            if let target = targets.randomElement() { try await look(at: target.id, as: login, admin) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Looks at every task once more.
    func lookAtAll(as login: String) async throws {
        let admin = try #require(clients[login])
        for target in targets { try await look(at: target.id, as: login, admin, isLast: true) }
    }

    private func look(at task: Int, as login: String, _ admin: Program, isLast: Bool = false) async throws {
        let start = ContinuousClock.now
        // What was not answered says nothing.
        guard let seen = try? await admin.get("\(Self.acme)/tasks/\(task)"),
            let state = seen["state"].stringValue.flatMap(TaskState.init(rawValue:))
        else { return }
        write(
            TaskCall(
                client: login, action: .look(state, holder: seen["assignee"].stringValue), outcome: .done, start: start,
                end: .now), task, isLast: isLast)
    }

    /// A program: it gets a job, keeps it, finishes it, or is silent until its lease has ended.
    func run(as login: String) async throws {
        let program = try #require(clients[login])
        let jobs = "\(Self.acme)/jobs"
        while !isOver {
            let start = ContinuousClock.now
            guard let answer = try? await program.post("\(jobs)/lease", ["max": 1]), answer.status == 200 else {
                // It may have got any of them; nobody knows that lease, so it only ends.
                for target in targets where target.kind == .service {
                    write(
                        TaskCall(client: login, action: .lease("?"), outcome: .unknown, start: start, end: nil),
                        target.id)
                }
                try await Task.sleep(for: .milliseconds(100))
                continue
            }
            guard let job = answer.body["jobs"].arrayValue?.first, let task = job["task"].intValue,
                let lease = job["lease"].stringValue
            else {
                try await Task.sleep(for: .milliseconds(50))
                continue
            }
            write(TaskCall(client: login, action: .lease(lease), outcome: .done, start: start, end: .now), task)
            try await finish(login, program, task, lease)
        }
    }

    private func finish(_ login: String, _ program: Program, _ task: Int, _ lease: String) async throws {
        let path = "\(Self.acme)/jobs/\(task)"
        let chance = Int.random(in: 0..<4)
        if chance == 0 {
            // Silent until the lease has ended, and then late.
            try await Task.sleep(for: .milliseconds(2_500))
        }
        if chance < 2 {
            await call(login, .renew(lease: lease), task) {
                try await program.post("\(path)/heartbeat", ["lease": .string(lease)]).status
            }
        }
        await call(login, .finish(lease: lease), task) {
            try await program.post("\(path)/completion", ["lease": .string(lease), "output": [:]]).status
        }
    }

    // MARK: What is written down

    private func call(
        _ client: String, _ action: TaskCall.Action, _ task: Int, _ send: () async throws -> UInt
    ) async {
        let start = ContinuousClock.now
        let status = try? await send()  // without an answer, nobody knows
        let end = ContinuousClock.now
        switch status {
        case .some(200..<300):
            write(TaskCall(client: client, action: action, outcome: .done, start: start, end: end), task)
        case 403, 404, 409:
            write(TaskCall(client: client, action: action, outcome: .refused, start: start, end: end), task)
        case .some(let status) where status < 500: Issue.record("\(client) \(action): \(status)")
        default:
            write(TaskCall(client: client, action: action, outcome: .unknown, start: start, end: nil), task)
            try? await Task.sleep(for: .milliseconds(50))  // an interrupted pause is only shorter
        }
        // Somebody who looks at the answer before they go on.
        try? await Task.sleep(for: .milliseconds(.random(in: 0..<15)))
    }

    private func write(_ call: TaskCall, _ task: Int, isLast: Bool = false) {
        written.withLock { written in
            // What was refused changed nothing, so that it may be left out.
            guard isLast || written.calls[task, default: []].count < Self.most || call.outcome != .refused else {
                return
            }
            written.calls[task, default: []].append(call)
        }
    }
}
