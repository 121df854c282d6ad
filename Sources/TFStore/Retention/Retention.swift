import TFEngine

extension Store {
    /// The rows that one transaction deletes at most, so that no other writer waits long.
    package static let limitRemovedRows = 300

    /// Deletes some of a kind that is from before a moment, in one short transaction, or one for each company.
    /// - Parameter leader: the daemon that does it; nil: a test.
    /// - Returns: how many rows; less than `limitRemovedRows`: nothing is left.
    /// - Throws: `StoreError.notLeader`.
    package func removeExpired(
        _ kind: RetentionKind, before moment: Int64, leader: Leadership? = nil, now: Int64
    ) async throws -> Int {
        guard let rows = ExpiringRows(kind) else {
            var count = 0
            for company in try await read({ try $0.companies() }) where count < Self.limitRemovedRows {
                count += try await removeExpired(kind, in: company.id, before: moment, leader, now: now)
            }
            return count
        }
        let gone = try await writeAside { session in
            if let leader { try session.check(leader) }
            if kind == .audit { try session.openAudit(before: moment, now: now) }
            return try session.removeRows(rows, before: moment, limit: Self.limitRemovedRows)
        }
        for file in gone.files { try await removeContent(of: file) }
        return gone.count
    }

    private func removeExpired(
        _ kind: RetentionKind, in company: CompanyID, before moment: Int64, _ leader: Leadership?, now: Int64
    ) async throws -> Int {
        let gone = try await writeAside { site -> (count: Int, files: [AttachmentKey]) in
            if let leader { try site.check(leader) }
            let session = site.inside(company)
            guard kind == .tickets else {
                return (try session.removeWorkflows(before: moment, limit: Self.limitRemovedRows), [])
            }
            return try session.removeTickets(before: moment, limit: Self.limitRemovedRows)
        }
        // Content without its row is found by `removeStrayFiles`, should the process end here.
        for file in gone.files { try await removeContent(of: file) }
        return gone.count
    }
}
