import TFDefinition
import TFEngine
import TFStore

extension ShownForm {
    /// The form of a ticket type or of a task, as its revision has it: for what was typed into a form that its page does
    /// not have any more, as when somebody else has finished the task. Only for who may read that page.
    /// - Parameter path: where the form was sent.
    /// - Returns: nil if no definition has the form, or none that is there.
    static func ofDefinition(sentTo path: String, _ session: ReadSession) throws -> ShownForm? {
        let parts = path.split(separator: "/")
        guard parts.count > 3, parts[0] == "c", let company = try session.company(String(parts[1])) else { return nil }
        let inside = session.inside(company.id)
        if parts[2] == "tasks" {
            guard let id = TaskID(parts[3]), let task = try inside.task(id: id) else { return nil }
            return try inside.taskForm(task).form.form.map { ShownForm($0) }
        }
        guard parts.count == 5, parts[2] == "tickets", parts[3] == "new" else { return nil }
        return try inside.ticketType(String(parts[4])).map { ShownForm($0.definition.form) }
    }
}
