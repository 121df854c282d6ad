import TFExpression

/// Why a workflow instance or a schedule is set aside. Stored as a code and facts; `sentence` puts it into words.
package enum SetAsideReason: Sendable, Hashable {
    /// A daemon died this many times in a row while it handled it.
    case died(times: Int)
    /// An event of the instance could not be applied.
    case event(error: String)
    /// A due timer of the instance could not be handled.
    case moment(error: String)
    /// A request of the instance could not be computed.
    case request(error: String)
    /// The schedule could not be planned or start its workflow.
    case start(error: String)
    /// The schedule's filters ran out of fuel for an event.
    case filters
}

// MARK: As it is stored

extension SetAsideReason {
    /// The columns `set_aside` of `instance`, `instance_event` and `schedule`.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        case died
        case event
        case moment
        case request
        case start
        case filters
    }

    package var code: Code {
        switch self {
        case .died: .died
        case .event: .event
        case .moment: .moment
        case .request: .request
        case .start: .start
        case .filters: .filters
        }
    }

    /// The columns `set_aside_facts`; nil: the code says everything.
    package var facts: JSON? {
        switch self {
        case .died(let times): ["times": .int(times)]
        case .event(let error), .moment(let error), .request(let error), .start(let error): ["error": .string(error)]
        case .filters: nil
        }
    }

    /// - Parameter facts: a missing one is read as empty or 0, so that a damaged row is still shown.
    package init(_ code: Code, facts: JSON) {
        let error = facts["error"].stringValue ?? ""
        switch code {
        case .died: self = .died(times: facts["times"].intValue ?? 0)
        case .event: self = .event(error: error)
        case .moment: self = .moment(error: error)
        case .request: self = .request(error: error)
        case .start: self = .start(error: error)
        case .filters: self = .filters
        }
    }

    /// The reason in a row of `instance` or `schedule`; nil: it is not set aside.
    init?(row: Row) throws {
        guard let code = row["set_aside"] as String? else { return nil }
        self.init(try Column.word(code), facts: row["set_aside_facts"] ?? .null)
    }
}

// MARK: In words

extension SetAsideReason {
    /// The reason in words, without a capital and a full stop.
    package var sentence: String {
        switch self {
        case .died(let times): "the daemon died \(times) times in a row while it handled it"
        case .event(let error): "an event could not be applied: \(error)"
        case .moment(let error): "a due timer could not be handled: \(error)"
        case .request(let error): "its request could not be made: \(error)"
        case .start(let error): "it could not start: \(error)"
        case .filters: "its filters took too many steps for one event, which may have been for it"
        }
    }
}
