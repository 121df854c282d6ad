import TFExpression

/// How a task came to the one who has it, or that the rule found nobody: the column `task.decision`.
package enum WorkerChoice: Sendable, Hashable {
    /// No list had a part in it.
    case chosen(String, because: ChoiceReason)
    case byRule(String, RuleChoice)
    /// Why is `TaskSituation.waiting`.
    case nobody(WorkerCount)

    /// Why the one who has it was chosen; nil: nobody was.
    package var because: ChoiceReason? {
        switch self {
        case .chosen(_, let reason): reason
        case .byRule(_, let choice): choice.because
        case .nobody: nil
        }
    }
}

/// What the rule saw when it chose somebody.
package struct RuleChoice: Sendable, Hashable {
    /// Somebody whose turn would have been next.
    package struct Candidate: Sendable, Hashable {
        package let login: String
        /// Open tasks.
        package let length: Int

        package init(login: String, length: Int) {
            self.login = login
            self.length = length
        }
    }

    package let because: ChoiceReason
    /// Open tasks of the one who was chosen, before this one.
    package let length: Int
    package let following: [Candidate]
    /// nil: nobody counted them.
    package let workers: WorkerCount?

    package init(
        because: ChoiceReason, length: Int = 0, following: [Candidate] = [], workers: WorkerCount? = nil
    ) {
        self.because = because
        self.length = length
        self.following = following
        self.workers = workers
    }
}

/// How many workers a task could go to.
package struct WorkerCount: Sendable, Hashable {
    /// Who hold its role and are not excluded.
    package let eligible: Int
    package let available: Int
    /// Who hold its role, and may not have it or gave it back.
    package let excluded: Int

    package var away: Int { eligible - available }

    package init(eligible: Int, available: Int, excluded: Int) {
        self.eligible = eligible
        self.available = available
        self.excluded = excluded
    }
}

// MARK: As it is stored

extension WorkerChoice {
    /// `chosen because` and the reason's facts, `length following` of a rule's choice, `eligible available away excluded`.
    package var json: JSON {
        switch self {
        case .chosen(let login, let reason):
            var members = reason.members
            members["chosen"] = .string(login)
            return .object(members)
        case .byRule(let login, let choice):
            var members = choice.because.members
            members["chosen"] = .string(login)
            members["length"] = .int(choice.length)
            members["following"] = .array(
                choice.following.map { ["login": .string($0.login), "length": .int($0.length)] })
            if let workers = choice.workers { workers.write(to: &members) }
            return .object(members)
        case .nobody(let workers):
            var members: JSONObject = ["chosen": .null]
            workers.write(to: &members)
            return .object(members)
        }
    }

    /// - Returns: nil for what is none: a damaged row is still shown.
    package init?(_ json: JSON) {
        let workers = WorkerCount(json)
        if let login = json["chosen"].stringValue, let reason = ChoiceReason(json) {
            guard let following = json["following"].arrayValue else {
                self = .chosen(login, because: reason)
                return
            }
            let choice = RuleChoice(
                because: reason, length: json["length"].intValue ?? 0,
                following: following.map { .init(login: $0["login"].displayText, length: $0["length"].intValue ?? 0) },
                workers: workers)
            self = .byRule(login, choice)
        } else if let workers {
            self = .nobody(workers)
        } else {
            return nil
        }
    }
}

extension WorkerCount {
    fileprivate func write(to members: inout JSONObject) {
        members["eligible"] = .int(eligible)
        members["available"] = .int(available)
        members["away"] = .int(away)
        members["excluded"] = .int(excluded)
    }

    fileprivate init?(_ json: JSON) {
        guard let eligible = json["eligible"].intValue, let available = json["available"].intValue,
            let excluded = json["excluded"].intValue
        else { return nil }
        self.init(eligible: eligible, available: available, excluded: excluded)
    }
}
