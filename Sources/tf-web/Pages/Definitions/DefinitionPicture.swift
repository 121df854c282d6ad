import TFDefinition
import TFStore

/// A preview of a definition's form, as people see it.
struct DefinitionPicture {
    let company: Company
    let now: Int64

    /// - Returns: nil for what has no form of its own.
    func form(_ definition: Definition) -> HTML? {
        switch definition {
        case .ticket(let ticket):
            return "\(head(ticket.title, ticket.description))\(form(ticket.form, asksTitle: ticket.asksTitle))"
        case .task(let task):
            guard case .body(let own) = task.form, !own.elements.isEmpty else { return nil }
            return """
                <div class="stack">\(head(definition.shownTitle, nil))\(form(own, outcomes: task.outcomes))\(outcomes(task))</div>
                """
        case .workflow: return nil
        }
    }

    private func head(_ title: String, _ description: String?) -> HTML {
        "<h3>\(title)</h3>\(description.map { text -> HTML in #"<p class="soft">\#(text)</p>"# })"
    }

    private func form(_ form: Form, asksTitle: Bool = false, outcomes: [Outcome] = []) -> HTML {
        let surroundings = FormSurroundings(
            context: company.formContext(now: now), timezone: company.timezone, people: [:], files: [:], unseen: [])
        let fields = FormFields(
            form: form, answers: form.initialAnswers(surroundings.context), errors: [], surroundings: surroundings,
            outcomes: outcomes)
        let title = Elements.field("preview-title", label: "Title", errors: []) { attributes in
            #"<input type="text" class="wide" name="preview-title"\#(attributes)>"#
        }
        return """
            <fieldset disabled><legend class="vh">Preview</legend>\(when(asksTitle, title))\(fields.html)</fieldset>
            """
    }

    private func outcomes(_ task: TaskDefinition) -> HTML {
        let buttons = OutcomeButton.all(task.outcomes).map { button -> HTML in
            #"<button type="button" disabled\#(button.look)>\#(button.label)</button>"#
        }
        return #"<p class="row">\#(buttons)</p>"#
    }
}
