import Foundation
import Testing

@testable import TFQueue

@Suite struct QueueTests {
    private static func worker(_ login: String, _ roles: [String] = [], _ state: Worker.State = .available) -> Worker {
        Worker(login: login, roles: roles, state: state)
    }

    @Test func `a burst ends within one of each other, ties to who waited longest`() async throws {
        try await RedisFixture.with { redis in
            let logins = (0..<10).map { "w\($0)" }
            try await redis.begin("acme", logins.map { Self.worker($0) })
            let answers = try await redis.apply(
                "acme", (1...1_003).map { .assign(RedisFixture.job($0), prefer: nil, exclude: []) })
            var previous: [String] = []
            for answer in answers.prefix(20) {
                guard case .assigned(let choice) = answer else { throw Unexpected(description: "\(answer)") }
                previous.append(choice.chosen.login)
            }
            #expect(Array(previous.prefix(10)) == Array(previous.suffix(10)))
            #expect(Set(previous.prefix(10)).count == 10)
            let lengths = try await redis.queues.lengths(company: "acme", logins)
            #expect(lengths.reduce(0, +) == 1_003)
            #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
        }
    }

    @Test func `the same job twice stands in one list, and a removed one in none`() async throws {
        try await RedisFixture.with { redis in
            try await redis.begin("acme", [Self.worker("a"), Self.worker("b")])
            let change = QueueChange.assign(RedisFixture.job(1), prefer: nil, exclude: [])
            let answers = try await redis.apply("acme", [change, change])
            guard case .assigned(let first) = answers[0], case .assigned(let second) = answers[1] else {
                throw Unexpected(description: "\(answers)")
            }
            #expect(first.chosen.login == second.chosen.login)
            #expect(second.isRepeated)
            #expect(try await redis.queues.lengths(company: "acme", ["a", "b"]).reduce(0, +) == 1)
            let remove = QueueChange.remove(RedisFixture.job(1).id)
            _ = try await redis.apply("acme", [remove, remove])
            #expect(try await redis.queues.lengths(company: "acme", ["a", "b"]) == [0, 0])
            #expect(try await redis.client.send("ZCARD", "tf:{acme}:open") == .integer(0))
        }
    }

    @Test func `the element is Sidekiq's job, its times with a decimal point`() async throws {
        try await RedisFixture.with { redis in
            try await redis.begin("acme", [Self.worker("bob")])
            let job = Job(
                id: "000000000000000700000001", task: "7", role: nil, attempt: 1,
                details: #"{"company":"acme","ticket":42,"title":"\"Ä\" & <b>"}"#, createdAt: 1_795_366_430,
                enqueuedAt: 1_795_366_431.5)
            _ = try await redis.apply("acme", [.assign(job, prefer: nil, exclude: [])])
            let element = try await redis.client.send("LINDEX", "queue:acme.bob", "-1").text
            #expect(
                element
                    == #"{"queue":"acme.bob","class":"TicketFlower::Task","args":["7",{"company":"acme","ticket":42,"#
                    + #""title":"\"Ä\" & <b>"}],"jid":"000000000000000700000001","retry":0,"#
                    + #""created_at":1795366430.000,"enqueued_at":1795366431.500,"tags":["acme"]}"#)
            #expect(try await redis.client.send("SISMEMBER", "queues", "acme.bob") == .integer(1))
        }
    }

    @Test func `a job says when its worker was chosen, also if that is asked again, and unassigned its own moment`()
        async throws
    {
        try await RedisFixture.with { redis in
            try await redis.begin("acme", [Self.worker("bob", ["it"])])
            func chosen(_ number: Int, role: String, at moment: Double) async throws -> String? {
                let job = RedisFixture.job(number, role: role)
                let answers = try await redis.apply("acme", [.assign(job, at: moment, prefer: nil, exclude: [])])
                let list =
                    if case .assigned(let choice) = answers[0] { choice.chosen.login } else { "_unassigned.\(role)" }
                let element = try await redis.client.send("LINDEX", "queue:acme.\(list)", "0").text
                #expect(try await redis.client.send("HGET", "tf:{acme}:job:\(job.id)", "json").text == element)
                #expect(try await redis.queues.lengths(company: "acme", [list]) == [1])
                return element?.split(separator: "\"enqueued_at\":").last.map(String.init)
            }
            #expect(try await chosen(1, role: "it", at: 7.25) == #"7.250,"tags":["acme"]}"#)
            #expect(try await chosen(1, role: "it", at: 9) == #"9.000,"tags":["acme"]}"#, "its answer was lost")
            #expect(try await chosen(2, role: "law", at: 9) == #"2.500,"tags":["acme"]}"#)
            // Another priority comes in the same round.
            let (urgent, pooled) = (
                RedisFixture.job(1, role: "it", isUrgent: true), RedisFixture.job(2, role: "law", isUrgent: true)
            )
            _ = try await redis.apply("acme", [.rewrite(urgent, at: 9), .rewrite(pooled, at: 9)])
            for (list, moment) in [("bob", "9.000"), ("_unassigned.law", "2.500")] {
                let element = try await redis.client.send("LINDEX", "queue:acme.\(list)", "0").text
                #expect(element?.contains(#""priority":"urgent""#) == true)
                #expect(element?.hasSuffix(#""enqueued_at":\#(moment),"tags":["acme"]}"#) == true)
            }
        }
    }

    @Test func `another priority is written into the job in its turn, and moves a program's to its urgent list`()
        async throws
    {
        try await RedisFixture.with { redis in
            let etl = Worker(login: "etl", kind: .service, roles: [], state: .available)
            try await redis.begin("acme", [Self.worker("bob"), etl])
            let jobs = (1...3).map { RedisFixture.job($0) }
            let program = (4...6).map { RedisFixture.job($0, kind: .service) }
            let urgent = program.map { RedisFixture.job(RedisFixture.number($0), kind: .service, isUrgent: true) }
            let listed =
                jobs.map { QueueChange.place($0, worker: "bob") } + program.map { QueueChange.place($0, worker: "etl") }
            _ = try await redis.apply("acme", listed + [.pool(RedisFixture.job(7)), .take(program[1].id)])
            let rewritten = [2, 7].map { RedisFixture.job($0, isUrgent: true) } + urgent.prefix(2)
            let changes = rewritten.map { QueueChange.rewrite($0) }
            // What is sent twice is done once, and a job that is not there is left alone.
            let answers = try await redis.apply("acme", changes + changes + [.rewrite(RedisFixture.job(9))])
            #expect(answers.allSatisfy { $0 == .done })
            let lists = ["bob": [jobs[2], rewritten[0], jobs[0]], "etl": [program[2]], "etl.urgent": [urgent[0]]]
            for (list, expected) in lists {
                let elements = try await redis.client.send("LRANGE", "queue:acme.\(list)", "0", "-1").elements
                #expect(elements.compactMap(\.text) == expected.map { $0.element(company: "acme", list: list) })
            }
            let pooled = try await redis.client.send("LINDEX", "queue:acme._unassigned.any", "0").text
            #expect(pooled == rewritten[1].element(company: "acme", list: "_unassigned.any"))
            #expect(try await redis.client.send("SISMEMBER", "queues", "acme.etl.urgent") == .integer(1))
            // Back again, and out of the list where it stands then.
            _ = try await redis.apply("acme", [.rewrite(program[0]), .remove(program[0].id), .remove(program[1].id)])
            #expect(try await redis.queues.lengths(company: "acme", ["etl", "etl.urgent"]) == [1, 0])
            #expect(try await redis.client.send("ZSCORE", "tf:{acme}:open", "etl").number == 1)
        }
    }

    @Test func `roles, exclusions and preference decide who is eligible`() async throws {
        try await RedisFixture.with { redis in
            try await redis.begin(
                "acme",
                [Self.worker("a", ["it"]), Self.worker("b", ["it"]), Self.worker("c"), Self.worker("d", ["it"], .away)])
            let answers = try await redis.apply(
                "acme",
                [
                    .assign(RedisFixture.job(1, role: "it"), prefer: nil, exclude: ["a"]),
                    .assign(RedisFixture.job(2, role: "it"), prefer: "b", exclude: []),
                    .assign(RedisFixture.job(3, role: "it"), prefer: "d", exclude: []),
                    .assign(RedisFixture.job(4, role: "it"), prefer: nil, exclude: ["a", "b"]),
                    .assign(RedisFixture.job(5, role: "law"), prefer: nil, exclude: []),
                ])
            let chosen = answers.map { answer -> String in
                if case .assigned(let choice) = answer { choice.chosen.login } else { "-" }
            }
            #expect(chosen == ["b", "b", "a", "-", "-"])
            #expect(try await redis.queues.lengths(company: "acme", ["_unassigned.it", "_unassigned.law"]) == [1, 1])
        }
    }

    @Test func `a pooled job goes to the first who becomes available and leaves the pool`() async throws {
        try await RedisFixture.with { redis in
            try await redis.begin("acme", [Self.worker("a", ["it"], .away)])
            let change = QueueChange.assign(RedisFixture.job(1, role: "it"), prefer: nil, exclude: [])
            let answers = try await redis.apply("acme", [change, .worker(Self.worker("a", ["it"])), change])
            #expect(answers[0] == .nobody)
            guard case .assigned(let choice) = answers[2] else { throw Unexpected(description: "\(answers)") }
            #expect(choice.chosen.login == "a")
            #expect(try await redis.queues.lengths(company: "acme", ["_unassigned.it", "a"]) == [0, 1])
        }
    }

    @Test func `another epoch changes nothing, and a rebuild makes the content anew`() async throws {
        try await RedisFixture.with { redis in
            try await redis.begin("acme", [Self.worker("a")])
            _ = try await redis.client.send("FLUSHALL")
            await #expect(throws: QueueError.otherEpoch(company: "acme")) {
                try await redis.apply("acme", [.assign(RedisFixture.job(1), prefer: nil, exclude: [])])
            }
            // Junk of the wrong type under our names goes too.
            _ = try await redis.client.send("SET", "queue:acme.a", "junk")
            _ = try await redis.client.send("SET", "queues", "junk")
            try await redis.queues.rebuild(
                company: "acme", epoch: "e2",
                QueueContent(
                    workers: [Self.worker("a"), Self.worker("b")],
                    entries: [
                        .init(job: RedisFixture.job(1), worker: "a"), .init(job: RedisFixture.job(2), worker: "a"),
                        .init(job: RedisFixture.job(3), worker: nil),
                    ], highWaterMark: 9))
            #expect(try await redis.queues.lengths(company: "acme", ["a", "b", "_unassigned.any"]) == [2, 0, 1])
            let state = try await redis.queues.state(company: "acme")
            #expect(state.epoch == "e2")
            #expect(state.highWaterMark == 9)
            let answers = try await redis.queues.apply(
                [(10, .assign(RedisFixture.job(4), prefer: nil, exclude: []))], company: "acme", epoch: "e2")
            guard case .assigned(let choice) = answers[0] else { throw Unexpected(description: "\(answers)") }
            #expect(choice.chosen.login == "b")
        }
    }

    @Test func `scripts that Redis forgot are given to it again`() async throws {
        try await RedisFixture.with { redis in
            try await redis.begin("acme", [Self.worker("a")])
            _ = try await redis.client.send("SCRIPT", "FLUSH")
            _ = try await redis.apply("acme", [.assign(RedisFixture.job(1), prefer: nil, exclude: [])])
            #expect(try await redis.queues.lengths(company: "acme", ["a"]) == [1])
        }
    }

    @Test func `nobody at the address is an error that says where`() async throws {
        let client = RedisClient(
            address: try RedisAddress("redis+unix:///nowhere/redis.sock"), logger: .init(label: "test"))
        let error = await #expect(throws: QueueError.self) { try await client.send("PING") }
        guard case .unreachable("redis+unix:///nowhere/redis.sock", _)? = error else {
            throw Unexpected(description: "\(String(describing: error))")
        }
    }
}
