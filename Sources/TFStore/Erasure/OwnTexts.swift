import TFDefinition
import TFEngine
import TFExpression

/// Removes from a ticket what one person has written: answers, title, comments, drafts and reasons, also where the
/// workflow has taken them over. A ticket at a time.
struct OwnTexts {
    let person: Account
    let ticket: Ticket
    private let session: CompanyWriteSession
    private let replacement: NameReplacement

    private var isOver: Bool { ticket.state == .closed || ticket.state == .cancelled }
    private var isRequester: Bool { ticket.requesterID == person.id }

    init(_ session: CompanyWriteSession, of person: Account, in ticket: Ticket) throws {
        (self.session, self.person, self.ticket) = (session, person, ticket)
        let isOver = ticket.state == .closed || ticket.state == .cancelled
        var texts: Set<String> = []
        if ticket.requesterID == person.id {
            texts = Self.entered(ticket.form, ticket.fields, all: isOver)
            texts.insert(ticket.title)
        }
        for task in try session.answered(by: person.id, in: ticket.id) {
            let fields = try Column.fields(task["fields"])
            texts.formUnion(Self.entered(Self.answers(task["output"]), fields, all: isOver))
        }
        texts.remove(NameReplacement.removed)
        // Somebody else who was chosen is no text of theirs.
        replacement = NameReplacement(removing: try texts.filter { try session.site.account($0) == nil })
    }

    /// The texts that somebody typed. While the ticket is open, what they chose stays: the workflow decides by it.
    private static func entered(_ answers: JSON, _ fields: [AnsweredField], all: Bool) -> Set<String> {
        let typed: Set<ElementType> = [.input, .textarea, .email, .url, .tel, .upload]
        let shown = fields.filter { all || typed.contains($0.type) }
        let names = shown.reduce(into: Set<String>()) { $0.formUnion($1.type == .upload ? Set($1.labels.values) : []) }
        guard !all else { return NameReplacement.texts(in: answers).union(names) }
        return shown.reduce(into: names) { $0.formUnion(NameReplacement.texts(in: answers[$1.id])) }
    }

    /// Without what the store itself adds.
    private static func answers(_ output: JSON) -> JSON {
        .object((output.objectValue ?? [:]).filter { !["outcome", "by", "at"].contains($0.key) })
    }

    func erase() throws {
        if isRequester { try eraseTicket() }
        try eraseTasks()
        try eraseHistory()
        try eraseWorkflow()
        try session.run(
            "UPDATE comment SET text = ? WHERE company_id = ? AND ticket_id = ? AND account_id = ?",
            [NameReplacement.removed, session.company, ticket.id, person.id])
        try eraseSearched()
        if isRequester { try session.replaceTexts(of: ticket.id) }
    }

    private func eraseTicket() throws {
        try session.run(
            """
            UPDATE ticket SET title = ?, folded_title = ?, form = ?, fields = ?, version = version + 1
            WHERE company_id = ? AND id = ?
            """,
            [
                NameReplacement.removed, NameReplacement.removed,
                isOver ? JSON.object([:]) : replacement.json(ticket.form),
                isOver ? "[]" : replacement.replaced(Column.text(ticket.fields), .json), session.company, ticket.id,
            ])
    }

    private func eraseTasks() throws {
        let rows = try session.all(
            Row.self,
            """
            SELECT id, title, description, input, output, prefilled, error, waiting_facts, fields, draft, assignee_id,
                state
            FROM task WHERE company_id = ? AND ticket_id = ?
            """, [session.company, ticket.id])
        for row in rows {
            var texts = TaskTexts(row: row)
            texts.replace(replacement)
            if row["assignee_id"] == person.id as AccountID? && row["state"] == TaskState.completed.rawValue {
                let output: JSON? = row["output"]
                texts.output = output?.objectValue.map { members in
                    JSON.object(members.filter { ["outcome", "by", "at"].contains($0.key) }).text
                }
                texts.fields = "[]"
            }
            let draft: JSON? = row["draft"]
            let drafter = draft?["by"].intValue.map { AccountID(rawValue: Int64($0)) }
            if drafter == person.id { texts.draft = nil }
            try session.replaceTexts(of: row["id"], with: texts)
        }
    }

    /// What is searched for: the person's own texts, and answers of others that repeat them.
    private func eraseSearched() throws {
        try session.run(
            """
            DELETE FROM search_text
            WHERE company_id = ? AND ticket_id = ? AND account_id = ? AND kind IN ('comment', 'note', 'result')
            """, [session.company, ticket.id, person.id])
        let results = try session.all(
            Row.self, "SELECT * FROM search_text WHERE company_id = ? AND ticket_id = ? AND kind = 'result'",
            [session.company, ticket.id])
        try session.site.replaceSearched(results, replacement)
    }

    private func eraseHistory() throws {
        let rows = try session.all(
            Row.self, "SELECT id, actor, kind, data FROM history WHERE company_id = ? AND ticket_id = ? ORDER BY id",
            [session.company, ticket.id])
        for row in rows {
            let old: JSON = row["data"]
            var data = replacement.json(old).objectValue ?? [:]
            for name in theirs(row) where data[name] != nil {
                data[name] = name == "labels" ? [] : name == "before" ? [:] : .string(NameReplacement.removed)
            }
            guard JSON.object(data) != old else { continue }
            try session.run(
                "UPDATE history SET data = ? WHERE company_id = ? AND id = ?",
                [JSON.object(data), session.company, row["id"] as HistoryID])
        }
    }

    /// The members of an entry's data that hold what they wrote.
    private func theirs(_ entry: Row) -> [String] {
        let (actor, kind): (String, String) = (entry["actor"], entry["kind"])
        // It may quote any answer of the form, also in other words, whoever has corrected one of them.
        if kind == HistoryKind.uncomputed.rawValue { return isRequester || actor == person.login ? ["error"] : [] }
        guard actor == person.login else { return [] }
        // The title of a task is not theirs.
        return ["reason", "before", "labels"] + (kind == HistoryKind.updated.rawValue ? ["title"] : [])
    }

    /// What the engine keeps of the answers.
    private func eraseWorkflow() throws {
        let instances = try session.all(
            Row.self, "SELECT id, state FROM instance WHERE company_id = ? AND ticket_id = ? AND state IS NOT NULL",
            [session.company, ticket.id])
        for row in instances {
            let text: String = row["state"]
            var new = replacement.replaced(text, .state)
            if isOver, isRequester, var members = (try? JSON(parsing: new, depth: InstanceState.depth))?.objectValue {
                for name in ["input", "context", "output"] { members.removeValue(forKey: name) }
                new = JSON.object(members).text
            }
            guard new != text else { continue }
            try session.run(
                "UPDATE instance SET state = ? WHERE company_id = ? AND id = ?",
                [new, session.company, row["id"] as InstanceID])
        }
        let events = try session.all(
            Row.self,
            """
            SELECT position, payload FROM instance_event WHERE company_id = ? AND instance_id IN (
                SELECT i.id FROM instance i WHERE i.company_id = ? AND i.ticket_id = ?)
            """, [session.company, session.company, ticket.id])
        for row in events {
            try session.run(
                "UPDATE instance_event SET payload = ? WHERE company_id = ? AND position = ?",
                [replacement.replaced(row["payload"], .json), session.company, row["position"] as CompanyPosition])
        }
    }
}

extension TaskTexts {
    fileprivate mutating func replace(_ replacement: NameReplacement) {
        title = replacement.text(title)
        description = description.map { replacement.text($0) }
        for text in [\TaskTexts.input, \.output, \.prefilled, \.error, \.waitingFacts, \.fields, \.draft] {
            self[keyPath: text] = self[keyPath: text].map { replacement.replaced($0, .json) }
        }
    }
}

extension CompanyReadSession {
    /// The tasks that somebody has completed, with their answers.
    fileprivate func answered(by account: AccountID, in ticket: TicketID) throws -> [Row] {
        try all(
            Row.self,
            """
            SELECT output, fields FROM task
            WHERE company_id = ? AND ticket_id = ? AND assignee_id = ? AND state = 'completed' AND output IS NOT NULL
            """, [company, ticket, account])
    }

    /// The tickets with which somebody had to do, by their ids.
    func tickets(touchedBy person: Account, after last: TicketID, limit: Int) throws -> [TicketID] {
        try all(
            TicketID.self,
            """
            SELECT t.id FROM ticket t WHERE t.company_id = ? AND t.id > ? AND (
                t.requester_id = ?
                OR EXISTS (SELECT 1 FROM comment c
                    WHERE c.company_id = t.company_id AND c.ticket_id = t.id AND c.account_id = ?)
                OR EXISTS (SELECT 1 FROM assignment a
                    WHERE a.company_id = t.company_id AND a.ticket_id = t.id AND a.account_id = ?)
                OR EXISTS (SELECT 1 FROM history h
                    WHERE h.company_id = t.company_id AND h.ticket_id = t.id AND h.actor = ?))
            ORDER BY t.id LIMIT ?
            """, [company, last, person.id, person.id, person.id, person.login, limit])
    }
}
