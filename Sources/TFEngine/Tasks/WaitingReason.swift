import TFDefinition
import TFExpression

/// Why nobody has a task that is ready. Stored as a code with facts; `sentence` puts it into words.
package enum WaitingReason: Sendable, Hashable {
    /// The queues have yet to choose.
    case queue
    /// Assignment is stopped for the company.
    case paused
    /// Anybody eligible may claim it.
    case claim
    /// The strategy is `person`, and the workflow names nobody.
    case nobodyNamed
    /// The strategy is `each`, and nobody holds the role.
    case nobodyToAsk
    /// The addressee is excluded.
    case excluded(login: String)
    /// The addressee is not a member, or not a service worker.
    case notThere(login: String)
    /// The task cannot be delivered to its addressee.
    case undeliverable
    /// A program's try failed, and the next is yet to come.
    case nextTry(error: String, number: Int, of: Int, at: Int64)
    case leaseEnded(login: String)
    case released(by: String)
    /// The holder lost the right to the task.
    case rightLost(login: String)
    case wentAway(login: String)
    /// No worker may have the task.
    case noneEligible(role: String?, excluded: Int)
    /// All workers who may have the task are away.
    case noneAvailable(role: String?, away: Int, excluded: Int)
}

// MARK: As it is stored

extension WaitingReason {
    /// The values of the column `task.waiting_reason`.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        case queue
        case paused
        case claim
        case nobodyNamed = "nobody_named"
        case nobodyToAsk = "nobody_to_ask"
        case excluded
        case notThere = "not_there"
        case undeliverable
        case nextTry = "next_try"
        case leaseEnded = "lease_ended"
        case released
        case rightLost = "right_lost"
        case wentAway = "went_away"
        case noneEligible = "none_eligible"
        case noneAvailable = "none_available"

        /// Whether a task gets to nobody unless somebody acts or changes; not one that the queues have yet to look at,
        /// that is to be claimed, or whose next try comes by itself.
        /// - Parameter strategy: the task's.
        package func isStuck(_ strategy: AssignmentStrategy) -> Bool {
            switch self {
            case .queue, .claim, .nextTry: false
            // Its worker has just gone: the queues choose the next one, except for a task with an addressee.
            case .leaseEnded, .released, .rightLost, .wentAway: strategy.isAddressed
            case .paused, .nobodyNamed, .nobodyToAsk, .excluded, .notThere, .undeliverable, .noneEligible,
                .noneAvailable:
                // Anybody eligible may claim a task of a pool.
                strategy != .pool
            }
        }

        /// Whether a task that the queues give away waits only until they look at it: it is new, or its worker has just
        /// gone.
        package var isUntilLookedAt: Bool {
            switch self {
            case .queue, .leaseEnded, .released, .rightLost, .wentAway: true
            case .paused, .claim, .nobodyNamed, .nobodyToAsk, .excluded, .notThere, .undeliverable, .nextTry,
                .noneEligible, .noneAvailable:
                false
            }
        }

        /// Whether it tells what the queues found, which may be untrue as soon as they are to look again.
        package var endsWithChange: Bool {
            switch self {
            case .paused, .noneEligible, .noneAvailable: true
            case .queue, .claim, .nobodyNamed, .nobodyToAsk, .excluded, .notThere, .undeliverable, .nextTry,
                .leaseEnded, .released, .rightLost, .wentAway:
                false
            }
        }
    }

    package var code: Code {
        switch self {
        case .queue: .queue
        case .paused: .paused
        case .claim: .claim
        case .nobodyNamed: .nobodyNamed
        case .nobodyToAsk: .nobodyToAsk
        case .excluded: .excluded
        case .notThere: .notThere
        case .undeliverable: .undeliverable
        case .nextTry: .nextTry
        case .leaseEnded: .leaseEnded
        case .released: .released
        case .rightLost: .rightLost
        case .wentAway: .wentAway
        case .noneEligible: .noneEligible
        case .noneAvailable: .noneAvailable
        }
    }

    /// The login of the account that the reason is about; nil: it is about none.
    package var login: String? {
        switch self {
        case .excluded(let login), .notThere(let login), .leaseEnded(let login), .released(by: let login),
            .rightLost(let login), .wentAway(let login):
            login
        case .queue, .paused, .claim, .nobodyNamed, .nobodyToAsk, .undeliverable, .nextTry, .noneEligible,
            .noneAvailable:
            nil
        }
    }

    /// The value of the column `task.waiting_facts`; nil if the code says all.
    package var facts: JSON? {
        switch self {
        case .queue, .paused, .claim, .nobodyNamed, .nobodyToAsk, .undeliverable: nil
        case .excluded(let login), .notThere(let login), .leaseEnded(let login), .released(by: let login),
            .rightLost(let login), .wentAway(let login):
            ["login": .string(login)]
        case .nextTry(let error, let number, let most, let moment):
            ["error": .string(error), "try": .int(number), "of": .int(most), "at": .int(moment)]
        case .noneEligible(let role, let excluded): ["role": .optional(role), "excluded": .int(excluded)]
        case .noneAvailable(let role, let away, let excluded):
            ["role": .optional(role), "away": .int(away), "excluded": .int(excluded)]
        }
    }

    /// - Parameter facts: missing ones are taken as empty or 0, so that a damaged row is still shown.
    package init(_ code: Code, facts: JSON) {
        let login = facts["login"].stringValue ?? ""
        func number(_ name: String) -> Int { facts[name].intValue ?? 0 }
        switch code {
        case .queue: self = .queue
        case .paused: self = .paused
        case .claim: self = .claim
        case .nobodyNamed: self = .nobodyNamed
        case .nobodyToAsk: self = .nobodyToAsk
        case .excluded: self = .excluded(login: login)
        case .notThere: self = .notThere(login: login)
        case .undeliverable: self = .undeliverable
        case .nextTry:
            self = .nextTry(
                error: facts["error"].stringValue ?? "", number: number("try"), of: number("of"),
                at: Int64(number("at")))
        case .leaseEnded: self = .leaseEnded(login: login)
        case .released: self = .released(by: login)
        case .rightLost: self = .rightLost(login: login)
        case .wentAway: self = .wentAway(login: login)
        case .noneEligible: self = .noneEligible(role: facts["role"].stringValue, excluded: number("excluded"))
        case .noneAvailable:
            self = .noneAvailable(
                role: facts["role"].stringValue, away: number("away"), excluded: number("excluded"))
        }
    }
}

// MARK: In words

extension WaitingReason {
    /// The reason in words that can follow "nobody has it:".
    /// - Parameters:
    ///   - roles: the names for people of the company's roles; one without is told as definitions have it.
    ///   - names: the names of accounts by login; one without is told by its login.
    package func sentence(
        kind: WorkerKind, strategy: AssignmentStrategy, roles: [String: String] = [:], names: [String: String] = [:]
    ) -> String {
        func name(_ login: String) -> String { names[login] ?? login }
        // A task with an addressee never goes to another worker by itself.
        let helper = strategy.isAddressed ? "; a ticket admin must assign it" : ""
        switch self {
        case .queue: return "waiting for the queue"
        case .paused: return "assignment is paused for the company"
        case .claim: return "anybody eligible may claim it"
        case .nobodyNamed: return "the workflow names nobody for it\(helper)"
        case .nobodyToAsk: return "there is nobody to ask\(helper)"
        case .excluded(let login): return "\(name(login)) is excluded from it\(helper)"
        case .notThere(let login):
            let what = kind == .service ? "no service worker of the company" : "no member of the company"
            return "\(name(login)) is \(what)\(helper)"
        case .undeliverable: return "a ticket admin must assign it"
        case .nextTry(let error, let number, let most, let at):
            return "\(error); try \(number) of \(most) at \(Moment.iso8601(at))"
        case .leaseEnded(let login): return "the lease of \(name(login)) ended\(helper)"
        case .released(let login): return "released by \(name(login))\(helper)"
        case .rightLost(let login): return "\(HolderLoss.right.sentence(of: name(login)))\(helper)"
        case .wentAway(let login): return "\(HolderLoss.presence.sentence(of: name(login)))\(helper)"
        case .noneEligible(let role, let excluded):
            let others = excluded > 0 ? ": \(Self.allExcluded(excluded))" : ""
            return "\(nobody(kind)) \(holding(role, roles)) may have it\(others)"
        case .noneAvailable(let role, let away, let excluded):
            let others = excluded > 0 ? ", and \(Self.othersExcluded(excluded))" : ""
            return "\(nobody(kind)) \(holding(role, roles)) is available: \(Self.allAway(away, excluded))\(others)"
        }
    }

    /// That everybody is away who may have a task, whether that is one or several.
    /// - Parameter excluded: how many others may not have it, or gave it back.
    package static func allAway(_ away: Int, _ excluded: Int) -> String {
        switch (away, excluded) {
        case (1, 0): "the only one is away"
        case (1, _): "the only other one is away"
        case (_, 0): "all \(away) are away"
        case (_, _): "the \(away) others are away"
        }
    }

    /// That some may not have a task.
    package static func othersExcluded(_ count: Int) -> String {
        "\(count) \(count == 1 ? "is" : "are") excluded or gave it back"
    }

    /// The same if there is nobody else.
    package static func allExcluded(_ count: Int) -> String {
        count == 1 ? "the only one is excluded or gave it back" : "all \(count) are excluded or gave it back"
    }

    private func nobody(_ kind: WorkerKind) -> String { kind == .service ? "no program" : "nobody" }

    private func holding(_ role: String?, _ roles: [String: String]) -> String {
        role.map { "with the role \(roles[$0] ?? $0)" } ?? "in the company"
    }
}
