import Testing

@testable import TFQueue

/// Redis held something else than it has to: what differs is found, and put right.
@Suite struct RecoveryTests {
    private static let content = QueueContent(
        workers: [
            Worker(login: "a", roles: ["it"], state: .available), Worker(login: "b", roles: [], state: .away),
            Worker(login: "etl", kind: .service, roles: [], state: .available),
        ],
        entries: [
            .init(job: RedisFixture.job(1, role: "it"), worker: "a"), .init(job: RedisFixture.job(2), worker: "a"),
            .init(job: RedisFixture.job(3), worker: "b"), .init(job: RedisFixture.job(4), worker: nil),
            .init(job: RedisFixture.job(5, kind: .service, isUrgent: true), worker: "etl"),
            .init(job: RedisFixture.job(6, kind: .service), worker: "etl", isListed: false),
            // A requester is no worker.
            .init(job: RedisFixture.job(7), worker: "uma"),
        ], highWaterMark: 9)

    private static func rebuilt(_ body: @escaping @Sendable (RedisFixture) async throws -> Void) async throws {
        try await RedisFixture.with { redis in
            try await redis.queues.rebuild(company: "acme", epoch: "e", content)
            try await body(redis)
        }
    }

    @Test func `a rebuild is what the content says, counts and order included`() async throws {
        try await Self.rebuilt { redis in
            #expect(try await redis.queues.audit(company: "acme", Self.content).isEmpty)
            let names = ["a", "b", "etl", "etl.urgent", "uma", "_unassigned.any"]
            #expect(try await redis.queues.lengths(company: "acme", names) == [2, 1, 0, 1, 1, 1])
            let open = try await redis.client.send("ZRANGE", "tf:{acme}:open", "0", "-1", "WITHSCORES").elements
            #expect(open.compactMap(\.text) == ["b", "1", "uma", "1", "a", "2", "etl", "2"])
            let oldest = try await redis.client.send("LINDEX", "queue:acme.a", "-1").text ?? ""
            #expect(Job.id(of: oldest) == RedisFixture.job(1).id)
            // It goes on as if it had always been so: completing counts down, and nobody is chosen twice in a row.
            _ = try await redis.apply("acme", [.remove(RedisFixture.job(6).id)])
            #expect(try await redis.client.send("ZSCORE", "tf:{acme}:open", "etl") == .string("1"))
        }
    }

    @Test(arguments: [
        ["LPOP", "queue:acme.a"], ["DEL", "queue:acme.b"], ["LPUSH", "queue:acme.a", "junk"],
        ["LPUSH", "queue:acme._unassigned.any", "{\"jid\":\"000000000000000000000099\"}"],
        ["SET", "queue:acme.a", "a text"], ["ZADD", "tf:{acme}:open", "7", "a"],
        ["ZREM", "tf:{acme}:avail:_any", "a"], ["ZADD", "tf:{acme}:avail:_any", "0", "nobody"],
        ["ZADD", "tf:{acme}:avail:it", "0", "b"], ["LPUSH", "queue:acme.stranger", "x"],
        ["ZADD", "tf:{acme}:open", "3", "ghost"], ["ZADD", "tf:{acme}:open", "inf", "a"],
        ["ZADD", "tf:{acme}:avail:_any", "99", "a"], ["ZADD", "tf:{acme}:turn:_any", "99", "a"],
        ["ZREM", "tf:{acme}:turn:it", "a"], ["HSET", "tf:{acme}:worker:a", "roles", "junk"],
        ["HSET", "tf:{acme}:worker:a", "state", "away"], ["DEL", "tf:{acme}:worker:etl"],
        ["SET", "tf:{acme}:seq", "0"], ["DEL", "tf:{acme}:seq"],
        ["HSET", "tf:{acme}:job:\(RedisFixture.job(2).id)", "json", "junk"],
        ["HSET", "tf:{acme}:job:\(RedisFixture.job(6).id)", "worker", "nobody"],
        ["DEL", "tf:{acme}:job:\(RedisFixture.job(4).id)"],
        ["HDEL", "tf:{acme}:job:\(RedisFixture.job(5).id)", "list"],
        // Bytes that are no text.
        ["EVAL", "return redis.call('LPUSH', 'queue:acme.a', 'x\\255')", "0"],
        ["EVAL", "return redis.call('LPUSH', 'queue:acme.etl.urgent', '\\255')", "0"],
    ])
    func `whatever was done to a key is found and mended`(_ command: [String]) async throws {
        try await Self.rebuilt { redis in
            _ = try await redis.client.send([command])
            if command[1].hasSuffix("stranger") { _ = try await redis.client.send("SADD", "queues", "acme.stranger") }
            let drift = try await redis.queues.audit(company: "acme", Self.content)
            #expect(drift.count > 0)
            try await redis.queues.mend(company: "acme", epoch: "e", drift, Self.content)
            let left = try await redis.queues.audit(company: "acme", Self.content)
            #expect(left.isEmpty, "\(left)")
        }
    }

    @Test func `what is on its way is no difference, and hides no other one`() async throws {
        try await Self.rebuilt { redis in
            // Nobody knows yet that the list of one is shorter by a job; that of the other is emptied by a stranger.
            _ = try await redis.client.send([["RPOP", "queue:acme.a"], ["DEL", "queue:acme.b"]])
            _ = try await redis.client.send("ZADD", "tf:{acme}:open", "7", "a")
            let unsettled = UnsettledChanges(jobs: [RedisFixture.job(1).id])
            let drift = try await redis.queues.audit(company: "acme", Self.content, unsettled: unsettled)
            #expect(drift.missing == [RedisFixture.job(3).id], "\(drift)")
            #expect(drift.extra.isEmpty && drift.workers.isEmpty)
            #expect(try await !redis.queues.audit(company: "acme", Self.content).workers.isEmpty)
        }
    }

    @Test func `what is said in bytes that are no text is taken out like any other result`() async throws {
        try await Self.rebuilt { redis in
            let script = "for _, text in ipairs({'one', 'x\\255', 'two'}) do redis.call('LPUSH', KEYS[1], text) end"
            _ = try await redis.client.send([["EVAL", script, "1", "tf:{acme}:results"]])
            let results = try await redis.queues.results(company: "acme")
            #expect(results.count == 3)
            _ = try await redis.client.send("LPUSH", "tf:{acme}:results", "later")
            try await redis.queues.acknowledge(results, company: "acme")
            #expect(try await redis.queues.results(company: "acme") == ["later"])
        }
    }

    @Test func `the same job twice in a list is one too many`() async throws {
        try await Self.rebuilt { redis in
            let element = try await redis.client.send("LINDEX", "queue:acme.a", "0").text ?? ""
            _ = try await redis.client.send("LPUSH", "queue:acme.a", element)
            let drift = try await redis.queues.audit(company: "acme", Self.content)
            #expect(drift.extra == ["a": [element]])
            try await redis.queues.mend(company: "acme", epoch: "e", drift, Self.content)
            #expect(try await redis.queues.lengths(company: "acme", ["a"]) == [2])
        }
    }

    @Test func `junk under the names that companies and Sidekiq share stops nobody, and the names come back`()
        async throws
    {
        try await Self.rebuilt { redis in
            _ = try await redis.client.send([["SET", "queues", "junk"], ["SET", "processes", "junk"]])
            #expect(try await redis.queues.listsReadBySidekiq(now: 1).isEmpty)
            #expect(try await redis.queues.audit(company: "acme", Self.content).isEmpty)
            try await redis.queues.announce(company: "acme", Self.content.lists)
            #expect(try await redis.client.send("SISMEMBER", "queues", "acme.a") == .integer(1))
        }
    }

    @Test func `a job that has gone from a program's list was taken, and is not pushed again`() async throws {
        try await Self.rebuilt { redis in
            _ = try await redis.client.send("RPOP", "queue:acme.etl.urgent")
            let drift = try await redis.queues.audit(company: "acme", Self.content)
            #expect(drift.taken == [RedisFixture.job(5).id])
            #expect(drift.count == 0)
        }
    }

    /// Junk of any type under every name of ours, and then a rebuild.
    @Test(arguments: ["SET", "LPUSH", "SADD", "ZADD", "HSET"])
    func `a rebuild clears what stands under our names, of whatever type`(_ command: String) async throws {
        try await Self.rebuilt { redis in
            let keys = [
                "queues", "queue:acme.a", "queue:acme.etl.urgent", "tf:{acme}:open", "tf:{acme}:avail:_any",
                "tf:{acme}:avail:it", "tf:{acme}:turn:_service", "tf:{acme}:worker:a", "tf:{acme}:seq", "tf:{acme}:hwm",
                "tf:{acme}:epoch", "tf:{acme}:stat", "tf:{acme}:results",
                "tf:{acme}:job:\(RedisFixture.job(2).id)",
            ]
            for key in keys {
                let value = command == "ZADD" ? ["1", "junk"] : command == "HSET" ? ["a", "b"] : ["junk"]
                _ = try await redis.client.send([["DEL", key], [command, key] + value])
            }
            try await redis.queues.rebuild(company: "acme", epoch: "e2", Self.content)
            #expect(try await redis.queues.audit(company: "acme", Self.content).isEmpty)
            let answers = try await redis.queues.apply(
                [
                    (10, .assign(RedisFixture.job(20, role: "it"), prefer: nil, exclude: [])),
                    (11, .remove(RedisFixture.job(2).id)),
                ], company: "acme", epoch: "e2")
            guard case .assigned(let choice) = answers[0] else { throw Unexpected(description: "\(answers)") }
            #expect(choice.chosen.login == "a")
            #expect(try await redis.queues.lengths(company: "acme", ["a"]) == [2])
        }
    }

    @Test func `another company's keys are not touched`() async throws {
        try await Self.rebuilt { redis in
            try await redis.queues.rebuild(company: "acme-2", epoch: "x", Self.content)
            _ = try await redis.client.send("LPUSH", "queue:acme.a", "junk")
            try await redis.queues.rebuild(company: "acme", epoch: "e2", Self.content)
            #expect(try await redis.queues.audit(company: "acme-2", Self.content).isEmpty)
            #expect(try await redis.queues.state(company: "acme-2").epoch == "x")
        }
    }

    @Test func `a full Redis refuses for a while, and takes the same again afterwards`() async throws {
        try await Self.rebuilt { redis in
            _ = try await redis.client.send("CONFIG", "SET", "maxmemory", "1")
            let change = QueueChange.assign(RedisFixture.job(20), prefer: nil, exclude: [])
            let error = await #expect(throws: QueueError.self) { try await redis.apply("acme", [change]) }
            #expect(error?.isTemporary == true)
            _ = try await redis.client.send("CONFIG", "SET", "maxmemory", "0")
            guard case .assigned? = try await redis.apply("acme", [change]).first else {
                throw Unexpected(description: "not assigned")
            }
        }
    }

    @Test func `a read-only Redis refuses for a while`() async throws {
        try await Self.rebuilt { redis in
            // A replica of nobody: it answers, and takes no writes.
            _ = try await redis.client.send("REPLICAOF", "127.0.0.1", "1")
            let error = await #expect(throws: QueueError.self) {
                try await redis.apply("acme", [.remove(RedisFixture.job(1).id)])
            }
            #expect(error?.isTemporary == true)
        }
    }

    @Test func `junk of the wrong type is not taken for a server in trouble`() async throws {
        try await Self.rebuilt { redis in
            _ = try await redis.client.send("SET", "tf:{acme}:open", "junk")
            let error = await #expect(throws: QueueError.self) {
                try await redis.apply("acme", [.place(RedisFixture.job(30), worker: "a")])
            }
            #expect(error?.isTemporary == false)
        }
    }
}
