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
enum SearchSource: Sendable {
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
struct SearchText: Sendable {
    let source: SearchSource
    /// Who wrote it, and so may read it.
    let author: AccountID
    let text: String
    /// For its column. Found when the text is made, which may be before the transaction that adds it.
    let words: String

    init(_ source: SearchSource, by author: AccountID, _ text: String) {
        self.source = source
        self.author = author
        self.text = text.withoutNUL
        words = SearchWords.column(self.text)
    }

    /// The texts of a ticket itself: its title and its answers.
    /// - Parameter form: the answers, by field.
    static func texts(title: String, _ form: JSON, _ fields: [AnsweredField], by requester: AccountID) -> [SearchText] {
        [SearchText(.title, by: requester, title)]
            + answers(form, fields).map { SearchText(.answer(audience: $0.audience), by: requester, $0.text) }
    }

    /// The answers to a task that is done.
    static func texts(ofResult task: TaskRecord, by giver: AccountID) -> [SearchText] {
        answers(task.output ?? .null, task.fields).map {
            SearchText(.result(of: task.id, audience: $0.audience), by: giver, $0.text)
        }
    }

    /// The answers of a form, those for the same people in one text.
    private static func answers(_ form: JSON, _ fields: [AnsweredField]) -> [(audience: [String], text: String)] {
        Dictionary(grouping: fields.filter { !isOpaque($0.type) }, by: { $0.audience.sorted() }).map {
            audience, fields in
            (audience, fields.compactMap { text(of: form[$0.id], $0) }.joined(separator: "\n"))
        }
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

/// Keeps the searched texts of tickets as the tickets are. Called in the transactions that change a ticket's title or
/// answers, or add a comment.
extension CompanyWriteSession {
    /// Writes a ticket's title and answers anew.
    func replaceTexts(of id: TicketID) throws {
        guard let ticket = try ticket(id: id) else { return }
        try run(
            "DELETE FROM search_text WHERE company_id = ? AND ticket_id = ? AND kind IN ('title', 'answer')",
            [company, id])
        try add(
            SearchText.texts(title: ticket.title, ticket.form, ticket.fields, by: ticket.requesterID), to: id)
        try site.indexNewTexts()
    }

    /// Adds a comment.
    func indexComment(_ text: String, isInternal: Bool, of ticket: TicketID, by account: AccountID) throws {
        try add([SearchText(.comment(isInternal: isInternal), by: account, text)], to: ticket)
        try site.indexNewTexts()
    }

    /// Adds texts; those without content are left out. They are found once they are indexed, which the engine does for
    /// many at once when it takes up a workflow.
    func add(_ texts: [SearchText], to ticket: TicketID) throws {
        for text in texts where !text.text.isEmpty {
            try run(
                """
                INSERT INTO search_text (company_id, ticket_id, kind, task_id, audience, account_id, text, words)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    company, ticket, text.source.kind.rawValue, text.source.task, JSON.strings(text.source.audience),
                    text.author, text.text, text.words,
                ])
        }
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
