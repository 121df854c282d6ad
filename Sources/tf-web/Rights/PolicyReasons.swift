import TFDefinition
import TFEngine
import TFStore

/// A condition that the policy has looked at, and whether the actor meets it.
struct PolicyReason: Sendable, Hashable {
    /// What the actor does or is, without a subject: `has the task now`.
    let condition: String
    let isMet: Bool
    /// Why not, where the condition does not say it itself: `the membership leaves the role out`.
    var because: String?
}

/// Collects the conditions that a decision rests on, so that the rule which decides is also the one that explains.
///
/// Decisions are made for every row of every list, so sentences are composed only if somebody asks for them.
struct PolicyReasons {
    /// nil: nobody asks.
    private(set) var list: [PolicyReason]?
    /// The names for people of the company's roles, by their short names.
    private let roleLabels: [String: String]

    static let unasked = PolicyReasons(list: nil, roleLabels: [:])

    static func asked(roleLabels: [String: String]) -> PolicyReasons {
        PolicyReasons(list: [], roleLabels: roleLabels)
    }

    /// Notes a condition.
    /// - Returns: whether it is met.
    mutating func note(
        _ isMet: Bool, _ condition: @autoclosure () -> String, because: @autoclosure () -> String? = nil
    ) -> Bool {
        list?.append(PolicyReason(condition: condition(), isMet: isMet, because: isMet ? nil : because()))
        return isMet
    }

    /// Notes whether the actor runs the site.
    mutating func isAdmin(_ actor: Actor) -> Bool { note(actor.isAdmin, "is an admin of the site") }

    /// Notes whether the actor belongs to the company.
    mutating func isMember(_ actor: Actor) -> Bool { note(actor.membership != nil, "belongs to the company") }

    /// Notes whether a system role of the actor counts in the company.
    mutating func has(_ role: SystemRole, _ actor: Actor) -> Bool {
        note(actor.has(role), "is \(role.inSentence) here", because: Self.why(actor, lacks: role))
    }

    private static func why(_ actor: Actor, lacks role: SystemRole) -> String {
        if actor.membership == nil { return "they do not belong to the company" }
        return actor.systemRoles.contains(role)
            ? "they have the system role, but their membership of the company leaves it out"
            : "they do not have the system role"
    }

    /// Notes whether the actor has one of these company roles, if any is asked for.
    mutating func meets(_ roles: Set<String>, _ what: @autoclosure () -> String, _ actor: Actor) -> Bool {
        guard !roles.isEmpty else { return true }
        let labels = roleLabels
        return note(
            !actor.companyRoles.isDisjoint(with: roles),
            "has the company role \(Self.labels(of: roles, labels, " or ")), which \(what())")
    }

    /// Company roles as people know them: `Access approver or IT staff`.
    static func labels(of roles: Set<String>, _ labels: [String: String], _ separator: String) -> String {
        roles.map { labels[$0] ?? ReadableName.title($0) }.sorted().joined(separator: separator)
    }
}

/// A decision with all conditions that were looked at on the way, in order.
struct Explanation: Sendable {
    let decision: Decision
    let reasons: [PolicyReason]
}

extension Policy {
    /// Decides as `decide` does, and says why.
    /// - Parameter roleLabels: the names for people of the company's roles.
    static func explain(
        _ actor: Actor, _ action: Action, _ resource: Resource, roleLabels: [String: String] = [:]
    ) -> Explanation {
        var reasons = PolicyReasons.asked(roleLabels: roleLabels)
        let decision = decide(actor, action, resource, &reasons)
        return Explanation(decision: decision, reasons: reasons.list ?? [])
    }
}
