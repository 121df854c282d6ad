import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A dry run so far: its film, its diagram, and the next question with the real form and all choices.
struct DryRunPage: Sendable {
    let workflow: DryRunWorkflow
    let type: TicketDefinition?
    let step: DryRunStep
    /// The validated answers of the ticket's form.
    let input: JSON
    /// What `simulate --ask --format json` printed.
    let result: JSON
    /// The errors of the form that was sent.
    let errors: [FieldError]
    let company: Company
    let tags: FormTags
    let now: Int64

    private var status: SimulationResult.Status {
        result["status"].stringValue.flatMap(SimulationResult.Status.init(rawValue:)) ?? .waiting
    }

    private var questions: [DryRunQuestion] { (result["questions"].arrayValue ?? []).map(DryRunQuestion.init) }

    func page(_ diagram: WorkflowDiagram, _ session: CompanyReadSession, _ account: Account) throws -> Page {
        let film = DryRunFilm(
            workflow, trace: result["trace"].arrayValue ?? [], given: step.given, on: step.clock,
            submitted: type != nil)
        let title = "Dry run of \(workflow.title)"
        let roles = try session.roleLabels()
        let asked = try questions.map { try question($0, by: Self.who($0, roles), session, account) }
        let isOver = status != .waiting
        let picture = diagram.html(
            states: film.walk.views(isOver: isOver), walked: film.walk.walked, asked.isEmpty ? .right : .down,
            title: workflow.title)
        return Page(
            title,
            """
            \(Elements.definitionHead(title, place: "Dry run", note: tag, back: workflow.back(company)))\
            <section class="card" aria-labelledby="film"><header><h2 id="film">So far</h2>\
            <span class="soft sm end">Nothing is saved and nobody is told</span></header>\(frames(film, roles))\(ending)</section>\
            <div class="\(asked.isEmpty ? "stack" : "cols halves")">\
            <div class="stack">\(asked)\(steps)</div>\(Elements.card("Where it is", picture))</div>\(test)
            """
        ).under(.definitions)
    }

    private var tag: HTML {
        let span = TimeSpan(result["elapsed"].displayText).map { $0.seconds < 1 ? "" : " after \($0.words)" } ?? ""
        return switch status {
        case .completed: Elements.tag(.done, "Completed\(span)")
        case .faulted: Elements.tag(.fail, "Failed\(span)")
        case .cancelled: Elements.tag(.off, "Cancelled\(span)")
        case .waiting: Elements.tag(.work, questions.isEmpty ? "Waiting\(span)" : "Your turn\(span)")
        }
    }

    private func frames(_ film: DryRunFilm, _ roles: [String: String]) -> HTML {
        let done = film.frames.map { frame -> HTML in
            """
            <li class="card \(frame.tone.rawValue)"><b>\(frame.title)</b><br>\(when(!frame.note.isEmpty, "\(frame.note)<br>"))\
            <span class="soft">\(frame.time)</span></li>
            """
        }
        let now = questions.map { question -> HTML in
            """
            <li class="card work" aria-current="step"><b>\(Words.capitalized(Self.who(question, roles))) answers</b><br>\(question.title)<br>\
            <span class="soft">now</span></li>
            """
        }
        return #"<ol class="film" tabindex="0" aria-label="Steps so far">\#(done)\#(now)</ol>"#
    }

    /// Who would do the task.
    /// - Parameter roles: the names for people of the company's roles.
    private static func who(_ question: DryRunQuestion, _ roles: [String: String]) -> String {
        who(
            AssignmentStrategy(rawValue: question.strategy),
            role: question.role.map { roles[$0] ?? ReadableName.title($0) })
    }

    /// - Parameter role: its name for people; nil: none is needed.
    static func who(_ strategy: AssignmentStrategy?, role: String?) -> String {
        switch strategy {
        case .requester?: "whoever asked"
        case .person?: role ?? "the person whom the workflow names"
        case .each?: role ?? "one of those who are asked"
        case .shortestQueue?, .roundRobin?, .pool?, nil: role ?? "any worker"
        }
    }

    private var ending: HTML {
        switch status {
        case .completed:
            let status = TicketStatus.shortened(TicketStatus.resolution(of: result["output"]))
            return """
                <p>The ticket is closed as “<b>\(status)</b>”.</p>\
                <details><summary class="sm soft">The output</summary><pre tabindex="0">\(result["output"].prettyText)</pre></details>
                """
        case .faulted:
            let error = result["error"]
            return """
                <div class="banner fail"><h2>\(error["title"].displayText), status \(error["status"].displayText)</h2>\
                <p class="sm">\(error["detail"].displayText) At <code>\(error["instance"].displayText)</code>.</p></div>
                """
        case .cancelled: return "<p>The workflow was cancelled.</p>"
        case .waiting:
            guard questions.isEmpty else { return .empty }
            return """
                <p>It waits for something that nothing brings: an event, say. Start anew, and write it under “What servers \
                and events answer”.</p>
                """
        }
    }

    private func question(
        _ question: DryRunQuestion, by who: String, _ session: CompanyReadSession, _ account: Account
    ) throws -> HTML {
        let task = workflow.tasks[question.name]
        // The summary of errors leads to the fields of the one that was answered.
        let isFirst = question.name == step.choice?.task ?? questions.first?.name
        let prefix = isFirst ? nil : question.name
        let outcomes = task?.outcomes ?? []
        var fields: HTML = .empty
        if let form = task?.dryForm(type) {
            let isTyped = step.choice?.task == question.name && !errors.isEmpty
            let answers = isTyped ? form.answers(posted: step.typed) : initial(form, question)
            let surroundings = try FormSurroundings(
                of: form, answers, in: company, for: account, session, now: question.moment ?? now)
            fields =
                FormFields(
                    form: form, answers: answers, errors: isTyped ? errors : [], surroundings: surroundings,
                    outcomes: outcomes, prefix: prefix
                ).html
        }
        let buttons = OutcomeButton.all(outcomes.isEmpty ? [Outcome.done] : outcomes).map(\.unasked)
        let pass: HTML? = question.pause.map { words -> HTML in
            #"<button name="pass" value="1" class="quiet end" formnovalidate>Let \#(words) pass</button>"#
        }
        return """
            <form method="post" action="\(workflow.path)" class="card stack" novalidate>\
            <header><h2>\(question.title)</h2><span class="soft sm end">You answer as \(who)</span></header>\
            \(step.hidden(input: input, tags: tags, asking: questions))\
            <input type="hidden" name="task" value="\(question.name)">\
            \(question.description.map { text -> HTML in #"<div class="prose">\#(Markdown.html(text))</div>"# })\
            \(fields)<p class="row"\(when(isFirst, " id=\"f-outcome\""))>\(buttons)\(pass)</p></form>
            """
    }

    private func initial(_ form: Form, _ question: DryRunQuestion) -> JSONObject {
        if workflow.tasks[question.name]?.form == .ticket {
            return result["ticket"]["form"].objectValue ?? input.objectValue ?? [:]
        }
        return form.initialAnswers(
            company.formContext(now: question.moment ?? now), prefilled: question.prefilled)
    }

    /// One step back, anew, and back to the text.
    private var steps: HTML {
        let back: HTML = """
            <form method="post" action="\(workflow.path)">\(step.hidden(input: input, tags: tags))\
            <button class="quiet small" name="back" value="1">One step back</button></form>
            """
        let anew: HTML =
            workflow.revision == nil
            ? """
            <form method="post" action="\(workflow.path)">\(tags.hidden())\(step.text)\
            <input type="hidden" name="source" value="\(step.source)">\
            <button class="quiet small" name="restart" value="1">Start anew</button></form>
            """ : #"<a class="btn quiet small" href="\#(workflow.path)">Start anew</a>"#
        let text = step.backToText(of: workflow.name, in: company, tags: tags, isOver: questions.isEmpty)
        return #"<div class="row">\#(when(!step.given.isEmpty, back))\#(anew)\#(text)</div>"#
    }

    /// The run as files that repeat it.
    private var test: HTML {
        let ticket = type.map { " --ticket \($0.name).ticket.yaml --form \(workflow.name).form.json" } ?? ""
        let form: HTML =
            type == nil
            ? .empty
            : """
            <pre tabindex="0" role="region" aria-label="Answers of the form">\(input.text)</pre>\(save(.form))
            """
        return """
            <details class="card"><summary>Keep it as a test</summary>\
            <form class="stack" method="post" action="\(workflow.path)">\(tags.hidden())\(step.run(input: input))\
            <p class="sm">Save this beside the workflow, and whoever changes it can try the same again: <code>tf-daemon \
            simulate \(workflow.name).workflow.yaml --definitions . --script \(workflow.name).script.yaml\(ticket)</code></p>\
            <pre id="test" tabindex="0" role="region" aria-label="Script of this run">\(DryRunScript(step.script).text)</pre>\
            <p class="row">\(save(.script)) <button type="button" class="small" data-copy="test">Copy</button></p>\
            \(form)</form></details>
            """
    }

    private func save(_ file: DryRunFile) -> HTML {
        """
        <button class="small" name="\(DryRunFile.field)" value="\(file.rawValue)">Save \(file.name(of: workflow.name))</button>
        """
    }
}
