import TFDefinition
import TFExpression

/// A workflow and the definitions of the tasks that it calls, each in the revision that the instance keeps.
package struct Program: Sendable {
    package let workflow: WorkflowDefinition
    /// The task definitions, by the name that the call uses.
    package let tasks: [DefinitionName: TaskDefinition]
    /// Every list of steps by its JSON Pointer.
    let lists: [String: [WorkflowStep]]

    package init(workflow: WorkflowDefinition, tasks: [DefinitionName: TaskDefinition]) {
        self.workflow = workflow
        self.tasks = tasks
        lists = workflow.lists
    }
}

extension Engine {
    /// How many people an `each` task may ask.
    package static let limitPeople = 1_000
}

/// What an instance's company gives to it.
package struct CompanyContext: Sendable {
    /// How many seconds its time zone is east of UTC, at a moment in seconds since 1970.
    package let offset: @Sendable (Int64) -> Int
    /// `$secrets`: the secrets that the workflow names.
    package let secrets: JSON
    /// The `source` of emitted events that name none.
    package let source: String

    package init(
        offset: @escaping @Sendable (Int64) -> Int = { _ in 0 }, secrets: JSON = [:], source: String = "/ticketflower"
    ) {
        self.offset = offset
        self.secrets = secrets
        self.source = source
    }
}

/// Facts about the world that the engine needs for one transition.
package struct Surroundings: Sendable {
    package let instance: String
    /// `$ticket`, as it is now; null for an instance without a ticket.
    package var ticket: JSON
    /// Milliseconds since 1970, UTC.
    package let now: Int64
    package let company: CompanyContext

    package init(instance: String, ticket: JSON, now: Int64, company: CompanyContext = CompanyContext()) {
        self.instance = instance
        self.ticket = ticket
        self.now = now
        self.company = company
    }
}

/// Runs workflow instances as a pure function: `(state, event, now) -> transition`.
///
/// There is no I/O, no clock and no randomness: the same arguments always give the same transition. So an event that is
/// applied again after a crash does the same, and a whole history can be replayed.
package enum Engine {
    /// Limits of one instance, so that no definition keeps the engine from others.
    package enum Caps {
        /// Steps that one event may run before other instances get their turn. A turn is not cut into transactions, so
        /// that others wait for all of it.
        package static let stepsPerTurn = 100
        /// Timers that may fire in one turn.
        static let timersPerTurn = 1_000
        /// Fuel that the expressions of one step share, and those of a timer or event that arrives at it.
        package static let fuelPerStep = ExpressionLimits().fuel
        /// Fuel that one event may use before other instances get their turn.
        package static let fuelPerTurn = ExpressionLimits().fuel / 10
        /// Tasks that one event may open before other instances get their turn; each person whom an `each` task asks
        /// counts. Opening a ticket counts as this many, since its type's expressions have fuel of their own.
        package static let openedPerTurn = 25
        /// Steps of one instance, over its whole life.
        package static let steps = 100_000
        /// Steps of one instance in a row, with no answer of a person, a program or another server between them: a
        /// workflow that goes round by itself ends here, and each of its steps is in its ticket's history. Finished
        /// rounds of a `for` do not count, since its list comes to an end.
        package static let stepsInRow = 10_000
        /// A timer that fires so much later than the row began, in milliseconds, begins it anew: who waits goes round
        /// slowly.
        static let longestRow: Int64 = 60_000
        /// Branches at one time.
        package static let branches = 1_000
        /// How deep lists or forks may be nested.
        package static let depth = 64
        /// Levels of arrays and objects in an input or output. With the levels that are stored around it, the reader of
        /// JSON still accepts it.
        package static let valueDepth = 200
        /// How deep workflows may run workflows.
        package static let deepestRun = 16
        /// Bytes of data that an instance may hold.
        package static let dataBytes = 4 << 20
        /// Tickets and workflows that one instance may start.
        package static let spawned = 1_000
    }

    /// Applies an event.
    /// - Parameter state: nil for the event that starts the instance.
    /// - Returns: the transition, or nil if the event does not concern this state: the task is no longer waited for, or
    ///   the instance has ended.
    package static func advance(
        _ program: Program, _ state: InstanceState?, _ event: EngineEvent, _ surroundings: Surroundings
    ) -> Transition? {
        guard let state else {
            guard case .start(let input) = event else { return nil }
            var run = Run(program, InstanceState(input: input, startedAt: surroundings.now), surroundings)
            run.start()
            return run.transition
        }
        var run = Run(program, state, surroundings)
        guard state.status == .running || run.isForFaulted(event), run.apply(event) else { return nil }
        return run.transition
    }

    /// Makes the request of a step that waits for an answer.
    /// - Throws: an error of one of its expressions; the step then fails with this error.
    package static func request(
        _ program: Program, _ state: InstanceState, reference: String, visit: Int, _ surroundings: Surroundings
    ) throws(WorkflowError) -> HTTPRequest? {
        try Run(program, state, surroundings).request(reference: reference, visit: visit)
    }
}
