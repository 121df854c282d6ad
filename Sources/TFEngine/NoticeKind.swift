/// What somebody is told in the application: the column `notification.kind`.
package enum NoticeKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A task is theirs.
    case assigned
    /// A task of theirs is due within a day.
    case dueSoon = "due_soon"
    /// Somebody said something about a ticket of theirs.
    case answered
    /// The workflow came back to them as the requester.
    case waitingForYou = "waiting_for_you"
    /// A ticket of theirs has ended.
    case closed
    /// Ticket admins: the rule can give a task to nobody.
    case nobodyEligible = "nobody_eligible"
}
