import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// What is to be done for a task: the instruction, the form, and how it ends; of one that has ended, its result.
struct TaskWork {
    let on: OnTask
    let definition: TaskDefinition
    /// The form; nil if the visitor does not work on the task or it has none.
    let fields: FormFields?
    let errors: [FieldError]
    let tags: FormTags
    /// Whether the form is shown again with what was sent.
    let isSentAgain: Bool

    private var task: TaskRecord { on.task }
    private var path: String { on.path }

    var html: HTML {
        if !task.state.isOpen { return "<section class=\"card stack\">\(instruction)\(result)</section>" }
        if on.may(.workTask) { return form }
        return "<section class=\"card stack\">\(instruction)\(offer)</section>"
    }

    /// What to do; where the task says nothing, what was asked.
    private var instruction: HTML {
        if let text = task.description { return "<div class=\"prose\">\(Markdown.html(text))</div>" }
        guard showsTicket else { return .empty }
        return "<div class=stack><h2>What was asked</h2>\(asked.html)</div>"
    }

    /// Whether the ticket's answers are all there is to go by.
    var showsTicket: Bool { task.description == nil && definition.form == .none && !asked.isEmpty }

    private var asked: AnswerList {
        AnswerList(
            fields: on.ticket.fields, answers: on.ticket.form, company: on.company,
            files: "/c/\(on.company.slug)/tickets/\(on.ticket.number)/attachments",
            reader: AnswerReader(actor: on.actor, giver: on.ticket.requesterID))
    }

    // MARK: Work

    private var form: HTML {
        FormTag(
            fields: fields, action: "\(path)/completion", validation: fields.map { _ in "\(path)/validation" }
        ).html(
            """
            \(tags.hidden(version: task.version, isSameSubmission: isSentAgain))\(enter)\(instruction)\
            \(fields?.html)\(dock)
            """)
    }

    /// What the Enter key does in a field, and Ctrl-Enter in a text: a form's first button. With several outcomes it
    /// decides nothing.
    private var enter: HTML {
        when(
            fields != nil && definition.outcomes.count > 1,
            """
            <button class="vh" formaction="\(path)/draft" tabindex="-1" aria-hidden="true">Save draft</button>
            """)
    }

    private var dock: HTML {
        let wrong = errors.first { $0.field == "outcome" }
        let buttons = OutcomeButton.all(definition.outcomes).map(\.html)
        let moves = moves
        return """
            <div class="dock row\(when(wrong != nil, " fail"))" id="f-outcome">\
            \(wrong.map { e -> HTML in "<p class=\"error wide\">\(e.message)</p>" })\(buttons)\
            <span class="row end">\(when(!moves.isEmpty, Elements.menu("Not now", moves)))\
            \(when(fields != nil, "<button class=\"quiet small\" formaction=\"\(path)/draft\">Save draft</button>"))</span></div>
            """
    }

    /// The ways to do it later or to leave it to others. From a form they save what was typed first.
    var moves: [HTML] {
        var moves: [(String, HTML)] = []
        if on.may(.holdTask), task.assigneeID != nil, task.kind == .person {
            let isHeld = task.state == .held
            moves.append(
                (
                    "hold",
                    isHeld
                        ? "Hold it until another time…" : on.asksRequester ? "Answer later…" : "Put on hold until…"
                ))
        }
        // A question to the requester is handed on by ticket admins alone.
        if on.may(.handOverTask), on.asksRequester ? on.may(.assignTask) : task.kind == .person || on.may(.assignTask) {
            moves.append(("assignment", on.may(.assignTask) ? "Give to somebody…" : "Hand to a colleague…"))
        }
        if on.may(.releaseTask), task.strategy != .requester, task.assigneeID != nil {
            moves.append(("release", "Give it back…"))
        }
        return moves.map { address, label in
            fields == nil
                ? "<a href=\"\(path)/\(address)\">\(label)</a>"
                : "<button formaction=\"\(path)/draft\" name=\"next\" value=\"\(address)\">\(label)</button>"
        }
    }

    // MARK: Of others

    /// Whether the page offers to take the task.
    var offersClaim: Bool { on.may(.claimTask) && task.assigneeID == nil && task.kind == .person }

    private var offer: HTML {
        guard offersClaim else {
            let name = task.assigneeName.map { "\($0) does this." } ?? "Nobody has this yet."
            return "<p class=\"soft\">\(task.kind == .service ? "A program does this." : name)</p>\(outline)"
        }
        return """
            <form class="row" method="post" action="\(path)/claim">\(tags.hidden(version: task.version))\
            <button class="primary">Claim this task</button></form>
            """
    }

    private var ownForm: Form? {
        switch definition.form {
        case .body(let form): form
        case .none, .ticket: nil
        }
    }

    /// What whoever does it is asked for, for those who only look.
    private var outline: HTML {
        let asked = (ownForm?.fields.compactMap(\.element.label) ?? []).map { label -> HTML in "<li>\(label)</li>" }
        let ends = definition.outcomes.map { outcome -> HTML in "“\(outcome.label)”" }
        return """
            \(when(!asked.isEmpty, "<h2>What the form asks for</h2><ul>\(asked)</ul>"))\
            \(when(!ends.isEmpty, "<p class=\"sm soft\">It ends with \(Words.list(ends, before: "or")).</p>"))
            """
    }

    private var result: HTML {
        switch task.state {
        case .withdrawn: return "<p>It is not needed any more: the workflow went on without it.</p>"
        case .failed: return "<p>It has failed for good; see what became of the ticket.</p>"
        case .ready, .assigned, .started, .held, .completed: break
        }
        guard let output = task.output else { return .empty }
        let outcome = definition.outcomes.first { .string($0.value) == output["outcome"] }?.label
        let answers = AnswerList(
            fields: task.fields, answers: output, company: on.company,
            files: "/c/\(on.company.slug)/tickets/\(on.ticket.number)/attachments",
            reader: AnswerReader(actor: on.actor, giver: task.assigneeID))
        return """
            <h2>\(outcome ?? output["outcome"].displayText)</h2>\(when(!answers.isEmpty, answers.html))
            """
    }
}
