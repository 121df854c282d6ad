import Foundation
import TFConfiguration
import TFEngine
import TFQueue
import TFStore
import TFSystem

/// Finds and mends differences: Redis may be emptied, restored to an older state, or written to by others.
extension QueueKeeper {
    /// Every company's content is compared at the latest after this many checks of the lengths: once a minute.
    private static let limitRounds = 12
    /// About how many jobs are compared in one check.
    private static let jobsInOneRound = 1_000

    func checkEpochs(_ leader: Leadership) async throws {
        try await eachCompany { company in
            guard let known = try await store.read(in: company.id, { try $0.queueEpoch() }) else {
                return try await rebuild(company, leader, because: "it was never filled")
            }
            let faults = try await mend(QueueKeys(company: company.slug).marks, of: company, leader)
            let redisState = try await queues.state(company: company.slug)
            let mark = CompanyPosition(redisState.highWaterMark)
            if let fault = faults.first(where: \.needsRebuild) {
                try await rebuild(company, leader, because: Self.sentence(fault))
            } else if redisState.epoch == nil {
                let reason = "Redis was emptied or restarted, or a wrong key was deleted"
                try await rebuild(company, leader, because: reason)
            } else if redisState.epoch != known.epoch {
                try await rebuild(company, leader, because: "it holds another epoch")
            } else if mark < known.acknowledged {
                try await rebuild(company, leader, because: "Redis went back to an older state")
            } else if mark > known.acknowledged,
                try await !store.read(in: company.id, { try $0.isInOutbox(mark) })
            {
                // What Redis applied and has not acknowledged stands in the outbox; a store that went back lacks it.
                try await rebuild(company, leader, because: "its high-water mark is ahead of the store")
            }
        }
    }

    /// What the checks of the lists know of the last one.
    struct ListChecks {
        fileprivate var round = 0
        /// How many jobs the lists held.
        fileprivate var jobs = 0
        /// The lists whose length differed, by company.
        fileprivate var differing: [CompanyID: Set<String>] = [:]
    }

    /// Checks the lengths of all lists, and compares a company's content if a length differs. What has yet to reach Redis
    /// makes a difference too, but hardly in the same list twice in a row. The content of each company is compared in turn
    /// as well, that of all in every check as long as they are small.
    func checkLists(_ leader: Leadership, _ last: inout ListChecks) async throws {
        let (round, before) = (last.round, last.differing)
        let rounds = min(Self.limitRounds, 1 + last.jobs / Self.jobsInOneRound)
        var number = 0
        var now = ListChecks(round: round + 1)
        try await eachCompany { company in
            number += 1
            let (expected, hasBacklog) = try await store.read(in: company.id) { session in
                (try session.expectedLengths(), try session.hasBacklog())
            }
            now.jobs += expected.values.reduce(0, +)
            let names = expected.keys.sorted()
            let lengths = try await queues.lengths(company: company.slug, names)
            let differing = Set(zip(names, lengths).filter { expected[$0] != $1 }.map(\.0))
            now.differing[company.id] = differing
            figures.drift(differing.count, company: company.slug)
            let isDrift = hasBacklog ? !differing.isDisjoint(with: before[company.id] ?? []) : !differing.isEmpty
            guard isDrift || number % rounds == round % rounds else { return }
            try await audit(company, leader)
        }
        last = now
    }

    /// Compares a company's content, and mends it. Only the loop that calls this writes to Redis: what was committed since
    /// the record was read has not reached it, nor does it before everything is mended.
    private func audit(_ company: Company, _ leader: Leadership) async throws {
        guard let epoch = try await store.read(in: company.id, { try $0.queueEpoch() })?.epoch else { return }
        let record = try await store.read(in: company.id) { try $0.queueRecord() }
        // So many entries that have yet to reach Redis explain any difference.
        guard let pending = record.pending else { return }
        let content = content(record, slug: company.slug)
        try await touch()
        try await queues.announce(company: company.slug, content.lists)
        let drift = try await queues.audit(
            company: company.slug, content,
            unsettled: UnsettledChanges(jobs: pending.jobs, workers: pending.logins))
        // If all content is gone, no program took the missing jobs. The next check of the epoch has it rebuilt.
        guard try await queues.state(company: company.slug).epoch == epoch else { return }
        if !drift.taken.isEmpty {
            try await store.write(in: company.id) {
                try $0.markTaken(drift.taken, leader: leader, now: WallClock.now())
            }
        }
        guard drift.count > 0 else { return }
        try await touch()
        try await queues.mend(company: company.slug, epoch: epoch, drift, content)
        CrashPoint.reach(.redisChanged)
        figures.mended(drift.count, company: company.slug)
        logger.notice(
            "queues mended",
            metadata: [
                "company": "\(company.slug)", "missing": "\(drift.missing.count)",
                "extra": "\(drift.extra.values.reduce(0) { $0 + $1.count })",
                "workers": "\(drift.workers.sorted().joined(separator: ","))",
                "strange": "\(drift.strange.sorted().joined(separator: ","))",
            ])
    }

    func rebuild(_ company: Company, _ leader: Leadership, because reason: String) async throws {
        // A rebuild deletes our keys, whatever their types; faults are found and reported before.
        _ = try await mendShared(leader)
        _ = try await mend(try await store.read(in: company.id, { try $0.queueKeys() }), of: company, leader)
        let epoch = Random.name()
        let record = try await store.write(in: company.id) {
            try $0.beginEpoch(epoch, leader: leader, now: WallClock.now())
        }
        try await touch()
        try await queues.rebuild(company: company.slug, epoch: epoch, content(record, slug: company.slug))
        CrashPoint.reach(.redisChanged)
        figures.rebuilt(company: company.slug)
        logger.notice(
            "queues rebuilt",
            metadata: ["company": "\(company.slug)", "reason": "\(reason)", "tasks": "\(record.tasks.count)"])
    }

    func content(_ record: QueueRecord, slug: String) -> QueueContent {
        let inOrder = record.tasks.sorted { ($0.assignedAtMs ?? .max, $0.id) < ($1.assignedAtMs ?? .max, $1.id) }
        return QueueContent(
            workers: record.workers.map { Worker($0) },
            entries: inOrder.map { task in
                QueueContent.Entry(
                    job: task.job(company: slug, baseURL: store.baseURL), worker: task.assignee,
                    isListed: task.kind == .person || task.lease == nil)
            }, highWaterMark: record.acknowledged.number)
    }
}
