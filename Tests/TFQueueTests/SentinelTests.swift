import Logging
import TestSupport
import Testing

@testable import TFQueue

/// A primary that dies or hangs, with a real replica and real sentinels.
@Suite struct SentinelTests {
    private static func client(_ sentinel: TestSentinel) throws -> RedisClient {
        RedisClient(
            address: try RedisAddress(sentinel.address), logger: Logger(label: "test"), deadline: RedisFixture.patience)
    }

    @Test func `the client goes to the primary, and to the next one when that is killed`() async throws {
        try await TestSentinel.with { sentinel in
            let client = try Self.client(sentinel)
            _ = try await eventually("the primary is found") { try await client.send("SET", "key", "1") }
            let before = try await sentinel.primary()
            #expect(await client.server?.name == "127.0.0.1:\(before.port)")
            _ = try await eventually("the replica has it") {
                try await sentinel.servers.first { $0.port != before.port }?.redis.answer("GET", "key") == "1"
                    ? true : nil
            }
            try await sentinel.fail { $0.kill() }
            _ = try await eventually("the client writes again") { try await client.send("SET", "key", "2") }
            let after = try await sentinel.primary()
            #expect(await client.server?.name == "127.0.0.1:\(after.port)")
            await client.close()
        }
    }

    @Test func `a primary that hangs is left for its successor, also when it wakes and takes writes still`()
        async throws
    {
        try await TestSentinel.with { sentinel in
            let client = try Self.client(sentinel)
            _ = try await eventually("the primary is found") { try await client.send("SET", "key", "1") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await client.watch() }
                // The write is sent to the one that hangs: without the watch it would wait for its deadline.
                let old = try await sentinel.fail { $0.hang() }
                _ = try await eventually("the client writes again") { try await client.send("SET", "key", "2") }
                old.redis.goOn()
                let present = try await sentinel.primary()
                #expect(present.port != old.port)
                #expect(try await client.send("SET", "key", "3") == .string("OK"))
                #expect(await client.server?.name == "127.0.0.1:\(present.port)")
                _ = try await eventually("the old one follows the new one") {
                    try await old.redis.answer("GET", "key") == "3" ? true : nil
                }
                group.cancelAll()
            }
            await client.close()
        }
    }

    @Test func `hints come from the next primary, too`() async throws {
        try await TestSentinel.with { sentinel in
            let client = try Self.client(sentinel)
            let (hints, continuation) = AsyncStream<String>.makeStream()
            let subscription = RedisSubscription(
                address: try RedisAddress(sentinel.address), patterns: [QueueKeys.allWakes],
                logger: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await subscription.run { _, text in continuation.yield(text) } }
                group.addTask { try await client.watch() }
                var iterator = hints.makeAsyncIterator()
                for word in ["first", "second"] {
                    _ = try await eventually("somebody listens") {
                        try await client.send("PUBLISH", "tf:{acme}:wake", word) == .integer(0) ? nil : true
                    }
                    #expect(await iterator.next() == word)
                    if word == "first" { try await sentinel.fail { $0.hang() } }
                }
                group.cancelAll()
            }
            await client.close()
        }
    }

    @Test func `sentinels say whether they could decide, and one that is away is named`() async throws {
        try await TestSentinel.with { sentinel in
            guard case .sentinel(let sentinels) = try RedisAddress(sentinel.address) else { return }
            #expect(await sentinels.problems().allSatisfy { $0.problem == nil })
            let stranger = Sentinels(
                name: "nobody", sentinels: sentinels.sentinels, credentials: nil, tls: nil)
            let error = await #expect(throws: QueueError.self) {
                try await RedisAddress.sentinel(stranger).resolved()
            }
            #expect(error?.description.contains("knows no primary \"nobody\"") == true)
            #expect(error?.isTemporary == true)
        }
    }

    @Test func `a primary that hangs, and nobody to take over, is named`() async throws {
        try await TestSentinel.with { sentinel in
            for server in sentinel.servers { server.redis.hang() }
            let client = try Self.client(sentinel)
            let error = await #expect(throws: QueueError.self) { try await client.send("PING") }
            #expect(
                error?.description.contains("the sentinels of main name no other yet") == true,
                "\(String(describing: error))")
            for server in sentinel.servers { server.redis.goOn() }
            _ = try await eventually("a primary is found") { try await client.send("PING") }
            await client.close()
        }
    }

    @Test func `no sentinel at all is an error that says where`() async throws {
        let client = RedisClient(
            address: try RedisAddress("redis+sentinel://127.0.0.1:1,127.0.0.1:2/main"), logger: Logger(label: "test"))
        let error = await #expect(throws: QueueError.self) { try await client.send("PING") }
        let sentence = """
            Redis does not answer at redis+sentinel://127.0.0.1:1,127.0.0.1:2/main: no sentinel names the primary \
            (Connection refused)
            """
        #expect(error?.description == sentence)
        #expect(error?.isTemporary == true)
    }

    @Test func `a server that has become a replica is left as soon as it refuses a write`() async throws {
        try await RedisFixture.with { redis in
            _ = try await redis.client.send("REPLICAOF", "127.0.0.1", "1")
            #expect(await redis.client.server != nil)
            let error = await #expect(throws: QueueError.self) { try await redis.client.send("SET", "key", "1") }
            #expect(error?.isTemporary == true)
            #expect(await redis.client.server == nil)
        }
    }

    @Test func `queues of one connection are none of the next`() async throws {
        try await RedisFixture.with { redis in
            try await redis.begin("acme", [Worker(login: "a", roles: [], state: .available)])
            let queues = try await redis.queues.onPresentConnection()
            #expect(try await queues.state(company: "acme").epoch == "e")
            await redis.client.close()
            #expect(try await redis.queues.state(company: "acme").epoch == "e")
            for _ in 0..<2 {
                let error = await #expect(throws: QueueError.self) { try await queues.state(company: "acme") }
                #expect(error?.isTemporary == true)
            }
            #expect(try await redis.queues.onPresentConnection().state(company: "acme").epoch == "e")
        }
    }
}
