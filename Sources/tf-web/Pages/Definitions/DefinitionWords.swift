import TFDefinition
import TFStore

extension DefinitionKind {
    /// What people call it.
    var word: String {
        switch self {
        case .ticket: "form"
        case .task: "task"
        case .workflow: "workflow"
        }
    }

    var heading: String {
        switch self {
        case .ticket: "Forms"
        case .task: "Tasks"
        case .workflow: "Workflows"
        }
    }
}

extension Definition {
    /// What it is for, in few words; nil if its text does not say so.
    /// - Parameter roleLabels: the names for people of the company's roles.
    func note(_ roleLabels: [String: String]) -> String? {
        switch self {
        case .ticket(let ticket): ticket.description
        case .task(let task):
            switch task.assign.strategy {
            case .requester: "for the requester"
            case .person: "for one person"
            case .each: "for several people"
            case .shortestQueue, .roundRobin, .pool:
                task.assign.role.map { "for \(roleLabels[$0] ?? ReadableName.title($0))" }
            }
        case .workflow(let workflow):
            workflow.allSteps.count == 1 ? "1 step" : "\(workflow.allSteps.count) steps"
        }
    }
}

extension DefinitionRow.State {
    var tone: Tone {
        switch self {
        case .active: .done
        case .incomplete: .fail
        case .retired: .off
        }
    }

    var label: String {
        switch self {
        case .active: "In force"
        case .incomplete: "Incomplete"
        case .retired: "Retired"
        }
    }
}

/// "1 ticket", "3 tickets".
func counted(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }

extension DefinitionKind {
    /// What is under way with so many instances, tickets or tasks; nil: nothing is.
    func underWay(_ count: Int) -> String? {
        guard count > 0 else { return nil }
        return switch self {
        case .workflow: "\(counted(count, "ticket")) \(count == 1 ? "is on its way" : "are on their way")"
        case .ticket: "\(counted(count, "open ticket")) \(count == 1 ? "was" : "were") sent with it"
        case .task: "\(counted(count, "open task")) of it"
        }
    }

    /// What becomes of that when the text changes.
    /// - Parameter failed: how many tickets have failed with it, and wait for a decision.
    func effect(_ count: Int, failed: Int = 0) -> String {
        func tickets(_ word: String) -> String {
            [(count, word), (failed, "failed ticket")].filter { $0.0 > 0 }.map { counted($0.0, $0.1) }
                .joined(separator: " and ")
        }
        let isOne = count + failed == 1
        return switch self {
        case .workflow:
            count + failed == 0
                ? "No ticket is on its way through it."
                : "\(tickets("running ticket")) \(isOne ? "stays" : "stay") on the old revision."
        case .ticket:
            count + failed == 0
                ? "No open ticket was sent with it."
                : "\(tickets("open ticket")) \(isOne ? "keeps" : "keep") the form \(isOne ? "it was" : "they were") sent with."
        case .task:
            count == 0
                ? "Nobody has a task of it now."
                : "\(counted(count, "open task")) \(count == 1 ? "keeps" : "keep") the old text."
        }
    }
}
