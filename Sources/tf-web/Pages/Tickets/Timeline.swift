import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// What people said about a ticket and what happened to it, in one list, the oldest first.
struct Timeline {
    let on: OnTicket
    /// Those that the visitor may see.
    let history: [HistoryEntry]
    let comments: [Comment]
    let tasks: [TaskRecord]
    /// What was corrected of the ticket's answers, by the entries that tell of it.
    let corrections: [HistoryID: Correction]
    let reader: TicketReader
    let words: HistoryWords
    let reasons: Reasons

    /// The entry behind which the history of a workflow that goes round leaves out the next ones; nil: it is whole.
    let beforeGap: HistoryID?
    /// Whether a long timeline is shown whole, and not only its beginning and its end.
    let isWhole: Bool

    /// So many entries are shown of a long timeline: the first, and the newest.
    private static let shown = 16

    private var times: Times { words.times }

    var html: HTML {
        var events = history.compactMap { entry in item(entry).map { (at: entry.atMs, html: $0) } }
        if let beforeGap, let left = history.first(where: { $0.id >= beforeGap }) {
            events.append((left.atMs, Self.gap))
        }
        let said = comments.map { (at: $0.createdAtMs, html: bubble($0)) }
        // The history comes first at one moment: a comment may follow what it is about. The sort is stable.
        let all = (events + said).enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        let items = all.map(\.element.html)
        let hidden = items.count - Self.shown
        // What one line hides is not worth a line.
        guard !isWhole, hidden > 1, let first = items.first else { return "<ol class=tl>\(items)</ol>" }
        let gap: HTML = """
            <li>\(Elements.glyph(.idle))<div>\(hidden) entries are not shown. \
            <a href="\(on.path)?\(TicketPageQuery.history)=all#talk">Show all \(items.count)</a></div></li>
            """
        return "<ol class=\"tl\">\(first)\(gap)\(items.suffix(Self.shown - 1))</ol>"
    }

    private static let gap: HTML = """
        <li>\(Elements.glyph(.idle))<div>Here entries are left out: the workflow goes round, and has made too many.</div>
        """

    // MARK: Said

    private func bubble(_ comment: Comment) -> HTML {
        let note: HTML =
            comment.isInternal
            ? "<span class=soft>internal note, \(times.told(comment.createdAtMs))</span> \(Elements.staffOnly)"
            : "<span class=soft>\(times.told(comment.createdAtMs))</span>"
        return """
            <li id=comment-\(comment.id)>\(words.people.initials(comment.login))\
            <article class="card\(when(comment.isInternal, " wait"))"><p class=sm><b>\(comment.name)</b> \(note)</p>\
            <div class=prose>\(Markdown.said(comment.text))</div></article>
            """
    }

    /// What somebody said with a form: the texts as they would say them, the other answers as a list.
    private func bubble(_ entry: HistoryEntry, did what: HTML, _ answers: HTML) -> HTML {
        """
        <li>\(words.people.initials(entry.actor))<article class=card><p class=sm>\
        <b>\(words.people.name(entry.actor))</b> <span class=soft>\(what), \(times.told(entry.atMs))</span></p>\
        \(answers)</article>
        """
    }

    // MARK: Happened

    private func item(_ entry: HistoryEntry) -> HTML? {
        let data = reader.visible(entry)
        let task = tasks.first { $0.id == entry.taskID }
        // The task that brought new answers shows them where it was completed, and that one was started matters until
        // it ends.
        if entry.kind == .answersReplaced, task != nil { return nil }
        if entry.kind == .started, task?.state.isOpen == false { return nil }
        // Who cancelled the ticket is told just before; if nobody did, its workflow was set aside.
        if entry.kind == .cancelled, history.prefix(while: { $0.id != entry.id }).cancellation != nil { return nil }
        if let said = said(entry, data) { return said }
        guard let line = words.line(entry, data) else { return nil }
        return """
            <li>\(Elements.glyph(line.tone))<div>\(line.words), \(times.told(entry.atMs))\(why(entry, data))</div>
            """
    }

    /// What was said with a form: the ticket's at its beginning, or a task's at its end.
    private func said(_ entry: HistoryEntry, _ data: JSON) -> HTML? {
        if entry.kind == .submitted {
            let answers = list(on.ticket.fields, asked, giver: on.ticket.requesterID).texts
            let did = data["for"].stringValue.map { login -> HTML in "submitted it for \(words.people.name(login))" }
            return answers.isEmpty ? nil : bubble(entry, did: did ?? "asked for this", answers.letter)
        }
        guard entry.kind == .completed, let task = tasks.first(where: { $0.id == entry.taskID }) else { return nil }
        return said(with: task).map { bubble(entry, did: result(data), $0) }
    }

    /// What is shown where a task was completed: its answers, or what it changed of the ticket's; nil: nothing.
    private func said(with task: TaskRecord) -> HTML? {
        let replacement = history.first { $0.kind == .answersReplaced && $0.taskID == task.id }
        if let correction = replacement.flatMap({ corrections[$0.id] }) {
            return correction.isEmpty ? nil : correction.html
        }
        // What a task with the ticket's own form did not change stands at the side.
        if isOfTicket(task) { return nil }
        let answers = list(task.fields, task.output ?? .null, giver: task.assigneeID)
        return answers.isEmpty ? nil : answers.said
    }

    /// Whether the task's form is the ticket's own.
    private func isOfTicket(_ task: TaskRecord) -> Bool {
        let ids = Set(on.ticket.fields.map(\.id))
        return !task.fields.isEmpty && task.fields.allSatisfy { ids.contains($0.id) }
    }

    /// What was asked at first, whatever was added since.
    private var asked: JSON {
        history.first { $0.kind == .answersReplaced }.map { reader.visible($0)["before"] } ?? on.ticket.form
    }

    private func list(_ fields: [AnsweredField], _ answers: JSON, giver: AccountID?) -> AnswerList {
        AnswerList(
            fields: fields, answers: answers, company: on.company, files: "\(on.path)/attachments",
            reader: AnswerReader(actor: on.actor, giver: giver))
    }

    /// "“Approve access”: Send back"
    private func result(_ data: JSON) -> HTML {
        let outcome = data["label"].stringValue ?? data["outcome"].stringValue
        return "\(Words.task(data["title"].displayText, ofTicket: on.ticket.title).subject)\(outcome.map { ": \($0)" })"
    }

    /// Unfolds why the task went to whom it went to.
    private func why(_ entry: HistoryEntry, _ data: JSON) -> HTML {
        guard entry.kind == .assigned, let reason = ChoiceReason(data), let login = data["to"].stringValue else {
            return .empty
        }
        let task = tasks.first { $0.id == entry.taskID }
        let because = reasons.sentence(reason, for: login, role: task?.role)
        // The lists of others are on the task's page, for those who may open it.
        let isLatest = task.map { task in
            task.assignee == login && on.mayRead(task)
                && entry.id == history.last { $0.kind == .assigned && $0.taskID == task.id }?.id
        }
        let next = isLatest == true ? reasons.following(task?.decision) : nil
        return """
             <details class=pop><summary>· Why \(words.people.firstName(login))?</summary><p>Because \(because)\
            \(next.map { n -> HTML in "; \(n)" }).</details>
            """
    }

    /// The logins that a timeline names, to look up their names.
    static func logins(_ history: [HistoryEntry], _ comments: [Comment], _ tasks: [TaskRecord]) -> Set<String> {
        Set(history.flatMap(HistoryWords.logins) + comments.map(\.login) + tasks.flatMap(Reasons.logins))
    }
}

extension Elements {
    /// Marks what the requester does not see.
    static let staffOnly: HTML = "<span class=\"tag wait\">Staff only</span>"
}
