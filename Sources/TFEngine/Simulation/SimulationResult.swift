import TFDefinition
import TFExpression

/// The result of a dry run.
package struct SimulationResult: Sendable {
    /// How the run ended.
    package enum Status: String, Sendable {
        case completed
        case faulted
        case cancelled
        /// The script has nothing more, and the instance still waits.
        case waiting
    }

    /// A line of the run's trace.
    package struct Entry: Sendable {
        /// Milliseconds since 1970.
        package let at: Int64
        /// What a step did, or `uncomputed`: a key of the ticket's type has its default.
        package let event: String
        /// The step's JSON Pointer; empty for the workflow itself, and for a key.
        package let task: String
        /// The step's, or the key.
        package let name: String
        /// Why a step failed, or a key could not be computed; nil for other events.
        package internal(set) var reason: String?

        package var moment: String { Moment.iso8601(at) }

        var json: JSON {
            var members: JSONObject = [
                "at": .string(moment), "event": .string(event), "task": .string(task), "name": .string(name),
            ]
            members["reason"] = reason.map(JSON.string)
            return .object(members)
        }
    }

    /// A task that waits for an answer which the script does not have.
    package struct Question: Sendable {
        let task: OpenTask
        package let request: TaskRequest
        /// When the task was opened, in milliseconds since 1970.
        package let readyAt: Int64
        /// Until when the script says that nobody answers.
        let askedAt: Int64

        /// - Parameter next: when the next thing happens without an answer.
        func json(next: Int64?) -> JSON {
            [
                "task": .string(task.reference), "name": .string(request.definition.name),
                "step": .string(request.step), "title": .string(request.title), "input": request.input,
                "description": .optional(request.description), "prefilled": .object(request.prefilled),
                "role": .optional(request.role), "strategy": .string(request.strategy.rawValue),
                "visit": .int(task.visit), "ready": .string(Moment.iso8601(readyAt)),
                "waited": .string(ISODate.duration(milliseconds: Double(askedAt - readyAt))),
                "next": .optional(next.map { ISODate.duration(milliseconds: Double($0 - readyAt)) }),
            ]
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
    /// Which answers a run that asks waits for.
    package let questions: [Question]
    /// When the next thing happens if nobody answers, for a run that asks; nil: nothing does.
    package let next: Int64?

    package var elapsedText: String { ISODate.duration(milliseconds: Double(elapsed)) }

    package var json: JSON {
        [
            "status": .string(status.rawValue), "output": output, "error": error?.json ?? .null,
            "elapsed": .string(elapsedText), "trace": .array(trace.map(\.json)), "emitted": .array(emitted),
        ]
    }

    /// The result of a run that asks: with its questions, what comes if nobody answers, and the ticket by then.
    package var jsonWithQuestions: JSON {
        var members = json.objectValue ?? [:]
        members["questions"] = .array(questions.map { $0.json(next: next) })
        members["next"] = .optional(next.map(Moment.iso8601))
        members["ticket"] = ticket
        return .object(members)
    }
}
