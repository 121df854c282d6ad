/// Why a person is sent a password link: the column `password_link.kind`.
package enum PasswordLinkKind: String, Sendable, CaseIterable {
    case invite
    case reset

    /// How long the link is valid, in milliseconds.
    package var lifetime: Int64 { self == .invite ? 7 * 86_400_000 : 3_600_000 }
}

/// Password links, with which people choose their first password or a new one.
extension ReadSession {
    /// The account of a link; nil if the link is unknown, used or expired, or the account disabled.
    /// - Parameter hash: the hash of the link's token.
    package func account(passwordLink hash: String, _ kind: PasswordLinkKind, now: Int64) throws -> Account? {
        try first(
            Account.self,
            """
            SELECT a.* FROM password_link l JOIN account a ON a.id = l.account_id
            WHERE l.hash = ? AND l.kind = ? AND l.used_at_ms IS NULL AND l.expires_at_ms > ?
                AND a.disabled_at_ms IS NULL
            """, [hash, kind.rawValue, now])
    }
}

extension WriteSession {
    /// Adds a link and deletes earlier ones of the account.
    /// - Parameter hash: the hash of the link's token, which itself is not stored.
    /// - Throws: `StoreError.conflict` for a program or a disabled account.
    package func addPasswordLink(_ kind: PasswordLinkKind, hash: String, for account: Account, now: Int64) throws {
        guard account.kind == .person, !account.isDisabled else {
            throw StoreError.conflict("\(account.login) cannot choose a password: not a person, or disabled")
        }
        try run("DELETE FROM password_link WHERE account_id = ? OR expires_at_ms < ?", [account.id, now])
        try run(
            "INSERT INTO password_link (hash, account_id, kind, expires_at_ms) VALUES (?, ?, ?, ?)",
            [hash, account.id, kind.rawValue, now + kind.lifetime])
        try audit(.passwordLinkMade, "user \(account.login)", new: .string(kind.rawValue), now: now)
    }

    /// Sets the password with a link, which can be used only once, and ends the account's sessions.
    /// - Parameter password: the hash, as a PHC string.
    /// - Throws: `StoreError.notFound` if the link is not valid.
    package func usePasswordLink(
        _ hash: String, _ kind: PasswordLinkKind, password: String, now: Int64
    ) throws -> Account {
        guard let account = try account(passwordLink: hash, kind, now: now) else { throw StoreError.notFound }
        try run("UPDATE password_link SET used_at_ms = ? WHERE hash = ?", [now, hash])
        try setPassword(password, of: account.id, keeping: nil, now: now)
        try audit(.passwordChosen, "user \(account.login)", new: .string(kind.rawValue), now: now)
        return account
    }
}
