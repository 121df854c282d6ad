import TFDefinition
import TFEngine
import TFStore

/// A queue as a row of the page: a worker's list, tasks that nobody has, or work of the site itself.
struct QueueRow: Sendable {
    /// Whether a queue moves, and if not, how that shows.
    enum State: Int, Sendable {
        case failing
        case stuck
        case waiting
        case moving
        case empty

        var tone: Tone {
            switch self {
            case .moving: .work
            case .stuck: .wait
            case .waiting: .idle
            case .failing: .fail
            case .empty: .done
            }
        }

        var word: String {
            switch self {
            case .moving: "Moving"
            case .stuck: "Stuck"
            case .waiting: "Waiting"
            case .failing: "Failing"
            case .empty: "Empty"
            }
        }
    }

    let state: State
    let name: String
    /// Where it belongs, and what is the matter with it.
    let note: HTML
    /// nil: there is no page about it.
    let path: String?
    let count: Int
    let oldestAtMs: Int64?
    /// Tasks done in each twelfth of the last hour; empty if that is not known.
    var done: [Int] = []

    /// Whether anything was done in the last hour.
    var wasBusy: Bool { done.contains { $0 > 0 } }
    var failed = 0
}

extension QueueReport {
    /// A queue of the site whose oldest entry is older than this stands still, in milliseconds.
    private static let patience: Int64 = 60_000
    /// A queue of people in which nothing was done lately stands still if its oldest task is older than this: longer than
    /// a weekend with a holiday, in milliseconds.
    private static let patienceWithPeople: Int64 = 5 * 86_400_000

    /// All queues, those that do not move first, then the longest.
    func rows(now: Int64) -> [QueueRow] {
        (lists.map { row($0, now: now) } + waiting.map { row($0, now: now) } + ofSite(now: now)).sorted {
            first, second in
            (first.state.rawValue, second.count, first.name) < (second.state.rawValue, first.count, second.name)
        }
    }

    private func row(_ list: List, now: Int64) -> QueueRow {
        var note: HTML = "\(list.company.name)"
        if list.isAvailable == nil { note += ", asked by a workflow" }
        if list.isAvailable == false { note += ", away" }
        if let length = list.length, list.isDifferent {
            note += #" · <b class="late">Redis has \#(length)</b>"#
        }
        let state: QueueRow.State =
            list.open == 0
            ? .empty
            : list.isAvailable == false
                ? .stuck
                : list.done.contains { $0 > 0 } ? .moving : Self.state(ofPeople: list.oldestAtMs, now: now)
        return QueueRow(
            state: state, name: list.name, note: note, path: "/c/\(list.company.slug)/tasks?assignee=\(list.login)",
            count: list.open, oldestAtMs: list.oldestAtMs, done: list.done)
    }

    private static func state(ofPeople oldest: Int64?, now: Int64) -> QueueRow.State {
        oldest.map { now - $0 > patienceWithPeople } ?? false ? .stuck : .waiting
    }

    private func row(_ waiting: (company: Company, tasks: WaitingTasks), now: Int64) -> QueueRow {
        let (company, tasks) = waiting
        let role = tasks.role.map { "for \(roleLabels[company.id]?[$0] ?? ReadableName.title($0))" } ?? "for anybody"
        return QueueRow(
            state: tasks.stuck > 0 ? .stuck : Self.state(ofPeople: tasks.oldestAtMs, now: now),
            name: "With nobody, \(role)",
            note: "\(company.name)\(when(tasks.stuck > 0, ", \(tasks.stuck) that nobody can do"))",
            path: "/c/\(company.slug)/tasks?state=ready&assignee=\(ManagedTasksQuery.nobody)", count: tasks.tasks,
            oldestAtMs: tasks.oldestAtMs)
    }

    private func ofSite(now: Int64) -> [QueueRow] {
        let messages = outbox.count == 0 ? nil : now - outbox.age
        return [
            ofSite("Steps of workflows", steps.count, steps.oldestAtMs, now: now, failed: failedCount),
            ofSite("Calls to other servers", calls.count, calls.oldestAtMs, now: now),
            ofSite("Messages to Redis", outbox.count, messages, now: now),
        ]
    }

    private func ofSite(_ name: String, _ count: Int, _ oldest: Int64?, now: Int64, failed: Int = 0) -> QueueRow {
        let isLate = oldest.map { now - $0 > Self.patience } ?? false
        return QueueRow(
            state: failed > 0 ? .failing : count == 0 ? .empty : isLate ? .stuck : .moving, name: name,
            note: "All companies", path: nil, count: count, oldestAtMs: oldest.map { min($0, now) }, failed: failed)
    }
}
