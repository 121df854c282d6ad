import Foundation
import Logging
import TFConfiguration
import TFDefinition
import TFExpression
import TFQueue
import TFStore
import TFWatch
import TestSupport
import Testing

@testable import tf_daemon

/// One site and what happens to it.
final class QueueHistory {
    private static let files = [
        "t.ticket.yaml":
            "name: T\ndescription: T\ntitle: T\nworkflow: t\nbody: [ { type: number, id: n, attributes: { label: N } } ]\n",
        "t.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: t, version: '1.0.0' }
        do:
          - pick: { switch: [ { a: { when: '$ticket.form.n == 0', then: a } }, { b: { when: '$ticket.form.n == 1', then: b } },
              { c: { when: '$ticket.form.n == 2', then: c } }, { d: { when: '$ticket.form.n == 3', then: d } },
              { f: { when: '$ticket.form.n == 5', then: f } }, { g: { when: '$ticket.form.n == 6', then: g } },
              { h: { when: '$ticket.form.n == 7', then: h } }, { e: { then: e } } ] }
          - a: { call: short, then: end }
          - b: { call: turns, then: end }
          - c: { call: shared, then: end }
          - d: { call: vote, then: end }
          - e: { try: [ { run: { call: job } } ], catch: {}, then: end }
          - f: { try: [ { own: { call: own } } ], catch: {}, then: end }
          - g: { call: named, then: end }
          - h: { call: back, then: end }
        """,
        "short.task.yaml": "assign: { role: r, exclude: '${ [\"w1\"] }', prefer: '${ \"w2\" }' }\n",
        "turns.task.yaml": "assign: { strategy: round-robin }\n",
        "shared.task.yaml": "assign: { strategy: pool, role: r }\n",
        "vote.task.yaml":
            "outcomes: [done, no]\nassign: { strategy: each, role: r, enough: { done: 2, no: 2 }, exclude: '${ [\"w3\"] }' }\n",
        "job.task.yaml": "kind: service\nlease: 30s\nretry: { attempts: 3, backoff: 5s }\n",
        "own.task.yaml":
            "kind: service\nlease: 30s\nretry: { attempts: 3, backoff: 5s }\nassign: { strategy: person, person: '${ \"p0\" }' }\n",
        "named.task.yaml": "assign: { strategy: person, person: '${ \"w2\" }' }\n",
        "back.task.yaml": "assign: { strategy: requester }\n",
    ]
    static let people = (0..<6).map { "w\($0)" }
    private static let programs = ["p0", "p1"]

    let dataDirectory: String
    let store: Store
    let company: Company
    let leader: Leadership
    private(set) lazy var keeper = keeper(of: store)
    private let queues: TaskQueues
    let client: RedisClient
    let admin: Account
    private(set) var accounts: [String: Account] = [:]
    var generator: SeededGenerator
    var now: Int64
    private var isPaused = false

    static func with(
        _ generator: SeededGenerator, _ body: @escaping (QueueHistory) async throws -> Void
    ) async throws {
        try await TestRedis.with { server in
            let client = RedisClient(
                address: try RedisAddress(server.address), logger: Logger(label: "test"), deadline: .seconds(600))
            _ = try await eventually("Redis answers") { try await client.send("PING") == .string("PONG") ? true : nil }
            let history = try await QueueHistory(server.directory, client, generator)
            try await body(history)
            await client.close()
            try history.store.close()
        }
    }

    private init(_ directory: String, _ client: RedisClient, _ generator: SeededGenerator) async throws {
        dataDirectory = directory + "/data"
        store = try await TestEngine.store(dataDirectory)
        now = 1_000_000
        self.generator = generator
        company = try await store.write { [now] in try $0.addCompany(slug: "acme", name: "A", timezone: "UTC", now: now)
        }
        let lead = try await store.write { [now] in try $0.lead(as: "test", now: now) }
        leader = try #require(lead)
        queues = TaskQueues(client: client)
        self.client = client
        try await store.write(in: company.id) { try $0.addCompanyRole("r", now: 1) }
        admin = try await store.write { [now] in
            try $0.addAccount(
                NewAccount(login: "uma", name: "U", kind: .person, password: nil, roles: [.user, .ticketAdmin]),
                now: now)
        }
        try await store.write(in: company.id) { [admin, now] in
            try $0.setMembership(of: admin, companyRoles: [], only: [], now: now)
        }
        for login in Self.people + Self.programs {
            let account = try await store.write { [now] in
                try $0.addAccount(
                    NewAccount(
                        login: login, name: login, kind: Self.people.contains(login) ? .person : .service,
                        password: Self.people.contains(login) ? "hash" : nil, roles: [.taskWorker]), now: now)
            }
            accounts[login] = account
            try await store.write(in: company.id) { [now] in
                try $0.setMembership(
                    of: account, companyRoles: Self.people.contains(login) ? ["r"] : [], only: [],
                    now: now)
            }
        }
        try await store.publish(Self.files, for: company, now: now)
        try await keeper.checkEpochs(leader)
    }

    func keeper(of store: Store) -> QueueKeeper {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return QueueKeeper(
            store: store, queues: queues, wake: Wake(), figures: QueueFigures(registry: MetricRegistry()),
            logger: logger)
    }

    // MARK: What happens

    func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &generator) }

    /// Does something at random, and what the daemon does about it.
    /// - Returns: what it was.
    func step() async throws -> String {
        now += Int64.random(in: 0..<3_000, using: &generator)
        let what = try await act()
        try await settle()
        return what
    }

    /// What the daemon does about what has happened.
    func settle() async throws {
        while try await store.read({ [now] in try $0.nextTurn(now: now) }).isDue {
            let advance = try await store.advanceInstances(limit: 64, leader: leader, now: now)
            #expect(advance.setAside.isEmpty)
        }
        while try await store.advanceTaskClock(leader: leader, now: now) > 0 {}
        try await keeper.relay(leader)
    }

    func act() async throws -> String {
        let open = try await tasks()
        let person = pick(Self.people) ?? "w0"
        switch Int.random(in: 0..<22, using: &generator) {
        case 0..<5:
            _ = try await store.inside(company.id).submitTicket(
                TicketSubmission(
                    type: "t", requester: admin, title: nil,
                    answers: ["n": .int(Int.random(in: 0..<8, using: &generator))]), now: now)
            return "a ticket"
        case 5..<8: return try await complete(open)
        case 8..<10: return try await giveAway(open)
        case 10: return try await putOff(open)
        case 11: return try await claim(open, person)
        case 12..<14:
            let handover = pick(AbsenceHandover.allCases) ?? .keep
            let until = Bool.random(using: &generator) ? now + 4_000 : nil
            let availability = Availability(
                isAvailable: Bool.random(using: &generator), until: until, handover: handover)
            return try await attempt("availability of \(person)") {
                try await store.write(in: company.id) { [now] in
                    try $0.setAvailability(person, availability, now: now)
                }
            }
        case 14: return try await changeMembership(pick([person, person, "p0", "uma"]) ?? person)
        case 15..<18: return try await work()
        case 18:
            isPaused.toggle()
            _ = try await store.write(in: company.id) { [isPaused, now] in
                try $0.setPaused(isPaused, now: now)
            }
            return "paused: \(isPaused)"
        case 19..<21: return try await prioritize(open)
        default:
            // Redis is emptied.
            _ = try await client.send("FLUSHALL")
            try await keeper.checkEpochs(leader)
            return "an emptied Redis"
        }
    }

    func tasks() async throws -> [TaskRecord] {
        var filter = TaskFilter()
        filter.isOpen = true
        filter.limit = 1_000
        var everything = TaskScope()
        everything.isEverything = true
        return try await store.read(in: company.id) { [everything, filter] in
            try $0.tasks(scope: everything, filter: filter)
        }.rows
    }

    /// What is refused changes nothing, which is checked afterwards as everything is.
    private func attempt(_ what: String, _ body: () async throws -> Void) async throws -> String {
        do {
            try await body()
            return what
        } catch let error as StoreError {
            return "\(what), refused: \(error)"
        }
    }

    private func complete(_ open: [TaskRecord]) async throws -> String {
        guard let task = pick(open.filter { $0.kind == .person && $0.assignee != nil }), let login = task.assignee,
            let account = accounts[login] ?? (login == "uma" ? admin : nil)
        else { return "nothing to complete" }
        return try await attempt("\(login) completes \(task.id)") {
            try await store.inside(company.id).completeTask(
                Completion(
                    task: task.id, by: account, outcome: "done", answers: [:], version: nil), now: now)
        }
    }

    private func giveAway(_ open: [TaskRecord]) async throws -> String {
        guard let task = pick(open) else { return "nothing to give away" }
        let target: Reassignment = Bool.random(using: &generator) ? .byRule : .to(pick(Self.people) ?? "w0")
        if Bool.random(using: &generator) {
            return try await attempt("\(task.id) released") {
                try await store.write(in: company.id) { [admin, now] in
                    try $0.releaseTask(
                        task.id, TaskMove(by: admin, onlyOwn: false, reason: nil, version: nil), now: now)
                }
            }
        }
        return try await attempt("\(task.id) reassigned \(target)") {
            try await store.write(in: company.id) { [admin, now] in
                try $0.reassignTask(
                    task.id, target, TaskMove(by: admin, onlyOwn: false, reason: nil, version: nil), now: now)
            }
        }
    }

    private func putOff(_ open: [TaskRecord]) async throws -> String {
        guard let task = pick(open) else { return "nothing to put off" }
        return try await attempt("\(task.id) put off") {
            try await store.write(in: company.id) { [admin, now] in
                try $0.holdTask(
                    task.id, until: now + 5_000, TaskMove(by: admin, onlyOwn: false, reason: nil, version: nil),
                    now: now)
            }
        }
    }

    /// By the ticket, or the task alone.
    private func prioritize(_ open: [TaskRecord]) async throws -> String {
        guard let task = pick(open), let priority = pick(Priority.allCases) else { return "nothing to prioritize" }
        var change = TicketChange()
        change.priority = Bool.random(using: &generator) ? priority : nil
        return try await attempt("\(task.id) is \(priority)") {
            try await store.write(in: company.id) { [admin, now, change] in
                try $0.changeTicket(task.ticketID, change, by: admin, version: nil, now: now)
                guard change.priority == nil else { return }
                try $0.setTaskPriority(task.id, priority, by: admin, version: nil, now: now)
            }
        }
    }

    private func claim(_ open: [TaskRecord], _ person: String) async throws -> String {
        guard let task = pick(open.filter { $0.state == .ready }), let account = accounts[person] else {
            return "nothing to claim"
        }
        return try await attempt("\(person) claims \(task.id)") {
            try await store.write(in: company.id) { [now] in
                try $0.claimTask(task.id, by: account, version: nil, now: now)
            }
        }
    }

    private func changeMembership(_ person: String) async throws -> String {
        if person == "uma" { return try await changeRequester() }
        guard let account = accounts[person] else { return "nobody" }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            return try await attempt("\(person) leaves") {
                try await store.write(in: company.id) { [now] in try $0.removeMembership(of: account, now: now) }
            }
        case 1 where person == "w5":
            try await store.write { [now] in try $0.disableAccount(person, now: now) }
            return "\(person) is disabled"
        default:
            let isProgram = Self.programs.contains(person)
            let roles: Set<String> = !isProgram && Bool.random(using: &generator) ? ["r"] : []
            let only: Set<SystemRole> = Int.random(in: 0..<4, using: &generator) == 0 ? [.user] : []
            try await store.write(in: company.id) { [now] in
                try $0.setMembership(of: account, companyRoles: roles, only: only, now: now)
            }
            return "\(person) is \(roles) \(only)"
        }
    }

    /// The requester of all tickets leaves, and comes back at the next chance.
    private func changeRequester() async throws -> String {
        if try await store.read(in: company.id, { try $0.members(after: "", limit: 100) }).rows.contains(where: {
            $0.account.login == "uma"
        }) {
            return try await attempt("uma leaves") {
                try await store.write(in: company.id) { [admin, now] in
                    try $0.removeMembership(of: admin, now: now)
                }
            }
        }
        try await store.write(in: company.id) { [admin, now] in
            try $0.setMembership(of: admin, companyRoles: [], only: [], now: now)
        }
        return "uma is back"
    }

    /// A program asks for jobs, and finishes or fails one, or is silent.
    private func work() async throws -> String {
        guard let login = pick(Self.programs), let account = accounts[login] else { return "nobody" }
        let lease = "lease \(now) \(UInt32.random(in: 0 ... .max, using: &generator))"
        let jobs = try await store.inside(company.id).leaseJobs(
            2, account: account, now: now, newLease: { lease })
        guard let job = jobs.first else { return "\(login) finds nothing" }
        let result: JobResult? =
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: nil
            case 1: .failed(title: "no", detail: nil, retry: true)
            default: .completed(output: ["ok": true], outcome: nil)
            }
        guard let result else { return "\(login) is silent about \(job.task.id)" }
        try await store.write(in: company.id) { [now] in
            try $0.finishJob(
                job.task.id, account: account, proof: .lease(lease), result, now: now)
        }
        return "\(login) finishes \(job.task.id)"
    }

    // MARK: What has to be

    /// What is wrong; nil: nothing.
    func complaint() async throws -> String? {
        guard try await store.read({ [now] in try $0.outboxBacklog(now: now) }).count == 0 else {
            return "the outbox is not empty"
        }
        let record = try await store.read(in: company.id) { try $0.queueRecord() }
        let mark = try await queues.state(company: "acme").highWaterMark
        guard mark == record.acknowledged.number else {
            return "the high-water mark is \(mark), acknowledged is \(record.acknowledged)"
        }
        let drift = try await queues.audit(company: "acme", keeper.content(record, slug: "acme"))
        guard drift.isEmpty else { return "\(drift)" }
        let workers = record.workers.filter(\.isWorker)
        let members = Set(
            try await store.read(in: company.id) { try $0.members(after: "", limit: 100) }.rows.filter {
                !$0.account.isDisabled
            }
            .map(\.account.login))
        for task in try await tasks() {
            if let complaint = complaint(task, workers, members) {
                return "task \(task.id) (\(task.name)): \(complaint)"
            }
        }
        return nil
    }

    private func complaint(_ task: TaskRecord, _ workers: [WorkerState], _ members: Set<String>) -> String? {
        let excluded = task.excludedLogins
        if let holder = task.assignee {
            if excluded.contains(holder) { return "\(holder) is excluded" }
            let mayHold = workers.contains { worker in
                worker.login == holder && worker.kind == task.kind && (task.role.map(worker.roles.contains) ?? true)
            }
            // A member may answer when asked, and a ticket admin may take over.
            let isAsked = task.strategy.isAddressed && task.kind == .person
            return mayHold || isAsked || holder == "uma" ? nil : "\(holder) may not have it"
        }
        if !isPaused, let login = task.addressee, task.wakeAtMs == nil, !task.avoidedLogins.contains(login),
            task.kind == .service ? workers.contains(where: { $0.login == login }) : members.contains(login)
        {
            return "it waits (\(task.waitingBecause ?? "")), but is for \(login)"
        }
        guard task.state == .ready else { return "nobody has it, but it is \(task.state)" }
        guard task.waitingBecause != nil else { return "it waits without a reason" }
        guard task.strategy.isByRule, task.wakeAtMs == nil, !isPaused else { return nil }
        let free = workers.first { worker in
            worker.isAvailable && worker.kind == task.kind && !excluded.contains(worker.login)
                && !task.avoidedLogins.contains(worker.login) && (task.role.map(worker.roles.contains) ?? true)
        }
        return free.map { "it waits (\(task.waitingBecause ?? "")), but \($0.login) is free" }
    }
}
