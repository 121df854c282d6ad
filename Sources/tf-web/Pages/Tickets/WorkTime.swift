import TFEngine
import TFStore

/// How long a ticket was waited for and worked on: its life, cut into stretches.
///
/// It is being worked on while somebody has started one of its tasks. It waits while its tasks wait for somebody, and
/// while the workflow itself waits; the time between its end and its reopening counts as neither.
struct WorkTime {
    struct Stretch: Hashable {
        let isWork: Bool
        /// Who works or is waited for; nil: nobody in particular.
        let who: String?
        /// The task's title; nil: the workflow waits.
        let task: String?
        let from: Int64
        var until: Int64

        var length: Int64 { until - from }

        fileprivate func continues(_ other: Stretch) -> Bool {
            isWork == other.isWork && who == other.who && task == other.task && until == other.from
        }
    }

    private(set) var stretches: [Stretch] = []

    var waiting: Int64 { stretches.filter { !$0.isWork }.reduce(0) { $0 + $1.length } }
    var working: Int64 { stretches.filter(\.isWork).reduce(0) { $0 + $1.length } }

    /// - Parameters:
    ///   - history: the ticket's, the oldest first.
    ///   - tasks: all tasks of the ticket.
    init(_ ticket: Ticket, history: [HistoryEntry], tasks: [TaskRecord], now: Int64) {
        let spans = tasks.flatMap { task in Self.spans(task, history.filter { $0.taskID == task.id }, now: now) }
        let rests = Self.rests(history)
        let end = max(ticket.createdAtMs, ticket.closedAtMs ?? now)
        var cuts = Set(spans.flatMap { [$0.from, $0.until] } + rests.flatMap { [$0.lowerBound, $0.upperBound] })
        cuts.formUnion([ticket.createdAtMs, end])
        let moments = cuts.filter { (ticket.createdAtMs...end).contains($0) }.sorted()
        for (from, until) in zip(moments, moments.dropFirst()) {
            if rests.contains(where: { $0.contains(from) }) { continue }
            let here = spans.filter { $0.from <= from && $0.until >= until }
            let what = here.first(where: \.isWork) ?? here.first
            let next = Stretch(
                isWork: what?.isWork ?? false, who: what?.who, task: what?.task, from: from, until: until)
            if let last = stretches.last, last.continues(next) {
                stretches[stretches.count - 1].until = until
            } else {
                stretches.append(next)
            }
        }
    }

    /// What happened to one task, as its history tells.
    private static func spans(_ task: TaskRecord, _ history: [HistoryEntry], now: Int64) -> [Stretch] {
        var spans: [Stretch] = []
        var (isWork, since) = (false, task.createdAtMs)
        var who: String?
        func end(_ moment: Int64) {
            if moment > since {
                spans.append(Stretch(isWork: isWork, who: who, task: task.title, from: since, until: moment))
            }
            since = max(since, moment)
        }
        for entry in history {
            let before = (isWork, who)
            switch entry.kind {
            case .started: (isWork, who) = (true, entry.actor)
            case .assigned, .reassigned, .handedOver: (isWork, who) = (false, entry.data["to"].stringValue)
            case .claimed: (isWork, who) = (false, entry.actor)
            case .held: isWork = false
            case .released, .leaseEnded, .tryFailed: (isWork, who) = (false, nil)
            case .submitted, .uncomputed, .updated, .attached, .cancellation, .reopened, .step, .closed, .failed,
                .cancelled, .stepRetry, .stepSkip, .prioritized, .completed, .answersReplaced, .taskFailed:
                continue
            }
            let after = (isWork, who)
            (isWork, who) = before
            end(entry.atMs)
            (isWork, who) = after
        }
        end(task.finishedAtMs ?? now)
        return spans
    }

    /// The times between an end of the ticket and its reopening.
    private static func rests(_ history: [HistoryEntry]) -> [Range<Int64>] {
        var rests: [Range<Int64>] = []
        var ended: Int64?
        for entry in history {
            if entry.kind == .closed || entry.kind == .cancelled { ended = entry.atMs }
            if entry.kind == .reopened, let start = ended, start < entry.atMs {
                rests.append(start..<entry.atMs)
                ended = nil
            }
        }
        return rests
    }
}
