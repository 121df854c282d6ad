import TFDefinition
import TFStore

/// A preview of a definition: its form as people see it, or its diagram.
struct DefinitionPicture {
    let company: Company
    let now: Int64

    /// - Parameter diagram: draws a workflow: a picture, or a list of its steps if its text is not published.
    func html(_ definition: Definition, diagram: (WorkflowGraph) throws -> HTML) rethrows -> HTML {
        switch definition {
        case .ticket(let ticket): form(ticket.form)
        case .task(let task): if case .body(let own) = task.form, !own.elements.isEmpty { form(own) } else { .empty }
        case .workflow(let workflow): "<h2>Diagram</h2>\(try diagram(WorkflowGraph(workflow)))"
        }
    }

    private func form(_ form: Form) -> HTML {
        let surroundings = FormSurroundings(
            context: company.formContext(now: now), timezone: company.timezone, people: [:], files: [:], unseen: [])
        let fields = FormFields(
            form: form, answers: form.initialAnswers(surroundings.context), errors: [], surroundings: surroundings)
        return """
            <h2>The form as people see it</h2>\
            <fieldset class="preview" disabled><legend class="hidden">Preview</legend>\(fields.html)</fieldset>
            """
    }
}
