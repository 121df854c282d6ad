import ArgumentParser
import TFConfiguration
import TFQueue
import TFStore

struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Fill Redis again from the store.",
        discussion: """
            The running daemon empties a company's queues and fills them from the store: the same jobs in the same lists, \
            no worker chosen anew. It does so by itself whenever Redis was emptied, restarted or restored; this command is \
            for when you do not trust what you see. Jobs that a program took straight from Redis are pushed again.

            Exit status: 0 done, 1 no daemon is at work or Redis does not answer, 2 wrong usage, or there is no such company.
            """)

    /// For how long Redis may be away: a restart takes less.
    private static let patience = Duration.seconds(10)

    @Argument(help: "The company's slug; without it, every company.") var company: String?
    @OptionGroup var options: SettingOptions

    func run() async throws {
        let settings = try Settings.read(options)
        var logger = settings.logger("tf-daemon rebuild")
        logger.logLevel = .error
        let servers = QueueServers(settings.redis, logger: logger)
        try await withStore(settings) { store in
            var companies = try await store.read { try $0.companies() }
            if let company { companies = [try await knownCompany(company, in: store)] }
            let (data, now) = (settings.data, WallClock.now())
            let leader = try await store.read { LeaderState(try $0.leaderLease(), directory: data, now: now) }
            guard leader == .leads else {
                let state = leader.text(obstacle: leader.obstacle(directory: data))
                try fail("the daemon fills Redis, and it is not at work: \(state)")
            }
            for company in companies {
                try await store.write(in: company.id) { try $0.requestRebuild() }
                try await wait(for: company, store, servers.queues(of: company.slug))
                let record = try await store.read(in: company.id) { try $0.queueRecord() }
                print("\(company.slug): \(record.tasks.count) open tasks of \(record.workers.count) members")
            }
        }
        await servers.close()
    }

    /// Waits until the daemon, which looks every 2 s, has rebuilt the company.
    private func wait(for company: Company, _ store: Store, _ queues: TaskQueues) async throws {
        let progress = ProgressLine()
        defer { progress.clear() }
        let begin = ContinuousClock.now
        var answeredAt = begin
        while begin.duration(to: .now) < .seconds(60) {
            progress.show("\(company.slug): waiting for the daemon", since: begin)
            try await Task.sleep(for: .milliseconds(100))
            let known = try await store.read(in: company.id) { try $0.queueEpoch() }?.epoch
            do throws(QueueError) {
                let epoch = try await queues.state(company: company.slug).epoch
                answeredAt = .now
                if known != Store.rebuildRequest, let known, known == epoch { return }
            } catch {
                guard answeredAt.duration(to: .now) > Self.patience else { continue }
                progress.clear()
                try fail("Redis does not answer: \(error.description); the daemon fills it as soon as it does")
            }
        }
        progress.clear()
        try fail("\(company.slug): not done within 60 s; see the daemon's log and `tf-daemon status`")
    }
}
