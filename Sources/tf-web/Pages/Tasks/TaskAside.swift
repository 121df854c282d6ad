import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The ticket of a task, as its worker needs it: what was asked, what was said and done so far, and what comes next.
struct TaskAside {
    let on: OnTask
    let comments: [Comment]
    /// The ticket's other tasks that the visitor may see.
    let earlier: [TaskRecord]
    /// In what words they were finished.
    let outcomes: [TaskID: String]
    /// Whether the ticket's answers stand in the middle of the page.
    let isAskedInMiddle: Bool
    let course: TicketCourse?
    /// The workflow with the path taken; nil if the visitor may not open the ticket.
    let picture: HTML?
    let people: NamedPeople
    let times: Times
    /// The names for people of the company's roles.
    let roles: [String: String]

    /// How much of the conversation is shown.
    private static let limitComments = 6
    private static let longestQuote = 240

    private var ticket: Ticket { on.ticket }
    private var ticketPath: String { "/c/\(on.company.slug)/tickets/\(ticket.number)" }
    /// Whether the worker asked for it themselves.
    private var isOwnTicket: Bool { on.actor.login == ticket.requester }

    var html: HTML { "\(summary)\(untilNow)\(next)\(drawing)" }

    /// The way back leads over the ticket, for who may open it.
    var wayToTicket: Link {
        // The task of a form without a workflow has the ticket's own title, which is not told twice in a row.
        let name = on.task.title == ticket.title ? "#\(ticket.number)" : on.ticketName
        return Link(on.mayReadTicket ? ticketPath : on.path, name)
    }

    /// A visitor's task is not always enough to open the ticket.
    private var ticketLink: HTML {
        on.ticketLink.map { link -> HTML in #"<a href="\#(link.path)">\#(link.label)</a>"# } ?? "\(on.ticketName)"
    }

    private var summary: HTML {
        let moment = times.moment(ticket.createdAtMs)
        let asked =
            isOwnTicket
            ? [("You asked", moment)]
            : [("Asked by", Elements.person(ticket.requesterName, ticket.requesterID)), ("Asked", moment)]
        let answers = list(ticket.fields, ticket.form, giver: ticket.requesterID)
        return """
            <section class="card stack"><h2>\(ticketLink)</h2>\
            \(Elements.facts(asked + (isAskedInMiddle ? [] : answers.facts)))</section>
            """
    }

    private func list(_ fields: [AnsweredField], _ answers: JSON, giver: AccountID?) -> AnswerList {
        AnswerList(
            fields: fields, answers: answers, company: on.company, files: "\(ticketPath)/attachments",
            reader: AnswerReader(actor: on.actor, giver: giver))
    }

    // MARK: Until now

    private var untilNow: HTML {
        let done = earlier.filter { $0.state == .completed }.map { (at: $0.finishedAtMs ?? 0, html: result($0)) }
        let said = comments.suffix(Self.limitComments).map { (at: $0.createdAtMs, html: quote($0)) }
        let all = (done + said).sorted { $0.at < $1.at }
        let way: HTML =
            on.mayReadTicket && !isOwnTicket
            ? #"<p class="sm"><a href="\#(ticketPath)#reply">Write to \#(ticket.requesterName)</a></p>"# : .empty
        guard !all.isEmpty || !way.isEmpty else { return .empty }
        let nothing: HTML = "<p class=\"sm soft\">Nobody has said anything yet.</p>"
        let list: HTML = "<ol class=\"menu stack sm\">\(all.map(\.html))</ol>"
        return Elements.card("Until now", "<div class=\"stack\">\(all.isEmpty ? nothing : list)\(way)</div>")
    }

    private func result(_ task: TaskRecord) -> HTML {
        let output = task.output ?? .null
        let answers = list(task.fields, output, giver: task.assigneeID)
        let more: HTML =
            answers.isEmpty
            ? .empty : "<details><summary class=\"soft\">Answers</summary>\(answers.html)</details>"
        return """
            <li class="fix">\(Elements.glyph(.done, "Done:"))<span><b>\(task.title)</b>, \(task.assigneeName): \
            \(outcomes[task.id] ?? "done"), \(task.finishedAtMs.map(times.told))\(more)</span></li>
            """
    }

    private func quote(_ comment: Comment) -> HTML {
        let whole = Markdown.plain(comment.text).trimmingCharacters(in: .whitespacesAndNewlines)
        let text = whole.prefix(scalars: Self.longestQuote).trimmingCharacters(in: .whitespacesAndNewlines)
        let rest = text.count < whole.count ? "…" : ""
        return """
            <li class="fix">\(people.smallInitials(comment.login))<span><b>\(comment.name)</b>: <span class=text>“\(text)\(rest)”</span> \
            \(when(comment.isInternal, Elements.staffOnly)) \(times.told(comment.createdAtMs))</span></li>
            """
    }

    // MARK: Next

    private var next: HTML {
        guard on.task.state.isOpen, let course,
            let node = WorkflowGraph.Places(course.graph)[on.task.reference]
        else { return .empty }
        let steps = course.graph.mainPath(from: [node.id]).filter { $0.id != node.id }
        let list = CourseList(course: course, steps: steps, requester: ticket.requesterName, roles: roles)
        return Elements.card(
            "What comes next",
            list.html(
                end:
                    "\(course.ending(from: [node.id])), and \(isOwnTicket ? "you get" : "\(ticket.requesterName) gets") a message"
            ))
    }

    private var drawing: HTML {
        guard let picture else { return .empty }
        return "<details class=\"card\"><summary class=\"sm\">Show the workflow</summary>\(picture)</details>"
    }
}
