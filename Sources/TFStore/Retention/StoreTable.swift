/// Every table of the store, and how its rows come to an end. A test holds the list against the schema, so that no table
/// grows for ever because nobody thought of it.
package enum StoreTable: String, Sendable, Hashable, CaseIterable {
    case company, account, membership, session, throttle, audit, definition, revision, problem, schedule, secret
    case diagram, ticket, comment, instance, task, assignment, history, attachment, notification, follower
    case outbox, leader, daemon
    case instanceEvent = "instance_event"
    case idempotencyKey = "idempotency_key"
    case attachmentChunk = "attachment_chunk"
    case accountRole = "account_role"
    case membershipLimit = "membership_limit"
    case companyRole = "company_role"
    case memberRole = "member_role"
    case recoveryCode = "recovery_code"
    case apiKey = "api_key"
    case passwordLink = "password_link"
    case ticketViewRole = "ticket_view_role"
    case cloudEvent = "cloud_event"
    case httpCall = "http_call"
    case noticeSetting = "notice_setting"
    case queueEpoch = "queue_epoch"
    case mendedKey = "mended_key"
    case parkedForm = "parked_form"
    case savedView = "saved_view"
    case searchText = "search_text"
    case searchMark = "search_mark"
    case failingPart = "failing_part"
    case auditGate = "audit_gate"
    case siteKey = "site_key"

    /// How the rows of a table come to an end.
    package enum End: Sendable, Hashable {
        /// They are deleted when they are old.
        case retention(RetentionKind)
        /// They go with the row of another table that they belong to.
        case with(StoreTable)
        /// Whoever has handled a row deletes it.
        case handled
        /// Later ones take their place: there are never more than of what they belong to.
        case replaced
        /// They stay: there are as many as people set up, and using the site adds none.
        case kept
    }

    package var end: End {
        switch self {
        case .company, .account, .companyRole, .definition, .revision, .secret, .savedView: .kept
        case .accountRole, .membership, .recoveryCode, .noticeSetting: .with(.account)
        case .membershipLimit, .memberRole: .with(.membership)
        case .diagram: .with(.revision)
        case .attachmentChunk: .with(.attachment)
        case .schedule: .with(.definition)
        case .problem, .queueEpoch, .leader, .daemon, .failingPart, .searchMark, .auditGate, .siteKey: .replaced
        case .outbox, .instanceEvent, .httpCall: .handled
        case .ticket: .retention(.tickets)
        case .comment, .task, .assignment, .history, .attachment, .follower, .ticketViewRole, .searchText:
            .with(.ticket)
        case .instance: .retention(.workflows)
        case .notification: .retention(.notifications)
        case .session: .retention(.sessions)
        case .apiKey: .retention(.apiKeys)
        case .audit: .retention(.audit)
        case .passwordLink: .retention(.links)
        case .idempotencyKey: .retention(.idempotencyKeys)
        case .parkedForm: .retention(.forms)
        case .cloudEvent: .retention(.cloudEvents)
        case .throttle: .retention(.failures)
        case .mendedKey: .retention(.mends)
        }
    }
}
