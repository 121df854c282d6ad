import TFEngine

/// Why a session has ended: the column `session.ended_because`.
package enum SessionEnd: String, Sendable, Hashable, CaseIterable {
    case signedOut = "signed_out"
    /// Ended by its owner from another session.
    case endedByPerson = "ended_by_person"
    case endedByAdmin = "ended_by_admin"
    case passwordChanged = "password_changed"
    case accountDisabled = "account_disabled"
    /// An old refresh token was used again, so somebody has a copy. The owner is told at the next sign-in.
    case tokenReused = "token_reused"
}

extension WriteSession {
    /// Ends all sessions of an account.
    /// - Parameter session: the id of the only one that continues; nil: none.
    /// - Returns: how many have ended.
    package func endSessions(
        of account: Account, keeping session: SessionID?, because reason: SessionEnd, now: Int64
    ) throws -> Int {
        let ended = try endSessions(of: account.id, keeping: session, because: reason, now: now)
        if ended > 0 { try audit(.sessionEnded, .user(account.login), new: .string(reason.rawValue), now: now) }
        return ended
    }
}
