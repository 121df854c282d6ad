import TFEngine

/// An API key, with which a program's account signs in without a password.
package struct APIKey: Sendable, Hashable {
    package let id: APIKeyID
    package let name: String
    /// Milliseconds since 1970.
    package let createdAtMs: Int64
    /// The last use, exact to a minute, in milliseconds since 1970; nil: not used yet.
    package let usedAtMs: Int64?
    /// Milliseconds since 1970; nil: in force.
    package let revokedAtMs: Int64?
}

extension ReadSession {
    /// An account's keys, revoked ones too, the oldest first.
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
    /// Adds a key to a service account.
    /// - Parameter hash: the key's hash; the key itself is not stored.
    /// - Throws: `StoreError.conflict` for a person, `.invalid` for a name that does not fit.
    package func addAPIKey(id: APIKeyID, hash: String, name: String, of account: Account, now: Int64) throws {
        try refuseUnfit(("name", name, .name))

        guard account.kind == .service else {
            throw StoreError.conflict("\(account.login) is a person; keys are for service accounts")
        }
        try run(
            "INSERT INTO api_key (id, account_id, name, hash, created_at_ms) VALUES (?, ?, ?, ?, ?)",
            [id, account.id, name, hash, now])
        try audit(.keyAdded, .user(account.login), new: .id(id), now: now)
    }

    /// Revokes a key.
    /// - Throws: `StoreError.notFound` if the account has no such key in force.
    package func revokeAPIKey(_ id: APIKeyID, of account: Account, now: Int64) throws {
        guard
            try changedRows(
                "UPDATE api_key SET revoked_at_ms = ? WHERE id = ? AND account_id = ? AND revoked_at_ms IS NULL",
                [now, id, account.id]) > 0
        else { throw StoreError.notFound }
        try audit(.keyRevoked, .user(account.login), old: .id(id), now: now)
    }
}

extension ReadSession {
    /// The account of a key, and whether its use has to be recorded (`noteUse`).
    /// - Returns: nil if the key is unknown or revoked, or its account disabled.
    package func identity(
        key id: APIKeyID, hash: String, now: Int64
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
    /// Records the last use of a key.
    package func noteUse(ofKey id: APIKeyID, now: Int64) throws {
        try run("UPDATE api_key SET used_at_ms = ? WHERE id = ?", [now, id])
    }
}

extension APIKey {
    /// The precision of a key's last use, in milliseconds: not every request should write.
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
