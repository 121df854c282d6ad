/// Why an event cannot happen to a task now. The sentences are for the person who caused it.
package enum TaskConflict: Error, Sendable, Hashable, CustomStringConvertible {
    /// The task has ended; `by` is the name of whoever completed it.
    case over(TaskState, by: String?)
    /// The task was changed after the page was loaded.
    case changed
    case nobodyHasIt
    /// Another person, of this name, has the task now.
    case isNow(of: String)
    case isTaken(by: String)
    case programsAreNotPutOff
    /// The table of steps has none for this event in this state.
    case impossible(TaskEvent.Kind, TaskState)

    package var description: String {
        switch self {
        case .over(let state, let name): "this task was \(state.rawValue)\(name.map { " by \($0)" } ?? "") already"
        case .changed: "this task was changed after the page was loaded"
        case .nobodyHasIt: "nobody has this task at present"
        case .isNow(let name): "this task is \(name)'s now"
        case .isTaken(let name): "\(name) has this task already"
        case .programsAreNotPutOff: "a program's job is not put off"
        case .impossible(let event, let state): "a task that is \(state.rawValue) cannot be \(event.words)"
        }
    }

    /// The conflict of an event for which the table has no step.
    init(_ event: TaskEvent.Kind, _ task: TaskSituation) {
        if !task.state.isOpen {
            self = .over(task.state, by: task.completer)
        } else if let holder = task.holder, !event.sources.contains(where: { $0 != .ready }) {
            self = .isTaken(by: holder.name)
        } else if task.holder == nil {
            self = .nobodyHasIt
        } else {
            self = .impossible(event, task.state)
        }
    }
}
