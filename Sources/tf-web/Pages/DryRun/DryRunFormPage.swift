import TFDefinition
import TFExpression
import TFStore

/// The first page of a dry run: the ticket's form, and what servers and events answer.
struct DryRunFormPage: Sendable {
    let workflow: DryRunWorkflow
    /// The name of the ticket type with which it begins; nil: the first.
    let type: String?
    /// What was sent before; nil: the page is shown for the first time.
    let step: DryRunStep?
    let errors: [FieldError]
    let company: Company
    let account: Account
    let tags: FormTags
    let now: Int64

    func page(_ session: CompanyReadSession) throws -> Page {
        let name = step?.type ?? type
        let type = workflow.type(named: name) ?? workflow.types.first
        var fields: HTML = "<p>No form starts this workflow: it begins with an empty input.</p>"
        if let type { fields = try self.fields(type, session) }
        let title = "Dry run of \(workflow.title)"
        return Page(
            title,
            """
            \(Elements.definitionHead(title, place: "Dry run", back: workflow.back(company)))\
            <p class="soft">You play everybody in it. Nothing is saved, nobody is told, and hours go by in no time.</p>\
            \(otherTypes(than: type))\
            <form method="post" action="\(workflow.path)" class="card stack" novalidate>\(tags.hidden())\(step?.text)\
            \(fields)\(script)<p class="row"><button class="primary">Send it, and see what happens</button></p></form>\
            \(step?.backToText(of: workflow.name, in: company, tags: tags))
            """
        ).under(.definitions)
    }

    private func fields(_ type: TicketDefinition, _ session: CompanyReadSession) throws -> HTML {
        let answers = answers(type.form)
        let surroundings = try FormSurroundings(
            of: type.form, answers, in: company, for: account, session, now: now)
        let fields = FormFields(form: type.form, answers: answers, errors: errors, surroundings: surroundings)
        return """
            <input type="hidden" name="type" value="\(type.name)"><h2>\(type.title)</h2>\(notOffered(type))\(fields.html)
            """
    }

    /// Said of a form whose definition has errors: those that the workflow would have in life end the run.
    private func notOffered(_ type: TicketDefinition) -> HTML {
        guard workflow.unoffered.contains(type.name) else { return .empty }
        let page = "/c/\(company.slug)/definitions/ticket/\(type.name)"
        return """
            <p class="sm">The ticket <a href="\(page)">\(type.name)</a> names this workflow, but is not offered: its \
            definition, or what it needs, has errors.</p>
            """
    }

    /// What was typed in this step or an earlier one, else the definition's initial values.
    private func answers(_ form: Form) -> JSONObject {
        guard let step, step.input != nil || !step.typed.isEmpty else {
            let me = account.login
            return form.initialAnswers(company.formContext(now: now, me: me, requester: me))
        }
        return step.input?.objectValue ?? form.answers(posted: step.typed)
    }

    private func otherTypes(than type: TicketDefinition?) -> HTML {
        let others = workflow.types.filter { $0.name != type?.name }
        guard !others.isEmpty, workflow.revision != nil else { return .empty }
        let links = others.map { other -> HTML in
            #"<li><a href="\#(workflow.path)?type=\#(other.name)">\#(other.title)</a></li>"#
        }
        return "<p>Another form starts it too:</p><ul>\(links)</ul>"
    }

    /// Only of what asks a server or waits for an event, or where something was typed.
    private var script: HTML {
        let text = step?.source ?? ""
        let field = Elements.field(
            "source", label: "What servers and events answer",
            hint: "YAML, such as <code>http: [ { respond: { status: 200, body: { id: 1 } } } ]</code>",
            isOptional: true, errors: errors
        ) { attributes in
            """
            <textarea name="source" rows="4" spellcheck="false"\(attributes)>
            \(text)</textarea>
            """
        }
        // What ended a run is told here, too.
        let isWrong = errors.contains { $0.field == "source" }
        guard workflow.definition.asksOutside || !text.isEmpty || isWrong else { return .empty }
        let isOpen = !text.isEmpty || isWrong
        return """
            <details\(when(isOpen, " open"))><summary class="sm soft">What servers and events answer</summary>\(field)</details>
            """
    }
}

extension DryRunWorkflow {
    /// The pages above the run's.
    func back(_ company: Company) -> [Link] {
        let list = Elements.definitions(of: company)
        return revision == nil
            ? [list] : [list, Link("/c/\(company.slug)/definitions/workflow/\(name)", title)]
    }
}
