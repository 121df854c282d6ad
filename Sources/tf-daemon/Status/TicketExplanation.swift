import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Where a ticket is and why, in words.
struct TicketExplanation {
    /// The company's slug.
    let company: String
    let ticket: Ticket
    let instances: [InstanceView]
    let tasks: [TaskRecord]
    let isPaused: Bool
    let now: Int64

    var text: String {
        var lines = [
            "#\(ticket.number) \(ticket.title)",
            "\(ticket.state.rawValue), status \"\(ticket.status)\", priority \(ticket.priority.rawValue), of "
                + "\(ticket.requester), submitted \(moment(ticket.createdAtMs))",
        ]
        if isPaused { lines.append("assignment is paused for the company: tf-daemon resume \(company)") }
        for instance in instances { lines += describe(instance) }
        if tasks.isEmpty { lines.append("no open task") }
        for task in tasks { lines += describe(task) }
        return lines.map(\.onOneLine).joined(separator: "\n")
    }

    private func describe(_ instance: InstanceView) -> [String] {
        var lines = ["", "workflow \(instance.workflow) (instance \(instance.id)): \(instance.status.rawValue)"]
        lines += instance.waiting.map { "  at \($0.reference), waiting for \($0.because)" }
        if let timer = instance.nextTimer { lines.append("  the clock moves it \(moment(timer))") }
        if let error = instance.error {
            lines.append("  failed: \(error.title)" + (error.detail.map { ": \($0)" } ?? ""))
        }
        return lines
    }

    private func describe(_ task: TaskRecord) -> [String] {
        let holder = task.assignee.map { "\(task.state.rawValue), \($0)" } ?? task.state.rawValue
        var lines = ["", "task \(task.id) \"\(task.title)\" (\(task.name)): \(holder)"]
        lines.append(
            "  ready \(moment(task.createdAtMs)), attempt \(task.attempt), by \(task.strategy.rawValue)"
                + (task.role.map { " among \($0)" } ?? ""))
        if let reason = task.waitingBecause { lines.append("  nobody has it: \(reason)") }
        if let decision = task.decision { lines += describe(decision) }
        if let at = task.assignedAtMs, task.state.isOpen { lines.append("  assigned \(moment(at))") }
        if let at = task.startedAtMs, task.state.isOpen { lines.append("  started \(moment(at))") }
        if let due = task.dueAtMs { lines.append("  due \(moment(due))") }
        if let wake = task.wakeAtMs { lines.append("  \(clock(task)) \(moment(wake))") }
        if task.failures > 0 {
            let error = task.error.map { ", the last: \($0.title)" } ?? ""
            lines.append("  \(task.failures) failed tries\(error)")
        }
        return lines
    }

    private func describe(_ decision: WorkerChoice) -> [String] {
        switch decision {
        case .nobody: return []
        case .chosen(let login, let reason): return ["  \(login) was chosen: \(reason.sentence)"]
        case .byRule(let login, let choice):
            var lines = ["  \(login) was chosen: \(choice.because.sentence)"]
            if !choice.following.isEmpty {
                let next = choice.following.map { "\($0.login) \($0.length)" }
                lines.append("  next were " + next.joined(separator: ", "))
            }
            if let workers = choice.workers {
                lines.append("  \(workers.eligible) eligible, \(workers.away) away, \(workers.excluded) excluded")
            }
            return lines
        }
    }

    private func clock(_ task: TaskRecord) -> String {
        switch task.state {
        case .held: "put off until"
        case .ready: "tried again"
        case .assigned, .started, .completed, .withdrawn, .failed:
            task.lease?.isEmpty == true ? "taken from its list; must be done by" : "its lease ends"
        }
    }

    /// A moment with its distance from now, such as "(in 47 h)".
    private func moment(_ milliseconds: Int64) -> String {
        let seconds = abs(milliseconds - now) / 1000
        let distance =
            switch seconds {
            case ..<120: "\(seconds) s"
            case ..<7_200: "\(seconds / 60) min"
            case ..<172_800: "\(seconds / 3_600) h"
            default: "\(seconds / 86_400) days"
            }
        return Moment.iso8601(milliseconds) + (milliseconds > now ? " (in \(distance))" : " (\(distance) ago)")
    }
}
