import TFDefinition
import TFExpression

/// A pinned workflow with the task definitions that it calls.
package struct Program: Sendable {
    package let workflow: WorkflowDefinition
    /// By the name that the call uses.
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
    package static let mostPeople = 1_000
}

/// What the engine is told about the world for one transition.
package struct Surroundings: Sendable {
    package let instance: String
    /// `$ticket`, as it is now; null for an instance without one.
    package var ticket: JSON
    /// Milliseconds since 1970, UTC.
    package let now: Int64
    /// Seconds that the company's time zone is east of UTC, at a moment in seconds since 1970.
    package let offset: @Sendable (Int64) -> Int
    /// `$secrets`: those that the workflow names.
    package let secrets: JSON
    /// The `source` of events that name none.
    package let source: String

    package init(
        instance: String, ticket: JSON, now: Int64, offset: @escaping @Sendable (Int64) -> Int = { _ in 0 },
        secrets: JSON = [:], source: String = "/ticketflower"
    ) {
        self.instance = instance
        self.ticket = ticket
        self.now = now
        self.offset = offset
        self.secrets = secrets
        self.source = source
    }
}

/// Runs workflow instances as a pure function: `(state, event, now) -> transition`.
///
/// No I/O, no clock, no chance: the same arguments always give the same transition, so that an event applied twice
/// after a crash does the same, and a whole history can be replayed.
package enum Engine {
    /// What one instance may use, so that no definition takes the engine from others.
    package enum Caps {
        /// Steps that one event may run; then it is the others' turn.
        package static let stepsPerTurn = 1_000
        /// Fuel that the expressions of one step share, and that of a moment or event that comes to it.
        package static let fuelPerStep = ExpressionLimits().fuel
        /// Fuel after which it is the others' turn.
        package static let fuelPerTurn = ExpressionLimits().fuel / 10
        /// Tasks after which it is the others' turn, each person that a task asks counted; a ticket that is opened counts
        /// as so many, since what its type computes has fuel of its own.
        package static let openedPerTurn = 100
        /// Steps of one instance, over its whole life.
        package static let steps = 100_000
        /// Branches at one time.
        package static let branches = 1_000
        /// Lists inside lists, and forks inside forks.
        package static let depth = 64
        /// Levels of arrays and objects in an input or output: with what is stored around it, it can be read again.
        package static let valueDepth = 200
        /// Workflows inside workflows.
        package static let deepestRun = 16
        /// Bytes of data that an instance may hold.
        package static let dataBytes = 4 << 20
        /// Tickets and workflows that one instance may start.
        package static let spawned = 1_000
    }

    /// Applies an event.
    /// - Parameter state: nil for the event that starts the instance.
    /// - Returns: the transition, or nil where the event is of no use to this state: a task that is no longer waited
    ///   for, an instance that has ended.
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

    /// The request that a step which waits for an answer sends.
    /// - Throws: an error of an expression in it; the step then fails with it.
    package static func request(
        _ program: Program, _ state: InstanceState, reference: String, visit: Int, _ surroundings: Surroundings
    ) throws(WorkflowError) -> HTTPRequest? {
        try Run(program, state, surroundings).request(reference: reference, visit: visit)
    }
}
