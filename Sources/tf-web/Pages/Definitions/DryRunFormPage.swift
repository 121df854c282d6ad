import TFDefinition
import TFExpression
import TFStore

/// The first page of a dry run: the form of the ticket that starts the workflow, and the answers of servers and events.
struct DryRunFormPage {
    let workflow: DryRunWorkflow
    let request: ProvedRequest<OnDefinition>
    /// The ticket type in the query; nil: the one of the form that was sent, or the first.
    let type: String?

    func page(_ session: CompanyReadSession) throws -> Page {
        let name = type ?? request.typed.form["type"]
        let type = workflow.type(named: name) ?? workflow.types.first
        var fields: HTML = "<p>No ticket type names this workflow: it starts with an empty input.</p>"
        if let type { fields = try self.fields(type, session) }
        let content = FormTag(fields: nil, action: workflow.path, validation: nil).html(
            """
            \(request.tags.hidden())\(fields)\(script)<button>Run it</button>
            """)
        return Page(
            workflow.title,
            """
            <h1>\(workflow.title)</h1>\
            <p>The workflow runs to its end in virtual time. Nothing is stored, nobody is asked, and nothing is sent.</p>\
            \(otherTypes(than: type))\(content)
            """)
    }

    private func fields(_ type: TicketDefinition, _ session: CompanyReadSession) throws -> HTML {
        let answers = answers(type.form)
        let surroundings = try FormSurroundings(
            of: type.form, answers, in: request.company, for: request.account, session, now: request.now)
        let fields = FormFields(
            form: type.form, answers: answers, errors: request.typed.errors, surroundings: surroundings)
        return """
            <h2>\(type.title)</h2>\(fields.html)<input type="hidden" name="type" value="\(type.name)">
            """
    }

    /// What was typed in this step or an earlier one, else the definition's initial values.
    private func answers(_ form: Form) -> JSONObject {
        if request.typed.isFirst {
            let me = request.account.login
            return form.initialAnswers(request.company.formContext(now: request.now, me: me, requester: me))
        }
        let step = DryRunStep(request.typed.form)
        return step.input?.objectValue ?? form.answers(posted: step.typed)
    }

    private func otherTypes(than type: TicketDefinition?) -> HTML {
        let others = workflow.types.filter { $0.name != type?.name }
        guard !others.isEmpty else { return .empty }
        let links = others.map { other -> HTML in
            #"<li><a href="\#(workflow.path)?type=\#(other.name)">\#(other.title)</a></li>"#
        }
        return "<p>Another type of ticket starts it too:</p><ul>\(links)</ul>"
    }

    private var script: HTML {
        Elements.field(
            "source", label: "What servers and events answer (optional, YAML)", errors: request.typed.errors
        ) { attributes in
            """
            <textarea name="source" rows="4" \
            placeholder="http: [ { respond: { status: 200, body: { id: 1 } } } ]"\(attributes)>
            \(request.typed.form["source"] ?? "")</textarea>
            """
        }
    }
}
