import Foundation
import TFExpression
import TFStore

/// Tickets and task transitions a second as more companies are busy, with one of each program; on PostgreSQL also with
/// two of each. All of them share this machine, and so does the server.
struct CompanyBench {
    private static let busy = [1, 4, 20]
    private static let connections = 32

    let binaries: String
    /// Where the record is: `postgresql://…`; nil: SQLite.
    let store: String?
    /// Tickets of each measurement.
    let tickets: Int

    private var shape: SiteShape {
        var shape = SiteShape(scale: 1, closed: 0)
        // One gets all of a company's tasks, and completes them.
        shape.workers = 1
        return shape
    }

    /// What is asked of the site by whom: bearer tokens by company, from the first.
    private struct Tokens: Sendable {
        var requesters: [String] = []
        var workers: [String] = []
    }

    func run() async throws {
        try await BenchRedis.with { redis in
            var settings = ["TF_REDIS_URL": "redis+unix://\(redis.socket)"]
            settings["TF_STORE_URL"] = store
            let site = ServedSite(binaries: binaries, settings: settings)
            do {
                try await measure(site, redis)
            } catch {
                try await site.close()
                throw error
            }
            try await site.close()
        }
    }

    private func measure(_ site: ServedSite, _ redis: BenchRedis) async throws {
        print("machine:   \(Machine.description)")
        print("store:     \(store == nil ? "SQLite" : "PostgreSQL"); \(shape.companies) companies")
        let seeded = try Store(directory: site.data, at: StoreLocation(store), baseURL: site.address)
        try await SiteSeed(shape: shape, store: seeded, definitions: site.definitions).run()
        try seeded.close()
        for company in 1...shape.companies {
            for login in [shape.requester(of: company), shape.worker(0, of: company)] {
                try site.setPassword(login)
            }
        }
        print("\n                              tickets in       x one      tasks done, the next    x one")
        print("programs     companies busy   lists a second   company   in lists, a second      company")
        for programs in store == nil ? [1] : [1, 2] {
            try await site.running(programs) {
                // Anew each time: a token lives for ten minutes.
                try await measure(site, redis, try await signIn(site), programs)
            }
        }
    }

    private func signIn(_ site: ServedSite) async throws -> Tokens {
        var tokens = Tokens()
        for company in 1...shape.companies {
            tokens.requesters.append(try await site.token(shape.requester(of: company)))
            tokens.workers.append(try await site.token(shape.worker(0, of: company)))
        }
        return tokens
    }

    private func measure(_ site: ServedSite, _ redis: BenchRedis, _ tokens: Tokens, _ programs: Int) async throws {
        func bench(_ busy: Int) -> SubmissionBench {
            SubmissionBench(
                site: site, shape: shape, tokens: Array(tokens.requesters.prefix(busy)), redis: redis.client,
                webs: programs)
        }
        // Every company is led, and every statement prepared, before the clock runs.
        _ = try await bench(shape.companies).run(10 * shape.companies, connections: Self.connections)
        var first: (tickets: Double, tasks: Double)?
        for busy in Self.busy {
            let tickets = try await bench(busy).run(tickets, connections: Self.connections).assigned
            let tasks = try await complete(site, bench(busy), tokens.workers)
            let one = first ?? (tickets, tasks)
            first = one
            print(
                String(
                    format: "%d and %d %18d %17.0f %9.1f %22.0f %10.1f", programs, programs, busy, tickets,
                    tickets / one.tickets, tasks, tasks / one.tasks))
        }
    }

    /// Completes all first tasks of the busy companies.
    /// - Returns: how many of them a second, until each one's next task is in a list.
    private func complete(_ site: ServedSite, _ bench: SubmissionBench, _ workers: [String]) async throws -> Double {
        let companies = 1...bench.tokens.count
        let waiting = try await withThrowingTaskGroup(of: [Waiting].self) { group in
            for company in companies {
                group.addTask { try await tasks(site, company, workers[company - 1]) }
            }
            return try await group.reduce(into: [Waiting]()) { $0 += $1 }
        }
        // Of all companies in turn.
        let all = waiting.sorted { ($0.place, $0.company) < ($1.place, $1.company) }
        let before = try await bench.assigned()
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in 0..<Self.connections {
                group.addTask {
                    for number in stride(from: connection, to: all.count, by: Self.connections) {
                        let task = all[number]
                        let answer = try await site.send(
                            .POST, "\(path(task.company))/tasks/\(task.id)/completion", to: number % bench.webs,
                            headers: headers(workers[task.company - 1]), #"{"outcome":"yes"}"#)
                        guard answer.status == 200 else {
                            throw BenchError.failed("completing: \(answer.status) \(answer.body)")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        while try await bench.assigned() < before + all.count { try await Task.sleep(for: .milliseconds(5)) }
        return Double(all.count) / (start.duration(to: .now) / .seconds(1))
    }

    private struct Waiting: Sendable {
        let company: Int
        /// Its place among those of the company.
        let place: Int
        let id: Int
    }

    /// The tasks that a company's worker has and that are the first ones of their tickets.
    private func tasks(_ site: ServedSite, _ company: Int, _ token: String) async throws -> [Waiting] {
        var found: [Waiting] = []
        var after: String?
        repeat {
            let query = "assignee=me&state=assigned&limit=100\(after.map { "&after=" + $0 } ?? "")"
            let answer = try await site.send(.GET, "\(path(company))/tasks?\(query)", headers: headers(token))
            let page = try JSON(parsing: Array(answer.body.utf8))
            for item in page["items"].arrayValue ?? [] where item["name"].stringValue == "look" {
                guard let id = item["id"].intValue else { continue }
                found.append(Waiting(company: company, place: found.count, id: id))
            }
            after = page["next"].stringValue
        } while after != nil
        return found
    }

    private func path(_ company: Int) -> String { "/api/v1/companies/\(shape.slug(company))" }

    private func headers(_ token: String) -> [(String, String)] {
        [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")]
    }
}
