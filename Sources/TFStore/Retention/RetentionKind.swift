/// What is deleted when it is old. Each kind has a term of its own; `StoreTable` tells for every table how its rows go.
package enum RetentionKind: String, Sendable, Hashable, CaseIterable {
    // Terms that the operator chooses
    /// Tickets that were closed or cancelled, with everything that is their own: history, tasks and answers, comments,
    /// files, notifications, workflows.
    case tickets
    /// Workflows without a ticket, as schedules start them, that ended, failed or were set aside.
    case workflows
    /// Notifications in the application, read or not.
    case notifications
    /// Sessions, since their end or their last refresh.
    case sessions
    /// API keys that were revoked.
    case apiKeys = "api_keys"
    case audit

    // Terms that are fixed, because something relies on them
    /// Links for choosing a password, since they expired.
    case links
    /// Idempotency keys with the answers to their requests.
    case idempotencyKeys = "idempotency_keys"
    /// Forms that were sent after their session had ended.
    case forms
    /// Uploaded files that nothing uses.
    case uploads
    /// CloudEvents, which listeners that start later still get.
    case cloudEvents = "cloud_events"
    /// Counts of failed sign-ins.
    case failures
    /// Notes of keys in Redis that were mended.
    case mends

    /// What it is, for operators.
    package var label: String {
        switch self {
        case .tickets: "closed tickets with all of theirs"
        case .workflows: "ended workflows without a ticket"
        case .notifications: "notifications"
        case .sessions: "sessions that ended"
        case .apiKeys: "API keys that were revoked"
        case .audit: "entries of the audit log"
        case .links: "password links that expired"
        case .idempotencyKeys: "idempotency keys and their answers"
        case .forms: "forms of ended sessions"
        case .uploads: "uploaded files that nothing uses"
        case .cloudEvents: "CloudEvents"
        case .failures: "counts of failed sign-ins"
        case .mends: "notes of mended keys in Redis"
        }
    }
}

/// How long each kind is kept.
package struct RetentionTerms: Sendable, Hashable {
    private static let day: Int64 = 86_400_000

    /// In days; nil: for ever. Sessions are kept longer than they may live without a refresh, tickets longer than they
    /// can be reopened; both are checked with the settings.
    package var tickets: Int?
    package var workflows: Int? = 90
    package var notifications: Int? = 90
    package var sessions: Int? = 60
    package var audit: Int? = 1_095

    package init() {}

    /// How long rows of a kind are kept, in milliseconds; nil: for ever.
    package func term(of kind: RetentionKind) -> Int64? {
        switch kind {
        case .tickets: days(tickets)
        case .workflows: days(workflows)
        case .notifications: days(notifications)
        case .sessions, .apiKeys: days(sessions)
        case .audit: days(audit)
        case .links: Store.linkMemory
        case .idempotencyKeys: IdempotencyKey.lifetime
        case .forms: Store.parkedLifetime
        case .uploads: Self.day
        case .cloudEvents: Store.cloudEventLifetime
        case .failures: Store.failureMemory
        case .mends: Store.mendedKeyLifetime
        }
    }

    /// The moment before which rows of a kind go, in milliseconds since 1970; nil: none goes.
    ///
    /// A term of days ends at midnight UTC, so that a day's rows go together and the preview tells the same all day.
    package func end(of kind: RetentionKind, now: Int64) -> Int64? {
        term(of: kind).map { term in
            let end = now - term
            return term > Self.day ? end - end % Self.day : end
        }
    }

    private func days(_ number: Int?) -> Int64? { number.map { Int64($0) * Self.day } }
}
