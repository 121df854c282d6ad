import TFDefinition
import TFExpression
import TFStore

/// The page of one ticket.
struct TicketView {
    let found: Access.OfTicket
    let type: TicketDefinition
    /// Those that the visitor is told of.
    let tasks: [TaskRecord]
    let history: [HistoryEntry]
    let comments: [Comment]
    /// For those who may decide about a failed step; empty for others.
    let instances: [InstanceView]
    let diagram: HTML?
    /// The names of the steps in progress, for a ticket that waits for no task.
    let stepsHere: [String]
    /// Who reads it.
    let reader: TicketReader
    let now: Int64

    private var ticket: Ticket { found.ticket }
    private var base: String { "/c/\(found.company.slug)" }

    func html(csrf: String, form: PostedForm, errors: [FieldError]) -> HTML {
        """
        <h1>#\(ticket.number) \(ticket.title) \(Elements.state(ticket.state))</h1>\
        \(FaultView(ticket: ticket, instances: instances, base: base, reader: reader).html(csrf: csrf, form: form, errors: errors))\
        \(yourTurn)\(summary)<h2>Progress</h2><p>\(position)</p>\(drawing)\(taskTable)\
        \(InstanceTable(instances: instances, company: found.company, reader: reader).html)\
        <h2>Answers</h2>\(answers)\
        <h2>Conversation</h2>\(conversation(csrf: csrf, form: form, errors: errors))\
        <h2>History</h2>\
        \(HistoryList(entries: history, company: found.company, path: "\(base)/tickets/\(ticket.number)", reader: reader).html)\
        \(cancellation(csrf: csrf))
        """
    }

    private var summary: HTML {
        """
        <dl><dt>Type</dt><dd>\(type.title)</dd><dt>Status</dt><dd>\(ticket.status)</dd>\
        <dt>Priority</dt><dd>\(Elements.priority(ticket.priority))</dd>\
        <dt>Submitted by</dt><dd>\(ticket.requesterName)</dd>\
        <dt>Submitted</dt><dd>\(Elements.time(ticket.createdAtMs, found.company))</dd>\
        \(when(ticket.dueAtMs != nil, "<dt>Due</dt><dd>\(Elements.due(ticket.dueAtMs, now: now, found.company))</dd>"))\
        \(when(ticket.closedAtMs != nil, "<dt>\(ended)</dt><dd>\(Elements.time(ticket.closedAtMs, found.company))</dd>"))\
        \(when(!labels.isEmpty, "<dt>Labels</dt><dd>\(labels)</dd>"))</dl>
        """
    }

    private var ended: String {
        switch ticket.state {
        case .open, .closed: "Closed"
        case .cancelled: "Cancelled"
        case .failed: "Failed"
        }
    }

    private var answers: HTML {
        AnswerList(
            fields: ticket.fields, answers: ticket.form, company: found.company,
            files: "\(base)/tickets/\(ticket.number)/attachments",
            reader: reader.answers
        ).html
    }

    private var labels: String { ticket.labels.arrayValue?.compactMap(\.stringValue).joined(separator: ", ") ?? "" }

    /// A task of this ticket that the visitor has.
    private var yourTurn: HTML {
        let mine = tasks.filter { $0.state.isOpen && $0.assigneeID == found.signedIn.account.id }
        return
            "\(mine.map { task -> HTML in """
            <div class="card"><h2>Waiting for you: \(task.title)</h2>\
            <p><a class="button" href="\(base)/tasks/\(task.id)">Open the task</a></p></div>
            """ })"
    }

    private var position: HTML {
        let open = tasks.filter(\.state.isOpen)
        let done = tasks.count { $0.state == .completed }
        let count: HTML =
            tasks.isEmpty || !tellsAllTasks ? .empty : " \(done) of \(tasks.count) tasks done so far."
        switch ticket.state {
        case .closed: return "The ticket is closed: <strong>\(ticket.status)</strong>.\(count)"
        case .cancelled: return "The ticket was cancelled.\(count)"
        case .failed: return "The workflow stopped with an error; a ticket admin has to look at it.\(count)"
        case .open:
            guard !open.isEmpty else {
                guard !stepsHere.isEmpty else { return "The next step begins in a moment.\(count)" }
                return "Now at: <strong>\(stepsHere.joined(separator: ", "))</strong>.\(count)"
            }
            let places = open.map { task -> HTML in
                let who: HTML =
                    task.assigneeName.map { "\(task.state == .started ? "in progress, " : "with ")\($0)" }
                    ?? "nobody yet: \(task.waitingBecause ?? "waiting for the queue")"
                return "<strong>\(task.title)</strong> (\(who))"
            }
            let joined = places.dropFirst().reduce(places[0]) { "\($0); \($1)" }
            return "Now at: \(joined).\(count)"
        }
    }

    /// Whether the tasks here are all of the ticket's.
    private var tellsAllTasks: Bool { Policy.readsTasks(found.actor, found.facts) }

    private var drawing: HTML {
        guard let diagram else { return .empty }
        return """
            \(diagram)<ul class="legend"><li>✓ done</li><li>▶ in progress</li><li>○ not started</li><li>– skipped</li>\
            \(when(ticket.state == .failed, "<li>! failed</li>"))</ul>
            """
    }

    private var taskTable: HTML {
        guard !tasks.isEmpty else { return Elements.empty("No task yet.") }
        return Elements.table(
            tellsAllTasks ? "Tasks of this ticket" : "Your tasks of this ticket",
            ["Task", "State", "Who", "Why this person", "Since", "Result"],
            tasks.map { task in
                [
                    found.mayRead(task)
                        ? #"<a id="task-\#(task.id)" href="\#(base)/tasks/\#(task.id)">\#(task.title)</a>"#
                        : "\(task.title)",
                    Elements.state(task.state), "\(task.assigneeName ?? "nobody yet")",
                    "\(task.because)",
                    Elements.time(task.finishedAtMs ?? task.assignedAtMs ?? task.createdAtMs, found.company),
                    "\(task.output?["outcome"].stringValue)",
                ]
            })
    }

    private func conversation(csrf: String, form: PostedForm, errors: [FieldError]) -> HTML {
        let said = comments.map { comment -> HTML in
            """
            <div class="card"><p><strong>\(comment.name)</strong>, \(Elements.time(comment.createdAtMs, found.company))\
            \(when(comment.isInternal, " <span class=\"tag wait\">internal note</span>"))</p>\
            <p class="text">\(comment.text)</p></div>
            """
        }
        let note: HTML =
            found.may(.readInternalNotes)
            ? """
            <div class="choice"><input type="checkbox" id="internal" name="internal" value="true">\
            <label for="internal">Internal note, not for the requester</label></div>
            """ : .empty
        return """
            \(when(comments.isEmpty, "<p>Nobody has said anything yet.</p>"))\(said)\
            <form method="post" action="\(base)/tickets/\(ticket.number)/comments" novalidate>\(Elements.hidden(csrf: csrf))\
            \(Elements.field("text", label: "Comment", errors: errors) { attributes in
                "<textarea name=\"text\" rows=\"4\"\(attributes)>\n\(form["text"] ?? "")</textarea>"
            })\(note)<button class="second">Add comment</button></form>
            """
    }

    private func cancellation(csrf: String) -> HTML {
        guard ticket.state == .open || ticket.state == .failed, found.may(.cancelTicket) else { return .empty }
        return """
            <details><summary>Cancel this ticket</summary>\
            <form method="post" action="\(base)/tickets/\(ticket.number)/cancellation">\
            \(Elements.hidden(csrf: csrf, version: ticket.version))\
            <p>Its open tasks are withdrawn. What was said and answered stays.</p>\
            <button class="danger">Cancel ticket #\(ticket.number)</button></form></details>
            """
    }
}
