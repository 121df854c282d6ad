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

    func warnings(of parsed: ParsedDefinition, in file: String) -> [Diagnostic] {
        guard let definition = parsed.definition else { return [] }
        let (own, unserved) = names(definition)
        var called = unserved
        return parsed.references.compactMap { reference -> Diagnostic? in
            func warning(_ role: String, _ whose: String) -> Diagnostic {
                Diagnostic(
                    file: file, position: reference.position, severity: .warning,
                    message: "nobody has the role \"\(role)\" yet: \(whose) would wait")
            }
            if case .assignedRole(let role) = reference.target, own.contains(role), declared.contains(role) {
                return warning(role, "its tasks")
            }
            // Each task is told once, at its first call.
            guard case .task(let name, _) = reference.target, let role = called.removeValue(forKey: name) else {
                return nil
            }
            return warning(role, "the task \"\(name.name)\"")
        }
    }

    /// The roles that nobody holds: those that the definition names itself, and those of the tasks that it calls.
    private func names(_ definition: Definition) -> (own: Set<String>, called: [DefinitionName: String]) {
        switch definition {
        case .ticket(let ticket): return (Set([ticket.handle.flatMap { unheld($0) }].compactMap(\.self)), [:])
        case .task(let task): return (Set([unheld(task)].compactMap(\.self)), [:])
        case .workflow(let workflow):
            var own: Set<String> = []
            var called: [DefinitionName: String] = [:]
            for step in workflow.allSteps {
                guard case .call(let call) = step.kind, let task = task(call.task),
                    let role = unheld(task, call.assign)
                else { continue }
                if call.assign?.role == nil {
                    called[call.task] = role
                } else {
                    own.insert(role)
                }
            }
            return (own, called)
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
            holders = held.byMembers
        case .shortestQueue, .roundRobin, .pool:
            holders = held.byWorkers[task.kind == .service ? .service : .person] ?? []
        }
        return holders.contains(role) ? nil : role
    }
}
