import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

/// Work that programs do: leases, failures, and what a late answer comes to.
@Suite(.onBothEngines) struct JobTests {
    /// A site whose workflow has one service task, done by `etl` or `sync`.
    struct Plant {
        let site: WorkflowSite
        var store: Store { site.store }
        var programs: [String: Account] = [:]

        init(_ logins: [String] = ["etl"], catching: Bool = false, outcomes: String? = nil) async throws {
            let call = "{ call: convert, with: { file: a.csv } }"
            let workflow =
                catching
                ? """
                do:
                  - try:
                      try: [ { work: \(call) } ]
                      catch: { as: e, do: [ { note: { set: { failed: '${ $e.title }' } } } ] }
                """ : "do:\n  - work: \(call)"
            site = try await WorkflowSite(
                workflow,
                more: [
                    "convert.task.yaml": """
                    task: convert
                    kind: service
                    retry: { attempts: 3, backoff: 10s }
                    lease: 1m
                    \(outcomes.map { "outcomes: [\($0)]" } ?? "")
                    """
                ])
            for login in logins {
                let account = try await store.write {
                    try $0.addAccount(
                        NewAccount(login: login, name: login, kind: .service, password: nil, roles: [.taskWorker]),
                        now: 1)
                }
                try await store.write(in: site.company.id) {
                    try $0.setMembership(
                        of: account, companyRoles: [], only: [], now: 1)
                }
                programs[login] = account
            }
            try await site.start()
            try await site.turn(now: 10)
        }

        func task() async throws -> TaskRecord { try #require(await site.tasks().last) }

        /// What the relay does, with a given choice.
        func settle(choosing login: String, now: Int64) async throws {
            let results = try await store.read { try $0.outbox(limit: 100) }.map { entry in
                let outcome: OutboxResult.Outcome =
                    if case .assign(let task) = entry.work {
                        .assigned(task, worker: login, RuleChoice(because: .preferred))
                    } else {
                        .done
                    }
                return OutboxResult(entry: entry.position, companyID: entry.companyID, outcome: outcome)
            }
            _ = try await store.write { try $0.settle(results, leader: site.leader, now: now) }
        }

        func lease(_ login: String, now: Int64) async throws -> [LeasedJob] {
            try await store.inside(site.company.id).leaseJobs(
                10, account: try #require(programs[login]), now: now,
                newLease: { "lease-\(now)" })
        }

        func finish(_ login: String, _ proof: JobProof, _ result: JobResult, now: Int64) async throws {
            let task = try await task().id
            try await store.write(in: site.company.id) {
                try $0.finishJob(
                    task, account: try #require(programs[login]), proof: proof,
                    result, now: now)
            }
        }

        /// The job is in the program's list, from which it takes it.
        func give(_ login: String, now: Int64) async throws {
            try await store.inside(site.company.id).markSeen([login], leader: site.leader, now: now)
            try await settle(choosing: login, now: now)
        }

        /// What the daemon does with an element of the list of results.
        func report(_ members: JSONObject, of job: String, by login: String = "etl", now: Int64) async throws
            -> JobReport.Reception
        {
            var said = members
            if said["attempt"] == nil { said["attempt"] = .int(try await task().attempt) }
            said["jid"] = .string(job)
            said["worker"] = .string(login)
            let report = try JobReport(JSON.object(said).text)
            return try await store.write(in: site.company.id) {
                try $0.finishJobs([report], leader: site.leader, now: now)
            }[0]
        }

        func clock(_ now: Int64) async throws -> Int {
            try await store.advanceTaskClock(leader: site.leader, now: now)
        }
    }

    @Test func `a program leases its job, keeps it by heartbeat, and its output goes on as it is`() async throws {
        let plant = try await Plant()
        #expect(try await plant.lease("etl", now: 20).isEmpty, "asking makes it available")
        try await plant.settle(choosing: "etl", now: 30)
        let job = try #require(try await plant.lease("etl", now: 40).first)
        #expect(job.task.input == ["file": "a.csv"])
        #expect(job.expiresAt == 60_040)
        #expect(try await plant.lease("etl", now: 41).isEmpty, "a job is leased once")
        let expiry = try await plant.store.write(in: plant.site.company.id) {
            try $0.renewLease(
                job.task.id, account: try #require(plant.programs["etl"]),
                lease: job.lease, now: 50_000)
        }
        #expect(expiry == 110_000)
        #expect(try await plant.clock(60_100) == 0)
        try await plant.finish(
            "etl", .lease(job.lease), .completed(output: ["rows": 7], outcome: "good"), now: 61_000)
        try await plant.site.turn(now: 61_000)
        let instance = try #require(await plant.site.instances().first)
        #expect(instance.data.output == ["rows": 7, "outcome": "good", "visit": 1])
        #expect(try await plant.task().state == .completed)
    }

    @Test func `a failure waits its backoff, the last one is told to the workflow`() async throws {
        let plant = try await Plant(catching: true)
        var now: Int64 = 100
        for (number, wait) in [(1, Int64(10_000)), (2, 20_000)] {
            _ = try await plant.lease("etl", now: now)
            try await plant.settle(choosing: "etl", now: now)
            let job = try #require(try await plant.lease("etl", now: now).first)
            #expect(job.task.attempt == number)
            try await plant.finish(
                "etl", .lease(job.lease), .failed(title: "disk full", detail: nil, retry: true), now: now)
            let task = try await plant.task()
            #expect(task.state == .ready)
            #expect(task.failures == number)
            #expect(task.wakeAtMs == now + wait)
            #expect(
                try await plant.store.read(in: plant.site.company.id) { try $0.unassignedCounts() }.isEmpty,
                "in no list")
            let stuck = try await plant.store.read(in: plant.site.company.id) { session in
                var filter = TaskFilter()
                filter.isStuck = true
                return try session.taskCount(scope: .everything, filter: filter)
            }
            #expect(stuck == 0, "it is tried again by itself")
            #expect(try await plant.clock(now + wait - 1) == 0)
            now += wait
            #expect(try await plant.clock(now) == 1)
        }
        _ = try await plant.lease("etl", now: now)
        try await plant.settle(choosing: "etl", now: now)
        let job = try #require(try await plant.lease("etl", now: now).first)
        try await plant.finish(
            "etl", .lease(job.lease), .failed(title: "disk full", detail: nil, retry: true), now: now)
        #expect(try await plant.task().state == .failed)
        try await plant.site.turn(now: now)
        #expect(try await plant.site.instances().first?.data.output == ["failed": "disk full"])
    }

    @Test func `a failure that says that another try is of no use is the last`() async throws {
        let plant = try await Plant()
        _ = try await plant.lease("etl", now: 20)
        try await plant.settle(choosing: "etl", now: 30)
        let job = try #require(try await plant.lease("etl", now: 40).first)
        try await plant.finish(
            "etl", .lease(job.lease), .failed(title: "no such file", detail: "a.csv", retry: false), now: 50)
        try await plant.site.turn(now: 60)
        #expect(try await plant.task().state == .failed)
        #expect(try await plant.site.ticket().state == .failed)
        #expect(try await plant.site.instances().first?.error?.title == "no such file")
    }

    @Test func `a lease that ends makes another attempt for another program, and the late answer changes nothing`()
        async throws
    {
        let plant = try await Plant(["etl", "sync"])
        for login in ["etl", "sync"] { _ = try await plant.lease(login, now: 20) }
        try await plant.settle(choosing: "etl", now: 30)
        let late = try #require(try await plant.lease("etl", now: 40).first)
        _ = try await plant.lease("sync", now: 60_000)
        #expect(try await plant.clock(60_040) >= 1)
        let again = try await plant.task()
        #expect(again.state == .ready)
        #expect(again.attempt == 2)
        #expect(again.avoided == ["etl"])
        await #expect(throws: StoreError.self) {
            try await plant.finish("etl", .lease(late.lease), .completed(output: [:], outcome: nil), now: 60_050)
        }
        try await plant.settle(choosing: "sync", now: 60_060)
        let job = try #require(try await plant.lease("sync", now: 60_070).first)
        await #expect(throws: StoreError.self, "a lease of another program") {
            try await plant.finish("etl", .lease(job.lease), .completed(output: [:], outcome: nil), now: 60_080)
        }
        try await plant.finish("sync", .lease(job.lease), .completed(output: ["ok": true], outcome: nil), now: 60_090)
        await #expect(throws: StoreError.self, "twice") {
            try await plant.finish("sync", .lease(job.lease), .completed(output: [:], outcome: nil), now: 60_100)
        }
        #expect(try await plant.task().output == ["ok": true])
    }

    @Test func `the lease of an earlier attempt is no proof for the same program's next one`() async throws {
        let plant = try await Plant()
        _ = try await plant.lease("etl", now: 20)
        try await plant.settle(choosing: "etl", now: 30)
        let late = try #require(try await plant.lease("etl", now: 40).first)
        _ = try await plant.clock(60_040)
        _ = try await plant.lease("etl", now: 60_050)
        try await plant.settle(choosing: "etl", now: 60_060)
        let job = try #require(try await plant.lease("etl", now: 60_070).first)
        for proof in [JobProof.lease(late.lease), .attempt(1), .lease("")] {
            await #expect(throws: StoreError.self) {
                try await plant.finish("etl", proof, .completed(output: [:], outcome: nil), now: 60_080)
            }
        }
        try await plant.finish("etl", .lease(job.lease), .completed(output: ["ok": true], outcome: nil), now: 60_090)
        #expect(try await plant.task().output == ["ok": true])
    }

    @Test func `leases without a word spend the tries too`() async throws {
        let plant = try await Plant()
        var now: Int64 = 20
        for _ in 0..<3 {
            _ = try await plant.lease("etl", now: now)
            try await plant.settle(choosing: "etl", now: now)
            _ = try #require(try await plant.lease("etl", now: now).first)
            now += 60_000
            _ = try await plant.clock(now)
        }
        #expect(try await plant.task().state == .failed)
        #expect(try await plant.task().failures == 3)
    }

    @Test func `a sign of life is stored by the leader alone`() async throws {
        let plant = try await Plant()
        let jobs = plant.store.inside(plant.site.company.id)
        let heir = try await plant.store.write { session in
            try session.resign(plant.site.leader)
            return try session.lead(as: "heir", now: 3)
        }
        await #expect(throws: StoreError.self) {
            try await jobs.markSeen(["etl"], leader: plant.site.leader, now: 20)
        }
        #expect(try await jobs.read { try $0.presentPrograms() }.isEmpty)
        try await jobs.markSeen(["etl"], leader: try #require(heir), now: 20)
        #expect(try await jobs.read { try $0.presentPrograms() }.map(\.login) == ["etl"])
    }

    @Test
    func `a job taken from its list counts as leased, and its result is honoured for its attempt and worker alone`()
        async throws
    {
        let plant = try await Plant(["etl", "sync"])
        try await plant.store.inside(plant.site.company.id).markSeen(
            ["etl", "nobody"], leader: plant.site.leader, now: 20)
        try await plant.settle(choosing: "etl", now: 30)
        let job = try await plant.task().jobID
        try await plant.store.write(in: plant.site.company.id) {
            try $0.markTaken(
                [job, "ffffffffffffffff00000001", "junk"], leader: plant.site.leader,
                now: 40)
        }
        #expect(try await plant.task().state == .started)
        #expect(try await plant.task().wakeAtMs == 60_040)
        func isTaken(_ worker: String, _ attempt: Int, _ job: String) async throws -> Bool {
            try await plant.report(
                ["attempt": .int(attempt), "status": "completed", "output": ["by": .string(worker)]], of: job,
                by: worker, now: 50) == .taken
        }
        #expect(try await !isTaken("sync", 1, job))
        #expect(try await !isTaken("etl", 2, job))
        #expect(try await !isTaken("etl", 1, "000000000000000100000009"))
        #expect(try await isTaken("etl", 1, job))
        #expect(try await !isTaken("etl", 1, job), "a second time")
        #expect(try await plant.task().output == ["by": "etl"])
    }

    @Test func `a new epoch pushes again what was taken from the lists, and leaves what was leased`() async throws {
        let plant = try await Plant()
        try await plant.site.start()
        try await plant.site.turn(now: 11)
        _ = try await plant.lease("etl", now: 20)
        try await plant.settle(choosing: "etl", now: 30)
        let both = try await plant.store.read(in: plant.site.company.id) {
            try $0.tasks(
                scope: everything, filter: TaskFilter()
            )
        }.rows
        #expect(both.count == 2)
        try await plant.store.write(in: plant.site.company.id) {
            try $0.markTaken(
                [both[0].jobID], leader: plant.site.leader, now: 40)
        }
        let leased = try #require(try await plant.lease("etl", now: 41).first)
        #expect(leased.task.id == both[1].id)
        let record = try await plant.store.write(in: plant.site.company.id) {
            try $0.beginEpoch(
                "e", leader: plant.site.leader, now: 50)
        }
        let byID = Dictionary(uniqueKeysWithValues: record.tasks.map { ($0.id, $0) })
        #expect(byID[both[0].id]?.state == .assigned)
        #expect(byID[both[0].id]?.jobID == both[0].jobID)
        #expect(byID[both[0].id]?.lease == nil)
        #expect(byID[both[1].id]?.lease == leased.lease)
    }

    @Test func `a program that is gone gives what it has not taken to others, and keeps what it has`() async throws {
        let plant = try await Plant(["etl", "sync"])
        try await plant.site.start()
        try await plant.site.turn(now: 11)
        _ = try await plant.lease("etl", now: 20)
        try await plant.settle(choosing: "etl", now: 30)
        let account = try #require(plant.programs["etl"])
        let taken = try await plant.store.inside(plant.site.company.id).leaseJobs(
            1, account: account, now: 59_000, newLease: { "x" })
        #expect(taken.count == 1)
        #expect(try await plant.clock(119_001) >= 2, "its presence and the lease are over")
        let workers = try await plant.store.read(in: plant.site.company.id) { try $0.workers() }
        #expect(workers.first { $0.login == "etl" }?.isAvailable == false)
        let open = try await plant.store.read(in: plant.site.company.id) { try $0.openTasks() }["etl"] ?? []
        #expect(open.isEmpty)
    }

    @Test func `people cannot lease, and a program's job is not completed on a page`() async throws {
        let plant = try await Plant()
        _ = try await plant.lease("etl", now: 20)
        try await plant.settle(choosing: "etl", now: 30)
        let jobs = try await plant.store.inside(plant.site.company.id).leaseJobs(
            1, account: try plant.site.person, now: 40, newLease: { "x" })
        #expect(jobs.isEmpty)
        await #expect(throws: StoreError.self) {
            try await plant.store.inside(plant.site.company.id).completeTask(
                Completion(
                    task: try await plant.task().id, by: try #require(plant.programs["etl"]), outcome: "done",
                    answers: [:], version: nil), now: 50)
        }
    }
}
