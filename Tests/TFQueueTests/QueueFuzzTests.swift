import TestSupport
import Testing

@testable import TFQueue

/// Random histories against a plain model: every choice is the minimum over the eligible, every job stands where it has
/// to, and what is sent twice is done once.
@Suite(.onItsOwnThread) struct QueueFuzzTests {
    @Test func `every choice is the first of the eligible and available, and every list holds what it has to`()
        async throws
    {
        try await RedisFixture.with { redis in
            for (generator, replay) in Fuzz.inputs("queues", iterations: 1) {
                _ = try await redis.client.send("FLUSHALL")
                try await Self.check(redis, QueueModel(generator: generator), replay)
            }
        }
    }

    private static func check(_ redis: RedisFixture, _ start: QueueModel, _ replay: String) async throws {
        var model = start
        try await redis.begin("acme", model.rules.workers.values.map(\.worker))
        for number in 0..<1_500 {
            let step = model.next()
            // Some are sent again, as after an answer that was lost.
            let changes = number % 7 == 0 ? [step.change, step.change] : [step.change]
            let answers = try await redis.apply("acme", changes)
            if let complaint = model.check(step, answers[0]) {
                throw Unexpected(description: "\(replay), step \(number): \(complaint)")
            }
            if case .assigned(let first) = answers[0], case .assigned(let again)? = answers.dropFirst().first {
                #expect(first.chosen.login == again.chosen.login, "\(replay)")
            }
            if number % 100 == 99 { try await expect(redis, model, replay) }
        }
    }

    /// Every list, count and order, read with plain commands.
    private static func expect(_ redis: RedisFixture, _ model: QueueModel, _ replay: String) async throws {
        let drift = try await redis.queues.audit(company: "acme", model.content)
        #expect(drift.isEmpty, "\(replay): \(drift)")
        for member in model.rules.workers.values {
            let score = try await redis.client.send("ZSCORE", "tf:{acme}:open", member.login)
            #expect(score.number ?? 0 == model.rules.load(member.login), "\(replay)")
            for list in [member.login, "\(member.login).urgent"] {
                let ids = try await redis.client.send("LRANGE", "queue:acme.\(list)", "0", "-1").elements
                    .compactMap { $0.text.map(Job.id(of:)) }
                let wanted = model.rules.jobs.values.filter { $0.isListed && $0.list == list }.map(\.job.id)
                #expect(ids.sorted() == wanted.sorted(), "\(replay): \(list)")
            }
        }
        for (group, kind, role) in [
            ("_any", Worker.Kind.person, nil), ("r0", .person, "r0"), ("_service", .service, nil),
            ("_service.r1", .service, "r1"),
        ] as [(String, Worker.Kind, String?)] {
            for (set, order) in [("avail", AssignmentOrder.shortestList), ("turn", .turns)] {
                let found = try await redis.client.send("ZRANGE", "tf:{acme}:\(set):\(group)", "0", "-1").elements
                #expect(
                    found.compactMap(\.text) == model.rules.inOrder(kind, role, by: order),
                    "\(replay): \(set):\(group)")
            }
        }
    }
}
