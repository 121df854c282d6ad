/// What a line of the audit log tells: the column `audit.action`.
package enum AuditAction: String, Sendable, Hashable, CaseIterable {
    // Signing in
    case signedIn = "signed-in"
    case signInFailed = "sign-in-failed"
    case sessionEnded = "session-ended"
    /// Somebody has a copy of a refresh token, or had one: its session has ended.
    case refreshTokenReused = "refresh-token-reused"
    case passwordChanged = "password-changed"
    /// By a link that was sent.
    case passwordChosen = "password-chosen"
    case passwordLinkMade = "password-link-made"
    case secondFactorSet = "second-factor-set"
    case secondFactorRemoved = "second-factor-removed"
    /// Of programs.
    case keyAdded = "key-added"
    case keyRevoked = "key-revoked"
    /// Of access tokens.
    case keysRotated = "keys-rotated"
    case keyOfTokensRevoked = "key-of-tokens-revoked"

    // Who is what
    case userAdded = "user-added"
    case userChanged = "user-changed"
    case companyAdded = "company-added"
    case companyChanged = "company-changed"
    case memberAdded = "member-added"
    case memberChanged = "member-changed"
    case memberRemoved = "member-removed"
    case roleDeclared = "role-declared"
    case roleMembersSet = "role-members-set"

    // What is written
    case definitionPublished = "definition-published"
    case definitionRetired = "definition-retired"

    /// Somebody known asked for what they may not do.
    case refused

    // What an admin of the site did with a ticket or a task that only admins of the site could reach
    case adminReadTicket = "admin-readTicket"
    case adminCommentTicket = "admin-commentTicket"
    case adminAttachToTicket = "admin-attachToTicket"
    case adminCancelTicket = "admin-cancelTicket"
    case adminReopenTicket = "admin-reopenTicket"
    case adminEditTicket = "admin-editTicket"
    case adminDecideFault = "admin-decideFault"
    case adminReadTask = "admin-readTask"
    case adminWorkTask = "admin-workTask"
    case adminReleaseTask = "admin-releaseTask"
    case adminHoldTask = "admin-holdTask"
    case adminHandOverTask = "admin-handOverTask"
    case adminClaimTask = "admin-claimTask"
    case adminAssignTask = "admin-assignTask"
    case adminPrioritizeTask = "admin-prioritizeTask"
}
