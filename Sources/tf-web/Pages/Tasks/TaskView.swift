import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The page of one task.
struct TaskView {
    let on: OnTask
    let definition: TaskDefinition
    /// The form; nil if the visitor does not work on the task or it has none.
    let fields: FormFields?
    /// The ticket's tasks that the visitor may see, for their earlier answers.
    let earlier: [TaskRecord]
    /// The workers to whom the visitor may give the task; empty if they may not.
    let workers: [WorkerLoad]
    let errors: [FieldError]
    let tags: FormTags
    /// Whether the form is shown again with what was sent.
    let isSentAgain: Bool
    let now: Int64

    private var task: TaskRecord { on.task }
    private var ticket: Ticket { on.ticket }
    private var path: String { on.path }

    var html: HTML {
        """
        <h1>\(task.title) \(Elements.state(task.state))</h1>\(summary)\
        \(task.description.map { text -> HTML in "<h2>Instructions</h2>\(Markdown.html(text))" })\
        \(work)\
        <h2>The ticket</h2>\(list(ticket.fields, ticket.form, giver: ticket.requesterID))\(earlierAnswers)\
        \(decision)\(assignment)
        """
    }

    private var summary: HTML {
        """
        <dl><dt>Ticket</dt><dd>\(ticketLink)</dd><dt>Submitted by</dt><dd>\(ticket.requesterName)</dd>\
        <dt>Who has it</dt><dd>\(task.assigneeName ?? "nobody yet: \(task.waitingBecause ?? "waiting for the queue")")\
        \(moment)</dd>\(tries)\
        <dt>Priority</dt><dd>\(Elements.priority(task.priority))</dd>\
        <dt>Due</dt><dd>\(Elements.due(task.dueAtMs, now: now, on.company))</dd></dl>
        """
    }

    /// The ticket's number and title, with a link if the visitor may open it: their task is not always enough for that.
    private var ticketLink: HTML {
        let name = "#\(ticket.number) \(ticket.title)"
        guard on.mayReadTicket else {
            return "\(name)"
        }
        return #"<a href="/c/\#(on.company.slug)/tickets/\#(ticket.number)">\#(name)</a>"#
    }

    /// When a timer changes the task's state.
    private var moment: HTML {
        guard let wake = task.wakeAtMs, task.state != .ready else { return .empty }
        return
            "\(task.state == .held ? ", put off until " : ", expected to answer by ")\(Elements.time(wake, on.company))"
    }

    /// The errors that a program reported for its failed tries.
    private var tries: HTML {
        guard task.failures > 0 else { return .empty }
        let said = [task.error?["title"].stringValue, task.error?["detail"].stringValue].compactMap { $0 }
        return """
            <dt>Failed tries</dt><dd>\(task.failures)\(when(!said.isEmpty, ", the last: \(said.joined(separator: ": "))"))</dd>
            """
    }

    private var work: HTML {
        if !task.state.isOpen { return result }
        if on.may(.workTask) {
            let buttons = definition.outcomes.enumerated().map { index, outcome -> HTML in
                """
                <button name="outcome" value="\(outcome.value)"\(when(index > 0, " class=\"second\""))>\
                \(outcome.label)</button>
                """
            }
            let wrongOutcome = errors.first { $0.field == "outcome" }
            let draft: HTML =
                fields == nil
                ? .empty : #"<button class="second" formaction="\#(path)/draft">Save draft</button>"#
            let page = FormTag(
                fields: fields, action: "\(path)/completion", validation: fields.map { _ in "\(path)/validation" })
            let content = page.html(
                """
                \(tags.hidden(version: task.version, isSameSubmission: isSentAgain))\
                \(fields?.html)\
                <div class="buttons" id="f-outcome">\(wrongOutcome.map { e -> HTML in "<p class=\"error\">\(e.message)</p>" })\
                \(buttons)\(draft)</div>
                """)
            return "<h2>Your work</h2>\(content)\(otherActions)"
        }
        guard on.may(.claimTask), task.assigneeID == nil else { return .empty }
        return """
            <form method="post" action="\(path)/claim">\(tags.hidden(version: task.version))\
            <button>Claim this task</button></form>
            """
    }

    private var otherActions: HTML {
        let start: HTML =
            task.state == .assigned || task.state == .held
            ? """
            <form method="post" action="\(path)/start">\(tags.hidden(version: task.version))\
            <button class="second">\(task.state == .held ? "Go on with it now" : "Start")</button></form>
            """ : .empty
        return "\(start)\(hold)\(handover)\(release)"
    }

    private var hold: HTML {
        guard on.may(.holdTask), task.assigneeID != nil, task.kind == .person else { return .empty }
        return """
            <details\(when(errors.contains { $0.field == "until" }, " open"))><summary>Put it off</summary>\
            <form method="post" action="\(path)/hold" novalidate>\
            \(tags.hidden(version: task.version))\
            \(Elements.field("until", label: "Until", hint: "It leaves your list and comes back then.", errors: errors) {
                attributes in #"<input type="datetime-local" name="until"\#(attributes)>"#
            })\(reason(in: "hold", isOptional: true))<button class="second">Put the task off</button></form></details>
            """
    }

    private var release: HTML {
        guard on.may(.releaseTask), task.strategy != .requester, task.assigneeID != nil else { return .empty }
        return """
            <details><summary>Give it back</summary><form method="post" action="\(path)/release">\
            \(tags.hidden(version: task.version))\(reason(in: "release", isOptional: true))\
            <button class="second">Give the task back</button></form></details>
            """
    }

    /// - Parameter form: the form that the field is in; nil: the form whose errors are shown.
    private func reason(in form: String? = nil, isOptional: Bool) -> HTML {
        Elements.field("reason", in: form, label: "Reason", isOptional: isOptional, errors: isOptional ? [] : errors) {
            attributes in
            #"<input type="text" name="reason"\#(attributes)>"#
        }
    }

    private var result: HTML {
        guard let output = task.output else { return .empty }
        let outcome = definition.outcomes.first { .string($0.value) == output["outcome"] }?.label
        return """
            <h2>Result</h2><p><strong>\(outcome ?? output["outcome"].displayText)</strong>, \
            by \(output["by"].displayText), \(Elements.time(task.finishedAtMs, on.company))</p>\
            \(when(!task.fields.isEmpty, list(task.fields, output, giver: task.assigneeID)))
            """
    }

    private func list(_ fields: [AnsweredField], _ answers: JSON, giver: AccountID?) -> HTML {
        AnswerList(
            fields: fields, answers: answers, company: on.company,
            files: "/c/\(on.company.slug)/tickets/\(ticket.number)/attachments",
            reader: AnswerReader(actor: on.actor, giver: giver)
        ).html
    }

    private var earlierAnswers: HTML {
        let done = earlier.filter { $0.state == .completed && $0.id != task.id }
        guard !done.isEmpty else { return .empty }
        let parts = done.map { other -> HTML in
            let output = other.output ?? .null
            let outcome = output["outcome"].displayText
            return """
                <details><summary>\(other.title), \(other.assigneeName ?? ""): \(outcome)</summary>\
                \(list(other.fields, output, giver: other.assigneeID))</details>
                """
        }
        return "<h2>Done before</h2>\(parts)"
    }

    private var decision: HTML {
        guard let decision = task.decision else { return .empty }
        let (following, workers): ([RuleChoice.Candidate], WorkerCount?) =
            switch decision {
            case .chosen: ([], nil)
            case .byRule(_, let choice): (choice.following, choice.workers)
            case .nobody(let workers): ([], workers)
            }
        let figures = workers.map {
            "; \($0.eligible) eligible, \($0.available) available, \($0.away) away, \($0.excluded) excluded"
        }
        let next = following.map { "\($0.login) (\($0.length))" }.joined(separator: ", ")
        return """
            <details><summary>Why \(task.assigneeName ?? "nobody") has it</summary><p>\(task.because)\(figures).\
            \(when(!next.isEmpty, " Next in order, with the length of their lists: \(next)."))</p></details>
            """
    }

    /// The form with which a worker hands a task over to a colleague.
    private var handover: HTML {
        guard on.may(.handOverTask), !on.may(.assignTask), task.kind == .person else { return .empty }
        let isWrong = errors.contains { $0.field == "assignee" || $0.field == "reason" }
        return """
            <details\(when(isWrong, " open"))><summary>Hand it over</summary>\
            \(assignment(label: "Colleague", first: "Choose a colleague", button: "Hand over", isHandover: true))\
            </details>
            """
    }

    private var assignment: HTML {
        guard on.may(.assignTask), task.state.isOpen else { return .empty }
        return """
            <h2>Give it to somebody else</h2>\
            \(assignment(
                label: "Worker", first: "By the rule: \(rule)", button: "Reassign", isHandover: false))
            """
    }

    private func assignment(label: String, first: String, button: String, isHandover: Bool) -> HTML {
        let options = colleagues.map { worker -> HTML in
            """
            <option value="\(worker.login)">\(worker.name), \(worker.open) open\(when(!worker.isAvailable, ", away"))</option>
            """
        }
        return """
            <form method="post" action="\(path)/assignment" novalidate>\
            \(tags.hidden(version: task.version))\
            \(Elements.field("assignee", label: label, errors: errors) { attributes in
                #"<select name="assignee"\#(attributes)><option value="">\#(first)</option>\#(options)</select>"#
            })\(reason(isOptional: !isHandover))<button class="second">\(button)</button></form>
            """
    }

    private var rule: String {
        switch task.strategy {
        case .roundRobin: "each in turn"
        case .pool: "whoever claims it"
        case .shortestQueue: "the shortest list"
        case .person, .requester, .each: "nobody: it has to be assigned by hand"
        }
    }

    /// The workers who are eligible for the task.
    private var colleagues: [WorkerLoad] {
        let excluded = task.excluded.arrayValue ?? []
        return workers.filter { worker in
            worker.kind == task.kind && worker.login != task.assignee && !excluded.contains(.string(worker.login))
                && (task.role.map(worker.roles.contains) ?? true)
        }
    }
}
