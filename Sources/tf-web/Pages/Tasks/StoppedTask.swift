import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// A task at whose step the workflow stopped, for those who decide how it goes on: once more, or as if it had ended with
/// what they fill in.
struct StoppedTask {
    let on: OnTask
    let outcomes: [Outcome]
    /// The task's own form; nil: the output is written as JSON, since it has none, or one with files.
    let fields: FormFields?
    let typed: TypedInput
    let tags: FormTags

    var html: HTML {
        """
        <section class="banner fail stack"><h2>The workflow stopped at this task</h2>\
        <form class="row" method="post" action="\(on.path)/retry">\(tags.hidden())\
        <button>Try the step again</button></form>\
        <details\(when(!typed.errors.isEmpty, " open"))><summary>Skip the step</summary>\
        <form class="stack" id="skip" method="post" action="\(on.path)/skip" novalidate>\(tags.hidden())\
        \(fields.map(form) ?? json)<p class="field"><button>Skip the step</button></p></form></details></section>
        """
    }

    private func form(_ fields: FormFields) -> HTML {
        let chosen = typed.form["outcome"]
        let options = outcomes.map { outcome -> HTML in
            """
            <option value="\(outcome.value)"\(when(outcome.value == chosen, " selected"))>\(outcome.label)</option>
            """
        }
        return """
            <p>The workflow goes on as if the task had ended with this:</p>\(fields.html)\
            \(Elements.field("outcome", label: "How it ended", errors: typed.errors) { attributes in
                "<select name=\"outcome\"\(attributes)>\(options)</select>"
            })
            """
    }

    private var json: HTML {
        Elements.field("output", label: "Its output instead, as JSON", errors: typed.errors) { attributes in
            "<textarea name=\"output\" rows=\"4\"\(attributes)>\n\(typed.form["output"] ?? "{}")</textarea>"
        }
    }
}

/// The output that a step is given in place of what its task would have given.
struct SkippedTask: RequestFields {
    static let isAlwaysSent = true

    private let output: JSON?
    private let form: GivenAnswers
    private let outcome: String?

    init(_ fields: inout FieldReader) {
        output = fields.optional("output", .any)
        form = fields.answers("form", "In place of `output`, with `outcome`: the answers by the fields' ids.")
        outcome = fields.optional("outcome", .text(1, .outcome), "How the task would have ended, with `form`.")
    }

    /// What later steps read: the answers as they would be after a completion, or the output as it was given.
    /// - Throws: `Failure.invalid` for answers that the form refuses, and for a text of a page that is no JSON.
    func output(_ request: ProvedRequest<OnTask>, _ session: CompanyReadSession) throws -> JSON {
        let (definition, form) = try session.taskForm(request.task)
        guard let outcome, let form = form.form else {
            return request.isPage ? try WrittenOutput.json(output) : output ?? .null
        }
        guard let end = definition.outcomes.first(where: { $0.value == outcome }) else {
            let names = definition.outcomes.map(\.value).joined(separator: ", ")
            throw Failure.invalid([FieldError(field: "outcome", message: "Choose an outcome: \(names)")])
        }
        var answers = self.form.answers(of: form)
        for id in try request.subject.unseenFields(session) { answers[id] = request.ticket.form.objectValue?[id] }
        let filler = FormFiller(giver: request.account.id, task: request.task, outcome: outcome)
        let checked = try session.check(form, answers, filler, now: request.now)
        guard checked.errors.isEmpty || !end.validates else { throw Failure.invalid(checked.errors) }
        var result = checked.answers
        result["outcome"] = .string(outcome)
        result["by"] = .string(request.account.login)
        result["at"] = .string(Moment.iso8601(request.now))
        guard request.task.strategy == .each else { return .object(result) }
        // The end of a round holds what everybody answered.
        return ["outcome": .string(outcome), "answers": [.object(result)]]
    }
}
