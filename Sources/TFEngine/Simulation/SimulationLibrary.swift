import TFDefinition

/// The definitions that a dry run knows.
package struct SimulationLibrary: Sendable {
    /// The workflows that `run: workflow` finds, each with the tasks that it calls.
    package var workflows: [Program]
    package var ticketTypes: [TicketDefinition]
    /// Whether these are a company's definitions. If not, tasks are known by their names alone and take any answer, and
    /// every type of ticket is taken to be there.
    package var isComplete: Bool

    package init(workflows: [Program] = [], ticketTypes: [TicketDefinition] = [], isComplete: Bool = false) {
        self.workflows = workflows
        self.ticketTypes = ticketTypes
        self.isComplete = isComplete
    }

    /// The workflow of a name, in the highest version that fits.
    func workflow(_ name: DefinitionName) -> Program? {
        let candidates = workflows.filter { program in
            program.workflow.name == name.name && (name.version.map { $0 == program.workflow.version } ?? true)
        }
        return candidates.max { SemanticVersion.isLower($0.workflow.version, $1.workflow.version) }
    }

    func ticketType(_ name: String) -> TicketDefinition? { ticketTypes.first { $0.name == name && !$0.isRetired } }
}
