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
            case .waiting: .wait
            case .stuck, .failing: .fail
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
    /// Where it belongs, and what else is to know of it.
    let note: HTML
    /// Why it is stuck; empty: it is not.
    var cause = HTML.empty
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
        if let length = list.length, list.isDifferent {
            note += #" · <b class="late">Redis has \#(length)</b>"#
        }
        let state: QueueRow.State =
            list.open == 0
            ? .empty
            : list.isAvailable == false
                ? .stuck
                : list.done.contains { $0 > 0 } ? .moving : Self.state(ofPeople: list.oldestAtMs, now: now)
        let cause: HTML = list.isAvailable == false ? "Away" : Self.untouched
        return QueueRow(
            state: state, name: list.name, note: note, cause: when(state == .stuck, cause),
            path: "/c/\(list.company.slug)/tasks?assignee=\(list.login)",
            count: list.open, oldestAtMs: list.oldestAtMs, done: list.done)
    }

    private static func state(ofPeople oldest: Int64?, now: Int64) -> QueueRow.State {
        oldest.map { now - $0 > patienceWithPeople } ?? false ? .stuck : .waiting
    }

    private func row(_ waiting: (company: Company, tasks: WaitingTasks), now: Int64) -> QueueRow {
        let (company, tasks) = waiting
        let role = tasks.role.map { "for \(roleLabels[company.id]?[$0] ?? ReadableName.title($0))" } ?? "for anybody"
        let state = tasks.stuck > 0 ? .stuck : Self.state(ofPeople: tasks.oldestAtMs, now: now)
        return QueueRow(
            state: state, name: "With nobody, \(role)", note: "\(company.name)",
            cause: when(state == .stuck, causes(of: tasks, in: company)),
            path: "/c/\(company.slug)/tasks?state=ready&assignee=\(TaskConditions.nobody)", count: tasks.tasks,
            oldestAtMs: tasks.oldestAtMs)
    }

    private static let untouched: HTML = "Nothing was done lately"
    /// How many tickets a row names.
    private static let limitNamed = 3

    /// Why tasks that should be assigned are not, in the words of the lists, each with the tickets that wait for it; where
    /// there are none, that nobody has done anything.
    private func causes(of tasks: WaitingTasks, in company: Company) -> HTML {
        let waiting = (stuck[company.id] ?? []).filter {
            $0.role == tasks.role && $0.waiting?.code.isStuck($0.strategy) == true
        }
        guard tasks.stuck > 0, !waiting.isEmpty else { return Self.untouched }
        let labels = roleLabels[company.id] ?? [:]
        let byCause = Dictionary(grouping: waiting) {
            WaitingReason.words($0.waiting, $0.strategy, title: ReadableName.title($0.name), roles: labels)
        }
        let causes = byCause.sorted { $0.value[0].id < $1.value[0].id }.map { cause, tasks -> HTML in
            let numbers = Set(tasks.map(\.ticketNumber)).sorted()
            let links = numbers.prefix(Self.limitNamed).map { number -> HTML in
                "<a href=/c/\(company.slug)/tickets/\(number)>#\(number)</a>"
            }
            let more = numbers.count - links.count
            // No commas: in a row, a link keeps a distance from what follows it.
            return "\(cause):\(links.map { link -> HTML in " \(link)" })\(when(more > 0, " and \(more) more"))"
        }
        return "\(causes[0])\(causes.dropFirst().map { cause -> HTML in "<br>\(cause)" })"
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
        let state: QueueRow.State = failed > 0 ? .failing : count == 0 ? .empty : isLate ? .stuck : .moving
        let cause: HTML = "Nothing takes them: <a href=/admin/system>does a daemon lead?</a>"
        return QueueRow(
            state: state, name: name, note: "All companies", cause: when(state == .stuck, cause), path: nil,
            count: count, oldestAtMs: oldest.map { min($0, now) }, failed: failed)
    }
}
