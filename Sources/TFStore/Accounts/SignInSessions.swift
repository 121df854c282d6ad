import TFDefinition
import TFEngine
import TFExpression

/// A session as one request sees it.
package struct Session: Sendable, Hashable {
    package enum Purpose: String, Sendable, Codable, CaseIterable {
        case web
        case api
    }

    package let id: String
    package let accountID: AccountID
    package let purpose: Purpose
    package let refreshHash: String
    package let previousHash: String?
    package let rotatedAtMs: Int64
    package let createdAtMs: Int64
    package let endedAtMs: Int64?
    package let agent: String
    /// Where it began.
    package let address: String
    /// The other server that its tokens are for; nil: this site.
    package let audience: String?
}

/// A session that is to begin.
package struct NewSession: Sendable {
    package let id: String
    package let account: Account
    package let purpose: Session.Purpose
    package let refreshHash: String
    /// What the browser or the program calls itself.
    package let agent: String
    /// The other server that its tokens are for; nil: this site.
    package var audience: String?

    package init(id: String, account: Account, purpose: Session.Purpose, refreshHash: String, agent: String) {
        self.id = id
        self.account = account
        self.purpose = purpose
        self.refreshHash = refreshHash
        self.agent = agent
    }

    package func `for`(audience: String?) -> NewSession {
        var copy = self
        copy.audience = audience
        return copy
    }
}

/// What became of a refresh token.
package enum Rotation: Sendable, Hashable {
    /// It was the newest, or the one before within the grace: its successor is in force.
    case rotated(Session)
    /// An older one was used again: somebody has a copy, so the session has ended.
    case reused
    /// There is no such session, or it has ended.
    case unknown
}

extension ReadSession {
    /// An account's live sessions, the last used first.
    package func sessions(of account: AccountID, now: Int64) throws -> [Session] {
        try all(
            Session.self,
            """
            SELECT * FROM session WHERE account_id = ? AND ended_at_ms IS NULL AND rotated_at_ms > ?
            ORDER BY rotated_at_ms DESC, id
            """, [account, now - Store.sessionLifetime])
    }

    /// Whose pages a session showed, though it may have ended; nil: it is unknown, or of nobody who may sign in.
    package func personOfSession(_ id: String) throws -> AccountID? {
        try first(
            AccountID.self,
            """
            SELECT s.account_id FROM session s JOIN account a ON a.id = s.account_id
            WHERE s.id = ? AND s.purpose = 'web' AND a.disabled_at_ms IS NULL
            """, [id])
    }

    /// Until when a sign-in under any of these names has to wait; nil: it need not.
    package func blockedUntil(_ names: [String], now: Int64) throws -> Int64? {
        try names.compactMap { name in
            try first(
                Int64.self, "SELECT blocked_until_ms FROM throttle WHERE name = ? AND blocked_until_ms > ?",
                [name, now])
        }.max()
    }
}

extension WriteSession {
    /// Begins a session.
    /// - Returns: whether an earlier session of the account ended since an old token was used again, which the person
    ///   is to be told once.
    package func startSession(_ new: NewSession, now: Int64) throws -> Bool {
        let account = new.account
        try run(
            """
            INSERT INTO session (id, account_id, purpose, refresh_hash, rotated_at_ms, created_at_ms, agent,
                address, audience)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                new.id, account.id, new.purpose.rawValue, new.refreshHash, now, now, TextLimit.agent.cut(new.agent),
                caller?.address ?? "", new.audience,
            ])
        try audit(.signedIn, "user \(account.login)", new: .string(new.purpose.rawValue), now: now)
        guard new.purpose == .web else { return false }
        return try run(
            """
            UPDATE session SET told_at_ms = ?
            WHERE account_id = ? AND told_at_ms IS NULL AND ended_because = 'token_reused'
            """, [now, account.id]) > 0
    }

    /// Puts a refresh token's successor in its place.
    /// - Parameters:
    ///   - hash: of the token that was shown.
    ///   - successor: hash of the token derived from it; the same for the same token, so that requests in parallel
    ///     agree on one.
    package func rotate(session id: String, hash: String, successor: String, now: Int64) throws -> Rotation {
        guard
            let session = try first(
                Session.self, "SELECT * FROM session WHERE id = ? AND ended_at_ms IS NULL AND rotated_at_ms > ?",
                [id, now - Store.sessionLifetime])
        else { return .unknown }
        if session.refreshHash == hash {
            try run(
                """
                UPDATE session SET refresh_hash = ?, previous_hash = ?, rotated_at_ms = ? WHERE id = ?
                """, [successor, hash, now, id])
            return .rotated(session)
        }
        if session.previousHash == hash, session.refreshHash == successor,
            now - session.rotatedAtMs <= Store.refreshGrace
        {
            return .rotated(session)
        }
        try end(session: id, because: .tokenReused, now: now)
        try audit(.refreshTokenReused, "session \(id)", now: now)
        return .reused
    }

    /// - Parameter account: whose it must be.
    /// - Throws: `StoreError.notFound` where the account has no such session.
    package func endSession(_ id: String, of account: Account, because reason: SessionEnd, now: Int64) throws {
        let isTheirs = try first(
            Bool.self, "SELECT 1 FROM session WHERE id = ? AND account_id = ?", [id, account.id])
        guard isTheirs == true else { throw StoreError.notFound }
        try end(session: id, because: reason, now: now)
        try audit(.sessionEnded, "user \(account.login)", new: .string(reason.rawValue), now: now)
    }

    /// Ends all sessions of an account but one.
    func endSessions(
        of account: AccountID, keeping session: String?, because reason: SessionEnd, now: Int64
    ) throws {
        try run(
            """
            UPDATE session SET ended_at_ms = ?, ended_because = ?
            WHERE account_id = ? AND ended_at_ms IS NULL AND id <> ?
            """, [now, reason.rawValue, account, session ?? ""])
    }

    fileprivate func end(session: String, because reason: SessionEnd, now: Int64) throws {
        try run(
            "UPDATE session SET ended_at_ms = ?, ended_because = ? WHERE id = ? AND ended_at_ms IS NULL",
            [now, reason.rawValue, session])
    }

    /// Counts a failure: after five free ones 1, 2, 4 … up to 900 seconds of waiting.
    package func noteFailure(_ names: [String], login: String, now: Int64) throws {
        try audit(.signInFailed, "user \(login)", now: now)
        // Nobody waits longer than a quarter of an hour, so older failures are of no use.
        try run("DELETE FROM throttle WHERE changed_at_ms < ?", [now - 3_600_000])
        for name in names {
            let failures =
                try first(Int.self, "SELECT failures FROM throttle WHERE name = ?", [name]) ?? 0
            let over = failures + 1 - Store.freeFailures
            let seconds = over <= 0 ? 0 : Int64(min(900, 1 << min(over - 1, 10)))
            try run(
                """
                INSERT INTO throttle (name, failures, blocked_until_ms, changed_at_ms) VALUES (?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET failures = excluded.failures,
                    blocked_until_ms = excluded.blocked_until_ms, changed_at_ms = excluded.changed_at_ms
                """, [name, failures + 1, now + seconds * 1000, now])
        }
    }
}

extension Store {
    /// How long the token before the newest is honoured: parallel requests of one browser carry it.
    package static let refreshGrace: Int64 = 60_000
    /// How long a session lives without a refresh.
    package static let sessionLifetime: Int64 = 30 * 86_400_000

    // MARK: Throttling of failed sign-ins

    /// Free failures before waiting begins.
    fileprivate static let freeFailures = 5

    /// Forgets the failures that were counted under a name.
    package func forgetFailures(_ name: String) async throws {
        // Nobody writes for a sign-in that went well the first time.
        let isThere = try await read { db in
            try db.first(Int.self, "SELECT failures FROM throttle WHERE name = ?", [name]) != nil
        }
        guard isThere else { return }
        try await writeAside { db in
            try db.run("DELETE FROM throttle WHERE name = ?", [name])
        }
    }
}

extension Session: RowReadable {
    package init(row: Row) throws {
        id = row["id"]
        accountID = row["account_id"]
        purpose = try Column.word(row["purpose"])
        refreshHash = row["refresh_hash"]
        previousHash = row["previous_hash"]
        rotatedAtMs = row["rotated_at_ms"]
        createdAtMs = row["created_at_ms"]
        endedAtMs = row["ended_at_ms"]
        agent = row["agent"]
        address = row["address"]
        audience = row["audience"]
    }
}
