import TFEngine
import TFStore

/// The conditions that several rules share.
extension Policy {
    static func isOwn(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        var reasons = PolicyReasons.unasked
        return isOwn(actor, facts, &reasons)
    }

    static func isOwn(_ actor: Actor, _ facts: TicketFacts, _ reasons: inout PolicyReasons) -> Bool {
        reasons.note(facts.requester == actor.account, "asked for the ticket") && reasons.isMember(actor)
            && reasons.has(.user, actor)
    }

    static func manages(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        var reasons = PolicyReasons.unasked
        return manages(actor, facts, &reasons)
    }

    static func manages(_ actor: Actor, _ facts: TicketFacts, _ reasons: inout PolicyReasons) -> Bool {
        reasons.has(.ticketAdmin, actor) && reasons.meets(facts.viewRoles, "tickets of this type are shown to", actor)
    }

    /// Whether the actor is a worker with an open task of the ticket.
    static func worksOn(_ actor: Actor, _ facts: TicketFacts) -> Bool {
        var reasons = PolicyReasons.unasked
        return worksOn(actor, facts, &reasons)
    }

    static func worksOn(_ actor: Actor, _ facts: TicketFacts, _ reasons: inout PolicyReasons) -> Bool {
        reasons.note(facts.hasTask, "has an open task of the ticket") && reasons.has(.taskWorker, actor)
    }

    static func holdsRole(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        facts.role.map(actor.companyRoles.contains) ?? true
    }

    /// Whether the actor may claim the task now. Somebody who is excluded may not, and so has no reason to read it: an
    /// approver's remarks are not for the requester.
    static func isClaimable(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        var reasons = PolicyReasons.unasked
        return isClaimable(actor, facts, &reasons)
    }

    static func isClaimable(_ actor: Actor, _ facts: TaskFacts, _ reasons: inout PolicyReasons) -> Bool {
        reasons.note(facts.assignee == nil && facts.state == .ready, "finds the task with nobody")
            && couldClaim(actor, facts, &reasons)
    }

    /// Whether the actor could claim the task if it were unassigned; after losing a race they learn only who was
    /// faster.
    static func couldClaim(_ actor: Actor, _ facts: TaskFacts) -> Bool {
        var reasons = PolicyReasons.unasked
        return couldClaim(actor, facts, &reasons)
    }

    static func couldClaim(_ actor: Actor, _ facts: TaskFacts, _ reasons: inout PolicyReasons) -> Bool {
        reasons.has(.taskWorker, actor) && reasons.meets(Set([facts.role].compactMap(\.self)), "the task needs", actor)
            && reasons.note(!facts.isExcluded, "is not excluded from the task")
    }
}
