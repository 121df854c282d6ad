import GRDB

/// A worker with his load, for the workers page and the API.
package struct WorkerLoad: Sendable, Hashable {
    package let login: String
    package let name: String
    package let roles: [String]
    package let isAvailable: Bool
    /// Assigned, started and held.
    package let open: Int
    package let done: Int
}

extension Store {
    /// A company's workers by login.
    package func workers(_ company: Int64) async throws -> [WorkerLoad] {
        try await pool.read { db in
            let roles = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT a.login, r.role FROM member_role r JOIN account a ON a.id = r.account_id
                        WHERE r.company_id = ? ORDER BY r.role
                        """), arguments: [company]
            ).reduce(into: [String: [String]]()) { roles, row in roles[row["login"], default: []].append(row["role"]) }
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT w.login, a.name, w.is_available,
                            (SELECT COUNT(*) FROM task k WHERE k.company_id = w.company_id AND k.assignee_id = w.account_id
                                AND k.state IN ('assigned', 'started', 'held')) AS open,
                            (SELECT COUNT(*) FROM task k WHERE k.company_id = w.company_id AND k.assignee_id = w.account_id
                                AND k.state = 'completed') AS done
                        FROM worker w JOIN account a ON a.id = w.account_id WHERE w.company_id = ? ORDER BY w.login
                        """), arguments: [company])
            return rows.map { row in
                WorkerLoad(
                    login: row["login"], name: row["name"], roles: roles[row["login"]] ?? [],
                    isAvailable: row["is_available"], open: row["open"], done: row["done"])
            }
        }
    }

    /// What becomes of the open tasks of a worker who goes away.
    package enum Handover: String, Sendable, CaseIterable {
        case all
        case notStarted = "not_started"
        case keep
    }

    /// Makes a worker available or away; going away he gets nothing new, and hands over what he chooses.
    /// - Throws: `StoreError.notFound` when he is no worker of the company.
    package func setAvailability(
        _ login: String, company: Int64, isAvailable: Bool, handover: Handover, now: Int64
    ) async throws {
        try await write { db in
            let account = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT account_id FROM worker WHERE company_id = ? AND login = ?"),
                arguments: [company, login])
            guard let account else { throw StoreError.notFound }
            try db.perform(
                sql: "UPDATE membership SET is_available = ? WHERE company_id = ? AND account_id = ?",
                arguments: [isAvailable, company, account])
            try Outbox.workerChanged(db, company: company, account: account, now: now)
            guard !isAvailable, handover != .keep else { return }
            try returnTasks(
                db, company: company, account: account, startedToo: handover == .all, unlessEligible: false, now: now)
        }
    }
}
