import TFDefinition
import TFEngine
import TFStore

extension WaitingReason {
    /// Why nobody has a task, short enough for a column; its own page has the whole sentence.
    /// - Parameters:
    ///   - reason: nil: none is known.
    ///   - strategy: the task's.
    ///   - title: the task's, or another word for it; told if the queues have yet to choose a worker.
    ///   - roles: the names for people of the company's roles.
    static func words(
        _ reason: WaitingReason?, _ strategy: AssignmentStrategy, title: String, roles: [String: String]
    ) -> String {
        switch reason {
        case .claim?: TaskState.ready.label
        case .noneEligible(let role?, let excluded)?:
            "Nobody \(excluded > 0 ? "else " : "")has the role \(roles[role] ?? ReadableName.title(role))"
        case .noneEligible(nil, let excluded)? where excluded > 0: "Nobody else can have it"
        case .noneAvailable(_, _, let excluded)?: excluded > 0 ? "Nobody else is available" : "Everybody is away"
        case .paused?: "Assignment is paused"
        case .nextTry?: "Tried again soon"
        case .queue?, nil: title
        case .nobodyNamed?, .nobodyToAsk?, .excluded?, .notThere?, .undeliverable?, .leaseEnded?, .released?,
            .rightLost?, .wentAway?, .noneEligible(nil, _)?:
            reason?.code.isStuck(strategy) == true ? "Nobody can have it" : title
        }
    }
}

extension CompanyReadSession {
    /// The names for people of the company's roles; not looked up if none of the reasons names a role.
    func roleLabels(for reasons: [WaitingReason?]) throws -> [String: String] {
        let namesRole = reasons.contains { reason in
            if case .noneEligible(.some, _)? = reason { return true }
            return false
        }
        return namesRole ? try roleLabels() : [:]
    }
}
