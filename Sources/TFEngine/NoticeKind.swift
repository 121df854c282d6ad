/// The kind of a notification: the column `notification.kind`.
package enum NoticeKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The account was assigned a task.
    case assigned
    /// A task of the account is due within a day.
    case dueSoon = "due_soon"
    /// Somebody commented on a ticket that the account requested or works on.
    case answered
    /// A comment names the account.
    case mentioned
    /// Somebody commented on a ticket that the account follows.
    case commented
    /// The workflow gave the requester a task.
    case waitingForYou = "waiting_for_you"
    /// A ticket of the account has ended.
    case closed
    /// For ticket admins: no worker can have a task.
    case nobodyEligible = "nobody_eligible"
}
