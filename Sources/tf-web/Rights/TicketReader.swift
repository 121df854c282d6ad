import TFDefinition
import TFExpression
import TFStore

/// What somebody who may open a ticket reads of it: which answers, why a step failed, and the workflow's own data.
struct TicketReader: Sendable {
    let answers: AnswerReader
    /// Whether they decide about a failed step, and so see why it failed: a server's answer, an internal address.
    let decidesFaults: Bool
    /// Whether they may read what the workflow keeps inside. It can hold any answer, under any name and in any text that
    /// was made of it, so it is for those alone who may read every answer.
    let readsData: Bool
    /// The fields, answered now or only before, whose answers are not theirs to read.
    private let hidden: Set<String>

    /// - Parameters:
    ///   - form: of the ticket's type as it was when the ticket was submitted.
    ///   - tasks: the ticket's, with the fields that were answered in each.
    ///   - decidesFaults: as the policy says.
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

    /// An entry's data without what is not for this reader.
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
