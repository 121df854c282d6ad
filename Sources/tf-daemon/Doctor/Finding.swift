import Foundation
import TFExpression

/// One line of `tf-daemon doctor`.
struct Finding: Sendable, Hashable {
    enum Verdict: String, Sendable {
        case ok
        /// Worth knowing, and no fault.
        case note
        case fault
    }

    /// What was looked at, such as `redis-server`.
    let subject: String
    let verdict: Verdict
    let text: String
    /// What to do; nil: nothing.
    let remedy: String?

    static func ok(_ subject: String, _ text: String) -> Finding {
        Finding(subject: subject, verdict: .ok, text: text, remedy: nil)
    }

    static func note(_ subject: String, _ text: String, remedy: String) -> Finding {
        Finding(subject: subject, verdict: .note, text: text, remedy: remedy)
    }

    static func fault(_ subject: String, _ text: String, remedy: String) -> Finding {
        Finding(subject: subject, verdict: .fault, text: text, remedy: remedy)
    }

    /// The line, with the subjects in one column.
    func line(width: Int) -> String {
        let mark =
            switch verdict {
            case .ok: "ok   "
            case .note: "note "
            case .fault: "FAULT"
            }
        let name = subject.padding(toLength: width, withPad: " ", startingAt: 0)
        return "\(mark)  \(name)  \(text)\(remedy.map { "; \($0)" } ?? "")".onOneLine
    }

    var json: JSON {
        [
            "subject": .string(subject), "verdict": .string(verdict.rawValue), "text": .string(text),
            "remedy": .optional(remedy),
        ]
    }
}
