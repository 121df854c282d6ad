import TFDefinition
import TFExpression
import TFStore

/// The page of one ticket.
struct TicketView {
    let on: OnTicket
    let type: TicketDefinition
    /// The tasks that the visitor may see.
    let tasks: [TaskRecord]
    let history: [HistoryEntry]
    let comments: [Comment]
    /// For visitors who may decide about failed steps; empty for others.
    let instances: [InstanceView]
    let progress: TicketProgress
    /// Decides what the visitor may see.
    let reader: TicketReader
    let typed: TypedInput
    let tags: FormTags
    let now: Int64

    private var ticket: Ticket { on.ticket }
    private var company: Company { on.company }

    var html: HTML {
        """
        <h1>#\(ticket.number) \(ticket.title) \(Elements.state(ticket.state))</h1>\
        \(FaultView(on: on, instances: instances, reader: reader, typed: typed, tags: tags).html)\
        \(yourTurn)\(summary)<h2>Progress</h2><p>\(position)</p>\(drawing)\(taskTable)\
        \(InstanceTable(instances: instances, company: company, reader: reader).html)\
        <h2>Answers</h2>\(answers)\
        <h2>Conversation</h2>\(conversation)\
        <h2>History</h2>\
        \(HistoryList(entries: history, company: company, path: on.path, reader: reader).html)\
        \(cancellation)
        """
    }

    private var summary: HTML {
        """
        <dl><dt>Type</dt><dd>\(type.title)</dd><dt>Status</dt><dd>\(ticket.status)</dd>\
        <dt>Priority</dt><dd>\(Elements.priority(ticket.priority))</dd>\
        <dt>Submitted by</dt><dd>\(ticket.requesterName)</dd>\
        <dt>Submitted</dt><dd>\(Elements.time(ticket.createdAtMs, company))</dd>\
        \(when(ticket.dueAtMs != nil, "<dt>Due</dt><dd>\(Elements.due(ticket.dueAtMs, now: now, company))</dd>"))\
        \(when(ticket.closedAtMs != nil, "<dt>\(ended)</dt><dd>\(Elements.time(ticket.closedAtMs, company))</dd>"))\
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
            fields: ticket.fields, answers: ticket.form, company: company,
            files: "\(on.path)/attachments", reader: reader.answers
        ).html
    }

    private var labels: String { ticket.labels.arrayValue?.compactMap(\.stringValue).joined(separator: ", ") ?? "" }

    /// A link to the visitor's open task in this ticket.
    private var yourTurn: HTML {
        let mine = tasks.filter { $0.state.isOpen && $0.assigneeID == on.account.id }
        return
            "\(mine.map { task -> HTML in """
            <div class="card"><h2>Waiting for you: \(task.title)</h2>\
            <p><a class="button" href="/c/\(company.slug)/tasks/\(task.id)">Open the task</a></p></div>
            """ })"
    }

    private var position: HTML {
        let open = tasks.filter(\.state.isOpen)
        let done = tasks.count { $0.state == .completed }
        let count: HTML =
            tasks.isEmpty || !on.readsAllTasks ? .empty : " \(done) of \(tasks.count) tasks done so far."
        switch ticket.state {
        case .closed: return "The ticket is closed: <strong>\(ticket.status)</strong>.\(count)"
        case .cancelled: return "The ticket was cancelled.\(count)"
        case .failed: return "The workflow stopped with an error; a ticket admin has to look at it.\(count)"
        case .open:
            guard !open.isEmpty else {
                guard !progress.stepsHere.isEmpty else { return "The next step begins in a moment.\(count)" }
                return "Now at: <strong>\(progress.stepsHere.joined(separator: ", "))</strong>.\(count)"
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

    private var drawing: HTML {
        guard let diagram = progress.diagram else { return .empty }
        return """
            \(diagram)<ul class="legend"><li>✓ done</li><li>▶ in progress</li><li>○ not started</li><li>– skipped</li>\
            \(when(ticket.state == .failed, "<li>! failed</li>"))</ul>
            """
    }

    private var taskTable: HTML {
        guard !tasks.isEmpty else { return Elements.empty("No task yet.") }
        return Elements.table(
            on.readsAllTasks ? "Tasks of this ticket" : "Your tasks of this ticket",
            ["Task", "State", "Who", "Why this person", "Since", "Result"],
            tasks.map { task in
                [
                    on.mayRead(task)
                        ? #"<a id="task-\#(task.id)" href="/c/\#(company.slug)/tasks/\#(task.id)">\#(task.title)</a>"#
                        : "\(task.title)",
                    Elements.state(task.state), "\(task.assigneeName ?? "nobody yet")",
                    "\(task.because)",
                    Elements.time(task.finishedAtMs ?? task.assignedAtMs ?? task.createdAtMs, company),
                    "\(task.output?["outcome"].stringValue)",
                ]
            })
    }

    private var conversation: HTML {
        let said = comments.map { comment -> HTML in
            """
            <div class="card"><p><strong>\(comment.name)</strong>, \(Elements.time(comment.createdAtMs, company))\
            \(when(comment.isInternal, " <span class=\"tag wait\">internal note</span>"))</p>\
            <p class="text">\(comment.text)</p></div>
            """
        }
        let note: HTML =
            on.may(.readInternalNotes)
            ? """
            <div class="choice"><input type="checkbox" id="internal" name="internal" value="true"\
            \(when(typed.form["internal"] == "true", " checked"))>\
            <label for="internal">Internal note, not for the requester</label></div>
            """ : .empty
        return """
            \(when(comments.isEmpty, "<p>Nobody has said anything yet.</p>"))\(said)\
            <form method="post" action="\(on.path)/comments" novalidate>\(tags.hidden())\
            \(Elements.field("text", label: "Comment", errors: typed.errors) { attributes in
                "<textarea name=\"text\" rows=\"4\"\(attributes)>\n\(typed.form["text"] ?? "")</textarea>"
            })\(note)<button class="second">Add comment</button></form>
            """
    }

    private var cancellation: HTML {
        guard ticket.state == .open || ticket.state == .failed, on.may(.cancelTicket) else { return .empty }
        return """
            <details><summary>Cancel this ticket</summary>\
            <form method="post" action="\(on.path)/cancellation">\
            \(tags.hidden(version: ticket.version))\
            <p>Its open tasks are withdrawn. What was said and answered stays.</p>\
            <button class="danger">Cancel ticket #\(ticket.number)</button></form></details>
            """
    }
}
