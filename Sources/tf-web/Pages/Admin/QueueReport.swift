import TFQueue
import TFStore

/// Every worker's list: the store's figures beside those of Redis.
struct QueueReport: Sendable {
    struct List: Sendable {
        /// The company's slug.
        let company: String
        let login: String
        /// Open tasks in the store.
        let open: Int
        /// nil if the account is no longer a worker.
        let isAvailable: Bool?
        /// The list's length in Redis; nil if Redis does not answer.
        var length: Int?
    }

    private(set) var lists: [List] = []
    /// The number of outbox entries that have yet to reach Redis, and the age of the oldest in milliseconds.
    let outbox: (count: Int, age: Int64)
    /// Why Redis cannot be reached; nil if it can.
    private(set) var problem: String?

    /// Reads one snapshot of the store, then the lengths of the lists from Redis.
    static func make(of store: Store, _ queues: TaskQueues, now: Int64) async throws -> QueueReport {
        var report = try await store.read { try QueueReport($0, now: now) }
        await report.addLengths(queues)
        return report
    }

    private init(_ session: ReadSession, now: Int64) throws {
        outbox = try session.outboxBacklog(now: now)
        for company in try session.companies() {
            let inside = session.inside(company.id)
            let (open, workers) = (try inside.openTaskCounts(), try inside.workerAvailability())
            lists += Set(workers.keys).union(open.keys).sorted().map { login in
                List(company: company.slug, login: login, open: open[login] ?? 0, isAvailable: workers[login])
            }
        }
    }

    private mutating func addLengths(_ queues: TaskQueues) async {
        for (company, indices) in Dictionary(grouping: lists.indices, by: { lists[$0].company }) {
            let lengths: [Int]
            do throws(QueueError) {
                lengths = try await queues.lengths(company: company, indices.map { lists[$0].login })
            } catch {
                // The next company would wait for the same timeout.
                problem = error.description
                return
            }
            for (index, length) in zip(indices, lengths) { lists[index].length = length }
        }
    }
}
