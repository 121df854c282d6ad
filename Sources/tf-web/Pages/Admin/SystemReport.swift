import Foundation
import TFConfiguration
import TFDefinition
import TFQueue
import TFStore

/// How the site is: what `tf-daemon status` tells, and what the programs and their data are.
struct SystemReport: Sendable {
    /// The leading daemon's lease; nil: none has ever run.
    let lease: LeaderLease?
    let leader: LeaderState
    /// What keeps the leader from its work; nil: nothing that can be seen from here.
    let obstacle: String?
    /// The number of outbox entries that have yet to reach Redis, and the age of the oldest in milliseconds.
    let outbox: (count: Int, age: Int64)
    let paused: [Company]
    let setAside: [SetAside]
    let mended: [MendedKey]
    /// Companies with definitions in error, and how many errors.
    let broken: [(company: Company, errors: Int)]
    let sizes: StoreSizes
    let queues: QueueReport
    /// Each Redis server, in the order of the setting.
    private(set) var redis: [RedisFacts] = []
    private(set) var wrongKeys: [KeyFault] = []
    /// The bytes of the store's file, of its write-ahead log (nil: PostgreSQL looks after its own), and those that are free
    /// beside them.
    let disk: (store: Int64, log: Int64?, free: Int64?)

    /// For how long a mended key is told, in milliseconds.
    private static let mendedFor: Int64 = 3_600_000

    static func make(_ site: Site, _ store: Store, now: Int64) async throws -> SystemReport {
        let room = try await store.room()
        let queues = try await QueueReport.make(of: store, site.servers, now: now)
        var report = try await store.read { session in
            try SystemReport(session, queues, room, site.settings, now: now)
        }
        await report.askRedis(site)
        return report
    }

    private init(
        _ session: ReadSession, _ queues: QueueReport, _ room: StoreRoom, _ settings: Settings, now: Int64
    ) throws {
        lease = try session.leaderLease()
        leader = LeaderState(lease, directory: settings.data, now: now)
        obstacle = leader.obstacle(directory: settings.data)
        outbox = try session.outboxBacklog(now: now)
        let (companies, pausedIDs) = (try session.companies(), try session.pausedCompanies())
        paused = companies.filter { pausedIDs.contains($0.id) }
        setAside = try session.setAside()
        mended = try session.mendedKeys(since: now - Self.mendedFor)
        broken = try companies.compactMap { company in
            let errors = try session.inside(company.id).problems().count { $0.severity == .error }
            return errors == 0 ? nil : (company, errors)
        }
        sizes = try session.sizes()
        self.queues = queues
        disk = (room.bytes, room.logBytes, Self.free(settings.data))
    }

    private mutating func askRedis(_ site: Site) async {
        for server in site.servers.all {
            var facts = RedisFacts()
            do throws(QueueError) {
                wrongKeys += try await server.queues.faults(of: QueueKeys.shared)
                facts.read(try await server.client.send("INFO").text ?? "")
                if case .sentinel = server.client.address { facts.primary = await server.client.server?.description }
            } catch { facts.problem = error.description }
            redis.append(facts)
        }
    }

    /// The number of lists whose length in Redis is not what the store says.
    var drifting: Int { queues.lists.count(where: \.isDifferent) }

    private static func free(_ path: String) -> Int64? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)  // not every file system tells
        return (attributes?[.systemFreeSize] as? NSNumber)?.int64Value
    }
}
