import TFDefinition
import TFEngine
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// A store, and the lists that Redis would hold.
struct StoredLife {
    private static let files = [
        "t.ticket.yaml":
            "name: T\ndescription: T\ntitle: T\nworkflow: t\ndue: 40s\nbody: [ { type: number, id: n, attributes: { label: N } } ]\n",
        "t.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: acme, name: t, version: '1.0.0' }
        do:
          - pick: { switch: [ { a: { when: '$ticket.form.n == 0', then: a } }, { b: { when: '$ticket.form.n == 1', then: b } },
              { c: { when: '$ticket.form.n == 2', then: c } }, { d: { when: '$ticket.form.n == 3', then: d } },
              { e: { when: '$ticket.form.n == 4', then: e } }, { f: { then: f } } ] }
          - a: { call: short, then: end }
          - b: { call: vote, then: end }
          - c: { try: [ { run: { call: job } } ], catch: {}, then: end }
          - d: { try: [ { own: { call: own } } ], catch: {}, then: end }
          - e: { call: named, then: end }
          - f: { fork: { branches: [ { short: { call: short } }, { named: { call: named } }, { vote: { call: vote } } ] } }
        """,
        "short.task.yaml": "task: short\ndue: 10s\nassign: { role: boss }\n",
        "vote.task.yaml":
            "task: vote\ndue: 90s\nassign: { strategy: each, people: '${ [\"bob\", \"carol\", \"dave\"] }', enough: { done: 2 } }\n",
        "job.task.yaml": "task: job\nkind: service\nlease: 30s\nretry: { attempts: 3, backoff: 5s }\n",
        "own.task.yaml":
            "task: own\nkind: service\nlease: 30s\nretry: { attempts: 3, backoff: 5s }\nassign: { strategy: person, person: '${ \"p0\" }' }\n",
        "named.task.yaml": "task: named\ndue: 25s\nassign: { strategy: person, person: '${ \"dave\" }' }\n",
    ]

    let site: TestStore
    private var programs: [String: Account] = [:]
    var generator: SeededGenerator
    var now: Int64 = 100_000
    /// The list in which each job is; nobody's list is "".
    var lists: [String: String] = [:]

    var store: Store { site.store }
    var company: CompanyID { site.company.id }

    init(_ generator: SeededGenerator) async throws {
        self.generator = generator
        site = try await TestStore()
        try await site.publish(Self.files)
        for login in ["p0", "p1"] {
            let account = try await site.store.write {
                try $0.addAccount(
                    NewAccount(login: login, name: login, kind: .service, password: nil, roles: [.taskWorker]), now: 1)
            }
            try await site.store.write(in: site.company.id) {
                try $0.setMembership(of: account, companyRoles: [], only: [], now: 1)
            }
            programs[login] = account
        }
        try await site.store.write { db in
            try db.connection.script("CREATE TABLE task_log (was TEXT, is_now TEXT, risen BIGINT, attempts BIGINT)")
            try db.connection.script(Self.logging(db.connection.dialect))
        }
        try await rebuild()
    }

    private static func logging(_ dialect: Dialect) -> String {
        let log = """
            INSERT INTO task_log VALUES (OLD.state, NEW.state, NEW.version - OLD.version, NEW.attempt - OLD.attempt);
            """
        return switch dialect {
        case .sqlite: "CREATE TRIGGER log_task AFTER UPDATE ON task BEGIN \(log) END"
        case .postgres:
            """
            CREATE FUNCTION log_task() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN \(log) RETURN NULL; END';
            CREATE TRIGGER log_task AFTER UPDATE ON task FOR EACH ROW EXECUTE FUNCTION log_task();
            """
        }
    }

    func changes() async throws -> Set<StateChange> {
        try await store.read { db in
            Set(
                try db.all(Row.self, "SELECT DISTINCT was, is_now FROM task_log").map { row in
                    StateChange(
                        from: try #require(TaskState(rawValue: row["was"])),
                        to: try #require(TaskState(rawValue: row["is_now"])))
                })
        }
    }

    // MARK: What happens

    /// Does something at random, and what the daemon does about it.
    mutating func step() async throws -> String {
        now += Int64(generator.below(4_000))
        let open = try await tasks()
        let what: String
        do { what = try await act(open) } catch let error as StoreError { what = "refused: \(error)" }
        while try await store.read({ [now] in try $0.nextTurn(now: now) }).isDue {
            _ = try await store.advanceInstances(limit: 64, leader: site.leader, now: now)
        }
        while try await store.advanceTaskClock(leader: site.leader, now: now) > 0 {}
        try await relay()
        return what
    }

    private mutating func act(_ open: [TaskRecord]) async throws -> String {
        let person = try account(generator.pick(["bob", "carol", "dave"]))
        let mine = open.filter { $0.assigneeID == person.id }
        switch generator.below(17) {
        case 0..<4:
            let uma = try account("uma")
            _ = try await store.inside(site.company.id).submitTicket(
                TicketSubmission(
                    type: "t", requester: uma, title: nil,
                    answers: ["n": .int(generator.below(6))]), now: now)
            return "a ticket"
        case 4..<6: return try await work()
        case 6 where !open.isEmpty:
            let task = generator.pick(open)
            let priority = generator.pick(Priority.allCases)
            if generator.below(2) == 0 { return try await prioritize(ticketOf: task, priority) }
            try await store.write(in: company) { [now] in
                try $0.setTaskPriority(
                    task.id, priority, by: person, version: task.version, now: now)
            }
            return "priority of \(task.id)"
        case 7:
            let availability = Availability(
                isAvailable: generator.below(2) == 0, handover: generator.pick(AbsenceHandover.allCases))
            try await store.write(in: company) { [now] in
                try $0.setAvailability(person.login, availability, now: now)
            }
            return "\(person.login): \(availability)"
        case 8: return try await changeRights(person)
        case 9 where !open.isEmpty: return try await giveAway(generator.pick(open), to: person)
        case 10 where generator.below(3) == 0:
            try await rebuild()
            return "a rebuild"
        case 11 where !open.isEmpty: return try await putOff(generator.pick(open))
        case 12 where !open.isEmpty:
            let held = open.filter { $0.state == .held }
            let task = generator.pick(held.isEmpty ? open : held)
            try await store.write(in: company) { [now] in
                try $0.cancelTicket(task.ticketID, version: nil, by: person, now: now)
            }
            return "ticket \(task.ticketNumber) is cancelled"
        default:
            guard !mine.isEmpty else { return "nothing" }
            return try await work(on: generator.pick(mine), person)
        }
    }

    private mutating func putOff(_ task: TaskRecord) async throws -> String {
        var change = TicketChange()
        change.due = .some(generator.below(3) == 0 ? nil : now + Int64(generator.below(60_000)))
        let uma = try account("uma")
        try await store.write(in: company) { [now, change] in
            try $0.changeTicket(task.ticketID, change, by: uma, version: nil, now: now)
        }
        return "ticket \(task.ticketNumber) is due at \(change.due?.map { "\($0)" } ?? "no time")"
    }

    private func prioritize(ticketOf task: TaskRecord, _ priority: Priority) async throws -> String {
        var change = TicketChange()
        change.priority = priority
        let uma = try account("uma")
        try await store.write(in: company) { [now, change] in
            try $0.changeTicket(task.ticketID, change, by: uma, version: nil, now: now)
        }
        return "priority of ticket \(task.ticketNumber)"
    }

    private mutating func work(on task: TaskRecord, _ person: Account) async throws -> String {
        switch generator.below(5) {
        case 0:
            try await store.write(
                in: company, { [now] in try $0.startTask(task.id, by: person, version: task.version, now: now) })
        case 1, 2:
            try await store.write(in: company) { [now] in
                try $0.holdTask(
                    task.id, until: now + 3_000, TaskMove(by: person, onlyOwn: true, reason: nil, version: nil),
                    now: now)
            }
        case 3:
            try await store.write(in: company) { [now] in
                try $0.releaseTask(task.id, TaskMove(by: person, onlyOwn: true, reason: nil, version: nil), now: now)
            }
        default:
            try await store.inside(company).completeTask(
                Completion(task: task.id, by: person, outcome: "done", answers: [:], version: nil), now: now)
        }
        return "\(person.login) does something with \(task.id)"
    }

    private mutating func giveAway(_ task: TaskRecord, to person: Account) async throws -> String {
        let uma = try account("uma")
        switch generator.below(4) {
        case 0:
            try await store.write(in: company) { [now] in
                try $0.reassignTask(
                    task.id, .byRule, TaskMove(by: uma, onlyOwn: false, reason: nil, version: nil), now: now)
            }
        case 1 where task.state == .ready:
            try await store.write(
                in: company, { [now] in try $0.claimTask(task.id, by: person, version: nil, now: now) })
        default:
            let to = task.kind == .service ? generator.pick(["p0", "p1"]) : person.login
            try await store.write(in: company) { [now] in
                try $0.reassignTask(
                    task.id, .to(to), TaskMove(by: uma, onlyOwn: false, reason: "so", version: nil), now: now)
            }
        }
        return "\(task.id) goes elsewhere"
    }

    private mutating func changeRights(_ person: Account) async throws -> String {
        let who = generator.below(3) == 0 ? try account("p0") : person
        if generator.below(3) == 0 {
            try await store.write(in: site.company.id) { [now] in try $0.removeMembership(of: who, now: now) }
            return "\(who.login) leaves"
        }
        try await store.write(in: site.company.id) { [now] in
            try $0.setMembership(of: who, companyRoles: ["boss"], only: [], now: now)
        }
        return "\(who.login) is there"
    }

    /// A program gets jobs from us or takes one from its list, and finishes, fails, keeps or forgets it.
    private mutating func work() async throws -> String {
        let program = try account(generator.pick(["p0", "p1"]))
        let listed = lists.filter { $0.value == program.login }.keys.min()
        if generator.below(2) == 0, let job = listed, let (task, attempt) = TaskRecord.task(ofJob: job) {
            // A report may come before anybody has noticed that the job was taken.
            let isNoticed = generator.below(2) == 0
            lists[job] = nil
            if isNoticed {
                try await store.write(in: company) { [now, site] in
                    try $0.markTaken([job], leader: site.leader, now: now)
                }
            }
            guard !isNoticed || generator.below(2) == 0 else { return "taken" }
            let result = result()
            try await store.write(in: company) { [now] in
                try $0.finishJob(
                    task, account: program, proof: .attempt(attempt), result, now: now)
            }
            return "taken and told of"
        }
        let lease = "lease \(now)"
        let jobs = try await store.inside(company).leaseJobs(1, account: program, now: now, newLease: { lease })
        guard let job = jobs.first else { return "no job" }
        switch generator.below(3) {
        case 0: return "leased and forgotten"
        case 1:
            _ = try await store.write(in: company) { [now] in
                try $0.renewLease(
                    job.task.id, account: program, lease: lease, now: now + 1)
            }
            return "kept"
        default:
            let result = result()
            try await store.write(in: company) { [now] in
                try $0.finishJob(
                    job.task.id, account: program, proof: .lease(lease), result, now: now)
            }
            return "leased and told of"
        }
    }

    private mutating func result() -> JobResult {
        generator.below(3) == 0
            ? .completed(output: [:], outcome: nil)
            : .failed(title: "no", detail: nil, retry: generator.below(2) == 0)
    }

    private func account(_ login: String) throws -> Account {
        try #require(site.people[login] ?? programs[login])
    }

    func tasks() async throws -> [TaskRecord] {
        var filter = TaskFilter()
        filter.isOpen = true
        filter.limit = 1_000
        return try await store.read(in: company) { [filter] in try $0.tasks(scope: everything, filter: filter) }.rows
    }
}
