import Foundation
import Logging
import NIOHTTP1
import TFExpression
import TFQueue

/// Tickets submitted through the front door, durable, until they are in their workers' lists.
struct SubmissionBench {
    let site: ServedSite
    let shape: SiteShape
    /// Of a requester of each of the first companies: so many are busy.
    let tokens: [String]
    let redis: RedisClient
    /// How many tf-web take them in turn.
    var webs = 1

    struct Rate {
        let submitted: Double
        /// Tickets a second from the first request until the last one is in a list.
        let assigned: Double
    }

    /// Submits tickets to all companies in turn, so many at a time.
    func run(_ count: Int, connections: Int) async throws -> Rate {
        let before = try await assigned()
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in 0..<connections {
                group.addTask {
                    for number in stride(from: connection, to: count, by: connections) { try await submit(number) }
                }
            }
            try await group.waitForAll()
        }
        let submitted = start.duration(to: .now) / .seconds(1)
        while try await assigned() < before + count { try await Task.sleep(for: .milliseconds(5)) }
        let all = start.duration(to: .now) / .seconds(1)
        return Rate(submitted: Double(count) / submitted, assigned: Double(count) / all)
    }

    /// Submits at an even rate, and returns how long each ticket of the first company took until it was in a list, in
    /// seconds, in ascending order. Lists are filled in the order of the submissions.
    func delays(_ count: Int, rate: Double) async throws -> [Double] {
        let before = try await assigned(ofCompany: 1)
        let clock = ContinuousClock()
        let start = clock.now + .milliseconds(50)
        let ofFirst = (0..<count).filter { $0 % tokens.count == 0 }
        return try await withThrowingTaskGroup(of: [ContinuousClock.Instant].self) { group in
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { requests in
                    for number in 0..<count {
                        try await clock.sleep(until: start + .seconds(Double(number) / rate))
                        requests.addTask { try await submit(number) }
                    }
                    try await requests.waitForAll()
                }
                return []
            }
            group.addTask {
                var arrivals: [ContinuousClock.Instant] = []
                while arrivals.count < ofFirst.count {
                    let there = try await assigned(ofCompany: 1) - before
                    let now = clock.now
                    while arrivals.count < there { arrivals.append(now) }
                    try await Task.sleep(for: .milliseconds(1))
                }
                return arrivals
            }
            var delays: [Double] = []
            for try await arrivals in group where !arrivals.isEmpty {
                delays = zip(ofFirst, arrivals).map { number, arrival in
                    (start + .seconds(Double(number) / rate)).duration(to: arrival) / .seconds(1)
                }
            }
            return delays.sorted()
        }
    }

    private func submit(_ number: Int) async throws {
        let company = number % tokens.count + 1
        let body: JSON = [
            "type": "thing",
            "form": ["what": .string("Thing \(number)"), "why": "It has to be done", "where": "Here"],
        ]
        let answer = try await site.send(
            .POST, "/api/v1/companies/\(shape.slug(company))/tickets", to: number % webs,
            headers: [("Authorization", "Bearer \(tokens[company - 1])"), ("Content-Type", "application/json")],
            body.text)
        guard answer.status == 201 else { throw BenchError.failed("submitting: \(answer.status) \(answer.body)") }
    }

    /// How many tasks of the busy companies have been put into lists until now.
    func assigned() async throws -> Int {
        var sum = 0
        for company in 1...tokens.count { sum += try await assigned(ofCompany: company) }
        return sum
    }

    private func assigned(ofCompany company: Int) async throws -> Int {
        Int(try await redis.send("HGET", "tf:{\(shape.slug(company))}:stat", "assigned").text ?? "0") ?? 0
    }
}
