import ArgumentParser
import Foundation
import Logging
import TFConfiguration
import TFDefinition
import TFExpression
import TFQueue
import TFStore

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the daemon, the queues and the definitions in error.",
        discussion: """
            Every worker with the length of the list in Redis and the number of open tasks in the store; the two differ \
            only for a moment. Exit status: 0 the daemon runs and nothing differs, 1 otherwise.
            """)

    @Flag(help: "Print one JSON object.") var json = false

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let settings = try Settings.read(options)
        guard FileManager.default.fileExists(atPath: settings.data + "/store.db") else {
            print("there is no store in \(settings.data); start tf-daemon or tf-web first")
            throw ExitCode(1)
        }
        var logger = settings.logger("tf-daemon status")
        logger.logLevel = .error
        let store = try Store(directory: settings.data, baseURL: settings.baseURL)
        let client = RedisClient(address: try RedisAddress(settings.redisAddress), logger: logger)
        let status = try await Status.read(store, TaskQueues(client: client), now: WallClock.now())
        await client.close()
        try store.close()
        print(json ? status.json.text : status.text)
        if !status.isWell { throw ExitCode(1) }
    }
}

/// What `tf-daemon status` tells.
struct Status {
    struct Queue {
        let company: String
        let worker: String
        let isAvailable: Bool
        let open: Int
        /// nil: Redis does not answer.
        let length: Int?
    }

    let isRunning: Bool
    let redisError: String?
    let outbox: (count: Int, age: Int64)
    let queues: [Queue]
    let problems: [Diagnostic]

    var isWell: Bool { isRunning && redisError == nil && queues.allSatisfy { $0.length == $0.open } }

    static func read(_ store: Store, _ taskQueues: TaskQueues, now: Int64) async throws -> Status {
        var queues: [Queue] = []
        var problems: [Diagnostic] = []
        var redisError: String?
        for company in try await store.companies() {
            let workers = try await store.workers(company.id)
            let open = try await store.openTaskCounts(company: company.id)
            let logins = Set(workers.map(\.login)).union(open.keys).sorted()
            var lengths: [Int]?
            do throws(QueueError) { lengths = try await taskQueues.lengths(company: company.slug, logins) } catch {
                redisError = "\(error)"
            }
            for (index, login) in logins.enumerated() {
                queues.append(
                    Queue(
                        company: company.slug, worker: login,
                        isAvailable: workers.first { $0.login == login }?.isAvailable ?? false,
                        open: open[login] ?? 0, length: lengths?[index]))
            }
            problems += try await store.problems(company.id)
        }
        return Status(
            isRunning: (try await store.leaderExpiry() ?? 0) > now, redisError: redisError,
            outbox: try await store.outboxBacklog(now: now), queues: queues,
            problems: problems.filter { $0.severity == .error })
    }

    var text: String {
        var lines = ["daemon   \(isRunning ? "running" : "not running")"]
        lines.append("redis    \(redisError ?? "answers")")
        lines.append("outbox   \(outbox.count) waiting" + (outbox.count > 0 ? ", the oldest for \(outbox.age) ms" : ""))
        let width = queues.map { $0.company.count + $0.worker.count + 1 }.max() ?? 0
        for queue in queues {
            let name = "\(queue.company).\(queue.worker)".padding(toLength: width, withPad: " ", startingAt: 0)
            let bar = String(repeating: "█", count: min(queue.open, 40))
            let drift = queue.length == queue.open ? "" : "  Redis has \(queue.length.map(String.init) ?? "no answer")"
            lines.append("  \(name)  \(queue.isAvailable ? "available" : "away     ")  \(queue.open) \(bar)\(drift)")
        }
        lines.append("problems \(problems.count) in definitions")
        lines += problems.map { "  \($0)" }
        return lines.joined(separator: "\n")
    }

    var json: JSON {
        [
            "running": .bool(isRunning), "redis": .optional(redisError ?? "answers"),
            "outbox": ["waiting": .int(outbox.count), "oldest_ms": .int(outbox.age)],
            "queues": .array(
                queues.map { queue in
                    [
                        "company": .string(queue.company), "worker": .string(queue.worker),
                        "available": .bool(queue.isAvailable), "open": .int(queue.open),
                        "length": queue.length.map { .int($0) } ?? .null,
                    ]
                }), "problems": .array(problems.map(\.json)),
        ]
    }
}
