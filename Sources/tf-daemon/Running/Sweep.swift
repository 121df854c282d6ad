import Logging
import TFConfiguration
import TFExpression
import TFStore

/// Deletes what is older than its term, a few hundred rows at a time, and files without a row; and notifies people of
/// tasks that are due soon.
struct Sweep {
    static let removed = MetricRegistry.Family(
        "tf_retention_removed_total", .counter, "Rows that were deleted because they were old, by kind.")
    static let families = [removed]

    private static let interval = Duration.seconds(600)
    /// After each transaction, so that a large removal leaves room for the work of the site.
    private static let pause = Duration.milliseconds(50)
    private static let keptFiles: Int64 = 86_400_000

    let store: Store
    let terms: RetentionTerms
    let figures: MetricRegistry
    let logger: Logger

    func run(_ term: LeaderTerm) async throws {
        let leader = term.leadership
        while true {
            try await failing("people were not told of tasks that are due soon") {
                try await store.tellDueSoon(leader: leader, now: WallClock.now())
            }
            for kind in RetentionKind.allCases {
                try await failing("old \(kind.label) were not removed") { try await remove(kind, leader) }
            }
            try await failing("files without a row were not removed") {
                let count = try await store.removeStrayFiles(before: WallClock.now() - Self.keptFiles, leader: leader)
                if count > 0 { logger.info("files without a row removed", metadata: ["count": "\(count)"]) }
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func remove(_ kind: RetentionKind, _ leader: Leadership) async throws {
        guard let end = terms.end(of: kind, now: WallClock.now()) else { return }
        var sum = 0
        var staying: StayingFiles?
        defer {
            if sum > 0 {
                logger.info(
                    "old rows removed",
                    metadata: ["kind": "\(kind.rawValue)", "rows": "\(sum)", "before": "\(Moment.iso8601(end))"])
            }
        }
        while true {
            let count: Int
            do {
                count = try await store.removeExpired(kind, before: end, leader: leader, now: WallClock.now())
            } catch let error as StayingFiles {
                count = error.rows
                staying = staying ?? error
            }
            sum += count
            figures.add(Double(count), to: Self.removed, ["kind": kind.rawValue])
            guard count >= Store.limitRemovedRows else { break }
            try await Task.sleep(for: Self.pause)
        }
        if let staying { throw staying }
    }

    /// One kind that fails does not keep the others.
    /// - Throws: `CancellationError`, or `StoreError.notLeader`.
    private func failing(_ sentence: String, _ body: () async throws -> Void) async throws {
        do { try await body() } catch is CancellationError { throw CancellationError() } catch StoreError.notLeader {
            throw StoreError.notLeader
        } catch { logger.warning("\(sentence)", metadata: ["error": "\(error)"]) }
    }
}

extension RetentionTerms {
    init(_ days: RetentionDays) {
        self.init()
        (tickets, workflows, notifications) = (days.tickets, days.workflows, days.notifications)
        (sessions, audit) = (days.sessions, days.audit)
    }
}
