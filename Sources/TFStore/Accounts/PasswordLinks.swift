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

/// What became of a password link.
package enum PasswordLinkFate: Sendable, Hashable {
    /// It can be used for this account.
    case open(Account)
    /// It was used at this moment, in milliseconds since 1970.
    case used(Int64)
    /// It ended unused at this moment, in milliseconds since 1970.
    case expired(Int64)
    /// There is no such link, a newer one has replaced it, or the account is disabled.
    case unknown
}

extension ReadSession {
    /// Whose password was chosen with a link; nil: it was not used.
    package func user(ofPasswordLink hash: String, _ kind: PasswordLinkKind) throws -> Account? {
        try first(
            Account.self,
            """
            SELECT a.* FROM password_link l JOIN account a ON a.id = l.account_id
            WHERE l.hash = ? AND l.kind = ? AND l.used_at_ms IS NOT NULL
            """, [hash, kind.rawValue])
    }

    /// What became of a link, for whoever opens it.
    /// - Parameter hash: the hash of the link's token.
    package func fate(ofPasswordLink hash: String, _ kind: PasswordLinkKind, now: Int64) throws -> PasswordLinkFate {
        if let account = try account(passwordLink: hash, kind, now: now) { return .open(account) }
        let row = try first(
            Row.self, "SELECT used_at_ms, expires_at_ms FROM password_link WHERE hash = ? AND kind = ?",
            [hash, kind.rawValue])
        guard let row else { return .unknown }
        if let usedAt: Int64 = row["used_at_ms"] { return .used(usedAt) }
        let expiry: Int64 = row["expires_at_ms"]
        return expiry <= now ? .expired(expiry) : .unknown
    }
}

extension Store {
    /// How long a link is kept after it was used or ended, in milliseconds.
    static let linkMemory: Int64 = 30 * 86_400_000
}

extension WriteSession {
    /// Adds a link and deletes earlier unused ones of the account.
    /// - Parameter hash: the hash of the link's token, which itself is not stored.
    /// - Throws: `StoreError.conflict` for a program or a disabled account.
    package func addPasswordLink(_ kind: PasswordLinkKind, hash: String, for account: Account, now: Int64) throws {
        guard account.kind == .person, !account.isDisabled else {
            throw StoreError.conflict("\(account.login) cannot choose a password: not a person, or disabled")
        }
        try run(
            "DELETE FROM password_link WHERE account_id = ? AND used_at_ms IS NULL", [account.id])
        try run(
            "INSERT INTO password_link (hash, account_id, kind, expires_at_ms) VALUES (?, ?, ?, ?)",
            [hash, account.id, kind.rawValue, now + kind.lifetime])
        try audit(.passwordLinkMade, .user(account.login), new: .string(kind.rawValue), now: now)
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
        try audit(.passwordChosen, .user(account.login), new: .string(kind.rawValue), now: now)
        return account
    }
}
