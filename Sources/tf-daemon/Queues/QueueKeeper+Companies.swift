import TFQueue
import TFStore
import TFSystem

/// Which companies are on this server, and what is left here of those that are not any more.
extension QueueKeeper {
    /// The companies whose queues are on this server, and whose work this daemon does.
    func companies() async throws -> [Company] {
        try await store.read { try $0.companies() }.filter { holds($0.slug) && leads($0.id) }
    }

    /// Does something for each company on this server. If Redis refuses a command for one company, that is logged and
    /// the others go on; if Redis is away, everything stops.
    func eachCompany(_ work: (Company) async throws -> Void) async throws {
        for company in try await companies() {
            do {
                try await work(company)
            } catch let error as QueueError where !error.isTemporary {
                tell(error, of: company.slug)
            }
        }
    }

    func tell(_ error: QueueError, of company: String) {
        logger.warning(
            "Redis refused a command for a company's queues; it is tried again",
            metadata: ["company": "\(company)", "error": "\(error)"])
    }

    /// Takes away what this server holds of companies that are on another one since the list of servers was changed.
    /// There, everything is filled in from the store. What programs have reported here is taken first, also later on: a
    /// program may not know yet that it has moved.
    func removeMoved(_ leader: Leadership) async throws {
        let others = try await store.read { try $0.companies() }.filter { !holds($0.slug) && leads($0.id) }
        let held = Set(try await queues.companiesHeld(others.map(\.slug)))
        for company in others where held.contains(company.slug) {
            do {
                try await takeResults(of: company, leader)
                let record = try await store.read(in: company.id) { try $0.queueRecord() }
                try await touch()
                try await queues.removeAll(company: company.slug, content(record, slug: company.slug))
                CrashPoint.reach(.redisChanged)
                logger.notice(
                    "a company's queues are on another server; what this one held is removed",
                    metadata: ["company": "\(company.slug)", "redis.server": "\(server)"])
            } catch let error as QueueError where !error.isTemporary {
                tell(error, of: company.slug)
            }
        }
    }
}
