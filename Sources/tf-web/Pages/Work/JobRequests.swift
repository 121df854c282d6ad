import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// How many jobs a program takes, and how long it waits for the first.
struct JobLeaseRequest: RequestFields {
    private static let longestWait: Int64 = 30
    private static let limitJobs: Int64 = 100

    let limit: Int
    let wait: Duration

    init(_ fields: inout FieldReader) {
        limit = fields.optional("max", .integer(1...Self.limitJobs), "1 if missing.") ?? 1
        let seconds = fields.optional("wait", .integer(0...Self.longestWait), "Seconds to wait, 0 if missing.")
        wait = .seconds(seconds ?? 0)
    }
}

/// Extends the lease of a job.
struct JobHeartbeat: RequestFields {
    let lease: String

    init(_ fields: inout FieldReader) { lease = fields.lease() }
}

/// The result of a job. `JobResult` has the rule for what it may be, of which these shapes are the description.
struct JobCompletion: RequestFields {
    let lease: String
    private let output: JSON
    private let outcome: JSON

    init(_ fields: inout FieldReader) {
        lease = fields.lease()
        output =
            fields.optional("output", .shaped(.map(.any)), "What later steps of the workflow read; {} if missing.")
            ?? .null
        outcome =
            fields.optional(
                "outcome", .shaped(.text(1, .outcome)),
                "How the task ends: one of its definition's outcomes, if that lists some; needed if it lists several, here or in `output`."
            ) ?? .null
    }

    var result: JobResult { get throws { try .completion(output: output, outcome: outcome) } }
}

/// Why a job failed, likewise.
struct JobFailure: RequestFields {
    let lease: String
    private let error: JSON
    private let retry: JSON

    init(_ fields: inout FieldReader) {
        lease = fields.lease()
        error = fields.required(
            "error",
            .shaped(
                .either([
                    .text(1, .failure),
                    .object([
                        .required("title", .text(1, .failure)), .optional("detail", .orNull(.text(0, .failure))),
                    ]),
                ])))
        retry =
            fields.optional("retry", .shaped(.flag), "false: it is not tried again. true if missing.") ?? .null
    }

    var result: JobResult { get throws { try .failure(error, retry: retry) } }
}

extension FieldReader {
    fileprivate mutating func lease() -> String {
        required("lease", .text(1, 200), "The lease that `lease` gave.")
    }
}
