import Foundation
import TFConfiguration
import TFQueue
import TFStore

/// Redis may be emptied, go back, or hold what is not ours: what differs is found and put right.
extension QueueKeeper {
    /// Every company's content is compared once in so many looks at the lengths: once a minute.
    private static let rounds = 12

    func checkEpochs(_ leader: Leadership) async throws {
        for company in try await store.companies() {
            guard let known = try await store.queueEpoch(company: company.id) else {
                try await rebuild(company.slug, company.id, leader, because: "it has no content yet")
                continue
            }
            let found = try await queues.state(company: company.slug)
            if found.epoch != known.epoch {
                try await rebuild(company.slug, company.id, leader, because: "Redis was emptied or restarted")
            } else if found.highWaterMark < known.acknowledged {
                try await rebuild(company.slug, company.id, leader, because: "Redis went back to an older state")
            }
        }
    }

    /// Looks at the lengths of all lists; compares the content where one differs, and of each company in turn.
    func checkLists(_ leader: Leadership, round: Int) async throws {
        for (number, company) in try await store.companies().enumerated() {
            let differing = try await differingLists(company)
            figures.drift(differing, company: company.slug)
            guard differing > 0 || number % Self.rounds == round % Self.rounds else { continue }
            try await audit(company, leader)
        }
    }

    /// How many lists are longer or shorter than the store says.
    private func differingLists(_ company: Company) async throws -> Int {
        let expected = try await expectedLengths(company)
        let names = expected.keys.sorted()
        let lengths = try await queues.lengths(company: company.slug, names)
        return zip(names, lengths).count { expected[$0] != $1 }
    }

    /// How long every list of a company has to be, by its name.
    private func expectedLengths(_ company: Company) async throws -> [String: Int] {
        var lengths: [String: Int] = [QueueKeys.unassigned(role: nil): 0]
        for worker in try await store.workerLogins(company.id) {
            lengths[worker.login] = 0
            if worker.kind == .service { lengths[QueueKeys.urgent(worker.login)] = 0 }
        }
        for role in try await store.companyRoles(company.id) { lengths[QueueKeys.unassigned(role: role)] = 0 }
        for (role, count) in try await store.unassignedCounts(company: company.id) {
            lengths[QueueKeys.unassigned(role: role)] = count
        }
        for list in try await store.listLengths(company: company.id) {
            lengths[list.isUrgent ? QueueKeys.urgent(list.login) : list.login, default: 0] += list.jobs
        }
        return lengths
    }

    private func audit(_ company: Company, _ leader: Leadership) async throws {
        guard let epoch = try await store.queueEpoch(company: company.id)?.epoch else { return }
        let record = try await store.queueRecord(company: company.id)
        // What is yet to be carried over explains any difference.
        guard !record.hasBacklog else { return }
        let content = content(record, slug: company.slug)
        try await queues.announce(company: company.slug, content.lists)
        let drift = try await queues.audit(company: company.slug, content)
        // A commit between the two reads looks like drift; only what is still so afterwards is.
        guard !drift.isEmpty, try await !store.queueRecord(company: company.id).hasBacklog else { return }
        if !drift.taken.isEmpty {
            try await store.markTaken(drift.taken, company: company.id, leader: leader, now: WallClock.now())
        }
        guard drift.count > 0 else { return }
        try await queues.mend(company: company.slug, epoch: epoch, drift, content)
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

    func rebuild(_ slug: String, _ company: Int64, _ leader: Leadership, because reason: String) async throws {
        let epoch = UUID().uuidString.lowercased()
        let record = try await store.beginEpoch(epoch, company: company, leader: leader, now: WallClock.now())
        try await queues.rebuild(company: slug, epoch: epoch, content(record, slug: slug))
        figures.rebuilt(company: slug)
        logger.notice(
            "queues rebuilt",
            metadata: ["company": "\(slug)", "reason": "\(reason)", "tasks": "\(record.tasks.count)"])
    }

    func content(_ record: QueueRecord, slug: String) -> QueueContent {
        let inOrder = record.tasks.sorted { ($0.assignedAtMs ?? .max, $0.id) < ($1.assignedAtMs ?? .max, $1.id) }
        return QueueContent(
            workers: record.workers.map { Worker($0) },
            entries: inOrder.map { task in
                QueueContent.Entry(
                    job: task.job(company: slug, baseURL: store.baseURL), worker: task.assignee,
                    isListed: task.kind == .person || task.lease == nil)
            }, highWaterMark: record.acknowledged)
    }
}
