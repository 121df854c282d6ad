import GRDB
import TFDefinition

/// A session as one request sees it.
package struct Session: StoredRecord, Hashable {
    package enum Purpose: String, Sendable, Codable {
        case web
        case api
    }

    package let id: String
    package let accountID: Int64
    package let purpose: Purpose
    package let refreshHash: String
    package let previousHash: String?
    package let rotatedAtMs: Int64
    package let createdAtMs: Int64
    package let endedAtMs: Int64?
    package let agent: String

    private enum CodingKeys: String, CodingKey {
        case id
        case accountID = "accountId"
        case purpose
        case refreshHash
        case previousHash
        case rotatedAtMs
        case createdAtMs
        case endedAtMs
        case agent
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

extension Store {
    /// How long the token before the newest is honoured: parallel requests of one browser carry it.
    package static let refreshGrace: Int64 = 60_000
    /// How long a session lives without a refresh.
    package static let sessionLifetime: Int64 = 30 * 86_400_000

    package func startSession(
        id: String, account: Int64, purpose: Session.Purpose, refreshHash: String, agent: String, now: Int64
    ) async throws {
        try await write { db in
            try db.perform(
                sql: """
                    INSERT INTO session (id, account_id, purpose, refresh_hash, rotated_at_ms, created_at_ms, agent)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """, arguments: [id, account, purpose.rawValue, refreshHash, now, now, String(agent.prefix(200))])
        }
    }

    /// A live session with who it belongs to; nil when it has ended or the account is disabled.
    package func session(_ id: String, now: Int64) async throws -> (session: Session, identity: Identity)? {
        try await pool.read { db in
            guard
                let session = try Session.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT * FROM session WHERE id = ? AND ended_at_ms IS NULL AND rotated_at_ms > ?"),
                    arguments: [id, now - Self.sessionLifetime]),
                let account = try Account.fetchOne(
                    db.cachedStatement(sql: "SELECT * FROM account WHERE id = ? AND disabled_at_ms IS NULL"),
                    arguments: [session.accountID])
            else { return nil }
            return (session, try Identity.fetch(db, account))
        }
    }

    /// Puts a refresh token's successor in its place.
    /// - Parameters:
    ///   - hash: of the token that was shown.
    ///   - successor: hash of the token derived from it; the same for the same token, so that requests in parallel
    ///     agree on one.
    package func rotate(session id: String, hash: String, successor: String, now: Int64) async throws -> Rotation {
        try await write { db in
            guard
                let session = try Session.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT * FROM session WHERE id = ? AND ended_at_ms IS NULL AND rotated_at_ms > ?"),
                    arguments: [id, now - Self.sessionLifetime])
            else { return .unknown }
            if session.refreshHash == hash {
                try db.perform(
                    sql: """
                        UPDATE session SET refresh_hash = ?, previous_hash = ?, rotated_at_ms = ? WHERE id = ?
                        """, arguments: [successor, hash, now, id])
                return .rotated(session)
            }
            if session.previousHash == hash, session.refreshHash == successor,
                now - session.rotatedAtMs <= Self.refreshGrace
            {
                return .rotated(session)
            }
            try end(db, session: id, because: "an old refresh token was used again", now: now)
            return .reused
        }
    }

    package func endSession(_ id: String, because reason: String, now: Int64) async throws {
        try await write { db in try end(db, session: id, because: reason, now: now) }
    }

    private func end(_ db: Database, session: String, because reason: String, now: Int64) throws {
        try db.perform(
            sql: "UPDATE session SET ended_at_ms = ?, ended_because = ? WHERE id = ? AND ended_at_ms IS NULL",
            arguments: [now, reason, session])
    }

    // MARK: Throttling of failed sign-ins

    /// Free failures before waiting begins.
    private static let freeFailures = 5

    /// Until when a sign-in under any of these names has to wait; nil: it need not.
    package func blockedUntil(_ names: [String], now: Int64) async throws -> Int64? {
        try await pool.read { db in
            try names.compactMap { name in
                try Int64.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT blocked_until_ms FROM throttle WHERE name = ? AND blocked_until_ms > ?"),
                    arguments: [name, now])
            }.max()
        }
    }

    /// Counts a failure: after five free ones 1, 2, 4 … up to 900 seconds of waiting.
    package func noteFailure(_ names: [String], now: Int64) async throws {
        try await write { db in
            // Nobody waits longer than a quarter of an hour, so older failures are of no use.
            try db.perform(sql: "DELETE FROM throttle WHERE changed_at_ms < ?", arguments: [now - 3_600_000])
            for name in names {
                let failures =
                    try Int.fetchOne(
                        db.cachedStatement(sql: "SELECT failures FROM throttle WHERE name = ?"), arguments: [name]) ?? 0
                let over = failures + 1 - Self.freeFailures
                let seconds = over <= 0 ? 0 : Int64(min(900, 1 << min(over - 1, 10)))
                try db.perform(
                    sql: """
                        INSERT INTO throttle (name, failures, blocked_until_ms, changed_at_ms) VALUES (?, ?, ?, ?)
                        ON CONFLICT (name) DO UPDATE SET failures = excluded.failures,
                            blocked_until_ms = excluded.blocked_until_ms, changed_at_ms = excluded.changed_at_ms
                        """, arguments: [name, failures + 1, now + seconds * 1000, now])
            }
        }
    }

    package func forgetFailures(_ names: [String]) async throws {
        try await write { db in
            for name in names { try db.perform(sql: "DELETE FROM throttle WHERE name = ?", arguments: [name]) }
        }
    }
}
