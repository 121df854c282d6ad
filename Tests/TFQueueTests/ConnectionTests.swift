import Foundation
import Logging
import NIOPosix
import TestSupport
import Testing

@testable import TFQueue

/// How Redis is reached, and what happens when it is not.
@Suite struct ConnectionTests {
    @Test func `nothing to do is done at once: Redis has no answer to wait for`() async throws {
        let nowhere = RedisClient(
            address: try RedisAddress("redis+unix:///nowhere/redis.sock"), logger: Logger(label: "test"))
        #expect(try await nowhere.send([]).isEmpty)
        #expect(try await TaskQueues(client: nowhere).apply([], company: "acme", epoch: "e").isEmpty)
    }

    @Test func `a user with a password over TLS, whose certificate the given authority signed`() async throws {
        try await RedisFixture.withTLS { port, authority in
            let secret = "p:a/s s@"
            let encoded = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            func client(_ url: String) throws -> RedisClient {
                RedisClient(
                    address: try RedisAddress(url), logger: Logger(label: "test"), deadline: RedisFixture.patience)
            }
            let right = try client("rediss://queue:\(encoded)@localhost:\(port)?ca=\(authority)")
            #expect(try await right.send("PING") == .string("PONG"))
            let queues = TaskQueues(client: right)
            try await queues.rebuild(
                company: "acme", epoch: "e",
                QueueContent(
                    workers: [Worker(login: "a", roles: [], state: .available)], entries: [], highWaterMark: 0))
            let info = try await queues.server()
            #expect(info.complaints.isEmpty, "\(info)")
            await right.close()

            let wrong = try client("rediss://queue:nope@localhost:\(port)?ca=\(authority)")
            let refusal = await #expect(throws: QueueError.self) { try await wrong.send("PING") }
            let words = refusal?.description ?? ""
            #expect(words.hasPrefix("Redis refuses the sign-in at rediss://localhost:\(port): WRONGPASS"), "\(words)")
            #expect(words.hasSuffix("; correct the user and the password in redis.url") && !words.contains("nope"))
            let nobody = try client("rediss://localhost:\(port)?ca=\(authority)")
            let unsigned = await #expect(throws: QueueError.self) { try await nobody.send("PING") }
            #expect(unsigned?.description.contains("write user:password@") == true, "\(String(describing: unsigned))")
            #expect(unsigned?.isTemporary == true && refusal?.isTemporary == true)

            let stranger = try client("rediss://queue:\(encoded)@localhost:\(port)")
            let error = await #expect(throws: QueueError.self, "no authority of the system's signed it") {
                try await stranger.send("PING")
            }
            #expect(error?.isTemporary == true)
        }
    }

    @Test func `a Redis that hangs is given up at the deadline, and for a while nobody waits for it`() async throws {
        try await RedisFixture.with { redis in
            let deadline = Duration.milliseconds(300)
            let client = RedisClient(
                address: redis.client.address, logger: Logger(label: "test"), deadline: deadline)
            try await RedisFixture.expectAnswer(client)
            redis.server.hang()
            let error = await #expect(throws: QueueError.self) { try await client.send("PING") }
            guard case .connectionLost? = error else { throw Unexpected(description: "\(String(describing: error))") }
            // It connects, since the kernel does; but it is known not to answer, so it is not asked again yet. The
            // pause grows with each failure: sooner or later even a busy machine asks within it.
            _ = try await eventually("a failure that waited for nothing") {
                let took = await ContinuousClock().measure { _ = try? await client.send("PING") }
                return took < deadline ? true : nil
            }
            redis.server.goOn()
            try await RedisFixture.expectAnswer(client)
            await client.close()
        }
    }

    @Test func `a server that speaks no TLS is named, and the address that would do`() async throws {
        // It takes connections, and never answers.
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let address = "rediss://127.0.0.1:\(server.localAddress?.port ?? 0)"
        let client = RedisClient(
            address: try RedisAddress(address), logger: Logger(label: "test"), deadline: .milliseconds(300))
        let error = await #expect(throws: QueueError.self) { try await client.send("PING") }
        let words = error?.description ?? ""
        #expect(words.contains("\(address) gave no answer within 300 ms"), "\(words)")
        #expect(words.hasSuffix("write redis for rediss in redis.url"), "\(words)")
        await client.close()
        server.close(promise: nil)
    }

    @Test(
        arguments: [
            ("7.0.15", "noeviction", 0), ("6.0.0", nil, 0), ("5.0.9", "noeviction", 1), ("7.2.0", "allkeys-lru", 1),
            ("2.8.1", "volatile-lru", 2),
        ] as [(String, String?, Int)])
    func `a server that is too old, or may throw jobs away, is named`(
        _ version: String, _ policy: String?, _ complaints: Int
    ) {
        #expect(RedisServerInfo(version: version, evictionPolicy: policy).complaints.count == complaints)
    }

    @Test func `hints arrive, and again after the connection was cut`() async throws {
        try await RedisFixture.with { redis in
            let (hints, continuation) = AsyncStream<String>.makeStream()
            let subscription = RedisSubscription(
                address: redis.client.address, patterns: [QueueKeys.allWakes], logger: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await subscription.run { _, text in continuation.yield(text) } }
                var iterator = hints.makeAsyncIterator()
                for word in ["first", "second"] {
                    _ = try await eventually("somebody listens") {
                        try await redis.client.send("PUBLISH", "tf:{acme}:wake", word) == .integer(0) ? nil : true
                    }
                    #expect(await iterator.next() == word)
                    _ = try await redis.client.send("CLIENT", "KILL", "TYPE", "pubsub")
                }
                group.cancelAll()
            }
        }
    }

    @Test func `hints of commits come over the same connection, by company, and no other message is taken for one`()
        async throws
    {
        try await RedisFixture.with { redis in
            let (hints, continuation) = AsyncStream<CommitHint?>.makeStream()
            let subscription = RedisSubscription(
                address: redis.client.address, patterns: [QueueKeys.allWakes, QueueKeys.allCommits],
                logger: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await subscription.run { continuation.yield(CommitHint(channel: $0, text: $1)) }
                }
                _ = try await eventually("both are listened to") {
                    try await redis.client.send("PUBSUB", "NUMPAT") == .integer(2) ? true : nil
                }
                let own = CommitHint(company: 17, listeners: ["engine", "queues"], origin: "a host:1:2")
                for (channel, text) in [("tf:{acme}:wake", "17 engine a host"), ("tf:{acme}:commits", "results")] {
                    _ = try await redis.client.send("PUBLISH", channel, text)
                }
                let other = CommitHint(company: 18, listeners: ["steps"], origin: "b")
                try await redis.queues.publish(["acme": own, "globex": other])
                var iterator = hints.makeAsyncIterator()
                for expected in [nil, nil, own, other] {
                    #expect(try #require(await iterator.next()) == expected)
                }
                group.cancelAll()
            }
        }
    }

    @Test func `the lists that a Sidekiq process reads are known from its own figures`() async throws {
        try await RedisFixture.with { redis in
            for (name, beat, quiet) in [
                ("alive", "1000.5", "false"), ("dead", "900.5", "false"), ("quiet", "1000", "true"),
            ] {
                let info = #"{"hostname":"h","queues":["acme.\#(name)","acme.\#(name).urgent"],"labels":[]}"#
                _ = try await redis.client.send([
                    ["SADD", "processes", name], ["HSET", name, "info", info, "beat", beat, "quiet", quiet],
                ])
            }
            _ = try await redis.client.send("SADD", "processes", "gone")
            let lists = try await redis.queues.listsReadBySidekiq(now: 1_010)
            #expect(lists == ["acme.alive", "acme.alive.urgent"])
        }
    }
}
