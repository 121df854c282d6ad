import TFDefinition
import TFEngine
import TFExpression

/// A session of a browser or a program that has signed in.
package struct Session: Sendable, Hashable {
    /// A browser (`web`) or a program (`api`).
    package enum Purpose: String, Sendable, Codable, CaseIterable {
        case web
        case api
    }

    package let id: SessionID
    package let purpose: Purpose
    /// The hash of the newest refresh token.
    package let refreshHash: String
    /// The hash of the refresh token before it; nil: there was none.
    package let previousHash: String?
    /// The last refresh, in milliseconds since 1970.
    package let rotatedAtMs: Int64
    /// Milliseconds since 1970.
    package let createdAtMs: Int64
    package let agent: String
    /// The client's address when the session began.
    package let address: String
}

/// A session to be started.
package struct NewSession: Sendable {
    package let id: SessionID
    package let account: Account
    package let purpose: Session.Purpose
    package let refreshHash: String
    /// The User-Agent of the browser or program.
    package let agent: String
    /// The other server that its tokens are for; nil: this site.
    package var audience: String?

    package init(id: SessionID, account: Account, purpose: Session.Purpose, refreshHash: String, agent: String) {
        self.id = id
        self.account = account
        self.purpose = purpose
        self.refreshHash = refreshHash
        self.agent = agent
    }

    /// A copy whose access tokens are for another server.
    package func `for`(audience: String?) -> NewSession {
        var copy = self
        copy.audience = audience
        return copy
    }
}

/// The result of presenting a refresh token.
package enum Rotation: Sendable, Hashable {
    /// It was the newest one, or the one before within `Store.refreshGrace`: its successor is in force.
    case rotated(Session)
    /// It was an older one, so somebody has a copy: the session has ended.
    case reused
    /// There is no such session, or it has ended or expired.
    case unknown
}

extension ReadSession {
    /// An account's live sessions, the last refreshed first.
    package func sessions(of account: AccountID, now: Int64) throws -> [Session] {
        try all(
            Session.self,
            """
            SELECT * FROM session WHERE account_id = ? AND ended_at_ms IS NULL AND rotated_at_ms > ?
            ORDER BY rotated_at_ms DESC, id
            """, [account, now - Store.sessionLifetime])
    }

    /// The account of a browser's session, even if that has ended; nil: the session is unknown or the account disabled.
    package func personOfSession(_ id: SessionID) throws -> AccountID? {
        try first(
            AccountID.self,
            """
            SELECT s.account_id FROM session s JOIN account a ON a.id = s.account_id
            WHERE s.id = ? AND s.purpose = 'web' AND a.disabled_at_ms IS NULL
            """, [id])
    }

    /// The moment until which the throttle blocks sign-ins under any of these names, in milliseconds since 1970; nil:
    /// not blocked.
    /// - Parameter names: of the throttle: login, address, or both.
    package func blockedUntil(_ names: [String], now: Int64) throws -> Int64? {
        try names.compactMap { name in
            try first(
                Int64.self, "SELECT blocked_until_ms FROM throttle WHERE name = ? AND blocked_until_ms > ?",
                [name, now])
        }.max()
    }
}

extension WriteSession {
    /// Starts a session.
    /// - Returns: whether the person has to be told that an earlier session was ended because a refresh token was used
    ///   twice. True only once.
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
        try audit(.signedIn, .user(account.login), new: .string(new.purpose.rawValue), now: now)
        guard new.purpose == .web else { return false }
        return try changedRows(
            """
            UPDATE session SET told_at_ms = ?
            WHERE account_id = ? AND told_at_ms IS NULL AND ended_because = 'token_reused'
            """, [now, account.id]) > 0
    }

    /// Replaces a refresh token by its successor.
    /// - Parameters:
    ///   - hash: the hash of the token that was presented.
    ///   - successor: the hash of the token derived from it. The same token always has the same successor, so that
    ///     parallel requests get the same one.
    package func rotate(session id: SessionID, hash: String, successor: String, now: Int64) throws -> Rotation {
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
        try audit(.refreshTokenReused, .session(id), now: now)
        return .reused
    }

    /// Ends a session.
    /// - Parameter account: the account that it must belong to.
    /// - Throws: `StoreError.notFound` if the account has no such session.
    package func endSession(_ id: SessionID, of account: Account, because reason: SessionEnd, now: Int64) throws {
        let isTheirs = try first(
            Bool.self, "SELECT 1 FROM session WHERE id = ? AND account_id = ?", [id, account.id])
        guard isTheirs == true else { throw StoreError.notFound }
        try end(session: id, because: reason, now: now)
        try audit(.sessionEnded, .user(account.login), new: .string(reason.rawValue), now: now)
    }

    /// Ends all sessions of an account, except one if it is given; the caller writes the audit log.
    @discardableResult
    func endSessions(
        of account: AccountID, keeping session: SessionID?, because reason: SessionEnd, now: Int64
    ) throws -> Int {
        try changedRows(
            """
            UPDATE session SET ended_at_ms = ?, ended_because = ?
            WHERE account_id = ? AND ended_at_ms IS NULL AND id <> ?
            """, [now, reason.rawValue, account, session?.rawValue ?? ""])
    }

    fileprivate func end(session: SessionID, because reason: SessionEnd, now: Int64) throws {
        try run(
            "UPDATE session SET ended_at_ms = ?, ended_because = ? WHERE id = ? AND ended_at_ms IS NULL",
            [now, reason.rawValue, session])
    }

    /// Counts a failed sign-in under each name of the throttle. The first five cause no delay, the next ones 1, 2, 4 …
    /// up to 900 seconds.
    package func noteFailure(_ names: [String], login: String, now: Int64) throws {
        try audit(.signInFailed, .user(login), now: now)
        for name in names {
            let failures =
                try first(
                    Int.self, "SELECT failures FROM throttle WHERE name = ? AND changed_at_ms >= ?",
                    [name, now - Store.failureMemory]) ?? 0
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
    /// How long the previous refresh token stays valid, in milliseconds, because parallel requests of one browser carry
    /// it.
    package static let refreshGrace: Int64 = 60_000
    /// How long a session lives without a refresh, in milliseconds.
    package static let sessionLifetime: Int64 = 30 * 86_400_000

    // MARK: Throttling of failed sign-ins

    /// How long a failure counts, in milliseconds: the longest delay is a quarter of an hour.
    static let failureMemory: Int64 = 3_600_000

    /// The failures that cause no delay.
    fileprivate static let freeFailures = 5

    /// Deletes the failures counted under a name of the throttle.
    package func forgetFailures(_ name: String) async throws {
        // Reads first, so that a sign-in without failures does not write.
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
        purpose = try Column.word(row["purpose"])
        refreshHash = row["refresh_hash"]
        previousHash = row["previous_hash"]
        rotatedAtMs = row["rotated_at_ms"]
        createdAtMs = row["created_at_ms"]
        agent = row["agent"]
        address = row["address"]
    }
}
