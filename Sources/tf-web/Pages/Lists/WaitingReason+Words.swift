import TFDefinition
import TFEngine

extension WaitingReason {
    /// Why nobody has a task, short enough for a column; its own page has the whole sentence.
    /// - Parameters:
    ///   - reason: nil: none is known.
    ///   - name: of the task's definition.
    static func words(_ reason: WaitingReason?, name: String) -> String {
        switch reason {
        case .claim?: "To be claimed"
        case .noneEligible(let role?, _)?: "Nobody has the role \(ReadableName.title(role))"
        case .noneAvailable?: "Everybody is away"
        case .paused?: "Assignment is paused"
        case .nextTry?: "Tried again soon"
        case .queue?, nil: ReadableName.title(name)
        case .nobodyNamed?, .nobodyToAsk?, .excluded?, .notThere?, .undeliverable?, .leaseEnded?, .released?,
            .rightLost?, .wentAway?, .noneEligible(nil, _)?:
            "Nobody can have it"
        }
    }
}
