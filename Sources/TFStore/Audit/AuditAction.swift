/// The kind of an entry of the audit log: the column `audit.action`.
package enum AuditAction: String, Sendable, Hashable, CaseIterable {
    // Signing in
    case signedIn = "signed-in"
    case signInFailed = "sign-in-failed"
    case sessionEnded = "session-ended"
    /// A refresh token was used twice, so somebody has or had a copy; its session was ended.
    case refreshTokenReused = "refresh-token-reused"
    case passwordChanged = "password-changed"
    /// Chosen with a password link.
    case passwordChosen = "password-chosen"
    case passwordLinkMade = "password-link-made"
    case secondFactorSet = "second-factor-set"
    case secondFactorRemoved = "second-factor-removed"
    /// API keys of programs.
    case keyAdded = "key-added"
    case keyRevoked = "key-revoked"
    /// The keys that sign access tokens.
    case keysRotated = "keys-rotated"
    case keyOfTokensRevoked = "key-of-tokens-revoked"

    // Accounts, companies and roles
    case userAdded = "user-added"
    case userChanged = "user-changed"
    /// All that is kept of a person was written out.
    case userExported = "user-exported"
    /// A person became a pseudonym.
    case userErased = "user-erased"
    /// Entries of the audit log itself were deleted, as `retention.audit` says.
    case entriesRemoved = "entries-removed"
    case companyAdded = "company-added"
    case companyChanged = "company-changed"
    /// Tasks of the company are no longer assigned, until `assignmentResumed`.
    case assignmentPaused = "assignment-paused"
    case assignmentResumed = "assignment-resumed"
    case memberAdded = "member-added"
    case memberChanged = "member-changed"
    case memberRemoved = "member-removed"
    case roleDeclared = "role-declared"
    case roleRenamed = "role-renamed"
    case roleMembersSet = "role-members-set"

    // Definitions
    case definitionPublished = "definition-published"
    /// A text that was published before came into force again: an older revision, or a definition that was retired.
    case definitionBroughtBack = "definition-brought-back"
    case definitionRetired = "definition-retired"

    /// A signed-in caller requested something that they may not do.
    case refused

    // Actions on a ticket or a task that the caller could reach only as an admin of the site
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

    // Lists of a company that an admin of the site saw, or took out as a table
    case adminListTickets = "admin-listTickets"
    case adminListTasks = "admin-listTasks"
    case adminExportTickets = "admin-exportTickets"
    case adminExportTasks = "admin-exportTasks"
}
