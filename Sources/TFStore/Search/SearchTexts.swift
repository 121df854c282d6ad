import TFDefinition
import TFEngine
import TFExpression

/// The texts in which people search: the column `search_text.kind`.
package enum SearchKind: String, Sendable, Hashable, CaseIterable {
    case title
    case answer
    /// Answers of a task that is done.
    case result
    case comment
    /// An internal comment.
    case note
}

/// Of a text in which people search.
struct SearchTextID: RowID {
    let rawValue: Int64
}

extension SearchTextID: SQLConvertible, RowReadable {}

/// What a text in which people search is.
///
/// An audience holds the company roles, or `ticket_admin`, that may read an answer; empty: all who may read the ticket.
enum SearchSource {
    case title
    case answer(audience: [String])
    case result(of: TaskID, audience: [String])
    case comment(isInternal: Bool)

    var kind: SearchKind {
        switch self {
        case .title: .title
        case .answer: .answer
        case .result: .result
        case .comment(let isInternal): isInternal ? .note : .comment
        }
    }

    /// The task whose result it is; nil: it is none.
    var task: TaskID? {
        switch self {
        case .result(let task, _): task
        case .title, .answer, .comment: nil
        }
    }

    var audience: [String] {
        switch self {
        case .answer(let audience), .result(_, let audience): audience
        case .title, .comment: []
        }
    }
}

/// A text in which people search: a row of `search_text`.
struct SearchText {
    let ticket: TicketID
    let source: SearchSource
    /// Who wrote it, and so may read it.
    let author: AccountID
    let text: String
}

/// A ticket's own texts in which people search.
struct SearchedTicket {
    let id: TicketID
    let requester: AccountID
    let title: String
    /// The answers, by field.
    let form: JSON
    let fields: [AnsweredField]
}

/// Keeps the searched texts of tickets as the tickets are. Called in the transactions that change a ticket's title or
/// answers, or add a comment.
extension CompanyWriteSession {
    /// Writes a ticket's title and answers anew.
    func replaceTexts(of id: TicketID) throws {
        guard let ticket = try ticket(id: id) else { return }
        try run(
            "DELETE FROM search_text WHERE company_id = ? AND ticket_id = ? AND kind IN ('title', 'answer')",
            [company, id])
        try addTexts(
            of: SearchedTicket(
                id: id, requester: ticket.requesterID, title: ticket.title, form: ticket.form, fields: ticket.fields))
        try site.indexNewTexts()
    }

    /// Adds the texts of a new ticket. They are found once the engine has taken up its workflow, which indexes the texts
    /// of many tickets at once.
    func addTexts(of ticket: SearchedTicket) throws {
        try add(SearchText(ticket: ticket.id, source: .title, author: ticket.requester, text: ticket.title))
        for answers in Self.texts(of: ticket.form, ticket.fields) {
            try add(
                SearchText(
                    ticket: ticket.id, source: .answer(audience: answers.audience), author: ticket.requester,
                    text: answers.text))
        }
    }

    /// Adds the answers of a task that was just completed. They are found once the engine has taken that up.
    func addTexts(ofResult task: TaskRecord, by giver: AccountID) throws {
        for answers in Self.texts(of: task.output ?? .null, task.fields) {
            try add(
                SearchText(
                    ticket: task.ticketID, source: .result(of: task.id, audience: answers.audience), author: giver,
                    text: answers.text))
        }
    }

    /// The answers of a form, those for the same people in one text.
    private static func texts(of form: JSON, _ fields: [AnsweredField]) -> [(audience: [String], text: String)] {
        Dictionary(grouping: fields.filter { !isOpaque($0.type) }, by: { $0.audience.sorted() }).map {
            audience, fields in
            (audience, fields.compactMap { text(of: form[$0.id], $0) }.joined(separator: "\n"))
        }
    }

    /// Adds a comment.
    func indexComment(_ text: String, isInternal: Bool, of ticket: TicketID, by account: AccountID) throws {
        try add(SearchText(ticket: ticket, source: .comment(isInternal: isInternal), author: account, text: text))
        try site.indexNewTexts()
    }

    /// Adds a text; one without content is left out.
    func add(_ added: SearchText) throws {
        guard !added.text.isEmpty else { return }
        let text = added.text.withoutNUL
        try run(
            """
            INSERT INTO search_text (company_id, ticket_id, kind, task_id, audience, account_id, text, words)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                company, added.ticket, added.source.kind.rawValue, added.source.task,
                JSON.strings(added.source.audience), added.author, text, SearchWords.column(text),
            ])
    }

    /// Whether nobody would search for the answer's text.
    private static func isOpaque(_ type: ElementType) -> Bool {
        switch type {
        case .checkbox, .markdown, .section: true
        case .input, .textarea, .number, .email, .url, .tel, .date, .time, .datetime, .dropdown, .radio, .checkboxes,
            .user, .upload:
            false
        }
    }

    private static func text(of answer: JSON, _ field: AnsweredField) -> String? {
        guard answer != .null else { return nil }
        let values = (answer.arrayValue ?? [answer]).map { field.labels[$0.displayText] ?? $0.displayText }
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

extension WriteSession {
    /// Makes all texts found that were added before. Where nothing has to be told, the mark stays: companies that write
    /// side by side would wait for each other there.
    func indexNewTexts() throws {
        guard connection.indexesByMark else { return }
        try run(
            """
            UPDATE search_mark SET upto = (SELECT MAX(id) FROM search_text)
            WHERE upto < (SELECT COALESCE(MAX(id), 0) FROM search_text)
            """)
    }
}
