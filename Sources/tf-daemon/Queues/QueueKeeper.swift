import Foundation
import Logging
import TFConfiguration
import TFEngine
import TFQueue
import TFStore
import TFSystem
import TFWatch

/// Keeps the queues in one Redis equal to the store. Each server has a keeper of its own, so that one that is away, or
/// hangs, keeps no other's companies waiting.
///
/// One loop does all of it, one thing after the other, but for several companies at the same time where it carries the
/// outbox:
/// - carries the outbox to Redis whenever something was committed, and reads the reports of programs;
/// - checks epoch and high-water mark every 2 s, and rebuilds a company whose content is another;
/// - checks the type of every key and the length of every list every 5 s, and compares every company's content then too
///   or, if there are many jobs, once a minute; and takes away what is left of companies that moved to another server.
///
/// All of it goes through one connection, until that is lost: the next one may lead to a server with other content, such
/// as a replica that has become the primary and lacks the last changes. So nothing is changed there before the epochs
/// and high-water marks were looked at.
struct QueueKeeper {
    private static let epochInterval = Duration.seconds(2)
    private static let lengthInterval = Duration.seconds(5)
    /// How often reports are looked for without a hint, which may be lost.
    private static let reportInterval = Duration.seconds(1)
    /// For how long an unreachable Redis is not logged: our own redis-server starts at the same time as this loop.
    private static let startGrace = Duration.seconds(3)

    let store: Store
    /// In the loop: those of one connection.
    var queues: TaskQueues
    let wake: Wake
    let figures: QueueFigures
    /// The server's name.
    var server = ""
    /// In the loop: whether this daemon does the work of a company.
    var leads: @Sendable (CompanyID) -> Bool = { _ in true }
    /// Whether a company's queues are on this server, by its slug.
    var holds: @Sendable (_ company: String) -> Bool = { _ in true }
    /// Rung when a program has left a report in Redis.
    var reports = ReportBell()
    /// Throws `StoreError.notLeader` if another daemon leads by now; asked before Redis is changed.
    var mayTouch: @Sendable () async throws -> Void = {}
    var shares = FairShares()
    let logger: Logger

    func run(_ term: LeaderTerm) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await run(term) { end in
                group.addTask {
                    try await Task.sleep(until: end)
                    wake.ring()
                }
            }
        }
    }

    /// - Parameter wakeAt: has the loop woken at a moment.
    private func run(
        _ term: LeaderTerm, wakeAt: (ContinuousClock.Instant) -> Void
    ) async throws {
        let started = ContinuousClock.now
        var epochsDue = started
        var lengthsDue = started
        var reportsDue = started
        var lists = ListChecks()
        var alarm: ContinuousClock.Instant?
        var isUnreachable = false
        var isChecked = false
        var changes = term.changes
        var keeper = self
        for await _ in wake.rings {
            try Task.checkCancellation()
            try await mayTouch()
            // Companies that it leads now are looked at at once.
            if changes != term.changes { (changes, epochsDue) = (term.changes, .now) }
            let leader = term.leadership
            keeper.leads = leader.leads
            do {
                if !isChecked {
                    keeper.queues = try await queues.onPresentConnection()
                    try await keeper.checkServer()
                    isChecked = true
                }
                if ContinuousClock.now >= epochsDue {
                    try await keeper.queues.expectPrimary()
                    try await keeper.checkEpochs(leader)
                    try await keeper.markPrograms(leader)
                    epochsDue = .now + Self.epochInterval
                }
                if let rested = try await keeper.relay(leader, until: min(epochsDue, reportsDue, lengthsDue)),
                    rested != alarm
                {
                    alarm = rested
                    wakeAt(rested)
                }
                if reports.wasRung() || ContinuousClock.now >= reportsDue {
                    try await keeper.takeResults(leader)
                    reportsDue = .now + Self.reportInterval
                }
                if ContinuousClock.now >= lengthsDue {
                    try await keeper.removeMoved(leader)
                    try await keeper.checkKeys(leader)
                    try await keeper.checkLists(leader, &lists)
                    lengthsDue = .now + Self.lengthInterval
                }
                if isUnreachable { logger.notice("Redis is back") }
                isUnreachable = false
                figures.redisAnswered(true, server: server)
            } catch let error as QueueError {
                figures.redisAnswered(false, server: server)
                // Tickets and completions are accepted meanwhile; the outbox keeps the changes for Redis.
                if !isUnreachable, ContinuousClock.now > started + Self.startGrace {
                    logger.warning("the queues cannot be reached", metadata: ["error": "\(error)"])
                    isUnreachable = true
                }
                // Another server may answer next time, so its version, settings and content are checked again.
                isChecked = false
                epochsDue = .now
                try await Task.sleep(for: .milliseconds(200 + Int.random(in: 0..<200)))
            }
        }
    }

    /// Called directly before Redis is changed.
    /// - Throws: `StoreError.notLeader`.
    func touch() async throws {
        try await mayTouch()
        CrashPoint.reach(.redis)
    }

    private func checkServer() async throws {
        let server = try await queues.server()
        logger.info("Redis answers", metadata: ["redis.version": "\(server.version)"])
        for complaint in server.complaints { logger.warning("\(complaint)") }
    }

    // MARK: Programs that read Redis themselves

    /// Makes programs available whose Sidekiq process lives, and writes into Redis when each program was seen.
    private func markPrograms(_ leader: Leadership) async throws {
        let lists = try await queues.listsReadBySidekiq(now: Double(WallClock.now()) / 1000)
        try await eachCompany { company in
            let logins = lists.compactMap { name -> String? in
                guard name.hasPrefix("\(company.slug).") else { return nil }
                let list = name.dropFirst(company.slug.count + 1)
                return String(list.hasSuffix(".urgent") ? list.dropLast(".urgent".count) : list)
            }
            if !logins.isEmpty {
                try await store.inside(company.id).markSeen(Set(logins), leader: leader, now: WallClock.now())
            }
            let present = try await store.read(in: company.id) { try $0.presentPrograms() }
            guard !present.isEmpty else { return }
            try await touch()
            try await queues.markSeen(
                present.map { ($0.login, Double($0.seenAtMs) / 1000) }, company: company.slug)
        }
    }

    private func takeResults(_ leader: Leadership) async throws {
        let slugs = try await queues.companiesWithResults(try await companies().map(\.slug))
        try await eachCompany { company in
            guard slugs.contains(company.slug) else { return }
            try await takeResults(of: company, leader)
        }
    }

    func takeResults(of company: Company, _ leader: Leadership) async throws {
        while true {
            let texts = try await queues.results(company: company.slug)
            guard !texts.isEmpty else { break }
            try await take(texts, of: company, leader)
            try await touch()
            try await queues.acknowledge(texts, company: company.slug)
            CrashPoint.reach(.redisChanged)
        }
    }

    private func take(_ texts: [String], of company: Company, _ leader: Leadership) async throws {
        var reports: [JobReport] = []
        for text in texts {
            do {
                reports.append(try JobReport(text))
            } catch {
                logger.warning(
                    "a report in Redis could not be read and was dropped",
                    metadata: ["company": "\(company.slug)", "error": "\(error)"])
            }
        }
        guard !reports.isEmpty else { return }
        let receptions = try await store.write(in: company.id) { [reports] in
            try $0.finishJobs(reports, leader: leader, now: WallClock.now())
        }
        for (report, reception) in zip(reports, receptions) { tell(reception, of: report, in: company) }
    }

    private func tell(_ reception: JobReport.Reception, of report: JobReport, in company: Company) {
        var metadata: Logger.Metadata = [
            "company": "\(company.slug)", "jid": "\(report.job)", "worker": "\(report.worker)",
        ]
        switch reception {
        case .taken: break
        case .refused(let reason):
            metadata["reason"] = "\(reason)"
            logger.notice("a report came too late, or its job is another worker's", metadata: metadata)
        case .unfit(let task, let reason):
            metadata["task"] = "\(task)"
            metadata["reason"] = "\(reason)"
            logger.warning("a report was refused, and the try of its job has failed", metadata: metadata)
        }
    }
}
