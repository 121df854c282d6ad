import TFEngine
import TFSystem

/// Files whose rows are gone, and that cannot be removed. Those that can are.
package struct StayingFiles: Error, CustomStringConvertible {
    /// How many rows are gone, as `removeExpired` counts them.
    package let rows: Int
    /// Why the first of the files stays.
    package let first: FileFailure

    package var description: String { first.description }
}

extension Store {
    /// The rows that one transaction deletes at most, so that no other writer waits long.
    package static let limitRemovedRows = 300

    /// Deletes some of a kind that is from before a moment, in one short transaction, or one for each company.
    /// - Parameter leader: the daemon that does it; nil: a test.
    /// - Returns: how many rows; less than `limitRemovedRows`: nothing is left.
    /// - Throws: `StoreError.notLeader`, or `StayingFiles`.
    package func removeExpired(
        _ kind: RetentionKind, before moment: Int64, leader: Leadership? = nil, now: Int64
    ) async throws -> Int {
        var (count, failure): (Int, FileFailure?) = (0, nil)
        if let rows = ExpiringRows(kind) {
            let gone = try await writeAside { session in
                if let leader { try session.check(leader) }
                if kind == .audit { try session.openAudit(before: moment, now: now) }
                return try session.removeRows(rows, before: moment, limit: Self.limitRemovedRows)
            }
            count = gone.count
            failure = try await removeContents(of: gone.files)
        } else {
            for company in try await read({ try $0.companies() }) where count < Self.limitRemovedRows {
                let gone = try await removeExpired(kind, in: company.id, before: moment, leader, now: now)
                count += gone.count
                failure = failure ?? gone.failure
            }
        }
        if let failure { throw StayingFiles(rows: count, first: failure) }
        return count
    }

    private func removeExpired(
        _ kind: RetentionKind, in company: CompanyID, before moment: Int64, _ leader: Leadership?, now: Int64
    ) async throws -> (count: Int, failure: FileFailure?) {
        let gone = try await writeAside { site -> (count: Int, files: [AttachmentKey]) in
            if let leader { try site.check(leader) }
            let session = site.inside(company)
            guard kind == .tickets else {
                return (try session.removeWorkflows(before: moment, limit: Self.limitRemovedRows), [])
            }
            return try session.removeTickets(before: moment, limit: Self.limitRemovedRows)
        }
        return (gone.count, try await removeContents(of: gone.files))
    }

    /// Removes the content of files whose rows are gone. Should the process end here, `removeStrayFiles` finds what is
    /// left.
    /// - Returns: why the first stays of those that cannot be removed.
    private func removeContents(of files: [AttachmentKey]) async throws -> FileFailure? {
        var failure: FileFailure?
        for file in files {
            do { try await removeContent(of: file) } catch let error as FileFailure { failure = failure ?? error }
        }
        return failure
    }
}
