/// Links by which people choose their password: the first one, or a new one.
extension Store {
    package enum PasswordLinkKind: String, Sendable {
        case invite
        case reset

        /// Milliseconds that it holds.
        package var lifetime: Int64 { self == .invite ? 7 * 86_400_000 : 3_600_000 }
    }

    /// Makes a link and ends earlier ones of the account.
    /// - Parameter hash: of the link's token, which itself is kept nowhere.
    package func addPasswordLink(_ kind: PasswordLinkKind, hash: String, for account: Account, now: Int64) async throws
    {
        try await write { db in
            guard account.kind == .person, !account.isDisabled else {
                throw StoreError.conflict("\(account.login) cannot choose a password: no person, or disabled")
            }
            try db.run("DELETE FROM password_link WHERE account_id = ? OR expires_at_ms < ?", [account.id, now])
            try db.run(
                "INSERT INTO password_link (hash, account_id, kind, expires_at_ms) VALUES (?, ?, ?, ?)",
                [hash, account.id, kind.rawValue, now + kind.lifetime])
            try audit(db, "password-link-made", "user \(account.login)", new: .string(kind.rawValue), now: now)
        }
    }

    /// Whose link it is; nil: it was used, has expired, or never was.
    package func account(passwordLink hash: String, _ kind: PasswordLinkKind, now: Int64) async throws -> Account? {
        try await read { db in try Self.account(db, hash, kind, now) }
    }

    /// Sets the password, once, and ends the account's sessions.
    /// - Throws: `StoreError.notFound` where the link does not hold.
    package func usePasswordLink(
        _ hash: String, _ kind: PasswordLinkKind, password: String, now: Int64
    ) async throws -> Account {
        try await write { db in
            guard let account = try Self.account(db, hash, kind, now) else { throw StoreError.notFound }
            try db.run("UPDATE password_link SET used_at_ms = ? WHERE hash = ?", [now, hash])
            try setPassword(db, password, of: account.id, keeping: nil, now: now)
            try audit(db, "password-chosen", "user \(account.login)", new: .string(kind.rawValue), now: now)
            return account
        }
    }

    private static func account(
        _ db: ReadSession, _ hash: String, _ kind: PasswordLinkKind, _ now: Int64
    ) throws -> Account? {
        try db.first(
            Account.self,
            """
            SELECT a.* FROM password_link l JOIN account a ON a.id = l.account_id
            WHERE l.hash = ? AND l.kind = ? AND l.used_at_ms IS NULL AND l.expires_at_ms > ?
                AND a.disabled_at_ms IS NULL
            """, [hash, kind.rawValue, now])
    }
}
