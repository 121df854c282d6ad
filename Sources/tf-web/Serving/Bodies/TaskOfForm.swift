import TFDefinition
import TFEngine
import TFStore

/// The task whose page had a form, for what was typed into one that the page does not have any more, as when somebody
/// else has finished the task.
struct TaskOfForm: Sendable {
    private let task: TaskRecord
    /// The form as the task's definition has it; nil: the task asks nothing.
    let form: ShownForm?

    /// - Parameter page: the path of a page that the visitor was shown. Where the form was sent does not count: a form of
    ///   the pool is sent to a task of which the pool tells nothing.
    /// - Returns: nil if the page is none of a task.
    init?(onPage page: String, _ session: ReadSession) throws {
        let parts = page.split(separator: "/")
        guard parts.count > 3, parts[0] == "c", parts[2] == "tasks", let id = TaskID(parts[3]),
            let company = try session.company(String(parts[1]))
        else { return nil }
        let inside = session.inside(company.id)
        guard let task = try inside.task(id: id) else { return nil }
        self.task = task
        form = try inside.taskForm(task).form.form.map { ShownForm($0) }
    }

    /// How the task stands, to begin a sentence with; nil: the account has it, and nothing became of it.
    func standing(for account: AccountID?) -> String? {
        task.state.isOpen && account != nil && task.assigneeID == account ? nil : task.standing
    }
}

extension TaskRecord {
    /// How a task stands for somebody who had it, in words that go on after a semicolon as well.
    var standing: String {
        switch state {
        case .completed: "this task was finished meanwhile"
        case .withdrawn: "this task is not needed any more"
        case .failed: "this task has failed"
        case .ready, .assigned, .started, .held:
            assigneeName.map { "\($0) has this task now" } ?? "this task is with nobody now"
        }
    }
}
