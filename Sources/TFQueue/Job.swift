/// A task as it stands in a list: one attempt to get it done, in Sidekiq's job format.
public struct Job: Sendable, Hashable {
    /// 24 hexadecimal digits, the same for the same task and attempt.
    public let id: String
    /// The task's id in the store.
    public let task: String
    /// Company role, nil: any.
    public let role: String?
    /// From 1.
    public let attempt: Int
    /// The second of the job's `args`, a JSON object as text.
    public let details: String
    /// Seconds since 1970.
    public let createdAt: Double
    /// Seconds since 1970.
    public let enqueuedAt: Double

    /// A job; `details` must be the text of a JSON object.
    public init(
        id: String, task: String, role: String?, attempt: Int, details: String, createdAt: Double, enqueuedAt: Double
    ) {
        self.id = id
        self.task = task
        self.role = role
        self.attempt = attempt
        self.details = details
        self.createdAt = createdAt
        self.enqueuedAt = enqueuedAt
    }

    /// The list element without its beginning `{"queue":"…"`, which only the script that chooses can write.
    func rest(company: String) -> String {
        """
        ,"class":"TicketFlower::Task","args":["\(task)",\(details)],"jid":"\(id)","retry":0,\
        "created_at":\(Self.time(createdAt)),"enqueued_at":\(Self.time(enqueuedAt)),"tags":["\(company)"]}
        """
    }

    /// Always with a decimal point: Sidekiq takes a time without one for milliseconds.
    static func time(_ seconds: Double) -> String {
        let microseconds = Int64((seconds * 1_000_000).rounded())
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }
}
