import TFDefinition
import TFEngine
import TFStore

extension ShownForm {
    /// The form of a task as its definition has it: for what was typed into a form that the task's page does not have
    /// any more, as when somebody else has finished the task.
    /// - Parameter page: the path of a page that the visitor was shown. Where the form was sent does not count: a form of
    ///   the pool is sent to a task of which the pool tells nothing.
    /// - Returns: nil if the page is none of a task, or the task asks nothing.
    static func ofTask(onPage page: String, _ session: ReadSession) throws -> ShownForm? {
        let parts = page.split(separator: "/")
        guard parts.count > 3, parts[0] == "c", parts[2] == "tasks", let id = TaskID(parts[3]),
            let company = try session.company(String(parts[1]))
        else { return nil }
        let inside = session.inside(company.id)
        guard let task = try inside.task(id: id) else { return nil }
        return try inside.taskForm(task).form.form.map { ShownForm($0) }
    }
}
