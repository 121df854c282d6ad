/// A step that waits.
package struct WaitingStep: Sendable, Hashable {
    /// What a step of the kind `wait` or `listen` waits for.
    package enum Pause: Sendable, Hashable {
        /// A moment, in milliseconds since 1970.
        case moment(Int64)
        case event

        /// - Parameter until: as `until` gives it.
        package init(until: Int64) { self = until == .max ? .event : .moment(until) }

        /// When it goes on: the moment; the highest number for an event, since nobody knows when one comes. Of several the
        /// lowest is told.
        package var until: Int64 {
            switch self {
            case .moment(let moment): moment
            case .event: .max
            }
        }
    }

    /// The step's JSON Pointer, as it is told.
    package let reference: String
    /// What it waits for, in words.
    package let because: String
    /// nil: it waits for somebody or something that works on it.
    package let pause: Pause?

    init(_ wait: Wait) {
        reference = wait.pending.reference
        because = wait.kind.phrase
        pause =
            switch wait.kind {
            case .timer(let until): .moment(until)
            case .events: .event
            case .task, .answers, .retry, .http, .run, .ticket, .fork, .decision: nil
            }
    }
}
