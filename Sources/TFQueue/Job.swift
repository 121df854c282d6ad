/// A task as it stands in a list: one attempt to get it done, in Sidekiq's job format.
public struct Job: Sendable, Hashable {
    /// 24 hexadecimal digits, the same for the same task and attempt.
    public let id: String
    /// The task's id in the store.
    public let task: String
    /// Company role, nil: any.
    public let role: String?
    /// Who can do it.
    public let kind: Worker.Kind
    /// A program's urgent jobs stand in a list of their own, `<login>.urgent`.
    public let isUrgent: Bool
    /// Which assignment of the task this is, from 1.
    public let attempt: Int
    /// The second of the job's `args`: a JSON object, as text.
    public let details: String
    /// Seconds since 1970.
    public let createdAt: Double
    /// When the job was put into its list, in seconds since 1970.
    public let enqueuedAt: Double

    /// A job; `details` must be the text of a JSON object.
    public init(
        id: String, task: String, role: String?, kind: Worker.Kind = .person, isUrgent: Bool = false, attempt: Int,
        details: String, createdAt: Double, enqueuedAt: Double
    ) {
        self.id = id
        self.task = task
        self.role = role
        self.kind = kind
        self.isUrgent = isUrgent
        self.attempt = attempt
        self.details = details
        self.createdAt = createdAt
        self.enqueuedAt = enqueuedAt
    }

    /// The list in which the job stands when this worker has it.
    public func list(of worker: String) -> String {
        kind == .service && isUrgent ? QueueKeys.urgent(worker) : worker
    }

    /// The whole list element, exactly as the scripts write it.
    func element(company: String, list: String) -> String {
        "{\"queue\":\"\(company).\(list)\"" + rest(company: company)
    }

    /// The list element without its beginning `{"queue":"…"`: the script that chooses the worker writes that.
    func rest(company: String) -> String { beforeMoment + Self.fromMoment(enqueuedAt, company: company) }

    /// The part of `rest` before the moment at which the job was put into its list.
    var beforeMoment: String {
        """
        ,"class":"TicketFlower::Task","args":["\(task)",\(details)],"jid":"\(id)","retry":0,\
        "created_at":\(Self.time(createdAt)),"enqueued_at":
        """
    }

    /// The part of `rest` that follows, for a moment in seconds since 1970.
    static func fromMoment(_ moment: Double, company: String) -> String {
        "\(time(moment)),\"tags\":[\"\(company)\"]}"
    }

    /// The id of the job in a list element; empty if the element is not one of our jobs.
    ///
    /// The last `jid` counts: earlier ones belong to the task's data.
    static func id(of element: String) -> String {
        let mark = Array("\"jid\":\"".utf8)
        let bytes = Array(element.utf8)
        var start = bytes.count - mark.count - 24
        while start >= 0 {
            if bytes[start] == mark[0], bytes[start..<start + mark.count].elementsEqual(mark) {
                let id = bytes[(start + mark.count)..<(start + mark.count + 24)]
                return String(decoding: id, as: UTF8.self)
            }
            start -= 1
        }
        return ""
    }

    /// Seconds with three decimals, the store's precision. The decimal point is always written: Sidekiq reads a time
    /// without one as milliseconds.
    static func time(_ seconds: Double) -> String {
        let milliseconds = Int64((seconds * 1_000).rounded())
        let fraction = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }
}
