import TFDefinition
import TFExpression
import TFStore

/// What an actor who may open a ticket may read of it: answers, the causes of failed steps, and the workflow's data.
struct TicketReader: Sendable {
    let answers: AnswerReader
    /// Whether they may decide about failed steps, and so see the cause, such as a server's answer or an internal
    /// address.
    let decidesFaults: Bool
    /// Whether they may read the workflow's data. It can contain any answer, under any name and inside any text, so
    /// only those who may read every answer may read it.
    let readsData: Bool
    /// The fields, of the present form or of earlier answers, whose answers the actor may not read.
    private let hidden: Set<String>

    /// - Parameters:
    ///   - form: the form of the ticket's type as it was when the ticket was submitted.
    ///   - tasks: all tasks of the ticket, with the fields that were answered in each.
    ///   - decidesFaults: whether the policy lets the actor decide about failed steps.
    init(_ actor: Actor, _ ticket: Ticket, form: Form, tasks: [TaskRecord], decidesFaults: Bool) {
        answers = AnswerReader(actor: actor, giver: ticket.requesterID)
        self.decidesFaults = decidesFaults
        let audiences =
            form.fields.map { ($0.id, $0.element.audience) } + ticket.fields.map { ($0.id, $0.audience) }
        let giver = ticket.requesterID
        hidden = Set(
            audiences.filter { !Policy.maySeeAnswer(actor, audience: $0.1, giver: giver) }.map(\.0))
        let hasHiddenTaskAnswer = tasks.contains { task in
            let reader = AnswerReader(actor: actor, giver: task.assigneeID)
            return task.fields.contains { !reader.maySee($0) }
        }
        readsData = hidden.isEmpty && !hasHiddenTaskAnswer
    }

    /// An entry's data without the answers that the actor may not read.
    func visible(_ entry: HistoryEntry) -> JSON {
        guard var members = entry.data.objectValue else { return entry.data }
        if var before = members["before"]?.objectValue {
            for field in hidden { before[field] = nil }
            members["before"] = .object(before)
        }
        if !decidesFaults || !readsData {
            for name in ["error", "output"] { members[name] = nil }
        }
        return .object(members)
    }
}
