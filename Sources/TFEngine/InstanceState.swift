import TFDefinition
import TFExpression

/// Everything the engine knows about one workflow instance; what it needs to go on after a crash.
package struct InstanceState: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Hashable, Codable {
        case running
        case completed
        case faulted
        case cancelled
    }

    package internal(set) var status: Status
    package let input: JSON
    /// Milliseconds since 1970, UTC.
    package let startedAt: Int64
    /// `$context`: what `export.as` left.
    package internal(set) var context: JSON
    /// `$tasks`: the newest output of each call, by the step's name.
    package internal(set) var tasks: JSONObject
    /// How often each step has been called, by its reference.
    package internal(set) var visits: [String: Int]
    /// Where it is.
    package internal(set) var branch: Branch
    package internal(set) var output: JSON
    package internal(set) var error: WorkflowError?

    init(input: JSON, startedAt: Int64) {
        status = .running
        self.input = input
        self.startedAt = startedAt
        context = .null
        tasks = [:]
        visits = [:]
        branch = Branch()
        output = .null
    }

    /// One line of execution: the lists it is inside of, outermost first, and what it waits for.
    package struct Branch: Sendable, Hashable, Codable {
        package internal(set) var frames: [Frame] = []
        /// The task that somebody has to do before this branch goes on.
        package internal(set) var call: PendingCall?
    }

    /// A list of steps being run.
    package struct Frame: Sendable, Hashable, Codable {
        /// The list's JSON Pointer in the workflow: `/do`, `/do/2/review/do`.
        package let list: String
        /// The step that is next or running.
        package internal(set) var index: Int
        /// The output of the step before, which is the raw input of the next.
        package internal(set) var data: JSON
    }

    package struct PendingCall: Sendable, Hashable, Codable {
        /// The step's JSON Pointer: `/do/0/approve`.
        package let reference: String
        /// 1 for the first call of this step, 2 after it was reached again, …
        package let visit: Int
        /// The step's input after `input.from`.
        let input: JSON
        let startedAt: Int64
    }
}

/// Why an instance faulted, with RFC 9457's members as the DSL has them.
package struct WorkflowError: Error, Sendable, Hashable, Codable {
    package let type: String
    package let status: Int
    package let title: String
    package let detail: String
    /// JSON Pointer of the step.
    package let instance: String

    static func expression(_ error: ExpressionError, at reference: String) -> WorkflowError {
        WorkflowError(
            type: "https://open-workflow-specification.org/spec/1.0.0/errors/expression", status: 400,
            title: "An expression failed", detail: error.description, instance: reference)
    }

    static func runtime(_ detail: String, at reference: String) -> WorkflowError {
        WorkflowError(
            type: "https://open-workflow-specification.org/spec/1.0.0/errors/runtime", status: 500,
            title: "The workflow cannot go on", detail: detail, instance: reference)
    }

    package var json: JSON {
        [
            "type": .string(type), "status": .int(status), "title": .string(title), "detail": .string(detail),
            "instance": .string(instance),
        ]
    }
}
