import TFConfiguration
import TFQueue
import TFStore
import TFSystem

/// Checks the types and numbers of our keys. If somebody else has written to a key, it is mended, its content is
/// rebuilt, and the log and `tf-daemon status` tell the operator.
extension QueueKeeper {
    private static let toldInOneRound = 20

    /// Checks every key of ours: those of each company, and those that all share.
    func checkKeys(_ leader: Leadership) async throws {
        _ = try await mendShared(leader)
        try await eachCompany { company in
            let faults = try await mend(
                try await store.read(in: company.id, { try $0.queueKeys() }), of: company, leader)
            guard let fault = faults.first(where: \.needsRebuild) else { return }
            try await rebuild(company, leader, because: Self.sentence(fault))
        }
    }

    /// Mends the key that all companies share, and writes every company's lists into it again.
    /// - Returns: the faults.
    func mendShared(_ leader: Leadership) async throws -> [KeyFault] {
        try await touch()
        let faults = try await queues.mendKeys(QueueKeys.shared, company: nil)
        guard !faults.isEmpty else { return [] }
        await tell(faults, of: nil, leader)
        for company in try await companies() {
            let lists = try await store.read(in: company.id, { try $0.expectedLengths() }).filter { $0.value > 0 }
            try await touch()
            try await queues.announce(company: company.slug, lists.keys.sorted())
        }
        CrashPoint.reach(.redisChanged)
        return faults
    }

    /// Mends keys and reports it.
    /// - Returns: the faults.
    func mend(_ keys: [QueueKey], of company: Company, _ leader: Leadership) async throws -> [KeyFault] {
        try await touch()
        let faults = try await queues.mendKeys(keys, company: company.slug)
        if !faults.isEmpty { await tell(faults, of: company, leader) }
        return faults
    }

    static func sentence(_ fault: KeyFault) -> String { "\(fault.key.name) was \(fault.found)" }

    /// Reports mended keys. If the store cannot take the report, the log still has it, and the keeper goes on.
    private func tell(_ faults: [KeyFault], of company: Company?, _ leader: Leadership) async {
        let slug = company?.slug ?? "all"
        for fault in faults.prefix(Self.toldInOneRound) {
            logger.warning(
                "a key in Redis had a wrong type, number or expiry and is mended",
                metadata: [
                    "company": "\(slug)", "key": "\(fault.key.name)", "found": "\(fault.found)",
                    "expected": "\(fault.expected)", "faults": "\(faults.count)",
                ])
        }
        do {
            try await store.writeAside { session in
                try session.noteMended(
                    faults.prefix(Self.toldInOneRound).map {
                        MendedKey($0, company: company?.slug, atMs: WallClock.now())
                    }, leader: leader)
            }
        } catch {
            logger.warning(
                "a mended key cannot be shown in `tf-daemon status`",
                metadata: ["company": "\(slug)", "error": "\(error)"])
        }
    }
}

extension CompanyReadSession {
    /// Every key that Redis may hold of the company.
    func queueKeys() throws -> [QueueKey] {
        let lists = try expectedLengths().keys.sorted()
        let workers = try workerLogins().map(\.login)
        let roles = try companyRoles().sorted()
        return QueueKeys(company: try companyRecord().slug).all(
            logins: workers, roles: roles, lists: lists, jobs: try queuedJobs())
    }

    /// How long every list of the company has to be, by its name.
    func expectedLengths() throws -> [String: Int] {
        var lengths: [String: Int] = [QueueKeys.unassigned(role: nil): 0]
        for worker in try workerLogins() {
            lengths[worker.login] = 0
            if worker.kind == .service { lengths[QueueKeys.urgent(worker.login)] = 0 }
        }
        for role in try companyRoles() { lengths[QueueKeys.unassigned(role: role)] = 0 }
        for (role, count) in try unassignedCounts() {
            lengths[QueueKeys.unassigned(role: role)] = count
        }
        for list in try listLengths() {
            lengths[list.isUrgent ? QueueKeys.urgent(list.login) : list.login, default: 0] += list.jobs
        }
        return lengths
    }
}
