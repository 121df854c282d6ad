import TFConfiguration
import TFQueue
import TFStore

/// Somebody wrote under one of our names: the key is put right, the content behind it is made again, and the operator is
/// told by the log and by `tf-daemon status`.
extension QueueKeeper {
    private static let toldInOneRound = 20

    /// Looks at every key of ours, of each company and of all.
    func checkKeys(_ leader: Leadership) async throws {
        _ = try await mendShared(leader)
        try await eachCompany { company in
            let faults = try await mend(try await store.read({ try $0.queueKeys(company) }), of: company, leader)
            guard let fault = faults.first(where: \.needsRebuild) else { return }
            try await rebuild(company, leader, because: Self.sentence(fault))
        }
    }

    /// Puts right what all companies share, and has every company's lists in it again.
    /// - Returns: what was wrong.
    func mendShared(_ leader: Leadership) async throws -> [KeyFault] {
        let faults = try await queues.mendKeys(QueueKeys.shared, company: nil)
        guard !faults.isEmpty else { return [] }
        await tell(faults, of: nil, leader)
        for company in try await store.read({ try $0.companies() }) {
            let lists = try await store.read({ try $0.expectedLengths(company) }).filter { $0.value > 0 }
            try await queues.announce(company: company.slug, lists.keys.sorted())
        }
        return faults
    }

    /// Puts keys right and tells of it.
    /// - Returns: what was wrong.
    func mend(_ keys: [QueueKey], of company: Company, _ leader: Leadership) async throws -> [KeyFault] {
        let faults = try await queues.mendKeys(keys, company: company.slug)
        if !faults.isEmpty { await tell(faults, of: company, leader) }
        return faults
    }

    static func sentence(_ fault: KeyFault) -> String { "\(fault.key.name) was \(fault.found)" }

    /// Nothing that has to follow depends on it: where the store cannot take it, the log has it.
    private func tell(_ faults: [KeyFault], of company: Company?, _ leader: Leadership) async {
        let slug = company?.slug ?? "all"
        for fault in faults.prefix(Self.toldInOneRound) {
            logger.warning(
                "a key in Redis was not what it has to be and is put right",
                metadata: [
                    "company": "\(slug)", "key": "\(fault.key.name)", "found": "\(fault.found)",
                    "expected": "\(fault.expected)", "faults": "\(faults.count)",
                ])
        }
        do {
            try await store.writeAside { session in
                try session.noteMended(
                    faults.prefix(Self.toldInOneRound).map {
                        MendedKey(
                            name: $0.key.name, company: company?.slug, found: $0.found, expected: $0.expected,
                            atMs: WallClock.now())
                    }, leader: leader)
            }
        } catch {
            logger.warning(
                "`tf-daemon status` cannot tell of a key that was put right",
                metadata: ["company": "\(slug)", "error": "\(error)"])
        }
    }

    /// Does something for each company. What Redis refuses of one company's is told and stops none of the others; a server
    /// that is away stops all.
    func eachCompany(_ work: (Company) async throws -> Void) async throws {
        for company in try await store.read({ try $0.companies() }) {
            do {
                try await work(company)
            } catch let error as QueueError where !error.isTemporary {
                tell(error, of: company.slug)
            }
        }
    }

    func tell(_ error: QueueError, of company: String) {
        logger.warning(
            "the queues of a company cannot be kept; it is tried again",
            metadata: ["company": "\(company)", "error": "\(error)"])
    }
}

extension ReadSession {
    /// Every key that Redis may hold of a company.
    func queueKeys(_ company: Company) throws -> [QueueKey] {
        let lists = try expectedLengths(company).keys.sorted()
        let workers = try workerLogins(company.id).map(\.login)
        let roles = try companyRoles(company.id).sorted()
        return QueueKeys(company: company.slug).all(
            logins: workers, roles: roles, lists: lists, jobs: try queuedJobs(company: company.id))
    }

    /// How long every list of a company has to be, by its name.
    func expectedLengths(_ company: Company) throws -> [String: Int] {
        var lengths: [String: Int] = [QueueKeys.unassigned(role: nil): 0]
        for worker in try workerLogins(company.id) {
            lengths[worker.login] = 0
            if worker.kind == .service { lengths[QueueKeys.urgent(worker.login)] = 0 }
        }
        for role in try companyRoles(company.id) { lengths[QueueKeys.unassigned(role: role)] = 0 }
        for (role, count) in try unassignedCounts(company: company.id) {
            lengths[QueueKeys.unassigned(role: role)] = count
        }
        for list in try listLengths(company: company.id) {
            lengths[list.isUrgent ? QueueKeys.urgent(list.login) : list.login, default: 0] += list.jobs
        }
        return lengths
    }
}
