import TFDefinition
import TFEngine
import TFExpression

/// How a task ended.
package struct TaskEnd: Sendable, Hashable {
    package let state: TaskState
    package let createdAtMs: Int64
    package let finishedAtMs: Int64
}

/// An entry of the outbox, with the data that the relay needs to carry it out.
package struct OutboxEntry: Sendable {
    /// What the relay has to do in Redis.
    package enum Work: Sendable {
        /// Choose a worker, or leave the task unassigned.
        case assign(TaskRecord)
        /// Put the job into the worker's list.
        case place(TaskRecord, worker: String)
        /// Write the job again, where it is.
        case rewrite(TaskRecord)
        /// Take the job out of Redis.
        /// - ended: how the task ended; nil: it continues as another job.
        case remove(jobID: String, ended: TaskEnd?)
        /// A program has the job: take it out of the program's list.
        case take(jobID: String)
        /// Update a member's sets.
        case worker(WorkerState)
        /// The change is outdated: only acknowledge the entry.
        case nothing
    }

    /// The company's slug.
    package let company: String
    package let companyID: CompanyID
    package let position: CompanyPosition
    /// Whether assignment is paused in the company: tasks to be assigned then wait.
    package let isPaused: Bool
    package let work: Work
}

extension ReadSession {
    /// The next entries to carry to Redis: each company's in its order, from the companies in turn.
    /// - Parameter except: companies whose entries are left out.
    package func outbox(
        limit: Int, of leader: Leadership? = nil, except: Set<CompanyID> = []
    ) throws -> [OutboxEntry] {
        let rows = try next(.outbox, limit: limit, of: CompanyChoice(of: leader, except: except))
        let paused = try pausedCompanies()
        var needs: [CompanyID: OutboxNeeds] = [:]
        for (company, rows) in Dictionary(grouping: rows, by: { $0["company_id"] as CompanyID }) {
            needs[company] = try inside(company).needs(of: rows)
        }
        return try rows.compactMap { row in
            let company: CompanyID = row["company_id"]
            guard let needs = needs[company] else { return nil }
            return OutboxEntry(
                company: needs.slug, companyID: company, position: row["position"],
                isPaused: paused.contains(company), work: try needs.work(of: row))
        }
    }

    /// The number of entries in the outbox and the age of the oldest one in milliseconds.
    package func outboxBacklog(now: Int64) throws -> (count: Int, age: Int64) {
        try backlog("SELECT COUNT(*) AS n, MIN(created_at_ms) AS oldest FROM outbox", now: now)
    }

    /// The number of events that wait for the engine, and the age of the oldest one in milliseconds.
    package func eventBacklog(now: Int64) throws -> (count: Int, age: Int64) {
        try backlog(
            "SELECT COUNT(*) AS n, MIN(created_at_ms) AS oldest FROM instance_event WHERE set_aside IS NULL", now: now)
    }

    private func backlog(_ sql: String, now: Int64) throws -> (count: Int, age: Int64) {
        let row = try first(Row.self, sql)
        let oldest: Int64? = row?["oldest"]
        return (row?["n"] ?? 0, oldest.map { max(0, now - $0) } ?? 0)
    }
}
