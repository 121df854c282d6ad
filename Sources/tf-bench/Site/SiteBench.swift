import Foundation
import Logging
import TFQueue
import TFStore

/// The whole site under one roof: submissions, what requests cost, memory, the size of the log.
struct SiteBench {
    let binaries: String
    let shape: SiteShape
    /// Requests of each kind whose cost is measured.
    let requests: Int

    func run() async throws {
        let site = ServedSite(binaries: binaries)
        var processes: [Process] = []
        do {
            try await measure(site, &processes)
        } catch {
            stop(processes)
            try await site.close()
            throw error
        }
        stop(processes)
        try await site.close()
    }

    private func stop(_ processes: [Process]) {
        for process in processes where process.isRunning { process.terminate() }
        for process in processes { process.waitUntilExit() }
    }

    private func measure(_ site: ServedSite, _ processes: inout [Process]) async throws {
        print("machine:   \(Machine.description)")
        try await seed(site)
        let syncs = try Machine.syncs(in: site.data)
        print(String(format: "disk:      %.0f durable writes of 4 KiB a second", syncs))
        let daemon = try site.start("tf-daemon")
        processes.append(daemon)
        let start = ContinuousClock.now
        let web = try site.start("tf-web")
        processes.append(web)
        try await site.waitUntilServing()
        print(String(format: "start:     tf-web answers after %.2f s", start.duration(to: .now) / .seconds(1)))
        let redis = RedisClient(
            address: try RedisAddress("redis+unix://\(site.data)/redis.sock"), logger: Logger(label: "bench"),
            deadline: .seconds(60))
        while (try? await redis.send("PING")) == nil { try await Task.sleep(for: .milliseconds(20)) }
        try await Task.sleep(for: .seconds(5))
        try printMemory("at rest", [("tf-daemon", daemon), ("tf-web", web)])
        let log = try await LargestSize.of(site.data + "/store.db-wal") {
            try await submit(site, redis, syncs)
        }
        print(String(format: "The log had %.0f MiB at most.", Double(log) / 1_048_576))
        try await printCosts(site, ProcessFigures(id: web.processIdentifier))
        try printMemory("after it", [("tf-daemon", daemon), ("tf-web", web)])
        await redis.close()
    }

    private func seed(_ site: ServedSite) async throws {
        let start = ContinuousClock.now
        let store = try Store(directory: site.data, baseURL: site.address)
        try await SiteSeed(shape: shape, store: store, definitions: site.definitions).run()
        try store.close()
        for company in 1...shape.companies { try site.setPassword(shape.requester(of: company)) }
        for login in [shape.admin(of: 1), shape.worker(0, of: 1)] { try site.setPassword(login) }
        print(
            String(
                format: "site:      %d companies, %d workers, %d closed tickets with %d tasks each, made in %.0f s",
                shape.companies, shape.companies * shape.workers, shape.companies * shape.closedOfCompany,
                SiteShape.tasksOfClosed, start.duration(to: .now) / .seconds(1)))
    }

    private func submit(_ site: ServedSite, _ redis: RedisClient, _ syncs: Double) async throws {
        var tokens: [String] = []
        for company in 1...shape.companies { tokens.append(try await site.token(shape.requester(of: company))) }
        let bench = SubmissionBench(site: site, shape: shape, tokens: tokens, redis: redis)
        let all = shape.companies * shape.openOfCompany
        print("\nconnections  submitted/s  in their lists/s  x durable writes of the disk")
        var one = 0.0
        var most = 0.0
        for (connections, count) in [(1, all / 25), (8, all / 5), (32, all - all / 25 - all / 5 - all / 25)] {
            let rate = try await bench.run(count, connections: connections)
            if connections == 1 { one = rate.assigned }
            most = rate.assigned
            print(
                String(
                    format: "%11d %12.0f %17.0f %8.2f   %.1f x one connection", connections, rate.submitted,
                    rate.assigned, rate.assigned / syncs, rate.assigned / one))
        }
        let delays = try await bench.delays(all / 25, rate: most / 2)
        print(
            String(
                format:
                    "At half that rate a ticket is in a list after %.0f ms (median), %.0f ms (95 %%), %.0f ms (99 %%).",
                1_000 * delays[delays.count / 2], 1_000 * delays[delays.count * 95 / 100],
                1_000 * delays[delays.count * 99 / 100]))
    }

    private func printCosts(_ site: ServedSite, _ web: ProcessFigures) async throws {
        let costs = PageCosts(site: site, shape: shape, web: web, requests: requests)
        print("\nrequest                   CPU ms   x /healthz   at most   Django   bytes")
        for cost in try await costs.run(try await costs.rows()) {
            func figure(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "–" }
            print(
                cost.row.name.padding(toLength: 24, withPad: " ", startingAt: 0),
                String(format: "%7.2f %12.1f", 1_000 * cost.seconds, cost.multiple),
                Self.right(figure(cost.row.limit), 9), Self.right(figure(cost.row.django), 8),
                Self.right(String(cost.bytes), 7))
        }
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func printMemory(_ when: String, _ programs: [(name: String, process: Process)]) throws {
        for (name, process) in programs {
            let memory = try ProcessFigures(id: process.processIdentifier).memory()
            print(
                String(
                    format: "memory:    %@ %@: %.1f MB private, %.1f MB resident", name, when, memory.privateDirty,
                    memory.resident))
        }
    }
}
