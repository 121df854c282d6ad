import TFDefinition
import TFExpression

/// The result of a dry run.
package struct SimulationResult: Sendable {
    package enum Status: String, Sendable {
        case completed
        case faulted
        case cancelled
        /// The script has nothing more, and the instance still waits.
        case waiting
    }

    package struct Entry: Sendable {
        /// Milliseconds since 1970.
        package let at: Int64
        package let event: String
        /// The step's JSON Pointer; empty for the workflow itself.
        package let task: String
        package let name: String

        package var moment: String { Moment.iso8601(at) }

        var json: JSON {
            ["at": .string(moment), "event": .string(event), "task": .string(task), "name": .string(name)]
        }
    }

    package let status: Status
    package let output: JSON
    package let error: WorkflowError?
    /// Milliseconds of virtual time.
    package let elapsed: Int64
    package let trace: [Entry]
    package let emitted: [JSON]
    /// The steps that still wait, and what for.
    package let waiting: [String]
    /// `$ticket` at the end.
    package let ticket: JSON
    /// The first part of the script that the daemon would refuse; the trace then ends there.
    package let problem: Diagnostic?

    package var elapsedText: String { ISODate.duration(milliseconds: Double(elapsed)) }

    package var json: JSON {
        [
            "status": .string(status.rawValue), "output": output, "error": error?.json ?? .null,
            "elapsed": .string(elapsedText), "trace": .array(trace.map(\.json)), "emitted": .array(emitted),
        ]
    }
}
