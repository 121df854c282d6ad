import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A correction of a ticket's answers: each field that the visitor may read and that is other than before, with its old
/// answer and its new one.
struct Correction {
    private let changes: [(label: String, before: HTML?, after: HTML?)]

    init(from before: AnswerList, to after: AnswerList) {
        var labels: [(id: String, label: String)] = []
        for field in before.fields + after.fields where !labels.contains(where: { $0.id == field.id }) {
            labels.append((field.id, field.label))
        }
        changes = labels.compactMap { id, label in
            guard before.answers[id] != after.answers[id] else { return nil }
            let (old, new) = (before.answer(to: id), after.answer(to: id))
            return old == nil && new == nil ? nil : (label, old, new)
        }
    }

    var isEmpty: Bool { changes.isEmpty }

    var html: HTML {
        let lines = changes.map { label, before, after -> HTML in
            """
            <dt class=sm>\(label)</dt><dd><del><span class=vh>Before: </span>\(before ?? Self.nothing)</del> → \
            <ins><span class=vh>Now: </span>\(after ?? Self.nothing)</ins></dd>
            """
        }
        return "<dl class=prose>\(lines)</dl>"
    }

    private static let nothing: HTML = "nothing"
}

extension OnTicket {
    /// The corrections of the ticket's answers, by the entries of its history that tell of them.
    /// - Parameter history: all of the ticket's entries, the oldest first.
    func corrections(
        _ history: [HistoryEntry], _ type: TicketDefinition, _ session: CompanyReadSession, now: Int64
    ) throws -> [HistoryID: Correction] {
        let entries = history.filter { $0.kind == .answersReplaced }
        guard !entries.isEmpty else { return [:] }
        func list(_ fields: [AnsweredField], _ answers: JSON) -> AnswerList {
            AnswerList(
                fields: fields, answers: answers, company: company, files: "\(path)/attachments",
                reader: AnswerReader(actor: actor, giver: ticket.requesterID))
        }
        var states = try entries.map { entry in
            let answers = entry.data["before"]
            let fields = try session.fields(
                ofEarlier: answers.objectValue ?? [:], in: type.form, of: ticket, now: now)
            return list(fields, answers)
        }
        states.append(list(ticket.fields, ticket.form))
        let corrections = zip(entries, zip(states, states.dropFirst())).map { entry, state in
            (entry.id, Correction(from: state.0, to: state.1))
        }
        return Dictionary(corrections, uniquingKeysWith: { first, _ in first })
    }
}
