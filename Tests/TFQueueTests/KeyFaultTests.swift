import Testing

@testable import TFQueue

/// Somebody writes under a name of ours: it is found, told and put away, whatever key and whatever type.
@Suite struct KeyFaultTests {
    private static let content = QueueContent(
        workers: [
            Worker(login: "a", roles: ["it"], state: .available),
            Worker(login: "etl", kind: .service, roles: ["it"], state: .available),
        ],
        entries: [
            .init(job: RedisFixture.job(1, role: "it"), worker: "a"), .init(job: RedisFixture.job(2), worker: nil),
            .init(job: RedisFixture.job(3, kind: .service, isUrgent: true), worker: "etl"),
        ], highWaterMark: 9)

    private static let keys =
        QueueKeys.shared
        + QueueKeys(company: "acme").all(
            logins: ["a", "etl"], roles: ["it"],
            lists: ["a", "etl", "etl.urgent", "_unassigned.any", "_unassigned.it"],
            jobs: content.entries.map(\.job.id))

    /// How to make a key of each type.
    private static let types: [(type: String, command: [String])] = [
        ("string", ["SET", "KEY", "x"]), ("list", ["LPUSH", "KEY", "x"]), ("set", ["SADD", "KEY", "x"]),
        ("zset", ["ZADD", "KEY", "1", "x"]), ("hash", ["HSET", "KEY", "x", "y"]),
        ("stream", ["XADD", "KEY", "*", "x", "y"]),
    ]

    private static func rebuilt(_ body: @escaping @Sendable (RedisFixture) async throws -> Void) async throws {
        try await RedisFixture.with { redis in
            for company in ["acme", "globex"] {
                try await redis.queues.rebuild(company: company, epoch: "e", content)
            }
            _ = try await redis.client.send([
                ["LPUSH", "tf:{acme}:results", "{}"], ["HSET", "tf:{acme}:stat", "assigned", "3"],
            ])
            try await body(redis)
        }
    }

    /// What the daemon does with faults, and then everything is as it has to be.
    private static func expectMended(_ redis: RedisFixture, _ faults: [KeyFault], _ note: String) async throws {
        if faults.contains(where: \.needsRebuild) {
            try await redis.queues.rebuild(company: "acme", epoch: "e", content)
        }
        try await redis.queues.announce(company: "acme", content.lists)
        #expect(try await redis.queues.faults(of: keys).isEmpty, "\(note)")
        let drift = try await redis.queues.audit(company: "acme", content)
        #expect(drift.isEmpty, "\(note): \(drift)")
    }

    @Test func `the list of keys names every kind, and every key that a rebuild writes`() async throws {
        #expect(Set(Self.keys.map(\.kind)) == Set(QueueKeyKind.allCases))
        try await Self.rebuilt { redis in
            let there = try await redis.client.send("KEYS", "*acme*").elements.compactMap(\.text)
            #expect(there.count > 15)
            #expect(Set(there).subtracting(Self.keys.map(\.name)).isEmpty)
            #expect(try await redis.queues.faults(of: Self.keys).isEmpty)
        }
    }

    @Test(arguments: types.map(\.type))
    func `every key of ours that is of another type is found and put right`(_ type: String) async throws {
        let command = try #require(Self.types.first { $0.type == type }).command
        try await Self.rebuilt { redis in
            for key in Self.keys where key.kind.type != type {
                let note = "\(key.name) as \(type)"
                _ = try await redis.client.send([
                    ["DEL", key.name], command.map { $0 == "KEY" ? key.name : $0 },
                ])
                let expected = [KeyFault(key: key, finding: .type(type))]
                #expect(try await redis.queues.faults(of: Self.keys) == expected, "\(note)")
                #expect(try await redis.queues.mendKeys(Self.keys, company: "acme") == expected, "\(note)")
                // Whoever ends here leaves a company that is rebuilt, not one with a list missing.
                let epochs = try await redis.client.send([
                    ["EXISTS", "tf:{acme}:epoch"], ["EXISTS", "tf:{globex}:epoch"],
                ])
                #expect(epochs == [.integer(key.kind.isRebuilt ? 0 : 1), .integer(1)], "\(note)")
                #expect(expected[0].found == "a \(type)" && expected[0].expected == "a \(key.kind.type)")
                try await Self.expectMended(redis, expected, note)
            }
            #expect(try await redis.queues.audit(company: "globex", Self.content).isEmpty, "another company's stay")
        }
    }

    @Test func `an expiry on any key of ours is taken off, and nothing is lost`() async throws {
        try await Self.rebuilt { redis in
            var found = 0
            for key in Self.keys where try await redis.client.send("EXPIRE", key.name, "900") == .integer(1) {
                found += 1
                let faults = try await redis.queues.mendKeys(Self.keys, company: "acme")
                #expect(faults == [KeyFault(key: key, finding: .expiry)], "\(key.name)")
                #expect(try await redis.client.send("PTTL", key.name) == .integer(-1))
                #expect(try await redis.client.send("GET", "tf:{acme}:epoch").text == "e")
                #expect(try await redis.queues.audit(company: "acme", Self.content).isEmpty, "\(key.name)")
            }
            #expect(found > 15)
        }
    }

    @Test(arguments: [
        ["SET", "tf:{acme}:seq", "many"], ["SET", "tf:{acme}:seq", "-1"], ["SET", "tf:{acme}:seq", "1099511627776"],
        ["SET", "tf:{acme}:seq", ""], ["SET", "tf:{acme}:hwm", "1e3"],
        ["SET", "tf:{acme}:hwm", "99999999999999999999"],
        ["HSET", "tf:{acme}:stat", "assigned", "many"], ["HSET", "tf:{acme}:stat", "assigned", "9223372036854775807"],
        ["HSET", "tf:{acme}:worker:a", "last", "yesterday"], ["HSET", "tf:{acme}:worker:a", "last", "inf"],
    ])
    func `a number that scripts cannot count with is found and put right`(_ command: [String]) async throws {
        try await Self.rebuilt { redis in
            _ = try await redis.client.send([command])
            let faults = try await redis.queues.mendKeys(Self.keys, company: "acme")
            #expect(faults.map(\.finding) == [.content])
            #expect(faults.map(\.key.name) == [command[1]])
            try await Self.expectMended(redis, faults, "\(command)")
            let change = QueueChange.assign(RedisFixture.job(20, role: "it"), prefer: nil, exclude: [])
            guard case .assigned? = try await redis.apply("acme", [change]).first else {
                throw Unexpected(description: "not assigned")
            }
        }
    }

    @Test func `what is known of a job that is over may expire`() async throws {
        try await Self.rebuilt { redis in
            _ = try await redis.apply("acme", [.remove(RedisFixture.job(1).id)])
            #expect(try await redis.client.send("PTTL", "tf:{acme}:job:\(RedisFixture.job(1).id)").number ?? 0 > 0)
            #expect(try await redis.queues.faults(of: Self.keys).isEmpty)
        }
    }
}
