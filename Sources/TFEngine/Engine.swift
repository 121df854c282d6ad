import TFDefinition
import TFExpression

/// A pinned workflow with the task definitions that it calls.
package struct Program: Sendable {
    package let workflow: WorkflowDefinition
    /// By the name that the call uses.
    package let tasks: [DefinitionName: TaskDefinition]

    package init(workflow: WorkflowDefinition, tasks: [DefinitionName: TaskDefinition]) {
        self.workflow = workflow
        self.tasks = tasks
    }
}

/// What the engine is told about the world for one transition.
package struct Surroundings: Sendable {
    package let instance: String
    /// `$ticket`, as it is now.
    package let ticket: JSON
    /// Milliseconds since 1970, UTC.
    package let now: Int64
    /// Seconds that the company's time zone is east of UTC, at a moment in seconds since 1970.
    package let offset: @Sendable (Int64) -> Int

    package init(instance: String, ticket: JSON, now: Int64, offset: @escaping @Sendable (Int64) -> Int = { _ in 0 }) {
        self.instance = instance
        self.ticket = ticket
        self.now = now
        self.offset = offset
    }
}

/// Runs workflow instances as a pure function: `(state, event, now) -> transition`.
///
/// No I/O, no clock, no chance: the same arguments always give the same transition, so that an event applied twice
/// after a crash does the same, and a whole history can be replayed.
package enum Engine {
    /// Steps that one event may run before the instance counts as caught in a loop.
    static let maximumSteps = 10_000

    /// Applies an event.
    /// - Parameter state: nil for the event that starts the instance.
    /// - Returns: the transition, or nil where the event is of no use to this state: a task that is no longer waited
    ///   for, an instance that has ended.
    package static func advance(
        _ program: Program, _ state: InstanceState?, _ event: EngineEvent, _ surroundings: Surroundings
    ) -> Transition? {
        var run: Run
        switch (state, event) {
        case (nil, .start(let input)):
            run = Run(program, InstanceState(input: input, startedAt: surroundings.now), surroundings)
            run.start()
        case (let state?, .taskCompleted(let reference, let visit, let output)):
            guard state.status == .running, let call = state.branch.call, call.reference == reference,
                call.visit == visit
            else { return nil }
            run = Run(program, state, surroundings)
            run.complete(call, output)
        case (let state?, .cancel):
            guard state.status == .running else { return nil }
            run = Run(program, state, surroundings)
            run.cancel()
        case (nil, .taskCompleted), (nil, .cancel), (_?, .start):
            return nil
        }
        return Transition(state: run.state, effects: run.effects)
    }
}
