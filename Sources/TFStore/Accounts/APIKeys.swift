import TFEngine

/// A program's key, by which its account signs in without a password.
package struct APIKey: Sendable, Hashable {
    package let id: String
    package let name: String
    package let createdAtMs: Int64
    /// To the minute.
    package let usedAtMs: Int64?
    package let revokedAtMs: Int64?
}

extension ReadSession {
    package func apiKeys(of account: AccountID) throws -> [APIKey] {
        try all(
            APIKey.self,
            """
            SELECT id, name, created_at_ms, used_at_ms, revoked_at_ms FROM api_key
            WHERE account_id = ? ORDER BY created_at_ms, id
            """, [account])
    }
}

extension WriteSession {
    /// - Parameter hash: of the key, which itself is kept nowhere.
    package func addAPIKey(id: String, hash: String, name: String, of account: Account, now: Int64) throws {
        try refuseUnfit(("name", name, .name))

        guard account.kind == .service else {
            throw StoreError.conflict("\(account.login) is a person; keys are for service accounts")
        }
        try run(
            "INSERT INTO api_key (id, account_id, name, hash, created_at_ms) VALUES (?, ?, ?, ?, ?)",
            [id, account.id, name, hash, now])
        try audit(.keyAdded, "user \(account.login)", new: .string(id), now: now)
    }

    /// - Throws: `StoreError.notFound` where the account has no such key in force.
    package func revokeAPIKey(_ id: String, of account: Account, now: Int64) throws {
        guard
            try run(
                "UPDATE api_key SET revoked_at_ms = ? WHERE id = ? AND account_id = ? AND revoked_at_ms IS NULL",
                [now, id, account.id]) > 0
        else { throw StoreError.notFound }
        try audit(.keyRevoked, "user \(account.login)", old: .string(id), now: now)
    }
}

extension ReadSession {
    /// Who a key stands for, and whether its use is to be noted (`noteUse`).
    /// - Returns: nil: it is unknown or revoked, or its account disabled.
    package func identity(
        key id: String, hash: String, now: Int64
    ) throws -> (identity: Identity, isUseToBeNoted: Bool)? {
        let rows = try all(
            Row.self,
            """
            SELECT \(Identity.columns), k.used_at_ms
            FROM api_key k JOIN account a ON a.id = k.account_id AND a.disabled_at_ms IS NULL \(Identity.joinedRoles)
            WHERE k.id = ? AND k.hash = ? AND k.revoked_at_ms IS NULL
            """, [id, hash])
        guard let row = rows.first, let identity = try Identity.fetch(self, rows) else { return nil }
        let usedAt: Int64? = row["used_at_ms"]
        return (identity, now - (usedAt ?? 0) > APIKey.useStep)
    }
}

extension WriteSession {
    package func noteUse(ofKey id: String, now: Int64) throws {
        try run("UPDATE api_key SET used_at_ms = ? WHERE id = ?", [now, id])
    }
}

extension APIKey {
    /// How exactly the last use of a key is kept, in milliseconds: not every request shall write.
    fileprivate static let useStep: Int64 = 60_000
}

extension APIKey: RowReadable {
    package init(row: Row) {
        id = row["id"]
        name = row["name"]
        createdAtMs = row["created_at_ms"]
        usedAtMs = row["used_at_ms"]
        revokedAtMs = row["revoked_at_ms"]
    }
}
