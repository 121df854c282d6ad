import TFEngine
import TFQueue
import TFStore

/// Every queue of the site: the store's figures, beside those of Redis for the lists that are there.
struct QueueReport: Sendable {
    /// A worker's list.
    struct List: Sendable {
        let company: Company
        let login: String
        let name: String
        /// Open tasks in the store.
        let open: Int
        /// Those that Redis must have: a job that a program has leased is open, and in no list.
        let listed: Int
        /// nil if the account is no worker, but was asked by a workflow.
        let isAvailable: Bool?
        /// When the oldest task was opened, in milliseconds since 1970.
        let oldestAtMs: Int64?
        /// Tasks done in each twelfth of the last hour.
        let done: [Int]
        /// The length in Redis, with the list for urgent jobs; nil if Redis does not answer.
        var length: Int?

        /// Whether Redis has something else than it must.
        var isDifferent: Bool { length.map { $0 != listed } ?? false }
    }

    /// The last hour is shown in so many stretches.
    static let stretches = 12
    private static let stretch: Int64 = 300_000
    /// How many workflows that failed are shown.
    private static let limitFailed = 20

    private(set) var lists: [List] = []
    /// Tasks that nobody has.
    private(set) var waiting: [(company: Company, tasks: WaitingTasks)] = []
    /// Some of those that should be assigned and are not, by company.
    private(set) var stuck: [CompanyID: [TaskRecord]] = [:]
    /// The names for people of the companies' roles.
    private(set) var roleLabels: [CompanyID: [String: String]] = [:]
    /// The companies' names by their slugs.
    private(set) var companyNames: [String: String] = [:]
    /// Steps that workflows have yet to take.
    let steps: Backlog
    /// Calls to other servers.
    let calls: Backlog
    /// The number of outbox entries that have yet to reach Redis, and the age of the oldest in milliseconds.
    let outbox: (count: Int, age: Int64)
    private(set) var failed: [FailedRun] = []
    private(set) var failedCount = 0
    /// Why Redis, or one of its servers, cannot be reached; nil if all can.
    private(set) var problem: String?

    /// Reads one snapshot of the store, then the lengths of the lists from Redis.
    static func make(of store: Store, _ servers: QueueServers, now: Int64) async throws -> QueueReport {
        var report = try await store.read { try QueueReport($0, now: now) }
        await report.addLengths(servers)
        return report
    }

    private init(_ session: ReadSession, now: Int64) throws {
        outbox = try session.outboxBacklog(now: now)
        (steps, calls) = try session.engineBacklog()
        for company in try session.companies() {
            let inside = session.inside(company.id)
            companyNames[company.slug] = company.name
            lists += try Self.lists(of: company, inside, now: now)
            let tasks = try inside.waitingTasks()
            waiting += tasks.map { (company, $0) }
            if !tasks.isEmpty { roleLabels[company.id] = try inside.roleLabels() }
            if tasks.contains(where: { $0.stuck > 0 }) { stuck[company.id] = try Self.stuck(inside) }
            failedCount += try inside.failedRunCount()
            if failed.count < Self.limitFailed {
                failed += try inside.failedRuns(limit: Self.limitFailed - failed.count)
            }
        }
    }

    private static func stuck(_ session: CompanyReadSession) throws -> [TaskRecord] {
        var filter = TaskFilter()
        (filter.isStuck, filter.isUnassigned, filter.limit) = (true, true, 100)
        return try session.tasks(scope: .everything, filter: filter).rows
    }

    private static func lists(of company: Company, _ session: CompanyReadSession, now: Int64) throws -> [List] {
        let (open, workers) = (try session.openTaskCounts(), try session.workerAvailability())
        let listed = try session.listLengths().reduce(into: [String: Int]()) { $0[$1.login, default: 0] += $1.jobs }
        let names = try session.workers().reduce(into: [:]) { $0[$1.login] = $1.name }
        let figures = try session.queueActivity(
            since: now - stretch * Int64(stretches), stretch: stretch, count: stretches
        ).reduce(into: [:]) { $0[$1.login] = $1 }
        return Set(workers.keys).union(open.keys).sorted().map { login in
            List(
                company: company, login: login, name: figures[login]?.name ?? names[login] ?? login,
                open: open[login] ?? 0, listed: listed[login] ?? 0, isAvailable: workers[login],
                oldestAtMs: figures[login]?.oldestAtMs,
                done: figures[login]?.done ?? [])
        }
    }

    private mutating func addLengths(_ servers: QueueServers) async {
        var problems: [String: String] = [:]
        for (company, indices) in Dictionary(grouping: lists.indices, by: { lists[$0].company.slug }) {
            let server = servers.server(of: company)
            // Its next company would wait for the same timeout.
            guard problems[server.name] == nil else { continue }
            do throws(QueueError) {
                let logins = indices.map { lists[$0].login }
                let lengths = try await server.queues.lengths(company: company, logins + logins.map(QueueKeys.urgent))
                for (place, index) in indices.enumerated() {
                    lists[index].length = lengths[place] + lengths[logins.count + place]
                }
            } catch {
                problems[server.name] = error.description
            }
        }
        problem = problems.isEmpty ? nil : problems.values.sorted().joined(separator: "; ")
    }
}
