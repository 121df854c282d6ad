import TFEngine
import TFExpression
import TFStore

extension LeasedJob: Answer {
    static let answer = AnswerType<LeasedJob>(
        "Job",
        [
            .required("task", .id) { $0.task.id },
            .required("name", .text) { $0.task.name },
            .required("title", .text) { $0.task.title },
            .required("input", .any) { $0.task.input },
            .required("ticket", .number) { $0.task.ticketNumber },
            .required("attempt", .count) { $0.task.attempt },
            .required("lease", .text) { $0.lease },
            .required("expires", .time) { $0.expiresAt },
        ])
}

/// The jobs that one request leased.
struct LeaseList: Answer {
    let jobs: [LeasedJob]

    static let answer = AnswerType<LeaseList>(
        nil, [.required("jobs", .list(of: .object(LeasedJob.answer))) { $0.jobs }])
}

/// A lease after its heartbeat.
struct LeaseAnswer: Answer {
    let task: TaskID
    let lease: String
    let expiresAt: Int64

    static let answer = AnswerType<LeaseAnswer>(
        nil,
        [
            .required("task", .id) { $0.task },
            .required("lease", .text) { $0.lease },
            .required("expires", .time) { $0.expiresAt },
        ])
}

/// A job after it ended, or after one try.
struct JobStateAnswer: Answer {
    let task: TaskRecord

    static let answer = AnswerType<JobStateAnswer>(
        "JobState",
        [
            .required("task", .id) { $0.task.id },
            .required("state", .word) { $0.task.state },
            .required("attempt", .count) { $0.task.attempt },
            .required("failures", .count) { $0.task.failures },
            .required("again", .orNull(.time)) { $0.task.state == .ready ? $0.task.wakeAtMs : nil },
        ])
}
