import TFEngine

/// What entries of a company's outbox need to be carried out, read at once.
struct OutboxNeeds: Sendable {
    /// The company's slug.
    let slug: String
    fileprivate var tasks: [TaskID: TaskRecord] = [:]
    /// Of attempts that are over.
    fileprivate var ends: [Job: TaskEnd] = [:]
    fileprivate var workers: [AccountID: WorkerState] = [:]

    fileprivate struct Job: Hashable, Sendable {
        let task: TaskID
        let attempt: Int
    }

    /// What an entry asks for, as things are now.
    func work(of entry: Row) throws -> OutboxEntry.Work {
        let kind: OutboxKind = try Column.word(entry["kind"])
        switch kind {
        case .worker: return (workers[entry["account_id"]]).map(OutboxEntry.Work.worker) ?? .nothing
        case .remove:
            let job = Job(task: entry["task_id"], attempt: entry["attempt"])
            return .remove(jobID: TaskRecord.jobID(task: job.task, attempt: job.attempt), ended: ends[job])
        case .take: return .take(jobID: TaskRecord.jobID(task: entry["task_id"], attempt: entry["attempt"]))
        case .assign, .place:
            guard let task = tasks[entry["task_id"]], task.attempt == entry["attempt"], task.isQueued
            else { return .nothing }
            if let worker = task.assignee { return .place(task, worker: worker) }
            return kind == .assign ? .assign(task) : .nothing
        case .rewrite:
            guard let task = tasks[entry["task_id"]], task.attempt == entry["attempt"], task.isQueued
            else { return .nothing }
            return .rewrite(task)
        }
    }
}

extension CompanyReadSession {
    /// What these entries of the company need.
    func needs(of entries: [Row]) throws -> OutboxNeeds {
        var needs = OutboxNeeds(slug: try site.company(company).slug)
        var tasks: Set<TaskID> = []
        var ended: Set<TaskID> = []
        var accounts: Set<AccountID> = []
        for entry in entries {
            let kind: OutboxKind = try Column.word(entry["kind"])
            switch kind {
            case .worker: accounts.insert(entry["account_id"])
            case .remove: ended.insert(entry["task_id"])
            case .take: break
            case .assign, .place, .rewrite: tasks.insert(entry["task_id"])
            }
        }
        needs.tasks = try taskRecords(tasks)
        needs.ends = try ends(ended)
        needs.workers = try workerStates(accounts)
        return needs
    }

    private func taskRecords(_ tasks: Set<TaskID>) throws -> [TaskID: TaskRecord] {
        guard !tasks.isEmpty else { return [:] }
        let areThese = SQLCondition.isOneOf("k.id", tasks.sorted())
        let rows = try all(
            TaskRecord.self, TaskRecord.select + " WHERE k.company_id = ? AND \(areThese.sql)",
            [company] + areThese.arguments)
        return rows.reduce(into: [:]) { $0[$1.id] = $1 }
    }

    /// How the present attempts of these tasks ended, as far as they are over.
    private func ends(_ tasks: Set<TaskID>) throws -> [OutboxNeeds.Job: TaskEnd] {
        guard !tasks.isEmpty else { return [:] }
        let areThese = SQLCondition.isOneOf("id", tasks.sorted())
        let rows = try all(
            Row.self,
            """
            SELECT id, attempt, state, created_at_ms, finished_at_ms FROM task
            WHERE company_id = ? AND finished_at_ms IS NOT NULL AND \(areThese.sql)
            """, [company] + areThese.arguments)
        return try rows.reduce(into: [:]) { ends, row in
            ends[OutboxNeeds.Job(task: row["id"], attempt: row["attempt"])] = TaskEnd(
                state: try Column.word(row["state"]), createdAtMs: row["created_at_ms"],
                finishedAtMs: row["finished_at_ms"])
        }
    }
}
