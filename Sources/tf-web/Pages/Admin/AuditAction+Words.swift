import TFStore

/// The actions of the audit log in words.
extension AuditAction {
    /// The kinds of actions, in the order in which a filter offers them.
    static let groups: [(label: String, actions: [AuditAction])] = [
        (
            "Signing in",
            [
                .signedIn, .signInFailed, .sessionEnded, .refreshTokenReused, .passwordChanged, .passwordChosen,
                .passwordLinkMade, .secondFactorSet, .secondFactorRemoved,
            ]
        ),
        ("Keys", [.keyAdded, .keyRevoked, .keysRotated, .keyOfTokensRevoked]),
        (
            "Accounts, companies and roles",
            [
                .userAdded, .userChanged, .companyAdded, .companyChanged, .assignmentPaused, .assignmentResumed,
                .memberAdded, .memberChanged, .memberRemoved, .roleDeclared, .roleRenamed, .roleMembersSet,
                .userExported, .userErased,
            ]
        ),
        ("Definitions", [.definitionPublished, .definitionBroughtBack, .definitionRetired]),
        ("Kept and removed", [.entriesRemoved]),
        ("Refused", [.refused]),
        (
            "By an admin’s rights",
            [
                .adminReadTicket, .adminCommentTicket, .adminAttachToTicket, .adminCancelTicket, .adminReopenTicket,
                .adminEditTicket, .adminDecideFault, .adminReadTask, .adminWorkTask, .adminReleaseTask, .adminHoldTask,
                .adminHandOverTask, .adminClaimTask, .adminAssignTask, .adminPrioritizeTask, .adminListTickets,
                .adminListTasks, .adminExportTickets, .adminExportTasks,
            ]
        ),
    ]

    /// What an entry says of its subject, behind the verb.
    enum ToldSubject {
        /// The verb says all.
        case nothing
        /// The address that was asked for.
        case address
        /// As whom somebody tried to act.
        case asWhom
        /// Whom or what it was done to.
        case whom
    }

    var toldSubject: ToldSubject {
        switch self {
        case .signedIn: .nothing
        case .refused: .address
        case .signInFailed: .asWhom
        case .sessionEnded, .refreshTokenReused, .passwordChanged, .passwordChosen, .passwordLinkMade,
            .secondFactorSet, .secondFactorRemoved, .keyAdded, .keyRevoked, .keysRotated, .keyOfTokensRevoked,
            .userAdded, .userChanged, .userExported, .userErased, .entriesRemoved, .companyAdded, .companyChanged,
            .assignmentPaused, .assignmentResumed, .memberAdded, .memberChanged, .memberRemoved, .roleDeclared,
            .roleRenamed, .roleMembersSet, .definitionPublished, .definitionBroughtBack, .definitionRetired,
            .adminReadTicket,
            .adminCommentTicket, .adminAttachToTicket, .adminCancelTicket, .adminReopenTicket, .adminEditTicket,
            .adminDecideFault, .adminReadTask, .adminWorkTask, .adminReleaseTask, .adminHoldTask, .adminHandOverTask,
            .adminClaimTask, .adminAssignTask, .adminPrioritizeTask, .adminListTickets, .adminListTasks,
            .adminExportTickets, .adminExportTasks:
            .whom
        }
    }

    /// What was done, to follow the person's name and to come before the subject's: `changed the account of`.
    var verb: String {
        switch self {
        case .signedIn: "signed in"
        case .signInFailed: "could not sign in"
        case .sessionEnded: "ended a session of"
        case .refreshTokenReused: "used an old token again, which ended"
        case .passwordChanged: "changed the password of"
        case .passwordChosen: "chose the password by a link of"
        case .passwordLinkMade: "made a password link for"
        case .secondFactorSet: "set up the second factor of"
        case .secondFactorRemoved: "removed the second factor of"
        case .keyAdded: "made a key for"
        case .keyRevoked: "revoked a key of"
        case .keysRotated: "replaced the keys that sign tokens by"
        case .keyOfTokensRevoked: "revoked the signing"
        case .userAdded: "made the account of"
        case .userChanged: "changed the account of"
        case .userExported: "wrote out all that is kept of"
        case .userErased: "erased the person behind"
        case .entriesRemoved: "removed old entries of the"
        case .companyAdded: "made the company"
        case .companyChanged: "changed the company"
        case .assignmentPaused: "paused assignment in"
        case .assignmentResumed: "went on with assignment in"
        case .memberAdded: "added"
        case .memberChanged: "changed the membership of"
        case .memberRemoved: "ended the membership of"
        case .roleDeclared: "declared the role"
        case .roleRenamed: "renamed the role"
        case .roleMembersSet: "changed who has the role"
        case .definitionPublished: "published the"
        case .definitionBroughtBack: "brought back the"
        case .definitionRetired: "retired the"
        case .refused: "was refused"
        case .adminReadTicket: "read, as an admin,"
        case .adminCommentTicket: "commented, as an admin, on"
        case .adminAttachToTicket: "attached a file, as an admin, to"
        case .adminCancelTicket: "cancelled, as an admin,"
        case .adminReopenTicket: "reopened, as an admin,"
        case .adminEditTicket: "changed, as an admin,"
        case .adminDecideFault: "decided, as an admin, about a failed step of"
        case .adminReadTask: "read, as an admin,"
        case .adminWorkTask: "worked, as an admin, on"
        case .adminReleaseTask: "released, as an admin,"
        case .adminHoldTask: "put off, as an admin,"
        case .adminHandOverTask: "handed over, as an admin,"
        case .adminClaimTask: "claimed, as an admin,"
        case .adminAssignTask: "assigned, as an admin,"
        case .adminPrioritizeTask: "changed the priority, as an admin, of"
        case .adminListTickets: "looked, as an admin, through the tickets, or the reports, of"
        case .adminListTasks: "looked, as an admin, through the tasks of"
        case .adminExportTickets: "took out, as an admin, a table of the tickets, or a report, of"
        case .adminExportTasks: "took out, as an admin, a table of the tasks of"
        }
    }

    /// The name of the action in a filter, which has neither person nor subject: `Changed the account of …`.
    var label: String {
        let isWhole = self == .signedIn || self == .signInFailed || self == .refused
        return verb.prefix(1).uppercased() + verb.dropFirst() + (isWhole ? "" : " …")
    }

    var isOfMembership: Bool { self == .memberAdded || self == .memberChanged || self == .memberRemoved }

    var tone: Tone {
        switch self {
        case .signInFailed, .refreshTokenReused, .refused: .fail
        case .sessionEnded, .secondFactorRemoved, .keyRevoked, .keyOfTokensRevoked, .memberRemoved, .definitionRetired,
            .assignmentPaused, .userErased, .entriesRemoved:
            .off
        case .signedIn, .passwordChanged, .passwordChosen, .passwordLinkMade, .secondFactorSet, .keyAdded, .keysRotated,
            .userAdded, .userChanged, .userExported, .companyAdded, .companyChanged, .assignmentResumed, .memberAdded,
            .memberChanged, .roleDeclared, .roleRenamed, .roleMembersSet, .definitionPublished, .definitionBroughtBack:
            .done
        case .adminReadTicket, .adminCommentTicket, .adminAttachToTicket, .adminCancelTicket, .adminReopenTicket,
            .adminEditTicket, .adminDecideFault, .adminReadTask, .adminWorkTask, .adminReleaseTask, .adminHoldTask,
            .adminHandOverTask, .adminClaimTask, .adminAssignTask, .adminPrioritizeTask, .adminListTickets,
            .adminListTasks, .adminExportTickets, .adminExportTasks:
            .wait
        }
    }
}
