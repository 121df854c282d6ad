import TFDefinition
import TFEngine
import TFExpression

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

/// The result of a job.
struct JobCompletion: RequestFields {
    let lease: String
    let output: JSONObject?
    let outcome: String?

    init(_ fields: inout FieldReader) {
        lease = fields.lease()
        output = fields.optional("output", .map)
        outcome = fields.optional("outcome", .text(1, .outcome))
    }
}

/// Why a job failed.
struct JobFailure: RequestFields {
    struct Reason: Sendable {
        let title: String
        var detail: String?
    }

    let lease: String
    let error: Reason
    let retry: Bool

    init(_ fields: inout FieldReader) {
        lease = fields.lease()
        error = fields.required("error", .jobError)
        retry = fields.optional("retry", .flag, "false: it is not tried again. true if missing.") ?? true
    }
}

extension FieldReader {
    fileprivate mutating func lease() -> String {
        required("lease", .text(1, 200), "The lease that `lease` gave.")
    }
}

extension WireType<JobFailure.Reason> {
    /// A title as text, or an object with title and detail.
    fileprivate static var jobError: Self {
        WireType(
            .either([
                .text(1, .failure),
                .object([
                    .required("title", .text(1, .failure)), .optional("detail", .orNull(.text(0, .failure))),
                ]),
            ]), example: Value(title: ""),
            read: { json in
                (json.stringValue ?? json["title"].stringValue).map {
                    Value(title: $0, detail: json["detail"].stringValue)
                }
            },
            write: { ["title": .string($0.title), "detail": .optional($0.detail)] })
    }
}
