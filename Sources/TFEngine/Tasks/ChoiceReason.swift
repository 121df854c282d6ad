import TFExpression

/// Why a task went to somebody. Stored as its code and its facts; `sentence` finds the words.
package enum ChoiceReason: Sendable, Hashable {
    /// Nobody of those who are available has less to do; `length` is how much that is.
    case shortestList(available: Int, length: Int)
    /// It is their turn among those who are available.
    case turn(available: Int)
    /// The workflow would rather have them do it.
    case preferred
    /// Redis had chosen them already when it was asked again.
    case chosenBefore
    case claimed
    /// It is for them, and comes back to them.
    case addressed
    /// It goes back to the requester.
    case requester
    /// The workflow names them.
    case named
    /// The workflow asks several people, and they are one of them.
    case asked(people: Int)
    /// A colleague who had it gave it to them.
    case handedOver(by: String)
    /// A ticket admin gave it to them.
    case given(by: String)
}

// MARK: As it is stored

extension ChoiceReason {
    /// What `because` holds in the column `task.decision` and in an entry of the history.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        case shortestList = "shortest_list"
        case turn
        case preferred
        case chosenBefore = "chosen_before"
        case claimed
        case addressed
        case requester
        case named
        case asked
        case handedOver = "handed_over"
        case given
    }

    package var code: Code {
        switch self {
        case .shortestList: .shortestList
        case .turn: .turn
        case .preferred: .preferred
        case .chosenBefore: .chosenBefore
        case .claimed: .claimed
        case .addressed: .addressed
        case .requester: .requester
        case .named: .named
        case .asked: .asked
        case .handedOver: .handedOver
        case .given: .given
        }
    }

    /// `because` with its code, and the facts.
    package var members: JSONObject {
        let code: JSON = .string(code.rawValue)
        return switch self {
        case .preferred, .chosenBefore, .claimed, .addressed, .requester, .named: ["because": code]
        case .shortestList(let available, let length):
            ["because": code, "available": .int(available), "length": .int(length)]
        case .turn(let available): ["because": code, "available": .int(available)]
        case .asked(let people): ["because": code, "people": .int(people)]
        case .handedOver(let login), .given(let login): ["because": code, "by": .string(login)]
        }
    }

    /// What `members` were made of; nil: `because` is no word of ours. Facts that are missing are empty or 0: a damaged row
    /// is still shown.
    package init?(_ members: JSON) {
        guard let code = members["because"].stringValue.flatMap(Code.init(rawValue:)) else { return nil }
        func number(_ name: String) -> Int { members[name].intValue ?? 0 }
        let login = members["by"].stringValue ?? ""
        switch code {
        case .shortestList: self = .shortestList(available: number("available"), length: number("length"))
        case .turn: self = .turn(available: number("available"))
        case .preferred: self = .preferred
        case .chosenBefore: self = .chosenBefore
        case .claimed: self = .claimed
        case .addressed: self = .addressed
        case .requester: self = .requester
        case .named: self = .named
        case .asked: self = .asked(people: number("people"))
        case .handedOver: self = .handedOver(by: login)
        case .given: self = .given(by: login)
        }
    }
}

// MARK: In words

extension ChoiceReason {
    /// The reason for people, to stand behind who was chosen.
    package var sentence: String {
        switch self {
        case .shortestList(let available, let length):
            "the shortest list of \(available) available: \(length) open \(length == 1 ? "task" : "tasks")"
        case .turn(let available): "the turn of \(available) available: assigned to least recently"
        case .preferred: "preferred by the workflow, eligible and available"
        case .chosenBefore: "chosen before Redis answered"
        case .claimed: "claimed"
        case .addressed: "it is for this person"
        case .requester: "the task goes back to the requester"
        case .named: "the workflow names this person"
        case .asked(let people):
            people == 1 ? "the workflow asks this person" : "the workflow asks \(people) people"
        case .handedOver(let login): "handed over by \(login)"
        case .given(let login): "assigned by \(login)"
        }
    }
}
