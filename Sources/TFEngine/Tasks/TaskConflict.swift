/// Why something cannot happen to a task any more, or not yet. The sentences are for the person who tried it.
package enum TaskConflict: Error, Sendable, Hashable, CustomStringConvertible {
    /// It has ended; `by` is who completed it.
    case over(TaskState, by: String?)
    /// The page from which it was changed is older than the task.
    case changed
    case nobodyHasIt
    /// Somebody else has it now, by their name.
    case isNow(of: String)
    case isTaken(by: String)
    case programsAreNotPutOff
    /// No step of the table leads from there.
    case impossible(TaskEvent.Kind, TaskState)

    package var description: String {
        switch self {
        case .over(let state, let login): "this task was \(state.rawValue)\(login.map { " by \($0)" } ?? "") already"
        case .changed: "this task was changed after the page was loaded"
        case .nobodyHasIt: "nobody has this task at present"
        case .isNow(let name): "this task is \(name)'s now"
        case .isTaken(let name): "\(name) has this task already"
        case .programsAreNotPutOff: "a program's job is not put off"
        case .impossible(let event, let state): "a task that is \(state.rawValue) cannot be \(event.words)"
        }
    }

    /// What stands in the way of an event for which the table has no step.
    init(_ event: TaskEvent.Kind, _ task: TaskSituation) {
        if !task.state.isOpen {
            self = .over(task.state, by: task.output?["by"].stringValue)
        } else if let holder = task.holder, !event.sources.contains(where: { $0 != .ready }) {
            self = .isTaken(by: holder.name)
        } else if task.holder == nil {
            self = .nobodyHasIt
        } else {
            self = .impossible(event, task.state)
        }
    }
}
