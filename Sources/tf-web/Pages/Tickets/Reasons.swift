import TFEngine
import TFStore

/// Why a task went to somebody or waits for somebody, told to people: by name, and in sentences of cause.
struct Reasons: Sendable {
    let people: NamedPeople
    /// The visitor's login, who is addressed as "you"; nil: nobody is.
    var me: String?
    /// Whether the visitor may know how much others have to do.
    var tellsLoads = true
    /// The names for people of the company's roles.
    let roles: [String: String]

    /// A whole sentence on why somebody has a task.
    /// - Parameter role: the company role of those among whom the rule chose.
    func sentence(_ reason: ChoiceReason, for login: String, role: String?) -> HTML {
        let isMe = login == me
        let who: HTML = isMe ? "you" : "\(people.firstName(login))"
        let was: HTML = isMe ? "you were" : "\(people.firstName(login)) was"
        switch reason {
        case .shortestList(1, let length):
            return """
                \(was) the only one of the \(Words.people(role, roles)) available\
                \(when(tellsLoads, ", with \(Words.count(length, "open task"))"))
                """
        case .shortestList(let available, let length):
            return """
                \(who) had the shortest list of the \(available) \(Words.people(role, roles)) available\
                \(when(tellsLoads, ": \(Words.count(length, "open task"))"))
                """
        case .turn(let available):
            return "it was \(isMe ? "your" : "their") turn among the \(available) who are available"
        case .preferred: return "the workflow would rather have \(who) do it"
        case .chosenBefore: return "\(was) chosen when it came up"
        case .claimed: return "\(who) took it"
        case .addressed: return "it is meant for \(who)"
        case .requester: return isMe ? "you asked for this" : "\(who) asked for this"
        case .named: return "the workflow names \(who)"
        case .asked(let people):
            return people == 1 ? "the workflow asks \(who)" : "the workflow asks \(people) people, \(who) among them"
        case .handedOver(let giver): return "\(giver == me ? "you" : people.name(giver)) handed it over"
        // Whoever has it gave it to themselves: the value is compared, and bound in the next line.
        case .given(login): return "\(who) took it over"
        case .given(let giver): return "\(giver == me ? "you" : people.name(giver)) gave it to \(who)"
        }
    }

    /// Who would have been next, with the length of their lists; nil: nobody, or it does not matter.
    func following(_ decision: WorkerChoice?) -> HTML? {
        guard tellsLoads, case .byRule(_, let choice)? = decision, !choice.following.isEmpty else { return nil }
        let next = choice.following.prefix(3).map { candidate -> HTML in
            let tie = candidate.length == choice.length
            return "\(people.name(candidate.login)) had \(candidate.length)\(when(tie, " too"))"
        }
        return Words.list(next)
    }

    /// Why nobody has a task, in a whole sentence without its full stop.
    /// - Parameter subject: the task, in words that begin a sentence.
    func nobody(has subject: HTML, _ reason: WaitingReason, _ task: TaskRecord, _ times: Times) -> HTML {
        switch reason {
        case .queue: "\(subject) is being assigned"
        case .claim: "\(subject) waits for somebody to take it"
        case .paused, .nobodyNamed, .nobodyToAsk, .excluded, .notThere, .undeliverable, .nextTry, .leaseEnded,
            .released, .rightLost, .wentAway, .noneEligible, .noneAvailable:
            "\(subject) is with nobody because \(cause(reason, task, times))"
        }
    }

    /// To follow "because".
    private func cause(_ reason: WaitingReason, _ task: TaskRecord, _ times: Times) -> HTML {
        let helper: HTML = task.strategy.isAddressed ? "; a ticket admin has to give it to somebody" : .empty
        switch reason {
        case .queue: return "it is being assigned"
        case .paused: return "assigning is paused in this company"
        case .claim: return "it is there to be claimed"
        case .nobodyNamed: return "the workflow names nobody for it\(helper)"
        case .nobodyToAsk: return "there is nobody to ask\(helper)"
        case .excluded(let login): return "\(people.name(login)) may not do it\(helper)"
        case .notThere(let login): return "\(people.name(login)) does not work here\(helper)"
        case .undeliverable: return "a ticket admin has to give it to somebody"
        case .nextTry(_, let number, let most, let at): return "try \(number) of \(most) comes \(times.near(at))"
        case .leaseEnded(let login): return "nothing was heard from \(people.name(login))\(helper)"
        case .released(let login): return "\(people.name(login)) gave it back\(helper)"
        case .rightLost(let login): return "\(people.name(login)) may not have it any more\(helper)"
        case .wentAway(let login): return "\(people.name(login)) is away\(helper)"
        case .noneEligible(let role, let excluded):
            let others: HTML = excluded > 0 ? ": \(allExcluded(excluded, task))" : .empty
            return "nobody\(holding(role)) may do it\(others)"
        case .noneAvailable(let role, let away, let excluded):
            let others: HTML = excluded > 0 ? ", and \(othersExcluded(excluded, task))" : .empty
            return "nobody\(holding(role)) is available: \(WaitingReason.allAway(away, excluded))\(others)"
        }
    }

    /// Who alone gave it back is told so, instead of being counted.
    private func othersExcluded(_ count: Int, _ task: TaskRecord) -> String {
        count == 1 && isGivenBack(task) ? "you gave it back" : WaitingReason.othersExcluded(count)
    }

    private func allExcluded(_ count: Int, _ task: TaskRecord) -> String {
        count == 1 && isGivenBack(task) ? "you are the only one, and gave it back" : WaitingReason.allExcluded(count)
    }

    private func isGivenBack(_ task: TaskRecord) -> Bool { me.map(task.avoidedLogins.contains) ?? false }

    private func holding(_ role: String?) -> HTML { role.map { " of the \(Words.people($0, roles))" } ?? .empty }

    /// The logins that a task's reasons name.
    static func logins(_ task: TaskRecord) -> [String] {
        var logins = [task.assignee, task.addressee].compactMap { $0 }
        switch task.decision {
        case .byRule(_, let choice): logins += choice.following.map(\.login) + Self.logins(choice.because)
        case .chosen(_, let reason): logins += Self.logins(reason)
        case .nobody, nil: break
        }
        return logins + [task.waiting?.login, task.error?.login].compactMap { $0 }
    }

    static func logins(_ reason: ChoiceReason) -> [String] {
        switch reason {
        case .handedOver(let login), .given(let login): [login]
        case .shortestList, .turn, .preferred, .chosenBefore, .claimed, .addressed, .requester, .named, .asked: []
        }
    }
}
