import TFDefinition
import TFEngine
import TFStore

/// Finds tasks that would wait because nobody holds their role.
struct UnheldRoles {
    let held: HeldRoles
    /// The company's roles: of any other the checker tells itself that there is none.
    let declared: Set<String>
    /// The tasks that a workflow may call.
    let tasks: [TaskDefinition]

    func warnings(of entry: Catalog.Entry) -> [Diagnostic] {
        var told: Set<DefinitionName> = []
        return entry.references.compactMap { reference -> Diagnostic? in
            guard let (role, whose) = waiting(reference, entry.definition), declared.contains(role) else { return nil }
            // A role that a task brings along is told once, at the first call that leaves it as it is.
            if case .assignment(let assign, let name) = reference.target, assign?.role == nil,
                !told.insert(name).inserted
            {
                return nil
            }
            return Diagnostic(
                file: entry.file, position: reference.position, severity: .warning,
                message: "nobody has the role \"\(role)\" yet: \(whose) would wait")
        }
    }

    /// The role that nobody holds, and what waits for it, if the reference is to one.
    private func waiting(_ reference: Reference, _ definition: Definition) -> (role: String, whose: String)? {
        switch reference.target {
        case .assignedRole:
            return ownTask(definition).flatMap { unheld($0) }.map { (role: $0, whose: "its tasks") }
        case .assignment(let assign, let name):
            return task(name).flatMap { unheld($0, assign) }.map { (role: $0, whose: "the task \"\(name.name)\"") }
        case .workflow, .task, .ticket, .role, .formField, .numberComparison, .ticketForm, .output, .outcome, .input,
            .passed, .stepOutput, .openedTicket, .answer, .answers:
            return nil
        }
    }

    /// The task that a definition makes itself.
    private func ownTask(_ definition: Definition) -> TaskDefinition? {
        switch definition {
        case .ticket(let ticket): ticket.handle
        case .task(let task): task
        case .workflow: nil
        }
    }

    private func task(_ name: DefinitionName) -> TaskDefinition? {
        tasks.filter { $0.name == name.name && (name.version == nil || $0.version == name.version) }
            .max { SemanticVersion.isLower($0.version, $1.version) }
    }

    /// The role without which nobody gets the task, if nobody holds it.
    private func unheld(_ task: TaskDefinition, _ assign: CallAssignment? = nil) -> String? {
        guard let role = assign?.role ?? task.assign.role, assign?.person == nil, assign?.people == nil else {
            return nil
        }
        let holders: Set<String>
        switch task.assign.strategy {
        case .person, .requester: return nil
        case .each:
            guard task.assign.people == nil else { return nil }
            holders = held.byPeople
        case .shortestQueue, .roundRobin, .pool:
            holders = held.byWorkers[task.kind == .service ? .service : .person] ?? []
        }
        return holders.contains(role) ? nil : role
    }
}
