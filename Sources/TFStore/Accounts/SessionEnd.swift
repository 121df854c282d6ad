/// Why a session has ended: the column `session.ended_because`.
package enum SessionEnd: String, Sendable, Hashable, CaseIterable {
    case signedOut = "signed_out"
    /// Ended by its owner from another session.
    case endedByPerson = "ended_by_person"
    case passwordChanged = "password_changed"
    case accountDisabled = "account_disabled"
    /// An old refresh token was used again, so somebody has a copy. The owner is told at the next sign-in.
    case tokenReused = "token_reused"
}
